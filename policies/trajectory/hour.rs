//! An hour of recorded load in `worldcup98-hour.csv` (requests a minute to the
//! site of the 1998 football World Cup, 26 May 1998; MIT-licensed set
//! nimamahmoudi/worldcup98-dataset, of the Internet Traffic Archive), played
//! against a small fleet: the policy's answer of each minute is the fleet of
//! the next ones. Shared by the policies' tests. Bounds nothing as the host
//! does, but that only idle workers leave, and not the last.

#![allow(dead_code, unreachable_pub, reason = "each policy's tests use a part of it")]

use std::collections::VecDeque;

const HOUR: &str = include_str!("worldcup98-hour.csv");

/// Requests of the record that are one message.
const REQUESTS: u64 = 10;
/// Messages that one worker finishes in a minute.
pub const PACE: u64 = 20;
/// Minutes from an answer to a worker that serves.
const BOOT: u64 = 3;

/// What there is to see at the end of a minute.
#[derive(Debug, Clone, Copy)]
pub struct Minute {
    pub now_ms: u64,
    pub arrived: u64,
    pub finished: u64,
    pub ready: u64,
    pub unacked: u64,
    pub serving: u32,
    pub booting: u32,
    pub idle: u32,
}

impl Minute {
    pub fn capacity(&self) -> u32 {
        self.serving + self.booting
    }
}

/// Plays the hour. `decide` is shown every minute so far, the last of them now,
/// and says a delta and why. One line a minute.
pub fn play(mut decide: impl FnMut(&[Minute]) -> (i32, String)) -> String {
    let (mut past, mut said) = (Vec::new(), String::new());
    let (mut unfinished, mut serving) = (0, 1);
    let mut booting: VecDeque<(u64, u32)> = VecDeque::new();
    for (nth, line) in (0..).zip(HOUR.lines().skip(1)) {
        let (time, requests) = line.split_once(',').expect("a time and a count");
        while booting.front().is_some_and(|(due, _)| *due <= nth) {
            serving += booting.pop_front().map_or(0, |(_, workers)| workers);
        }
        let arrived = requests.parse::<u64>().expect("a count") / REQUESTS;
        let finished = (unfinished + arrived).min(u64::from(serving) * PACE);
        unfinished = unfinished + arrived - finished;
        let busy = match unfinished {
            0 => u32::try_from(finished.div_ceil(PACE)).expect("no more than serve"),
            _ => serving,
        };
        let unacked = unfinished.min(u64::from(serving));
        let minute = Minute {
            now_ms: nth * 60_000,
            arrived,
            finished,
            ready: unfinished - unacked,
            unacked,
            serving,
            booting: booting.iter().map(|(_, workers)| workers).sum(),
            idle: serving - busy,
        };
        past.push(minute);
        let (delta, reason) = decide(&past);
        let Minute { ready, booting: coming, idle, .. } = minute;
        said += &format!(
            "{time} ready {ready:>4} serving {serving:>2} booting {coming:>2} idle {idle:>2}  {delta:+} {reason}\n"
        );
        match u32::try_from(delta) {
            Ok(0) => {}
            Ok(more) => booting.push_back((nth + BOOT, more)),
            Err(_) => serving -= delta.unsigned_abs().min(idle).min(serving - 1),
        }
    }
    said
}
