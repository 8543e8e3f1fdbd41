//! What a site may tell the rule. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use hooke_policy_sdk::metric::{Metric, statistic};
use hooke_policy_sdk::metrics::Statistic;
use hooke_policy_sdk::{Problem, Table};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What is tracked.
    pub metric: Metric,
    /// The value to keep it at; finite and above zero.
    pub target: f64,
    /// What the target is for.
    pub per: Per,
    /// What the readings of a period are made into.
    pub statistic: Statistic,
    /// Length of a period in milliseconds; above zero.
    pub period_ms: u64,
    /// Periods in a row above the target that scale out; 1 to 1440.
    pub high_periods: u32,
    /// Periods in a row below it that scale in; 1 to 1440.
    pub low_periods: u32,
    /// How far below the target, in percent of it, counts as low; 0 to 99.
    pub margin: f64,
    /// Whether it scales in.
    pub scale_in: ScaleIn,
}

/// What a target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The share of one worker in a metric that is a sum.
    Worker,
    /// The metric as it is, an average over the workers that serve.
    Total,
}

/// Whether fewer workers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleIn {
    /// When the metric was low for long enough.
    Enabled,
    /// Never (`DisableScaleIn`).
    Disabled,
}

/// What can be tracked, with the target if none is given: what moves against
/// the number of workers. Workers counted by their number would not.
const METRICS: [(&str, (Metric, Option<f64>)); 9] = [
    ("backlog-per-worker", (Metric::Ready, Some(BACKLOG_PER_WORKER))),
    ("ready", (Metric::Ready, None)),
    ("unacked", (Metric::Unacked, None)),
    ("arrival-rate", (Metric::ArrivalRate, None)),
    ("service-rate", (Metric::ServiceRate, None)),
    ("busy", (Metric::Busy, None)),
    ("busy-share", (Metric::BusyShare, None)),
    ("load", (Metric::Load, None)),
    ("utilization", (Metric::Utilization, None)),
];

/// Messages for each worker; the default of `threshold` as well.
const BACKLOG_PER_WORKER: f64 = 100.0;

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let (metric, target) =
            table.word("metric", &METRICS).unwrap_or((Metric::Ready, Some(BACKLOG_PER_WORKER)));
        let per = table.word("per", &[("worker", Per::Worker), ("total", Per::Total)]);
        let per = per_of(table, metric, per);
        Self {
            metric,
            target: read_target(table, target),
            per,
            statistic: read_statistic(table),
            period_ms: table.span_ms("period").unwrap_or(60_000),
            high_periods: periods(table, "high_periods", 3),
            low_periods: periods(table, "low_periods", 15),
            margin: table.number("margin", 0.0..=99.0).unwrap_or(10.0),
            scale_in: match table.switch("scale_in") {
                Some(true) | None => ScaleIn::Enabled,
                Some(false) => ScaleIn::Disabled,
            },
        }
    }
}

/// An average cannot be divided among workers once more.
fn per_of(table: &mut Table, metric: Metric, given: Option<Per>) -> Per {
    let is_average = matches!(metric, Metric::BusyShare | Metric::Load | Metric::Utilization);
    match (is_average, given) {
        (true, Some(Per::Worker)) => {
            let message = "the metric is an average, not a sum to divide: write \"total\"";
            table.problem("per", message.to_owned());
            Per::Total
        }
        (true, Some(Per::Total) | None) => Per::Total,
        (false, given) => given.unwrap_or(Per::Worker),
    }
}

fn read_target(table: &mut Table, default: Option<f64>) -> f64 {
    let given = table.has("target");
    let target = table.number("target", 0.0..=1e12);
    if target == Some(0.0) {
        let message = "no number of workers reaches a target of 0: write more";
        table.problem("target", message.to_owned());
    } else if !given && default.is_none() {
        table.problem("target", "missing: write the value to keep the metric at".to_owned());
    }
    target.or(default).unwrap_or(BACKLOG_PER_WORKER)
}

fn read_statistic(table: &mut Table) -> Statistic {
    let Some(word) = table.text("statistic") else { return Statistic::Average };
    let read = statistic(&word);
    if read.is_none() {
        let message = "unknown: write average, minimum, maximum, sum, or p1 to p100";
        table.problem("statistic", message.to_owned());
    }
    read.unwrap_or(Statistic::Average)
}

fn periods(table: &mut Table, key: &'static str, default: u32) -> u32 {
    table.whole(key, 1..=1440).and_then(|n| u32::try_from(n).ok()).unwrap_or(default)
}
