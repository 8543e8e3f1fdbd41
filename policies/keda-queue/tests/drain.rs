//! The drain time in a closed loop: jobs that all take as long, the workers
//! that the rule asks for, and a broker whose rates lag behind.

use std::collections::VecDeque;

use expect_test::{Expect, expect};
use policy_keda_queue::decide::{Kept, Situation, decide};
use policy_keda_queue::metric::{Backlog, Quality};
use policy_keda_queue::settings::Settings;

const TICK_S: u64 = 30;

/// What is played.
struct Play {
    /// How long a job takes.
    job_s: u64,
    /// A job comes every so many seconds.
    every_s: u64,
    /// So many more come after five minutes.
    burst: u64,
    /// Workers at the beginning, each with a job.
    workers: usize,
    /// From an answer to a worker that serves.
    boot_s: u64,
    /// Over how long the broker takes its rates.
    rate_s: u64,
    /// How long it goes on, and how often it is told of, in minutes.
    minutes: (u64, u64),
}

struct World {
    play: Play,
    settings: Settings,
    serving: usize,
    boots: VecDeque<(u64, usize)>,
    ends: VecDeque<u64>,
    finished: VecDeque<u64>,
    ready: u64,
    kept: Option<Kept>,
}

impl World {
    fn second(&mut self, now_s: u64) {
        let Play { job_s, every_s, burst, .. } = self.play;
        while self.ends.front().is_some_and(|end| *end <= now_s) {
            self.finished.extend(self.ends.pop_front());
        }
        while self.boots.front().is_some_and(|(due, _)| *due <= now_s) {
            self.serving += self.boots.pop_front().map_or(0, |(_, workers)| workers);
        }
        self.ready +=
            u64::from(now_s.is_multiple_of(every_s)) + if now_s == 300 { burst } else { 0 };
        while self.ready > 0 && self.ends.len() < self.serving {
            self.ready -= 1;
            self.ends.push_back(now_s + job_s);
        }
    }

    fn booting(&self) -> usize {
        self.boots.iter().map(|(_, workers)| workers).sum()
    }

    /// Asks the rule, and does what it says: only idle workers leave.
    fn tick(&mut self, now_s: u64) -> (i32, String) {
        let Play { every_s, boot_s, rate_s, .. } = self.play;
        self.finished.retain(|at| at + rate_s > now_s);
        let count = |n: usize| u32::try_from(n).expect("few");
        let (serving, busy) = (count(self.serving), count(self.ends.len()));
        let situation = Situation {
            now_ms: now_s * 1_000,
            capacity: serving + count(self.booting()),
            serving,
            busy,
            unknown: 0,
            backlog: Backlog {
                quality: Quality::Fresh,
                ready: Some(self.ready),
                unacked: Some(u64::from(busy)),
                arrival_rate: Some(1.0 / every_s as f64),
                service_rate: Some(self.finished.len() as f64 / rate_s as f64),
            },
            kept: self.kept,
        };
        let done = decide(&self.settings, &situation).expect("nothing is missing");
        self.kept = Some(done.kept);
        match usize::try_from(done.delta) {
            Ok(0) => {}
            Ok(more) => self.boots.push_back((now_s + boot_s, more)),
            Err(_) => {
                let fewer = done.delta.unsigned_abs() as usize;
                self.serving = self.serving.saturating_sub(fewer).max(self.ends.len());
            }
        }
        (done.delta, done.reason)
    }
}

fn check(play: Play, expected: Expect) {
    let settings = r#"{"mode": "DrainTime", "value": 60, "maxReplicaCount": 2000}"#;
    let jobs = play.workers as u64;
    let step_s = play.job_s / jobs;
    let mut world = World {
        settings: Settings::parse(settings).expect("settings"),
        serving: play.workers,
        boots: VecDeque::new(),
        ends: (1..=jobs).map(|job| job * step_s).collect(),
        finished: VecDeque::new(),
        ready: 0,
        kept: None,
        play,
    };
    let (minutes, told) = world.play.minutes;
    let mut said = String::new();
    for now_s in 1..=minutes * 60 {
        world.second(now_s);
        if !now_s.is_multiple_of(TICK_S) {
            continue;
        }
        let (ready, serving, booting, busy) =
            (world.ready, world.serving, world.booting(), world.ends.len());
        let (delta, reason) = world.tick(now_s);
        if now_s.is_multiple_of(told * 60) {
            let minute = now_s / 60;
            said += &format!(
                "minute {minute}: {ready} ready, {serving}+{booting} workers, {busy} busy  {delta:+} {reason}\n"
            );
        }
    }
    expected.assert_eq(&said);
}

/// A fleet of 50 with a job of 100 s each, one every two seconds.
const FIFTY: Play = Play {
    job_s: 100,
    every_s: 2,
    burst: 0,
    workers: 50,
    boot_s: 0,
    rate_s: TICK_S,
    minutes: (30, 5),
};

#[test]
fn a_steady_load_stays_put() {
    check(
        FIFTY,
        expect![[r#"
            minute 5: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 10: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 15: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 20: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 25: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 30: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
        "#]],
    );
}

#[test]
fn a_burst_is_taken_and_its_workers_leave() {
    check(
        Play { burst: 100, ..FIFTY },
        expect![[r#"
            minute 5: 100 ready, 50+0 workers, 50 busy  +130 drain time infinite, target 60, 180 by the target, no more than one for each message (217 by the rate): from 50 to 180 workers
            minute 10: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 15: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 20: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 25: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
            minute 30: 0 ready, 50+0 workers, 50 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 50
        "#]],
    );
}

/// Jobs of ten minutes: those who come have finished none yet, so that each
/// seems to take for ever.
#[test]
fn long_jobs_that_have_just_begun() {
    let play = Play {
        job_s: 600,
        every_s: 60,
        burst: 100,
        workers: 10,
        boot_s: 60,
        rate_s: 300,
        minutes: (25, 1),
    };
    check(
        play,
        expect![[r#"
            minute 1: 0 ready, 10+0 workers, 10 busy  +1 drain time 0, target 60, 11 by the target, no more than one for each message (50 by the rate): from 10 to 11 workers
            minute 2: 0 ready, 11+0 workers, 10 busy  +0 drain time 0, target 60, 11 by the target, no more than one for each message (25 by the rate): hold 11
            minute 3: 0 ready, 11+0 workers, 10 busy  +0 drain time 0, target 60, 11 by the target, no more than one for each message (17 by the rate): hold 11
            minute 4: 0 ready, 11+0 workers, 10 busy  +0 drain time 0, target 60, 11 by the target, no more than one for each message (13 by the rate): hold 11
            minute 5: 99 ready, 11+0 workers, 11 busy  +11 drain time infinite, target 60, 22 by the target, no more than twice those who serve, while the rate rests on 4m30s of as many at work (1100 by the rate): from 11 to 22 workers
            minute 6: 88 ready, 22+0 workers, 22 busy  +22 drain time infinite, target 60, 44 by the target, no more than twice those who serve, while the rate rests on 0ms of as many at work (1958 by the rate): from 22 to 44 workers
            minute 7: 66 ready, 44+0 workers, 44 busy  +44 drain time infinite, target 60, 88 by the target, no more than twice those who serve, while the rate rests on 0ms of as many at work (2948 by the rate): from 44 to 88 workers
            minute 8: 22 ready, 88+0 workers, 88 busy  +23 drain time infinite, target 60, 111 by the target, no more than one for each message (2024 by the rate): from 88 to 111 workers
            minute 9: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 10: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 11: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 12: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 13: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 14: 0 ready, 111+0 workers, 110 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 111
            minute 15: 0 ready, 111+0 workers, 109 busy  -20 drain time 0, target 60, 91 by the target: from 111 to 91 workers
            minute 16: 0 ready, 109+0 workers, 98 busy  -80 drain time 0, target 60, 29 by the target: from 109 to 29 workers
            minute 17: 0 ready, 98+0 workers, 76 busy  -88 drain time 0, target 60, 10 by the target: from 98 to 10 workers
            minute 18: 0 ready, 76+0 workers, 32 busy  -74 drain time 0, target 60, 2 by the target: from 76 to 2 workers
            minute 19: 0 ready, 32+0 workers, 10 busy  -31 drain time 0, target 60, 1 by the target: from 32 to 1 workers
            minute 20: 0 ready, 10+0 workers, 10 busy  -9 drain time 0, target 60, 1 by the target: from 10 to 1 workers
            minute 21: 0 ready, 10+0 workers, 10 busy  -9 drain time 0, target 60, 1 by the target: from 10 to 1 workers
            minute 22: 0 ready, 10+0 workers, 10 busy  -9 drain time 0, target 60, 1 by the target: from 10 to 1 workers
            minute 23: 0 ready, 10+0 workers, 10 busy  -8 drain time 0, target 60, 2 by the target: from 10 to 2 workers
            minute 24: 0 ready, 10+0 workers, 10 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 10
            minute 25: 0 ready, 10+0 workers, 10 busy  +0 drain time 0, target 60 within the tolerance 0.1: hold 10
        "#]],
    );
}
