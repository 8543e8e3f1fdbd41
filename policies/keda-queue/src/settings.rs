//! What a site may tell the rule, in KEDA's own names. The keys, their defaults
//! and their ranges stand a second time in `settings.schema.json`; a test holds
//! them together.

use hooke_policy_sdk::{Problem, Table};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What is measured.
    pub mode: Mode,
    /// The target; finite and above zero.
    pub value: f64,
    /// Strictly more than this is activity.
    pub activation_value: f64,
    /// What counts as the queue's length.
    pub length: Length,
    /// What the target is for.
    pub metric_type: MetricType,
    /// The fewest workers; not above the most.
    pub min_replica_count: u32,
    /// The most workers; at least 1.
    pub max_replica_count: u32,
    /// Workers while not active; below the fewest.
    pub idle_replica_count: Option<u32>,
    /// Time without activity before the workers go, in milliseconds.
    pub cooldown_period_ms: u64,
    /// The same after the first evaluation.
    pub initial_cooldown_period_ms: u64,
    /// How far from the target changes nothing, as a share of it; 0 to 1.
    pub tolerance: f64,
    /// What to do when the metric stays missing.
    pub fallback: Option<Fallback>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Messages in the queue.
    QueueLength,
    /// Messages a second coming in.
    MessageRate,
    /// Messages a second going out.
    DeliverGetRate,
    /// The one divided by the other.
    PublishedToDeliveredRatio,
    /// KEDA's sum of a ratio and of seconds.
    ExpectedQueueConsumptionTime,
    /// Seconds until the queue is empty; Hooke's own.
    DrainTime,
}

impl Mode {
    /// Its name, as a site file gives it.
    pub fn name(self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }

    /// What a reason calls its figure.
    pub fn told(self) -> &'static str {
        match self {
            Self::QueueLength => "queue length",
            Self::MessageRate => "message rate",
            Self::DeliverGetRate => "deliver-get rate",
            Self::PublishedToDeliveredRatio => "published to delivered",
            Self::ExpectedQueueConsumptionTime => "expected consumption time",
            Self::DrainTime => "drain time",
        }
    }
}

/// What counts as the queue's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Messages ready and messages in work.
    WithUnacknowledged,
    /// Messages ready alone.
    Ready,
}

/// What the target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    /// The share of one worker.
    AverageValue,
    /// The metric as it is.
    Value,
}

/// What to do when the metric stays missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// More evaluations in a row than this without the metric.
    pub failure_threshold: u32,
    /// The workers then.
    pub replicas: u32,
    /// Whether they are asked for.
    pub behavior: Behavior,
}

/// KEDA's four behaviours come down to two, as none of them may shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// The replicas, if there are fewer (`static`, `currentReplicasIfHigher`).
    Raise,
    /// As many as there are (`currentReplicas`, `currentReplicasIfLower`).
    Keep,
}

const MODES: [(&str, Mode); 6] = [
    ("QueueLength", Mode::QueueLength),
    ("MessageRate", Mode::MessageRate),
    ("DeliverGetRate", Mode::DeliverGetRate),
    ("PublishedToDeliveredRatio", Mode::PublishedToDeliveredRatio),
    ("ExpectedQueueConsumptionTime", Mode::ExpectedQueueConsumptionTime),
    ("DrainTime", Mode::DrainTime),
];

const TYPES: [(&str, MetricType); 2] =
    [("AverageValue", MetricType::AverageValue), ("Value", MetricType::Value)];

const BEHAVIORS: [(&str, Behavior); 4] = [
    ("static", Behavior::Raise),
    ("currentReplicas", Behavior::Keep),
    ("currentReplicasIfHigher", Behavior::Raise),
    ("currentReplicasIfLower", Behavior::Keep),
];

/// Fields of a ScaledObject, each with where it is written here.
const ELSEWHERE: [(&[&str], &str); 6] = [
    (&["pollingInterval"], "write the site's every"),
    (&["queueName", "vhostName"], "write the profile's queue, and the vhost of the site's source"),
    (&["host", "hostFromEnv", "protocol", "timeout", "unsafeSsl"], "write the site's source"),
    (&["useRegex", "pageSize", "operation"], "write each queue of the profile"),
    (&["behavior", "restoreToOriginalReplicaCount"], "write the site's guards"),
    (&["triggers", "scaleTargetRef", "metadata"], "write the fields inside it here"),
];

/// KEDA's default of `value`, in messages.
const QUEUE_LENGTH: f64 = 20.0;

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        elsewhere(table);
        let mode = table.word("mode", &MODES).unwrap_or(Mode::QueueLength);
        let value = value(table, mode);
        let activation_value = table.number("activationValue", 0.0..=1e12).unwrap_or(0.0);
        let length = match table.switch("excludeUnacknowledged") {
            Some(true) => Length::Ready,
            Some(false) | None => Length::WithUnacknowledged,
        };
        let metric_type = table.word("metricType", &TYPES).unwrap_or(MetricType::AverageValue);
        let (min, max, idle) = replicas(table);
        Self {
            mode,
            value,
            activation_value,
            length,
            metric_type,
            min_replica_count: min,
            max_replica_count: max,
            idle_replica_count: idle,
            cooldown_period_ms: seconds(table, "cooldownPeriod", 300),
            initial_cooldown_period_ms: seconds(table, "initialCooldownPeriod", 0),
            tolerance: table.number("tolerance", 0.0..=1.0).unwrap_or(0.1),
            fallback: table.table("fallback", |table| fallback(table, max)).flatten(),
        }
    }
}

fn value(table: &mut Table, mode: Mode) -> f64 {
    let given = table.has("value");
    let value = table.number("value", 0.0..=1e12);
    if value == Some(0.0) {
        table.problem("value", "no number of workers reaches a target of 0: write more".to_owned());
    } else if !given && mode != Mode::QueueLength {
        table.problem("value", "missing: this mode has no default".to_owned());
    }
    value.unwrap_or(QUEUE_LENGTH)
}

/// The fewest, the most, and the idle ones.
fn replicas(table: &mut Table) -> (u32, u32, Option<u32>) {
    let min = count(table, "minReplicaCount", 0).unwrap_or(0);
    let max = count(table, "maxReplicaCount", 1).unwrap_or(100);
    let idle = count(table, "idleReplicaCount", 0);
    if min > max {
        let message = format!("{min} is above maxReplicaCount {max}: write {max} or less");
        table.problem("minReplicaCount", message);
    }
    if let Some(idle) = idle
        && idle >= min
    {
        let message =
            format!("{idle} is not below minReplicaCount {min}: write less, or leave it out");
        table.problem("idleReplicaCount", message);
    }
    (min, max, idle)
}

/// Fields of a ScaledObject that are told to the site, and not to its policy.
fn elsewhere(table: &mut Table) {
    for (keys, place) in ELSEWHERE {
        for key in keys {
            if table.has(key) {
                table.problem(key, format!("not of this policy: {place}"));
            }
        }
        table.pass(keys);
    }
}

fn fallback(table: &mut Table, max: u32) -> Option<Fallback> {
    let mut required = |key| {
        if !table.has(key) {
            table.problem(key, "missing: write a whole number".to_owned());
        }
        count(table, key, 0)
    };
    let (failure_threshold, replicas) = (required("failureThreshold"), required("replicas"));
    if let Some(replicas) = replicas.filter(|replicas| *replicas > max) {
        let message = format!("{replicas} is above maxReplicaCount {max}: write {max} or less");
        table.problem("replicas", message);
    }
    let behavior = table.word("behavior", &BEHAVIORS).unwrap_or(Behavior::Raise);
    Some(Fallback { failure_threshold: failure_threshold?, replicas: replicas?, behavior })
}

fn count(table: &mut Table, key: &'static str, least: u64) -> Option<u32> {
    table.whole(key, least..=u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok())
}

/// KEDA writes seconds as whole numbers. A year at the most.
fn seconds(table: &mut Table, key: &'static str, default: u64) -> u64 {
    table.whole(key, 0..=31_536_000).unwrap_or(default) * 1_000
}
