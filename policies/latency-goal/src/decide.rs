//! The rule itself: facts in, a decision out. Pure: it asks nobody.
//!
//! | situation                                  | answer                                |
//! |--------------------------------------------|---------------------------------------|
//! | the backlog is missing                     | no decision                           |
//! | a message has never been timed             | out to one worker, for a backlog; hold |
//! | fewer workers than load or backlog need    | out, to as many                       |
//! | the same, by a first measure of a message  | out, to twice those who serve at most |
//! | the backlog or the rate stale or unknown   | hold, instead of in                   |
//! | more than the peak of the last minutes     | in, to as many as that needs, with    |
//! | needed, with a margin                      | fewer late ones than the goal allows  |
//!
//! Between the two it holds: how far they stand apart is how much the load
//! moved. It never asks for fewer than have work in hand.

pub use hooke_policy_sdk::Quality;
use hooke_policy_sdk::{Figure, delta, span};

use crate::learned::Learned;
use crate::past::{FIRST_MINUTES, PEAK_MINUTES, Past};
use crate::settings::Settings;
use crate::staffing::{Ready, backlog, steady};

/// The share of messages that may start late, in the steady state.
pub const LATE: f64 = 0.05;

/// The same, for workers to be given up.
pub const LATE_AFTER_SCALE_IN: f64 = 0.01;

/// All that the rule looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// How far the backlog can be trusted.
    pub quality: Quality,
    /// Age of the backlog in milliseconds.
    pub age_ms: u64,
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Messages a second coming in, as last read.
    pub arrival_rate: Option<f64>,
    /// Workers that serve or will.
    pub capacity: u32,
    /// Serving workers with nothing in hand.
    pub idle: u32,
    /// Serving workers with something in hand, or not known to have nothing.
    pub busy: u32,
    /// The last minutes.
    pub past: Past,
    /// What was learned, the last minutes among it.
    pub learned: Learned,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figures against the goal.
    pub reason: String,
}

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The facts that the rule rests on are missing: ask again next tick.
    #[error("{0}")]
    MissingData(String),
}

/// Decides.
pub fn decide(settings: &Settings, situation: &Situation) -> Result<Decision, Undecided> {
    let ready = match (situation.quality, situation.ready) {
        (Quality::Fresh | Quality::Stale, Some(ready)) => ready,
        (Quality::Missing, _) | (Quality::Fresh | Quality::Stale, None) => {
            let what = "how many messages are ready is not known: does the source answer?";
            return Err(Undecided::MissingData(what.to_owned()));
        }
    };
    let Some(service_s) = situation.learned.service_s else {
        return Ok(cold_start(ready, situation.capacity));
    };
    let goal = Goal { settings, situation, service_s, ready };
    Ok(goal.scale_out().unwrap_or_else(|| goal.scale_in()))
}

/// Nothing has ever been finished in sight. One worker, then learn.
fn cold_start(ready: u64, capacity: u32) -> Decision {
    let messages = messages(ready);
    let (delta, answer) = match (ready, capacity) {
        (1.., 0) => (1, "one worker to measure it with".to_owned()),
        (0, 0) => (0, "hold until there is one".to_owned()),
        (_, _) => (0, format!("hold at {} until one is finished", workers(capacity))),
    };
    let reason = format!("{messages}, how long one takes was never measured: {answer}");
    Decision { delta, reason }
}

struct Goal<'a> {
    settings: &'a Settings,
    situation: &'a Situation,
    service_s: f64,
    ready: u64,
}

impl Goal<'_> {
    fn goal_s(&self) -> f64 {
        self.settings.start_within_ms as f64 / 1_000.0
    }

    fn scale_out(&self) -> Option<Decision> {
        let Situation { capacity, .. } = *self.situation;
        let rate = self.rate();
        let for_rate = steady(rate.unwrap_or(0.0), self.service_s, self.goal_s(), LATE);
        let waiting = self.ready as f64 + self.growth(rate.unwrap_or(0.0));
        let for_backlog = self.for_backlog(waiting);
        let all = for_rate.max(for_backlog);
        let wanted = all.min(self.believable());
        if wanted <= capacity {
            return (all > capacity).then(|| self.wait_for_a_measure(all));
        }
        let why = if for_backlog > for_rate { self.backlog_told() } else { self.rate_told(rate) };
        let booting = match self.situation.learned.boot_s {
            Some(boot_s) => format!(", each {} to boot", time(boot_s)),
            None => String::new(),
        };
        let more = wanted - capacity;
        let first = match all > wanted {
            true => format!(", no more than twice those who serve by a first measure ({all})"),
            false => String::new(),
        };
        let reason = format!("{why}: {}, {more} more{booting}{first}", workers(wanted));
        Some(Decision { delta: delta(u64::from(wanted), capacity), reason })
    }

    /// As many workers as may be asked for. A first measure can be off by ten
    /// times, and workers are paid for: twice those who serve, until it is
    /// known better.
    fn believable(&self) -> u32 {
        let Situation { busy, idle, ref past, ref learned, .. } = *self.situation;
        // Neither what is seen nor what is remembered may be a first measure.
        match past.is_first_measure() || learned.service_minutes < FIRST_MINUTES {
            true => busy.saturating_add(idle).saturating_mul(2).max(1),
            false => u32::MAX,
        }
    }

    fn wait_for_a_measure(&self, all: u32) -> Decision {
        let now = workers(self.situation.capacity);
        let reason = format!(
            "{}: {all} by a first measure, hold at {now} until it is sure",
            self.backlog_told()
        );
        Decision { delta: 0, reason }
    }

    fn scale_in(&self) -> Decision {
        let Situation { capacity, busy, .. } = *self.situation;
        let hold = |why: &str| Decision {
            delta: 0,
            reason: format!("{}: hold at {}{why}", self.rate_told(self.rate()), workers(capacity)),
        };
        if self.situation.quality != Quality::Fresh {
            let age = span::write(self.situation.age_ms);
            return hold(&format!(", scale in waits for a backlog fresher than {age}"));
        }
        let past = &self.situation.past;
        let Some(now) = self.situation.arrival_rate else {
            return hold(", scale in waits for a rate of arrival, which the source did not give");
        };
        let peaks = past.complete().then(|| (past.arriving_most(), past.waiting_most()));
        let Some((Some(most), Some(waiting))) = peaks else {
            return hold(&format!(", scale in waits for {PEAK_MINUTES} minutes of readings"));
        };
        let most = most.max(sane(now));
        let for_rate = steady(most, self.service_s, self.goal_s(), LATE_AFTER_SCALE_IN);
        let for_backlog = self.for_backlog(waiting.max(self.ready as f64));
        let wanted = for_rate.max(for_backlog).max(busy);
        if wanted >= capacity {
            return hold(&format!(", for the peak of {PEAK_MINUTES} minutes {wanted} are needed"));
        }
        let most = Figure(most);
        let waiting = Figure(waiting);
        let took = time(self.service_s);
        let reason = format!(
            "at the peak {most}/s, {waiting} ready, {took} each: {}, {} fewer",
            workers(wanted),
            capacity - wanted
        );
        Decision { delta: delta(u64::from(wanted), capacity), reason }
    }

    /// Messages a second that come: of the newest minute, or as last read.
    fn rate(&self) -> Option<f64> {
        let Situation { past, arrival_rate, .. } = self.situation;
        past.arriving().or_else(|| arrival_rate.map(sane))
    }

    /// What the backlog grows by until a worker asked for now serves, if the
    /// newest minute and the last reading both say that it grows: a burst that
    /// is over makes nothing pile up.
    fn growth(&self, rate: f64) -> f64 {
        let Situation { capacity, arrival_rate, learned, .. } = self.situation;
        let rate = arrival_rate.map_or(0.0, |now| rate.min(sane(now)));
        let finished = f64::from(*capacity) / self.service_s;
        (rate - finished).max(0.0) * learned.boot_s.unwrap_or(0.0)
    }

    fn for_backlog(&self, waiting: f64) -> u32 {
        let Situation { capacity, busy, idle, ref learned, .. } = *self.situation;
        // What will serve without being asked for counts as ready: it was, once.
        let idle = idle.max(capacity.saturating_sub(busy));
        let ready = Ready { busy, idle, boot_s: learned.boot_s.unwrap_or(0.0) };
        backlog(waiting, self.service_s, self.goal_s(), ready)
    }

    fn backlog_told(&self) -> String {
        let goal = span::write(self.settings.start_within_ms);
        let (messages, took) = (messages(self.ready), time(self.service_s));
        format!("{messages}, {took} each, to start within {goal}")
    }

    fn rate_told(&self, rate: Option<f64>) -> String {
        let goal = span::write(self.settings.start_within_ms);
        let took = time(self.service_s);
        let ready = self.ready;
        match rate {
            Some(rate) => {
                format!(
                    "{}/s arriving, {ready} ready, {took} each, to start within {goal}",
                    Figure(rate)
                )
            }
            None => format!("{ready} ready, {took} each, to start within {goal}"),
        }
    }
}

/// What is no rate is none that a worker is wanted for.
fn sane(rate: f64) -> f64 {
    if rate.is_finite() { rate.max(0.0) } else { 0.0 }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", Figure(seconds * 1_000.0))
    } else {
        format!("{} s", Figure(seconds))
    }
}

fn messages(count: u64) -> String {
    match count {
        1 => "1 message ready".to_owned(),
        _ => format!("{count} messages ready"),
    }
}

fn workers(count: u32) -> String {
    match count {
        1 => "1 worker".to_owned(),
        _ => format!("{count} workers"),
    }
}
