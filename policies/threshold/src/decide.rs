//! The rule itself: facts in, a decision out. Pure: it asks nobody, except,
//! and only when the answer can matter, which machines are idle.
//!
//! | backlog (messages ready)             | answer                                  |
//! |--------------------------------------|-----------------------------------------|
//! | any, or missing; too few workers     | out: one, or with a ratio the whole gap |
//! | missing; enough workers              | no decision                             |
//! | above the threshold, fresh or stale  | out: one, or backlog / ratio            |
//! | 1 to the threshold                   | hold (the dead band)                    |
//! | 0, stale                             | hold                                    |
//! | 0, fresh, queue idle long enough     | in: all but the first on each machine   |
//! | 0, fresh, no worker left to give up  | in: suspend machines long idle          |
//!
//! It never goes below the minimum, and never asks for fewer workers on a
//! reading that is not fresh.

pub use hooke_policy_sdk::Quality;
use hooke_policy_sdk::span;

use crate::settings::{Add, Settings};

/// Machines looked at, at the most, in one tick. More wait for the next: a
/// fleet that gives up this many at once is shrinking fast enough.
pub const IDLE_VMS_ASKED: u32 = 16;

/// A profile's queues, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// How far the sum can be trusted.
    pub quality: Quality,
    /// Age of the oldest reading in it, in milliseconds.
    pub age_ms: u64,
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Messages taken and not finished.
    pub unacked: Option<u64>,
    /// Time without activity in milliseconds; `None` while active or unknown.
    pub idle_ms: Option<u64>,
}

/// A profile's workers, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Those that serve or will.
    pub capacity: u32,
    /// Those of them still to come.
    pub booting: u32,
    /// Idle ones that are not the first of the profile on their machine.
    pub idle_beyond_first: u32,
}

/// All that the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The fewest workers: the settings', or else the bounds'.
    pub minimum: u32,
    /// The workers.
    pub workers: Workers,
    /// The queues.
    pub backlog: Backlog,
}

/// A machine of which every worker has been idle for long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleVm {
    /// Its name.
    pub id: String,
    /// Workers of the profile on it.
    pub workers: u32,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative), beside those on `suspend`.
    pub delta: i32,
    /// Which figure against which setting.
    pub reason: String,
    /// Machines to suspend, the longest idle first. Only when `delta` is 0.
    pub suspend: Vec<String>,
}

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The facts that the rule rests on are missing: ask again next tick.
    #[error("{0}")]
    MissingData(String),
}

/// Decides. `idle_vms` is called at most once: the longest idle machines (by
/// [`Settings::vm_idle_ms`]), at most [`IDLE_VMS_ASKED`] of them.
pub fn decide(
    settings: &Settings,
    situation: &Situation,
    idle_vms: impl FnOnce() -> Vec<IdleVm>,
) -> Result<Decision, Undecided> {
    if let Some(out) = scale_out(settings, situation) {
        return Ok(out);
    }
    let backlog = &situation.backlog;
    let Some(ready) = backlog.ready.filter(|_| backlog.quality != Quality::Missing) else {
        let Workers { capacity, .. } = situation.workers;
        let minimum = situation.minimum;
        return Err(Undecided::MissingData(format!(
            "the backlog is missing, and {capacity} workers are not below the minimum {minimum}"
        )));
    };
    if ready > settings.threshold {
        return Ok(hold(out_for_backlog(settings, ready, situation.workers.booting).1));
    }
    if ready > 0 {
        let threshold = settings.threshold;
        return Ok(hold(format!("backlog {ready} within the threshold {threshold}: hold")));
    }
    if backlog.quality == Quality::Stale {
        let age = span::write(backlog.age_ms);
        return Ok(hold(format!("backlog 0 is {age} old: hold, scale in waits for a fresh one")));
    }
    Ok(scale_in(settings, situation, idle_vms))
}

fn hold(reason: String) -> Decision {
    Decision { delta: 0, reason, suspend: Vec::new() }
}

/// More workers, if either the minimum or the backlog wants any.
fn scale_out(settings: &Settings, situation: &Situation) -> Option<Decision> {
    let Workers { capacity, booting, .. } = situation.workers;
    let gap = situation.minimum.saturating_sub(capacity);
    let for_minimum = match settings.add {
        Add::One => gap.min(1),
        Add::PerMessages(_) => gap,
    };
    let ready = match situation.backlog.quality {
        Quality::Fresh | Quality::Stale => situation.backlog.ready.unwrap_or(0),
        Quality::Missing => 0,
    };
    let (for_backlog, reason) = if ready > settings.threshold {
        out_for_backlog(settings, ready, booting)
    } else {
        (0, String::new())
    };
    if for_minimum == 0 && for_backlog == 0 {
        return None;
    }
    let reason = if for_backlog >= u64::from(for_minimum) {
        reason
    } else {
        let have = workers(u64::from(capacity));
        format!("{have} < minimum {}: {}", situation.minimum, more_workers(u64::from(for_minimum)))
    };
    let delta = for_backlog.max(u64::from(for_minimum));
    Some(Decision { delta: i32::try_from(delta).unwrap_or(i32::MAX), reason, suspend: Vec::new() })
}

/// Workers that a backlog above the threshold asks for, and why so many.
///
/// The ratio is cut, not rounded, as Rubber's `int()` does, but asks for one at
/// the least: a backlog above the threshold is never left without an answer.
fn out_for_backlog(settings: &Settings, ready: u64, booting: u32) -> (u64, String) {
    let wanted = match settings.add {
        Add::One => 1,
        Add::PerMessages(messages) => (ready / messages).max(1),
    };
    let more = wanted.saturating_sub(u64::from(booting));
    let answer = match more {
        0 => "hold".to_owned(),
        _ => more_workers(more),
    };
    let mut reason = format!("backlog {ready} > threshold {}: {answer}", settings.threshold);
    if let Add::PerMessages(messages) = settings.add {
        reason += &format!(" ({wanted} at {messages} messages each, {booting} booting counted)");
    } else if booting > 0 {
        reason += &format!(" ({booting} booting counted)");
    }
    (more, reason)
}

/// Fewer workers, of an empty backlog freshly read: first those that are not
/// the first on their machine, and once there is none, whole machines.
///
/// One or the other in a tick, as the machines' workers are among those
/// counted, and would be given up twice.
fn scale_in(
    settings: &Settings,
    situation: &Situation,
    idle_vms: impl FnOnce() -> Vec<IdleVm>,
) -> Decision {
    let Workers { capacity, idle_beyond_first, .. } = situation.workers;
    let minimum = situation.minimum;
    let room = capacity.saturating_sub(minimum);
    let quiet = queue_quiet(settings, &situation.backlog);
    let fewer = i32::try_from(idle_beyond_first.min(room)).unwrap_or(i32::MAX);
    if let Ok(quiet) = &quiet
        && fewer > 0
    {
        let given_up = workers(u64::from(fewer.unsigned_abs()));
        return Decision {
            delta: -fewer,
            reason: format!(
                "{quiet}: {given_up} fewer, keeping the minimum {minimum} and the first on each machine"
            ),
            suspend: Vec::new(),
        };
    }
    // Where nobody knows what is in work, a machine's idleness is not believed either.
    let candidates = if situation.backlog.unacked.is_some() { idle_vms() } else { Vec::new() };
    let suspend = suspensions(room, candidates);
    let (Ok(quiet) | Err(quiet)) = quiet;
    let reason = match suspend.len() {
        0 => format!("{quiet}: hold, {}, minimum {minimum}", workers(u64::from(capacity))),
        machines => {
            let s = if machines == 1 { "" } else { "s" };
            let idle = span::write(settings.vm_idle_ms);
            format!("{machines} machine{s} idle for {idle} or more: suspend, minimum {minimum}")
        }
    };
    Decision { delta: 0, reason, suspend }
}

/// Whether the empty queue is idle by the settings, said either way.
fn queue_quiet(settings: &Settings, backlog: &Backlog) -> Result<String, String> {
    match (backlog.unacked, backlog.idle_ms) {
        (None, _) => Err("backlog 0, messages in work not known".to_owned()),
        (Some(unacked @ 1..), _) => Err(format!("backlog 0, {unacked} messages in work")),
        (Some(0), None) => Err("backlog 0, queue active or its idle time not known".to_owned()),
        (Some(0), Some(idle_ms)) => {
            let (idle, limit) = (span::write(idle_ms), span::write(settings.queue_idle_ms));
            if idle_ms >= settings.queue_idle_ms {
                Ok(format!("queue idle for {idle} >= {limit}"))
            } else {
                Err(format!("queue idle for {idle} < {limit}"))
            }
        }
    }
}

/// The machines that can go while `room` workers may be given up.
fn suspensions(mut room: u32, idle_vms: Vec<IdleVm>) -> Vec<String> {
    let fits = |vm: &IdleVm| {
        let left = room.checked_sub(vm.workers);
        room = left.unwrap_or(room);
        left.is_some()
    };
    idle_vms.into_iter().filter(fits).map(|vm| vm.id).collect()
}

fn more_workers(count: u64) -> String {
    match count {
        1 => "one more worker".to_owned(),
        _ => format!("{count} more workers"),
    }
}

fn workers(count: u64) -> String {
    match count {
        1 => "1 worker".to_owned(),
        _ => format!("{count} workers"),
    }
}
