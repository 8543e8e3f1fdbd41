//! What a site may tell the rule. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use hooke_policy_sdk::metric::{Metric, statistic};
use hooke_policy_sdk::metrics::Statistic;
use hooke_policy_sdk::{Problem, Table, span};

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

/// What can be tracked, with the target if none is given: what falls, or whose
/// share of a worker falls, as workers come.
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

/// Other metrics of the host: they count workers.
const COUNTS: [&str; 7] =
    ["consumers", "capacity", "serving", "booting", "draining", "idle", "unknown"];

/// Messages for each worker; the default of `threshold` as well.
const BACKLOG_PER_WORKER: f64 = 100.0;

const DAY_MS: u64 = 86_400_000;

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let (metric, target) =
            read_metric(table).unwrap_or((Metric::Ready, Some(BACKLOG_PER_WORKER)));
        let per = table.word("per", &[("worker", Per::Worker), ("total", Per::Total)]);
        let per = per_of(table, metric, per);
        let target = read_target(table, target);
        let statistic = read_statistic(table);
        let period_ms = table.span_ms("period").unwrap_or(60_000);
        Self {
            metric,
            target,
            per,
            statistic,
            period_ms,
            high_periods: periods(table, "high_periods", 3, period_ms),
            low_periods: periods(table, "low_periods", 15, period_ms),
            margin: table.number("margin", 0.0..=99.0).unwrap_or(10.0),
            scale_in: match table.switch("scale_in") {
                Some(true) | None => ScaleIn::Enabled,
                Some(false) => ScaleIn::Disabled,
            },
        }
    }
}

fn read_metric(table: &mut Table) -> Option<(Metric, Option<f64>)> {
    let word = table.text("metric")?;
    if let Some((_, found)) = METRICS.iter().find(|(name, _)| *name == word) {
        return Some(*found);
    }
    let names = METRICS.map(|(name, _)| name).join(", ");
    let why = match COUNTS.contains(&word.as_str()) {
        true => "it counts workers, and more of them do not bring it down",
        false => "no such metric",
    };
    table.problem("metric", format!("found \"{word}\", {why}: write one of {names}"));
    None
}

/// An average cannot be divided among workers once more; and of sums the
/// backlog alone falls as workers come, so that a total of another never
/// settles: each answer would be multiplied by the next.
fn per_of(table: &mut Table, metric: Metric, given: Option<Per>) -> Per {
    let is_average = matches!(metric, Metric::BusyShare | Metric::Load | Metric::Utilization);
    let only = match (is_average, metric) {
        (true, _) => Some(Per::Total),
        (false, Metric::Ready) => None,
        (false, _) => Some(Per::Worker),
    };
    match (only, given) {
        (Some(Per::Total), Some(Per::Worker)) => {
            let message = "the metric is an average, not a sum to divide: write \"total\"";
            table.problem("per", message.to_owned());
        }
        (Some(Per::Worker), Some(Per::Total)) => {
            let message =
                "the metric does not fall as workers come, so a total has no end: write \"worker\"";
            table.problem("per", message.to_owned());
        }
        (_, _) => {}
    }
    only.or(given).unwrap_or(Per::Worker)
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
    let read = statistic(&word).filter(|read| *read != Statistic::Sum);
    if read.is_none() {
        let why = match word.as_str() {
            "sum" => "a sum would rise with how often is read",
            _ => "unknown",
        };
        table
            .problem("statistic", format!("{why}: write average, minimum, maximum, or p1 to p100"));
    }
    read.unwrap_or(Statistic::Average)
}

/// As CloudWatch has it: a past of a day at the most, which is also the most
/// that the host keeps.
fn periods(table: &mut Table, key: &'static str, default: u32, period_ms: u64) -> u32 {
    let given = table.whole(key, 1..=1440).and_then(|n| u32::try_from(n).ok());
    let count = given.unwrap_or(default);
    if u64::from(count).saturating_mul(period_ms) > DAY_MS {
        let period = span::write(period_ms);
        table.problem(
            key,
            format!("{count} x {period} are more than a day: write fewer, or a shorter period"),
        );
    }
    count
}
