//! One scaling policy, by the fields of `PutScalingPolicy`. What
//! `describe-policies` adds to them is passed over.

use hooke_policy_sdk::Table;

use super::{Group, name, predict, signed, source, statistic};
use crate::adjust::Adjustment;
use crate::alarm::{Missing, Rule, evaluation_range};
use crate::predict::Predict;
use crate::statistic::Statistic;
use crate::step::{self, Step};
use crate::watch::{Comparison, LowSamples, Source, Watch};

/// A scaling policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Whether it acts.
    pub enabled: bool,
    /// What it does.
    pub kind: Kind,
}

/// What a policy does.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One adjustment, then a cooldown.
    Simple(Scaling),
    /// An adjustment for each range of the metric.
    Step(Scaling),
    /// Keeps a metric at a target.
    Track(Box<Track>),
    /// Goes ahead of a load foretold.
    Predict(Box<Predict>),
    /// It was refused, and is never used.
    Refused,
}

/// Of simple and of step scaling: a simple policy has one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// How a step's number is meant.
    pub adjustment: Adjustment,
    /// The steps.
    pub steps: Vec<Step>,
    /// What several points are made into; the newest is taken if nothing is said.
    pub aggregation: Option<Aggregation>,
    /// Seconds: of a simple policy its cooldown, of a step policy the warm-up.
    pub pause_s: u32,
}

/// `MetricAggregationType`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// The mean.
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

/// Target tracking.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Where the metric is to be kept; above zero.
    pub target: f64,
    /// Whether it may ask for fewer workers.
    pub scale_in: bool,
    /// Its alarm above the target.
    pub high: Watch,
    /// Its alarm below it.
    pub low: Watch,
    /// Seconds in which a worker is warming.
    pub warmup_s: u32,
}

impl Policy {
    /// Whether it waits for an alarm of the settings.
    pub(crate) fn is_called(&self) -> bool {
        match self.kind {
            Kind::Simple(_) | Kind::Step(_) => true,
            Kind::Track(_) | Kind::Predict(_) | Kind::Refused => false,
        }
    }

    /// Whether it rests on a forecast.
    pub(super) const fn foretells(&self) -> bool {
        matches!(self.kind, Kind::Predict(_))
    }

    /// Whether it may ask for fewer workers by itself.
    pub(crate) fn may_shrink(&self) -> bool {
        match &self.kind {
            Kind::Simple(scaling) | Kind::Step(scaling) => {
                let is_exact = scaling.adjustment == Adjustment::Exact;
                is_exact || scaling.steps.iter().any(|step| step.adjustment < 0)
            }
            Kind::Track(track) => track.scale_in,
            Kind::Predict(_) | Kind::Refused => false,
        }
    }

    /// Seconds in which workers are warming to it, if it knows warm-up.
    pub fn warmup_s(&self) -> Option<u32> {
        match &self.kind {
            Kind::Step(scaling) => Some(scaling.pause_s),
            Kind::Track(track) => Some(track.warmup_s),
            Kind::Simple(_) | Kind::Predict(_) | Kind::Refused => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Simple,
    Step,
    Track,
    Predict,
}

const TYPES: &[(&str, Type)] = &[
    ("SimpleScaling", Type::Simple),
    ("StepScaling", Type::Step),
    ("TargetTrackingScaling", Type::Track),
    ("PredictiveScaling", Type::Predict),
];

/// Which keys belong to which type.
const OWNED: &[(&str, &[Type])] = &[
    ("AdjustmentType", &[Type::Simple, Type::Step]),
    ("MinAdjustmentMagnitude", &[Type::Simple, Type::Step]),
    ("MinAdjustmentStep", &[Type::Simple, Type::Step]),
    ("ScalingAdjustment", &[Type::Simple]),
    ("Cooldown", &[Type::Simple]),
    ("StepAdjustments", &[Type::Step]),
    ("MetricAggregationType", &[Type::Step]),
    ("EstimatedInstanceWarmup", &[Type::Step, Type::Track]),
    ("TargetTrackingConfiguration", &[Type::Track]),
    ("PredictiveScalingConfiguration", &[Type::Predict]),
];

pub(super) fn read(table: &mut Table, group: Group) -> Policy {
    let name = name(table, "PolicyName");
    table.pass(&["PolicyARN", "AutoScalingGroupName", "Alarms"]);
    let enabled = table.switch("Enabled").unwrap_or(true);
    let kind = match table.has("PolicyType") {
        true => table.word("PolicyType", TYPES),
        false => Some(Type::Simple),
    };
    let Some(of) = kind else {
        OWNED.iter().for_each(|(key, _)| table.pass(&[key]));
        return Policy { name, enabled, kind: Kind::Refused };
    };
    for (key, owners) in OWNED {
        if table.has(key) && !owners.contains(&of) {
            let names = TYPES.iter().filter(|(_, of)| owners.contains(of)).map(|(name, _)| *name);
            let names: Vec<&str> = names.collect();
            table.problem(key, format!("not of this PolicyType: of {} only", names.join(", ")));
            table.pass(&[key]);
        }
    }
    let kind = match of {
        Type::Simple => simple(table, group).map(Kind::Simple),
        Type::Step => steps(table, group).map(Kind::Step),
        Type::Track => track(table, group).map(|track| Kind::Track(Box::new(track))),
        Type::Predict => predict::read(table).map(|predict| Kind::Predict(Box::new(predict))),
    };
    Policy { name, enabled, kind: kind.unwrap_or(Kind::Refused) }
}

fn adjustment(table: &mut Table) -> Option<Adjustment> {
    const TYPES: &[(&str, Adjustment)] = &[
        ("ChangeInCapacity", Adjustment::Change),
        ("ExactCapacity", Adjustment::Exact),
        ("PercentChangeInCapacity", Adjustment::Percent { least: 0 }),
    ];
    if !table.has("AdjustmentType") {
        table.problem(
            "AdjustmentType",
            "missing: write one such as \"ChangeInCapacity\"".to_owned(),
        );
    }
    let adjustment = table.word("AdjustmentType", TYPES);
    let least = least(table);
    match (adjustment?, least) {
        (Adjustment::Percent { .. }, least) => {
            Some(Adjustment::Percent { least: least.unwrap_or(0) })
        }
        (other @ (Adjustment::Change | Adjustment::Exact), None) => Some(other),
        (Adjustment::Change | Adjustment::Exact, Some(_)) => {
            let message = "of PercentChangeInCapacity only: leave it out".to_owned();
            table.problem("MinAdjustmentMagnitude", message);
            None
        }
    }
}

/// `MinAdjustmentMagnitude`, or as it was called before.
fn least(table: &mut Table) -> Option<u32> {
    let mut read = |key| table.whole(key, 1..=u64::from(u32::MAX)).map(super::seconds);
    let (now, before) = (read("MinAdjustmentMagnitude"), read("MinAdjustmentStep"));
    if now.is_some() && before.is_some() {
        let message = "the old name of MinAdjustmentMagnitude: leave it out".to_owned();
        table.problem("MinAdjustmentStep", message);
    }
    now.or(before)
}

/// A capacity is never negative.
fn amount(table: &mut Table, adjustment: Option<Adjustment>) -> Option<i32> {
    let key = "ScalingAdjustment";
    if !table.has(key) {
        table.problem(key, "missing: write a whole number".to_owned());
    }
    let amount = signed(table, key)?;
    if adjustment == Some(Adjustment::Exact) && amount < 0 {
        table.problem(key, format!("found {amount}: an exact capacity is 0 or more"));
    }
    Some(amount)
}

fn simple(table: &mut Table, group: Group) -> Option<Scaling> {
    let adjustment = adjustment(table);
    let amount = amount(table, adjustment);
    let cooldown = table.whole("Cooldown", 0..=super::COOLDOWN_MAX_S).map(super::seconds);
    Some(Scaling {
        adjustment: adjustment?,
        steps: vec![Step { lower: None, upper: None, adjustment: amount? }],
        aggregation: None,
        pause_s: cooldown.unwrap_or(group.cooldown_s),
    })
}

fn steps(table: &mut Table, group: Group) -> Option<Scaling> {
    let adjustment = adjustment(table);
    let key = "StepAdjustments";
    let steps = table.tables(key, |table| {
        const FAR: f64 = 1e15;
        let lower = table.number("MetricIntervalLowerBound", -FAR..=FAR);
        let upper = table.number("MetricIntervalUpperBound", -FAR..=FAR);
        Step { lower, upper, adjustment: amount(table, adjustment).unwrap_or(0) }
    });
    let aggregation = table.word(
        "MetricAggregationType",
        &[
            ("Average", Aggregation::Average),
            ("Minimum", Aggregation::Minimum),
            ("Maximum", Aggregation::Maximum),
        ],
    );
    let warmup = warmup(table, group);
    let steps = steps.unwrap_or_default();
    for message in step::problems(&steps) {
        table.problem(key, message);
    }
    Some(Scaling { adjustment: adjustment?, steps, aggregation, pause_s: warmup })
}

fn warmup(table: &mut Table, group: Group) -> u32 {
    let own = table.whole("EstimatedInstanceWarmup", 0..=super::COOLDOWN_MAX_S).map(super::seconds);
    own.unwrap_or_else(|| group.warmup_s())
}

fn track(table: &mut Table, group: Group) -> Option<Track> {
    let key = "TargetTrackingConfiguration";
    let warmup_s = warmup(table, group);
    if !table.has(key) {
        table.problem(key, "missing: write TargetValue and a metric".to_owned());
    }
    table.table(key, |table| configuration(table, warmup_s)).flatten()
}

fn configuration(table: &mut Table, warmup_s: u32) -> Option<Track> {
    let key = "TargetValue";
    if !table.has(key) {
        table.problem(key, "missing: write a number above zero".to_owned());
    }
    let target = table.number(key, -1e15..=1e15);
    if target.is_some_and(|target| target <= 0.0) {
        table.problem(key, "a target of zero or less: write a number above zero".to_owned());
    }
    let scale_in = !table.switch("DisableScaleIn").unwrap_or(false);
    let mut period_ms = None;
    let source = tracked(table, &mut period_ms);
    let high = Managed::read(table, "AlarmHigh", 3);
    let low = Managed::read(table, "AlarmLow", 15);
    let target = target?;
    let source = source?;
    let period_ms = period_ms.unwrap_or(60_000);
    for (key, managed) in [("AlarmHigh", high), ("AlarmLow", low)] {
        let of = u64::from(managed.of);
        if period_ms.saturating_mul(of) > super::DAY_MS {
            let most = super::DAY_MS / period_ms;
            let message = format!("{of} periods are longer than a day: write {most} or less");
            table.problem(&format!("{key}.EvaluationPeriods"), message);
        }
    }
    let watch = |managed: Managed, comparison, threshold| {
        managed.watch(source.clone(), period_ms, comparison, threshold)
    };
    let low_at = target * (100.0 - low.off) / 100.0;
    Some(Track {
        target,
        scale_in,
        high: watch(high, Comparison::Above, target * (100.0 + high.off) / 100.0),
        low: watch(low, Comparison::Below, low_at),
        warmup_s,
    })
}

/// The metric that is tracked: the one that AWS predefines, or one's own.
fn tracked(table: &mut Table, period_ms: &mut Option<u64>) -> Option<Source> {
    let (predefined, own) = ("PredefinedMetricSpecification", "CustomizedMetricSpecification");
    match (table.has(predefined), table.has(own)) {
        (true, false) => table.table(predefined, |table| {
            let name = table
                .word("PredefinedMetricType", &[("ASGAverageCPUUtilization", "CPUUtilization")])?;
            let metric = crate::metric::Metric::named(name).ok()?;
            metric.measure(None, Statistic::Average, 60_000).ok().map(Source::Metric)
        })?,
        (false, true) => table.table(own, |table| customized(table, period_ms))?,
        (true, true) | (false, false) => {
            table.problem("", format!("write either {predefined} or {own}"));
            table.pass(&[predefined, own]);
            None
        }
    }
}

fn customized(table: &mut Table, period_ms: &mut Option<u64>) -> Option<Source> {
    *period_ms = source::period(table, "Period");
    if table.has("Metrics") {
        for key in ["MetricName", "Namespace", "Dimensions", "Statistic"] {
            if table.has(key) {
                table.problem(key, "given beside Metrics: write it in MetricStat".to_owned());
                table.pass(&[key]);
            }
        }
        return source::queries(table, "Metrics", period_ms);
    }
    let asked = source::asked(table);
    if !table.has("Statistic") {
        table.problem("Statistic", "missing: write a statistic such as \"Average\"".to_owned());
    }
    let statistic = source::statistic(table, "Statistic", statistic::simple);
    let period = (*period_ms).unwrap_or(60_000);
    source::measure(table, "Statistic", asked, statistic, period).map(Source::Metric)
}

/// One of the two alarms that target tracking keeps for itself. The guide does
/// not say their figures: these are what is seen of them, and may be set.
#[derive(Clone, Copy)]
struct Managed {
    of: u32,
    datapoints: u32,
    /// How far from the target, in percent of it.
    off: f64,
}

impl Managed {
    fn read(table: &mut Table, key: &'static str, of: u32) -> Self {
        let is_low = key == "AlarmLow";
        let default = Self { of, datapoints: of, off: if is_low { 10.0 } else { 0.0 } };
        let read = table.table(key, |table| {
            let of = table.whole("EvaluationPeriods", 1..=1_440).map_or(of, super::seconds);
            let datapoints = table.whole("DatapointsToAlarm", 1..=1_440).map(super::seconds);
            if datapoints.is_some_and(|datapoints| datapoints > of) {
                let message = "more than EvaluationPeriods: write those or less".to_owned();
                table.problem("DatapointsToAlarm", message);
            }
            let percent = table.number("PercentFromTarget", 0.0..=99.0);
            Self { of, datapoints: datapoints.unwrap_or(of), off: percent.unwrap_or(default.off) }
        });
        read.unwrap_or(default)
    }

    fn watch(
        self,
        source: Source,
        period_ms: u64,
        comparison: Comparison,
        threshold: f64,
    ) -> Watch {
        let (of, datapoints) = (self.of, self.datapoints);
        let rule = Rule { of, datapoints, range: evaluation_range(of), missing: Missing::Missing };
        Watch { source, period_ms, rule, comparison, threshold, low_samples: LowSamples::Evaluate }
    }
}
