//! The rule itself: facts in, a decision out. Pure: it asks nobody.
//!
//! | the metric                    | answer                                          |
//! |-------------------------------|-------------------------------------------------|
//! | any, or missing; below the fewest | out to the fewest                           |
//! | missing                       | no decision, or the fallback after a while      |
//! | active                        | the HPA's number, at least one                  |
//! | not active, no workers        | none                                            |
//! | not active for the cooldown   | in to zero or the idle ones, on fresh data      |
//! | not active for less           | the HPA's number, at least one                  |
//!
//! Activation comes before the target: 40 messages for a target of 10 and an
//! activation of 50 are no worker. Never fewer on data that are not fresh.

use hooke_policy_sdk::{Figure, delta, span};

use crate::drain;
use crate::hpa::{self, Number};
use crate::metric::{Activity, Backlog, Quality, Reading, measure};
use crate::settings::{Behavior, Fallback, Settings};

/// All that the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Situation {
    /// The time of the tick, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// Workers that serve or will.
    pub capacity: u32,
    /// Those of them that serve.
    pub serving: u32,
    /// Those of them with something in hand.
    pub busy: u32,
    /// Serving workers of which it is not known whether they have.
    pub unknown: u32,
    /// The queues.
    pub backlog: Backlog,
    /// What the last evaluation kept; `None` if there was none.
    pub kept: Option<Kept>,
}

/// What one evaluation keeps for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// When the first evaluation was, in milliseconds since the Unix epoch.
    pub first_ms: u64,
    /// When there was activity last; the first evaluation counts as such.
    pub active_ms: u64,
    /// Evaluations in a row without the metric.
    pub failures: u64,
    /// Since when about as many have been at work, in milliseconds since the
    /// Unix epoch.
    pub steady_ms: u64,
    /// How many they were then.
    pub at_work: u64,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figure against which setting.
    pub reason: String,
    /// What to keep.
    pub kept: Kept,
}

/// Why there is no decision: what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided(pub String);

/// Decides.
pub fn decide(settings: &Settings, situation: &Situation) -> Result<Decision, Undecided> {
    let before = kept(situation);
    let reading = match measure(settings, &situation.backlog) {
        Ok(reading) => reading,
        Err(missing) => return without(settings, situation, before, missing.0),
    };
    let now = situation.now_ms;
    let active_ms = match reading.activity {
        Activity::Active => now,
        Activity::Inactive => before.active_ms,
    };
    let kept = drain::steady(situation, Kept { active_ms, failures: 0, ..before });
    let (wanted, why) = wanted(settings, situation, &reading, &kept);
    let (delta, answer) = bounded(situation, wanted);
    Ok(Decision { delta, reason: format!("{why}: {answer}"), kept })
}

/// A time that is still to come was kept before the clock was set back.
fn kept(situation: &Situation) -> Kept {
    let now = situation.now_ms;
    let first = Kept { first_ms: now, active_ms: now, failures: 0, steady_ms: now, at_work: 0 };
    let kept = situation.kept.unwrap_or(first);
    let [first_ms, active_ms, steady_ms] =
        [kept.first_ms, kept.active_ms, kept.steady_ms].map(|at| at.min(now));
    Kept { first_ms, active_ms, steady_ms, ..kept }
}

/// The delta, and what was made of the wish. Fewer only on fresh data.
fn bounded(situation: &Situation, wanted: u32) -> (i32, String) {
    let capacity = situation.capacity;
    if wanted < capacity && situation.backlog.quality != Quality::Fresh {
        return (0, format!("{wanted} wanted, hold {capacity} until the backlog is fresh"));
    }
    match delta(u64::from(wanted), capacity) {
        0 => (0, format!("hold {capacity}")),
        delta => (delta, format!("from {capacity} to {wanted} workers")),
    }
}

/// Without the metric: to the fewest, then the fallback, else no decision.
fn without(
    settings: &Settings,
    situation: &Situation,
    before: Kept,
    what: &str,
) -> Result<Decision, Undecided> {
    let capacity = situation.capacity;
    let least = match settings.idle_replica_count {
        Some(idle) => idle,
        None => settings.min_replica_count,
    };
    let failures = before.failures.saturating_add(1);
    let kept = Kept { failures, ..before };
    let missing = format!("{what} is missing, and mode {} needs it", settings.mode.name());
    let (wanted, mut reason) = match settings.fallback {
        Some(fallback) => fall_back(settings, &fallback, failures, capacity, missing),
        None if capacity >= least => return Err(Undecided(missing)),
        None => (0, missing),
    };
    if least > wanted.max(capacity) {
        let key = if settings.idle_replica_count.is_some() { "idle" } else { "min" };
        reason += &format!(", {key}ReplicaCount {least}");
    }
    let wanted = wanted.max(least).max(capacity);
    let answer = match wanted > capacity {
        true => format!("from {capacity} to {wanted} workers"),
        false => format!("hold {capacity}"),
    };
    Ok(Decision {
        delta: delta(u64::from(wanted), capacity),
        reason: format!("{reason}: {answer}"),
        kept,
    })
}

fn fall_back(
    settings: &Settings,
    fallback: &Fallback,
    failures: u64,
    capacity: u32,
    missing: String,
) -> (u32, String) {
    let threshold = fallback.failure_threshold;
    let told = format!("{missing}, {failures} in a row, fallback after {threshold}");
    if failures <= u64::from(threshold) {
        return (capacity, told);
    }
    match fallback.behavior {
        Behavior::Raise => {
            let replicas = fallback.replicas.min(settings.max_replica_count);
            (replicas, format!("{told} to {replicas} at the least"))
        }
        Behavior::Keep => (capacity, format!("{told} to as many as there are")),
    }
}

/// The workers wanted, bounded by the settings, and why.
fn wanted(
    settings: &Settings,
    situation: &Situation,
    reading: &Reading,
    kept: &Kept,
) -> (u32, String) {
    let capacity = situation.capacity;
    let rest = settings.idle_replica_count.unwrap_or(settings.min_replica_count);
    let measured = told(settings, reading);
    let may_rest = settings.idle_replica_count.is_some() || settings.min_replica_count == 0;
    if reading.activity == Activity::Inactive && may_rest {
        let least = Figure(settings.activation_value);
        let measured = format!("{measured}, not active (activationValue {least})");
        if capacity <= rest {
            return (rest, measured);
        }
        match cooling(settings, situation.now_ms, kept) {
            None => return (rest, format!("{measured}, cooldown over")),
            Some(left) => {
                let (wanted, why) = by_target(settings, situation, kept, reading.metric);
                return (
                    wanted,
                    format!("{measured}, {} of cooldown left, {why}", span::write(left)),
                );
            }
        }
    }
    let (wanted, why) = by_target(settings, situation, kept, reading.metric);
    (wanted, format!("{measured}, {why}"))
}

/// How much of the cooldown is left, in milliseconds.
fn cooling(settings: &Settings, now_ms: u64, kept: &Kept) -> Option<u64> {
    let idle = now_ms.saturating_sub(kept.active_ms);
    let age = now_ms.saturating_sub(kept.first_ms);
    let left = settings.cooldown_period_ms.saturating_sub(idle);
    let left = left.max(settings.initial_cooldown_period_ms.saturating_sub(age));
    (left > 0).then_some(left)
}

fn told(settings: &Settings, reading: &Reading) -> String {
    let name = settings.mode.told();
    match reading.metric.is_finite() {
        true => format!("{name} {}", Figure(reading.metric)),
        false => format!("{name} infinite"),
    }
}

/// The HPA's number between the fewest (one at the least) and the most.
fn by_target(
    settings: &Settings,
    situation: &Situation,
    kept: &Kept,
    metric: f64,
) -> (u32, String) {
    let Number { workers, why } = hpa::number(settings, situation, kept, metric);
    let (least, most) = (settings.min_replica_count.max(1), settings.max_replica_count);
    let bound = match workers {
        few if few < settings.min_replica_count => format!(", minReplicaCount {least}"),
        many if many > most => format!(", maxReplicaCount {most}"),
        _ => String::new(),
    };
    (workers.clamp(least, most), format!("{why}{bound}"))
}
