//! The rule over all checks: readings in, a decision out. Pure: it asks nobody.
//!
//! | the checks (after each group is one)        | answer                         |
//! |---------------------------------------------|--------------------------------|
//! | scaled lately                               | hold until the cooldown is over |
//! | one wants out                               | out: the highest               |
//! | one wants none, others in                   | hold                           |
//! | all want in                                 | in: the highest, on fresh and  |
//! |                                             | complete data                  |
//! | one without a reading, `fail`; or all       | no decision                    |
//!
//! In a group a check that wants none is not heard, unless all of them do.

use hooke_policy_sdk::{Quality, delta, span};

use crate::settings::{Check, OnError, Settings, Window};
use crate::strategy::Workers;

/// All that the rule looks at, beside the readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The time of the tick, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The workers.
    pub workers: Workers,
    /// How far the backlog of this tick can be trusted.
    pub quality: Quality,
    /// The last scaling asked for; `None` if there was none.
    pub kept: Option<Scaling>,
}

/// What a check read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The points there are, the newest last.
    pub points: Vec<f64>,
    /// Whether there is one for every period asked for.
    pub completeness: Completeness,
}

/// Whether readings have gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Every period has one.
    Complete,
    /// Some have none.
    Gaps,
}

/// A scaling that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The workers there were.
    pub from: u32,
    /// The workers asked for.
    pub to: u32,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which check, which figure against which setting.
    pub reason: String,
    /// What to keep; `None` leaves what is kept.
    pub keep: Option<Scaling>,
}

/// Why there is no decision: what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided(pub String);

/// What one check or group wants.
#[derive(Debug, Clone)]
struct Wish {
    group: String,
    count: u32,
    complete: bool,
    why: String,
}

/// Decides. `readings` are those of the checks, in their order; an error says
/// what is missing.
pub fn decide(
    settings: &Settings,
    situation: &Situation,
    readings: &[Result<Reading, String>],
) -> Result<Decision, Undecided> {
    if let Some(reason) = cooling(settings, situation) {
        return Ok(Decision { delta: 0, reason, keep: None });
    }
    let capacity = situation.workers.capacity;
    let mut wishes = Vec::new();
    let mut skipped = Vec::new();
    for (check, reading) in settings.checks.iter().zip(readings) {
        match wish(check, situation.workers, reading) {
            Ok(wish) => wishes.push(wish),
            Err(what) if check.on_error == OnError::Fail => return Err(Undecided(what)),
            Err(what) => skipped.push(what),
        }
    }
    let Some(wish) = settle(grouped(wishes, capacity), capacity) else {
        return Err(Undecided(skipped.join("; ")));
    };
    Ok(answer(situation, wish, &skipped))
}

/// The cooldown begins with a scaling that the host carried out: asking for
/// what a limit forbids begins none.
fn cooling(settings: &Settings, situation: &Situation) -> Option<String> {
    let Scaling { at_ms, from, to } = situation.kept?;
    let capacity = situation.workers.capacity;
    let (key, cooldown, moved) = match to > from {
        true => ("cooldown_on_scale_up", settings.cooldown_on_scale_up_ms, capacity > from),
        false => ("cooldown", settings.cooldown_ms, capacity < from),
    };
    let left = cooldown.saturating_sub(situation.now_ms.checked_sub(at_ms)?);
    let told = || {
        let (left, cooldown) = (span::write(left), span::write(cooldown));
        format!("scaled from {from} to {to}, {left} of {key} {cooldown} left: hold {capacity}")
    };
    (moved && left > 0).then(told)
}

fn wish(
    check: &Check,
    workers: Workers,
    reading: &Result<Reading, String>,
) -> Result<Wish, String> {
    let name = &check.name;
    let reading = reading.as_ref().map_err(|what| format!("check {name}: {what}"))?;
    let metric = check.query.name();
    if reading.points.is_empty() {
        return Err(format!("check {name}: no reading of {metric}{}", asked(&check.window)));
    }
    // No metric of the host is ever below zero.
    if !reading.points.iter().all(|point| point.is_finite() && *point >= 0.0) {
        return Err(format!("check {name}: a reading of {metric} is below zero or no number"));
    }
    let (count, why) = check.strategy.run(metric, &reading.points, workers);
    Ok(Wish {
        group: check.group.clone(),
        count,
        complete: reading.completeness == Completeness::Complete,
        why: format!("{name}: {why}"),
    })
}

/// Which periods were asked for, and why there may be none of them.
fn asked(window: &Window) -> String {
    match window {
        Window::Instant => " in this tick: does its source answer?".to_owned(),
        Window::Past { count, period_ms, .. } => format!(
            " in {count} x {}: does its source answer, and is period no shorter than the site's every?",
            span::write(*period_ms)
        ),
    }
}

/// One wish a group: of those that want a change if there are any (NM-02). It
/// is as complete as all that were asked in it.
fn grouped(wishes: Vec<Wish>, capacity: u32) -> Vec<Wish> {
    let mut groups: Vec<Wish> = Vec::new();
    for wish in wishes {
        let same = |group: &&mut Wish| !wish.group.is_empty() && group.group == wish.group;
        let Some(group) = groups.iter_mut().find(same) else {
            groups.push(wish);
            continue;
        };
        let complete = group.complete && wish.complete;
        let unheard = wish.count == capacity;
        if !unheard && (group.count == capacity || wish.count > group.count) {
            *group = wish;
        }
        group.complete = complete;
    }
    groups
}

/// Out beats none beats in, and the highest wins: that is the largest count
/// (NM-01).
fn settle(groups: Vec<Wish>, capacity: u32) -> Option<Wish> {
    let complete = groups.iter().all(|group| group.complete);
    let wish = groups
        .into_iter()
        .reduce(|best, next| if next.count > best.count { next } else { best })?;
    Some(Wish { complete: wish.count >= capacity || complete, ..wish })
}

/// The answer to the wish that won. Fewer only if everything was read.
fn answer(situation: &Situation, wish: Wish, skipped: &[String]) -> Decision {
    let capacity = situation.workers.capacity;
    let Wish { count, complete, why, .. } = wish;
    let left_out = match skipped {
        [] => String::new(),
        _ => format!(" (left out: {})", skipped.join("; ")),
    };
    let why_not = if !skipped.is_empty() {
        "while a check is left out"
    } else if situation.quality != Quality::Fresh {
        "until the backlog is fresh"
    } else {
        "until every period has a reading (period no shorter than the site's every)"
    };
    if count < capacity && !(complete && skipped.is_empty() && situation.quality == Quality::Fresh)
    {
        let reason = format!("{why}: {count} workers wanted, hold {capacity} {why_not}{left_out}");
        return Decision { delta: 0, reason, keep: None };
    }
    if count == capacity {
        let reason = format!("{why}: hold {capacity}{left_out}");
        return Decision { delta: 0, reason, keep: None };
    }
    Decision {
        delta: delta(u64::from(count), capacity),
        reason: format!("{why}: from {capacity} to {count} workers{left_out}"),
        keep: Some(Scaling { at_ms: situation.now_ms, from: capacity, to: count }),
    }
}
