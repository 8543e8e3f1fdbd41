//! The workers that drain a queue in time, by what those at work finish. Pure.
//!
//! What goes out is divided by those at work. Of jobs that have just begun none
//! is finished, and each seems to take for ever: so never more are asked for
//! than there are messages to take, and at most twice those who serve until
//! those at work have been at it for as long as a message takes.

use crate::decide::{Kept, Situation};
use crate::settings::Settings;

use hooke_policy_sdk::{span, workers_for};

/// About as many: the share by which those at work may differ, or one worker.
const STEADY_SHARE: u64 = 4;

/// How long they have been as many before what goes out says something: the
/// rates of a broker are those of a minute.
const STEADY_LEAST_MS: f64 = 60_000.0;

/// The workers that empty a queue in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Needed {
    /// What has to go out, by what those who serve could finish.
    pub ratio: f64,
    /// The workers; `None` if there is no such number.
    pub workers: Option<u32>,
    /// What bounds them; empty if nothing does.
    pub why: String,
}

/// Those at work, times what has to go out a second, by what they finish. Where
/// those with nothing in hand are as many as messages wait, never more than
/// there are: it is they who take them. An error says why nobody knows how many
/// would do.
pub fn needed(settings: &Settings, situation: &Situation, kept: &Kept) -> Result<Needed, String> {
    let backlog = &situation.backlog;
    let known = (backlog.ready, backlog.arrival_rate, backlog.service_rate);
    let (Some(waiting), Some(arrivals), Some(service)) = known else {
        return Err("not all of it is known".to_owned());
    };
    let working = at_work(situation);
    if service <= 0.0 || working == 0 {
        let what = if working == 0 { "nobody is at work" } else { "nothing goes out" };
        return Err(format!("{what}, so that nobody knows how many would do"));
    }
    let due = arrivals + waiting as f64 / settings.value;
    let ratio = due / service * f64::from(working) / f64::from(situation.serving);
    let by_rate = workers_for(working, due, service);
    let mut needed = Needed { ratio, workers: by_rate, why: String::new() };
    needed.at_most(
        one_each(working, waiting, arrivals * settings.value),
        situation,
        "one for each message",
    );
    let message_ms = f64::from(working) / service * 1_000.0;
    let steady_ms = situation.now_ms.saturating_sub(kept.steady_ms);
    if (steady_ms as f64) < message_ms.max(STEADY_LEAST_MS) {
        let steady = span::write(steady_ms);
        let why =
            format!("twice those who serve, while the rate rests on {steady} of as many at work");
        needed.at_most(situation.serving.saturating_mul(2), situation, &why);
    }
    let idle = situation.serving.saturating_sub(working);
    if idle > 0 && waiting <= u64::from(idle) {
        needed.at_most(
            situation.capacity,
            situation,
            "those there are, as the idle take what waits",
        );
    }
    if let Some(all) = by_rate.filter(|_| !needed.why.is_empty()) {
        needed.why += &format!(" ({all} by the rate)");
    }
    Ok(needed)
}

impl Needed {
    /// Bounds the workers, never to fewer than there are.
    fn at_most(&mut self, most: u32, situation: &Situation, why: &str) {
        let most = most.max(situation.capacity);
        if self.workers.is_some_and(|workers| workers > most) {
            self.workers = Some(most);
            self.why = format!(", no more than {why}");
        }
    }
}

/// Those at work, one more for each message that waits, and for each that comes
/// meanwhile: with them none waits, however long a message takes.
fn one_each(working: u32, waiting: u64, coming: f64) -> u32 {
    // Casting saturates.
    let coming = coming.ceil() as u64;
    let all = u64::from(working).saturating_add(waiting).saturating_add(coming);
    u32::try_from(all).unwrap_or(u32::MAX)
}

/// Workers at work: those proven busy, and of those of which nothing is proven
/// as many as the messages taken account for.
fn at_work(situation: &Situation) -> u32 {
    let Situation { serving, busy, unknown, .. } = *situation;
    let taken = match situation.backlog.unacked {
        Some(unacked) => u32::try_from(unacked).unwrap_or(u32::MAX).saturating_sub(busy),
        None => u32::MAX,
    };
    busy.saturating_add(unknown.min(taken)).min(serving)
}

/// Keeps since when about as many have been at work.
pub(crate) fn steady(situation: &Situation, kept: Kept) -> Kept {
    let now = u64::from(at_work(situation));
    let alike = now.abs_diff(kept.at_work) <= (now.max(kept.at_work) / STEADY_SHARE).max(1);
    if alike && kept.at_work > 0 {
        return kept;
    }
    Kept { steady_ms: situation.now_ms, at_work: now, ..kept }
}
