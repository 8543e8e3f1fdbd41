//! One alarm, by the fields of `PutMetricAlarm`. What `describe-alarms` adds to
//! them is passed over.

use hooke_policy_sdk::Table;

use super::{COMPARISONS, DAY_MS, Kind, Policy, name, source};
use crate::alarm::{Missing, Rule, State, evaluation_range};
use crate::statistic;
use crate::watch::{LowSamples, Source, Watch};

/// An alarm and the policies that it calls for.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it watches.
    pub watch: Watch,
    /// In which state which policy is called for, by its place.
    pub actions: Vec<(State, usize)>,
}

/// What `describe-alarms` says beside what was put.
const PASSED: [&str; 10] = [
    "AlarmArn",
    "AlarmDescription",
    "AlarmConfigurationUpdatedTimestamp",
    "StateValue",
    "StateReason",
    "StateReasonData",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "EvaluationState",
    "Tags",
];

/// Periods looked at, at the most: a day of the shortest there is.
const PERIODS_MAX: u64 = 8_640;

const STATES: [(&str, State); 3] = [
    ("AlarmActions", State::Alarm),
    ("OKActions", State::Ok),
    ("InsufficientDataActions", State::InsufficientData),
];

/// An alarm whose actions are still names.
#[derive(Debug)]
pub(super) struct Raised {
    pub(super) name: String,
    watch: Option<Watch>,
    actions: Vec<(&'static str, State, Vec<String>)>,
}

pub(super) fn read(table: &mut Table) -> Raised {
    let name = name(table, "AlarmName");
    table.pass(&PASSED);
    if table.has("MetricName") && !table.has("Period") {
        table.problem("Period", "missing: write a number of seconds such as 60".to_owned());
    }
    let mut period_ms = source::period(table, "Period");
    let is_math = table.has("Metrics");
    let source = origin(table, &mut period_ms);
    if is_math && source.is_some() && period_ms.is_none() {
        let message = "without a Period: write one such as 60 in each MetricStat".to_owned();
        table.problem("Metrics", message);
    }
    let comparison = comparison(table);
    if !table.has("Threshold") {
        table.problem("Threshold", "missing: write a number".to_owned());
    }
    let threshold = table.number("Threshold", -1e15..=1e15);
    let low_samples = table.word(
        "EvaluateLowSampleCountPercentile",
        &[("evaluate", LowSamples::Evaluate), ("ignore", LowSamples::Ignore)],
    );
    let rule = rule(table, period_ms);
    let enabled = table.switch("ActionsEnabled").unwrap_or(true);
    let actions = STATES
        .iter()
        .map(|(key, state)| (*key, *state, table.texts(key).unwrap_or_default()))
        .filter(|_| enabled)
        .collect();
    let watch = (|| {
        Some(Watch {
            source: source?,
            period_ms: period_ms?,
            rule: rule?,
            comparison: comparison?,
            threshold: threshold?,
            low_samples: low_samples.unwrap_or(LowSamples::Evaluate),
        })
    })();
    Raised { name, watch, actions }
}

/// What it watches: one metric, or several by `Metrics`.
fn origin(table: &mut Table, period_ms: &mut Option<u64>) -> Option<Source> {
    if table.has("Metrics") {
        for key in ["MetricName", "Namespace", "Dimensions", "Statistic", "ExtendedStatistic"] {
            if table.has(key) {
                table.problem(key, "given beside Metrics: write it in MetricStat".to_owned());
                table.pass(&[key]);
            }
        }
        return source::queries(table, "Metrics", period_ms);
    }
    if !table.has("MetricName") {
        table.problem(
            "MetricName",
            "an alarm without a metric: write MetricName or Metrics".to_owned(),
        );
        table.pass(&["Namespace", "Dimensions", "Statistic", "ExtendedStatistic"]);
        return None;
    }
    let asked = source::asked(table);
    let simple = source::statistic(table, "Statistic", statistic::simple);
    let (has, has_extended) = (simple.is_some(), table.has("ExtendedStatistic"));
    let extended = source::statistic(table, "ExtendedStatistic", statistic::extended);
    let key = if has_extended { "ExtendedStatistic" } else { "Statistic" };
    match (has, has_extended) {
        (true, true) => {
            table.problem(key, "given beside Statistic: write one of the two".to_owned())
        }
        (false, false) => {
            table.problem(key, "missing: write a statistic such as \"Average\"".to_owned());
        }
        (true, false) | (false, true) => {}
    }
    let measure =
        source::measure(table, key, asked, simple.or(extended), (*period_ms).unwrap_or(60_000));
    measure.map(Source::Metric)
}

fn comparison(table: &mut Table) -> Option<crate::watch::Comparison> {
    let key = "ComparisonOperator";
    if !table.has(key) {
        table.problem(key, "missing: write one such as \"GreaterThanThreshold\"".to_owned());
    }
    if table.has("ThresholdMetricId") {
        let message = "anomaly detection is not known here: write a Threshold".to_owned();
        table.problem("ThresholdMetricId", message);
        table.pass(&["ThresholdMetricId"]);
    }
    table.word(key, COMPARISONS)
}

/// How many points of how many, and what of those that are missing.
fn rule(table: &mut Table, period_ms: Option<u64>) -> Option<Rule> {
    if !table.has("EvaluationPeriods") {
        table.problem("EvaluationPeriods", "missing: write a whole number, 1 or more".to_owned());
    }
    let of = table.whole("EvaluationPeriods", 1..=PERIODS_MAX).map(super::seconds);
    let datapoints = table.whole("DatapointsToAlarm", 1..=PERIODS_MAX).map(super::seconds);
    let range = table.whole("EvaluationRange", 1..=2 * PERIODS_MAX).map(super::seconds);
    let missing = table.word(
        "TreatMissingData",
        &[
            ("missing", Missing::Missing),
            ("ignore", Missing::Ignore),
            ("breaching", Missing::Breaching),
            ("notBreaching", Missing::NotBreaching),
        ],
    );
    let of = of?;
    if let Some(period_ms) = period_ms
        && period_ms.saturating_mul(u64::from(of)) > DAY_MS
    {
        let most = DAY_MS / period_ms;
        let message = format!("{of} periods are longer than a day: write {most} or less");
        table.problem("EvaluationPeriods", message);
    }
    if let Some(datapoints) = datapoints
        && datapoints > of
    {
        let message = format!("{datapoints} of {of}: write EvaluationPeriods or less");
        table.problem("DatapointsToAlarm", message);
    }
    if let Some(range) = range
        && range < of
    {
        let message = format!("{range} periods for {of} points: write EvaluationPeriods or more");
        table.problem("EvaluationRange", message);
    }
    Some(Rule {
        of,
        datapoints: datapoints.unwrap_or(of),
        range: range.unwrap_or_else(|| evaluation_range(of)),
        missing: missing.unwrap_or(Missing::Missing),
    })
}

impl Raised {
    /// The alarm, with its actions looked up among the policies. One that was
    /// refused watches nothing; it is never used.
    pub(super) fn link(self, table: &mut Table, nth: usize, policies: &[Policy]) -> Option<Alarm> {
        let mut actions = Vec::new();
        for (key, state, names) in self.actions {
            for (place, action) in names.into_iter().enumerate() {
                match policy(&action, policies) {
                    Ok(policy) => actions.push((state, policy)),
                    Err(message) => {
                        table.problem(&format!("MetricAlarms.{nth}.{key}.{place}"), message);
                    }
                }
            }
        }
        Some(Alarm { name: self.name, watch: self.watch?, actions })
    }
}

/// The place of the policy that an action names, by its name or its ARN.
fn policy(action: &str, policies: &[Policy]) -> Result<usize, String> {
    let name = match action.split_once(":policyName/") {
        Some((_, name)) => name.split_once(":createdBy/").map_or(name, |(name, _)| name),
        None if action.starts_with("arn:") => {
            return Err("an action that does not scale: leave it out".to_owned());
        }
        None => action,
    };
    let place = policies.iter().position(|policy| policy.name == name);
    match place.and_then(|place| Some((place, policies.get(place)?))) {
        Some((place, policy)) => match policy.kind {
            Kind::Simple(_) | Kind::Step(_) => Ok(place),
            Kind::Track(_) => {
                Err(format!("{name} tracks a target, with alarms of its own: leave it out"))
            }
            Kind::Predict(_) => Err(format!("{name} follows a forecast, no alarm: leave it out")),
            Kind::Refused => Ok(place),
        },
        None => Err(format!("no scaling policy is called {name}: write the PolicyName of one")),
    }
}
