//! The rule itself: facts in, a decision out. Pure: it asks nobody.
//!
//! The work of a period is the metric (a sum) or the metric times the workers
//! that served (an average); what each worker had of it is the value that is
//! held against the target, and `ceil(work / target)` workers bring it there.
//!
//! | the newest periods                         | answer                           |
//! |--------------------------------------------|----------------------------------|
//! | no workers, messages ready                 | out: wake, at once               |
//! | `high_periods` all above the target        | out: `ceil(work / target)`       |
//! | `low_periods` all below it less the margin | in: `ceil(work / target)`, if the |
//! |                                            | backlog is fresh, nothing boots; |
//! |                                            | never more than are idle         |
//! | one of those without a reading             | hold                             |
//! | none with a reading                        | no decision                      |
//!
//! What was measured before the fleet changed is divided among those who served
//! then, so that one rise is answered once, and a fall as well.

pub use hooke_policy_sdk::Quality;
use hooke_policy_sdk::metric::Metric;
use hooke_policy_sdk::{Figure, delta, span, workers_for};

use crate::settings::{Per, ScaleIn, Settings};

/// One period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// The metric; `None` where nothing was read.
    pub metric: Option<f64>,
    /// Workers that served, on the average; `None` where nothing was read.
    pub serving: Option<f64>,
}

/// All that the rule looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// Workers that serve or will.
    pub capacity: u32,
    /// Those of them still to come.
    pub booting: u32,
    /// Workers proven idle.
    pub idle: u32,
    /// How far the backlog of this tick can be trusted.
    pub quality: Quality,
    /// Messages ready and not taken; `None` if it is missing.
    pub ready: Option<u64>,
    /// How far back the host keeps readings, in milliseconds.
    pub history_ms: u64,
    /// The past, the newest period last.
    pub points: Vec<Point>,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figure against which setting.
    pub reason: String,
}

/// Why there is no decision: what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub String);

/// What one period's readings say.
#[derive(Debug, Clone, Copy)]
struct Load {
    /// What each worker that served had of the work; infinite where none did.
    value: f64,
    /// Workers that bring the value to the target.
    wanted: u32,
}

/// Decides.
pub fn decide(settings: &Settings, situation: &Situation) -> Result<Decision, Missing> {
    if situation.capacity == 0 {
        return from_zero(settings, situation);
    }
    let loads: Vec<Option<Load>> =
        situation.points.iter().map(|point| load(settings, *point)).collect();
    if loads.iter().all(Option::is_none) {
        return Err(Missing(unread(settings, loads.len())));
    }
    let target = settings.target;
    if let Some(newest) = all(&loads, settings.high_periods, |load| load.value > target) {
        return Ok(high(settings, situation, newest));
    }
    let low = target * (1.0 - settings.margin / 100.0);
    if let Some(newest) = all(&loads, settings.low_periods, |load| load.value < low) {
        return Ok(scale_in(settings, situation, newest));
    }
    Ok(hold(within(settings, situation, &loads, low)))
}

fn unread(settings: &Settings, asked: usize) -> String {
    let (name, period) = (settings.metric.name(), span::write(settings.period_ms));
    format!(
        "no readings of {name} in {asked} x {period}: does its source answer, and is period no shorter than the site's every?"
    )
}

fn hold(reason: String) -> Decision {
    Decision { delta: 0, reason }
}

/// Without workers most metrics say nothing, or zero for ever: the backlog
/// wakes the profile, in one tick.
fn from_zero(settings: &Settings, situation: &Situation) -> Result<Decision, Missing> {
    let known = situation.ready.filter(|_| situation.quality != Quality::Missing);
    let ready = known.ok_or_else(|| {
        Missing("no workers, and the backlog is missing, which alone wakes one: does its source answer?".to_owned())
    })?;
    if ready == 0 {
        let mut reason = "no workers, no backlog: hold until a message is ready".to_owned();
        if settings.metric != Metric::Ready {
            let name = settings.metric.name();
            reason += &format!("; {name} says nothing without workers (workers.min keeps some)");
        }
        return Ok(hold(reason));
    }
    let of_backlog = settings.metric == Metric::Ready && settings.per == Per::Worker;
    let wanted = match of_backlog {
        true => workers_for(1, ready as f64, settings.target).unwrap_or(1).max(1),
        false => 1,
    };
    let reason = format!("no workers, backlog {ready}: {wanted} to begin with");
    Ok(Decision { delta: delta(u64::from(wanted), 0), reason })
}

fn load(settings: &Settings, point: Point) -> Option<Load> {
    let serving = point.serving.filter(|serving| *serving >= 0.0)?;
    let metric = match (point.metric, settings.per) {
        // Where nothing serves no machine is measured: that is a zero. A broker
        // that says nothing is none.
        (None, Per::Total) if serving == 0.0 && settings.metric.is_of_machines() => 0.0,
        (metric, Per::Worker | Per::Total) => metric.filter(|metric| metric.is_finite())?,
    };
    let (work, wanted) = match settings.per {
        Per::Worker => (metric, workers_for(1, metric, settings.target)?),
        Per::Total if serving as u32 as f64 == serving => {
            (metric * serving, workers_for(serving as u32, metric, settings.target)?)
        }
        Per::Total => (metric * serving, workers_for(1, metric * serving, settings.target)?),
    };
    let value = match (work, serving) {
        (0.0, _) => 0.0,
        (_, 0.0) => f64::INFINITY,
        (work, serving) => work / serving,
    };
    Some(Load { value, wanted })
}

/// The newest of the last `count` periods, if each has readings and is such.
fn all(loads: &[Option<Load>], count: u32, is: impl Fn(&Load) -> bool) -> Option<Load> {
    let newest = loads.iter().rev().take(count as usize);
    let enough = newest.clone().flatten().filter(|load| is(load)).count() == count as usize;
    loads.last().copied().flatten().filter(|_| enough)
}

fn high(settings: &Settings, situation: &Situation, newest: Load) -> Decision {
    let Situation { capacity, booting, .. } = *situation;
    let seen = seen(settings, newest, ">", settings.high_periods);
    let wanted = newest.wanted;
    if wanted <= capacity {
        return hold(format!("{seen}: hold, {capacity} workers with {booting} booting"));
    }
    Decision {
        delta: delta(u64::from(wanted), capacity),
        reason: format!("{seen}: from {capacity} to {wanted} workers"),
    }
}

/// Fewer workers, or why not. Those with work in hand are kept: an empty queue
/// does not say that they can go. As long as a message is ready, one is kept.
fn scale_in(settings: &Settings, situation: &Situation, newest: Load) -> Decision {
    let Situation { capacity, booting, idle, quality, ready, .. } = *situation;
    let seen = seen(settings, newest, "<", settings.low_periods);
    let wanted = newest.wanted.max(u32::from(ready != Some(0)));
    let kept = wanted.max(capacity.saturating_sub(idle));
    let why_not = if settings.scale_in == ScaleIn::Disabled {
        "scale in is disabled".to_owned()
    } else if quality != Quality::Fresh || ready.is_none() {
        "scale in waits for a fresh backlog".to_owned()
    } else if booting > 0 {
        format!("scale in waits for {booting} booting")
    } else if wanted >= capacity {
        format!("{capacity} workers for {wanted} wanted")
    } else if kept >= capacity {
        format!("{wanted} workers wanted, and none of {capacity} is idle")
    } else {
        let reason = format!("{seen}: from {capacity} to {kept} workers, {wanted} wanted");
        return Decision { delta: delta(u64::from(kept), capacity), reason };
    };
    hold(format!("{seen}: hold, {why_not}"))
}

/// The newest value against the target: `ready a worker 150 > target 100 …`.
fn seen(settings: &Settings, newest: Load, sign: &str, periods: u32) -> String {
    let margin = match sign {
        "<" => format!(" less {}%", Figure(settings.margin)),
        _ => String::new(),
    };
    let (told, target) = (told(settings, Some(newest)), Figure(settings.target));
    format!(
        "{told} {sign} target {target}{margin} in {periods} x {}",
        span::write(settings.period_ms)
    )
}

/// The newest value: `ready a worker 150`.
fn told(settings: &Settings, newest: Option<Load>) -> String {
    let a_worker = match settings.per {
        Per::Worker => " a worker",
        Per::Total => "",
    };
    let value = match newest {
        Some(load) if load.value.is_finite() => format!("{}", Figure(load.value)),
        Some(_) => "beyond measure".to_owned(),
        None => "not read".to_owned(),
    };
    format!("{}{a_worker} {value}", settings.metric.name())
}

/// Why neither holds: how many of the periods say so, and how many nothing.
fn within(settings: &Settings, situation: &Situation, loads: &[Option<Load>], low: f64) -> String {
    let count = |periods: u32, is: &dyn Fn(f64) -> bool| {
        let newest = loads.iter().rev().take(periods as usize).flatten();
        newest.filter(|load| is(load.value)).count()
    };
    let Settings { target, high_periods, low_periods, .. } = *settings;
    let above = count(high_periods, &|value| value > target);
    let mut said = format!(
        "{}, target {}: above it in {above} of {high_periods} x {}",
        told(settings, loads.last().copied().flatten()),
        Figure(target),
        span::write(settings.period_ms)
    );
    if settings.scale_in == ScaleIn::Enabled {
        let below = count(low_periods, &|value| value < low);
        said +=
            &format!(", below it less {}% in {below} of {low_periods}", Figure(settings.margin));
    }
    let gaps = loads.iter().filter(|load| load.is_none()).count();
    if gaps > 0 {
        said += &format!(", {gaps} of {} without a reading", loads.len());
    }
    let (asked_ms, kept_ms) =
        ((loads.len() as u64).saturating_mul(settings.period_ms), situation.history_ms);
    if gaps > 0 && asked_ms > kept_ms {
        let (asked, kept) = (span::write(asked_ms), span::write(kept_ms));
        said += &format!(" ({asked} asked for, {kept} kept: write a longer keep of [history])");
    } else if gaps * 2 > loads.len() {
        said += " (a young past, or a period shorter than the site's every)";
    }
    said + ": hold"
}
