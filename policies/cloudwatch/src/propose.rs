//! What one policy proposes when it is called for: a capacity, and why. Knows
//! nothing of the other policies.

use hooke_policy_sdk::{Figure, workers_for};

use crate::alarm::State;
use crate::decide::Situation;
use crate::memory::{Cooldown, Memory};
use crate::settings::{Aggregation, Alarm, Kind, Policy, Scaling, Track};
use crate::step::choose;
use crate::watch::{Sight, Watch};

/// A capacity that a policy wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// The workers.
    pub(crate) wanted: u32,
    /// If it is simple scaling: the cooldown that follows.
    pub(crate) cooldown_s: Option<u32>,
    /// Whether it is put off while workers are warming, if it is for fewer.
    pub(crate) waits: bool,
    /// Which policy, and what called for it.
    pub(crate) why: String,
}

/// What a policy has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// It would, but may not now.
    Waits(String),
    /// A capacity; the one that there is, too.
    Wants(Proposal),
}

/// Workers that count to the capacity and are still warming.
pub(crate) fn warming(situation: &Situation, memory: &Memory, warmup_s: u32) -> u32 {
    let young = memory.warming(situation.now_ms, warmup_s).min(situation.serving);
    situation.booting.saturating_add(young).min(situation.capacity)
}

/// A simple or a step policy, called for by an alarm.
pub(crate) fn called(
    policy: &Policy,
    alarm: &Alarm,
    sight: &Sight,
    situation: &Situation,
    memory: &Memory,
) -> Said {
    let name = &policy.name;
    let (wanted, cooldown_s) = match &policy.kind {
        Kind::Simple(scaling) => {
            if memory.cooldown != Cooldown::Over {
                return Said::Waits(format!("policy {name} is in its cooldown"));
            }
            (simple(scaling, situation), Some(scaling.pause_s))
        }
        Kind::Step(scaling) => match step(scaling, &alarm.watch, sight, situation, memory) {
            Some(wanted) => (wanted, None),
            None => {
                let seen = seen(&alarm.watch, sight);
                let why =
                    format!("alarm {} {seen}: no step of policy {name} is for it", alarm.name);
                return Said::Waits(why);
            }
        },
        Kind::Track(_) | Kind::Predict(_) | Kind::Refused => return Said::Nothing,
    };
    if wanted < situation.capacity && !sight.proven {
        let why =
            format!("alarm {}: policy {name} scales in on readings alone, not on gaps", alarm.name);
        return Said::Waits(why);
    }
    let why = format!("alarm {} {}: policy {name}", alarm.name, seen(&alarm.watch, sight));
    Said::Wants(Proposal { wanted, cooldown_s, waits: true, why })
}

fn simple(scaling: &Scaling, situation: &Situation) -> u32 {
    let amount = scaling.steps.first().map_or(0, |step| step.adjustment);
    scaling.adjustment.apply(amount, situation.capacity)
}

/// Where a step leads. Out it starts from the workers that are warm, so that
/// repeated breaches of one step add once; in from all that have not left yet,
/// so that they take away once.
fn step(
    scaling: &Scaling,
    watch: &Watch,
    sight: &Sight,
    situation: &Situation,
    memory: &Memory,
) -> Option<u32> {
    let value = aggregate(scaling.aggregation, sight)?;
    let amount = choose(&scaling.steps, value - watch.threshold, watch.comparison.is_above())?;
    let capacity = situation.capacity;
    let warm = capacity - warming(situation, memory, scaling.pause_s);
    let leaving = capacity.saturating_add(situation.draining);
    let apply = |base| scaling.adjustment.apply(amount, base);
    Some(match (scaling.adjustment, amount) {
        (crate::adjust::Adjustment::Exact, _) => apply(capacity),
        (_, 0) => capacity,
        (_, 1..) => apply(warm).max(capacity),
        (_, ..0) => apply(leaving).min(capacity),
    })
}

fn aggregate(aggregation: Option<Aggregation>, sight: &Sight) -> Option<f64> {
    let values = || sight.points.iter().map(|point| point.value);
    let newest = sight.newest()?;
    Some(match aggregation {
        None => newest,
        Some(Aggregation::Average) => values().sum::<f64>() / sight.points.len() as f64,
        Some(Aggregation::Minimum) => values().fold(newest, f64::min),
        Some(Aggregation::Maximum) => values().fold(newest, f64::max),
    })
}

/// The two alarms of a tracking policy, as far as they were evaluated now.
#[derive(Debug)]
pub(crate) struct Sights {
    /// Above the target.
    pub(crate) high: Option<Sight>,
    /// Below it.
    pub(crate) low: Option<Sight>,
}

/// What a tracking policy wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tracking {
    /// Nothing; it does not agree to fewer workers either.
    Hold,
    /// More workers, or those that there are.
    Out(Proposal),
    /// Fewer workers, if all agree.
    In(Proposal),
}

/// A tracking policy.
pub(crate) fn tracked(
    name: &str,
    track: &Track,
    sights: &Sights,
    situation: &Situation,
    memory: &Memory,
) -> Tracking {
    let called = |sight: &Option<Sight>| {
        let sight = sight.as_ref().filter(|sight| sight.fires && sight.state == State::Alarm)?;
        Some((sight.newest()?, sight.proven))
    };
    let capacity = situation.capacity;
    let proposal = |wanted: u32, value: f64| {
        let (label, value) = (track.high.source.label(), Figure(value));
        let why = format!("{label} {value}, target {}: policy {name}", Figure(track.target));
        Proposal { wanted, cooldown_s: None, waits: true, why }
    };
    if let Some((value, _)) = called(&sights.high) {
        let warm = capacity - warming(situation, memory, track.warmup_s);
        // Of no worker nothing follows: the first one is what can be measured.
        let wanted = if capacity == 0 { Some(1) } else { workers_for(warm, value, track.target) };
        return match wanted {
            Some(wanted) => Tracking::Out(proposal(wanted.max(capacity), value)),
            None => Tracking::Hold,
        };
    }
    if let Some((value, true)) = called(&sights.low) {
        let leaving = capacity.saturating_add(situation.draining);
        let wanted = workers_for(leaving, value, track.target);
        if let Some(wanted) = wanted.filter(|wanted| *wanted < capacity) {
            return Tracking::In(proposal(wanted, value));
        }
    }
    Tracking::Hold
}

/// What an alarm saw, as a reason says it.
pub(crate) fn seen(watch: &Watch, sight: &Sight) -> String {
    let label = watch.source.label();
    let state = sight.state.as_str();
    let threshold = Figure(watch.threshold);
    let Some(value) = sight.newest() else {
        return format!("{state} ({label} is missing)");
    };
    let sign = watch.comparison.sign();
    let verb = if watch.comparison.is_beyond(value, watch.threshold) { "" } else { "not " };
    format!("{state} ({label} {} {verb}{sign} {threshold})", Figure(value))
}
