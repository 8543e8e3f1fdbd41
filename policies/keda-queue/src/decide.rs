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

use hooke_policy_sdk::{Figure, delta, span, workers_for};

use crate::metric::{Activity, Backlog, Quality, Reading, measure};
use crate::settings::{Behavior, Fallback, MetricType, Mode, Settings};

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
    let kept = Kept { active_ms, failures: 0, ..before };
    let (wanted, why) = wanted(settings, situation, &reading, &kept);
    let (delta, answer) = bounded(situation, wanted);
    Ok(Decision { delta, reason: format!("{why}: {answer}"), kept })
}

/// A time that is still to come was kept before the clock was set back.
fn kept(situation: &Situation) -> Kept {
    let now = situation.now_ms;
    let kept = situation.kept.unwrap_or(Kept { first_ms: now, active_ms: now, failures: 0 });
    Kept { first_ms: kept.first_ms.min(now), active_ms: kept.active_ms.min(now), ..kept }
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
    let (wanted, reason) = match settings.fallback {
        Some(fallback) => fall_back(settings, &fallback, failures, capacity, what),
        None if capacity >= least => return Err(Undecided(format!("{what} is missing"))),
        None => (0, format!("{what} is missing")),
    };
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
    what: &str,
) -> (u32, String) {
    let threshold = fallback.failure_threshold;
    if failures <= u64::from(threshold) {
        let reason = format!("{what} is missing, {failures} in a row, fallback after {threshold}");
        return (capacity, reason);
    }
    let replicas = match fallback.behavior {
        Behavior::Raise => fallback.replicas.min(settings.max_replica_count),
        Behavior::Keep => capacity,
    };
    (replicas, format!("{what} is missing, {failures} in a row, fallback"))
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
        let measured = format!("{measured}, not active");
        if capacity <= rest {
            return (rest, measured);
        }
        match cooling(settings, situation.now_ms, kept) {
            None => return (rest, format!("{measured} for the cooldown")),
            Some(left) => {
                let (wanted, why) = by_target(settings, situation, reading);
                return (
                    wanted,
                    format!("{measured}, {} of cooldown left, {why}", span::write(left)),
                );
            }
        }
    }
    let (wanted, why) = by_target(settings, situation, reading);
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
    let name = match settings.mode {
        Mode::QueueLength => "queue length",
        Mode::MessageRate => "message rate",
        Mode::DeliverGetRate => "deliver-get rate",
        Mode::PublishedToDeliveredRatio => "published to delivered",
        Mode::ExpectedQueueConsumptionTime => "expected consumption time",
        Mode::DrainTime => "drain time",
    };
    match reading.metric.is_finite() {
        true => format!("{name} {}", Figure(reading.metric)),
        false => format!("{name} infinite"),
    }
}

/// The HPA's number between the fewest (one at the least) and the most.
fn by_target(settings: &Settings, situation: &Situation, reading: &Reading) -> (u32, String) {
    let (wanted, within) = hpa(settings, situation, reading);
    let least = settings.min_replica_count.max(1);
    let target = Figure(settings.value);
    let why = match within {
        true => format!("target {target} within the tolerance"),
        false => format!("target {target}, {wanted} by the target"),
    };
    (wanted.clamp(least, settings.max_replica_count), why)
}

/// The HPA's number, and whether it is the workers there are as the metric is
/// within the tolerance.
fn hpa(settings: &Settings, situation: &Situation, reading: &Reading) -> (u32, bool) {
    let Situation { capacity, serving, .. } = *situation;
    let target = settings.value;
    let (count, ratio, wanted) = match (settings.mode, settings.metric_type) {
        (Mode::DrainTime, MetricType::AverageValue | MetricType::Value) => {
            let Some(needed) = drain(settings, situation) else { return (capacity.max(1), false) };
            needed
        }
        (_, MetricType::AverageValue) => {
            let ratio = reading.metric / target / f64::from(capacity);
            (capacity, ratio, workers_for(1, reading.metric, target))
        }
        (_, MetricType::Value) => {
            // From zero the ratio itself is the number, as the HPA has it.
            let count = if capacity == 0 { 1 } else { serving };
            (count, reading.metric / target, workers_for(count, reading.metric, target))
        }
    };
    if capacity > 0 && (ratio - 1.0).abs() <= settings.tolerance + ROUNDING {
        return (capacity, true);
    }
    let wanted = wanted.unwrap_or(capacity);
    let by_serving = count == serving && serving < capacity;
    // What boots is not in the figure yet, so it says nothing against it.
    (if by_serving { wanted.max(capacity) } else { wanted }, false)
}

/// A ratio of 1.1 is within a tolerance of 0.1.
const ROUNDING: f64 = 1e-9;

/// The workers that empty the queue within the target: those at work, times
/// what has to go out a second, by what they finish. `None` if nothing goes
/// out, or nobody is at work: then no number is known to be enough. Where those
/// with nothing in hand are as many as messages wait, never more than there
/// are: it is they who take them.
fn drain(settings: &Settings, situation: &Situation) -> Option<(u32, f64, Option<u32>)> {
    let backlog = &situation.backlog;
    let waiting = backlog.ready?;
    let (arrivals, service) = (backlog.arrival_rate?, backlog.service_rate?);
    let working = at_work(situation);
    if service <= 0.0 || working == 0 {
        return None;
    }
    let due = arrivals + waiting as f64 / settings.value;
    let wanted = workers_for(working, due, service);
    let idle = situation.serving.saturating_sub(working);
    let wanted = match idle > 0 && waiting <= u64::from(idle) {
        true => wanted.map(|wanted| wanted.min(situation.capacity)),
        false => wanted,
    };
    let serving = situation.serving;
    let ratio = due / service * f64::from(working) / f64::from(serving);
    Some((serving, ratio, wanted))
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
