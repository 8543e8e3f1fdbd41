//! Metrics by the names of AWS and by Hooke's own: what each is read from here,
//! and what a statistic of it means. Reads nothing.

use crate::statistic::Statistic;

/// What the readings are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The profile that is evaluated: its queues, summed, and its workers.
    Profile,
    /// One queue.
    Queue(String),
    /// The machines that can host the profile.
    Machines,
}

/// One statistic of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What it is called in the settings.
    pub label: String,
    /// What the readings are about.
    pub subject: Subject,
    /// The host's name for the metric.
    pub metric: &'static str,
    /// What the host is asked for.
    pub statistic: Statistic,
    /// What the answer is multiplied by.
    pub factor: f64,
}

/// A metric, by its name in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in the settings.
    pub name: &'static str,
    metric: &'static str,
    /// Whether it can be asked of a queue.
    pub of_queue: bool,
    source: Source,
}

/// How AWS comes by the readings that Hooke has at every tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Hooke's own, or not of a kind to be added up.
    Own,
    /// AWS has one reading a minute: their sum is that of the minutes.
    Minutely,
    /// AWS counts the messages; here it is a rate a second. A statistic set:
    /// nothing is known of it but the sum.
    Counted,
}

const fn queue(name: &'static str, metric: &'static str, source: Source) -> Metric {
    Metric { name, metric, of_queue: true, source }
}

const fn fleet(name: &'static str, metric: &'static str, source: Source) -> Metric {
    Metric { name, metric, of_queue: false, source }
}

const METRICS: &[Metric] = &[
    queue("ready", "ready", Source::Own),
    queue("unacked", "unacked", Source::Own),
    queue("consumers", "consumers", Source::Own),
    queue("arrival-rate", "arrival-rate", Source::Own),
    queue("service-rate", "service-rate", Source::Own),
    fleet("capacity", "capacity", Source::Own),
    fleet("serving", "serving", Source::Own),
    fleet("booting", "booting", Source::Own),
    fleet("draining", "draining", Source::Own),
    fleet("idle", "idle", Source::Own),
    fleet("busy", "busy", Source::Own),
    fleet("unknown", "unknown", Source::Own),
    fleet("load", "load", Source::Own),
    fleet("utilization", "utilization", Source::Own),
    queue("ApproximateNumberOfMessagesVisible", "ready", Source::Minutely),
    queue("ApproximateNumberOfMessagesNotVisible", "unacked", Source::Minutely),
    queue("NumberOfMessagesSent", "arrival-rate", Source::Counted),
    queue("NumberOfMessagesDeleted", "service-rate", Source::Counted),
    queue("MessageReadyCount", "ready", Source::Minutely),
    queue("MessageUnacknowledgedCount", "unacked", Source::Minutely),
    queue("ConsumerCount", "consumers", Source::Minutely),
    fleet("CPUUtilization", "utilization", Source::Own),
    fleet("GroupInServiceInstances", "serving", Source::Minutely),
    fleet("GroupInServiceCapacity", "serving", Source::Minutely),
    fleet("GroupPendingInstances", "booting", Source::Minutely),
    fleet("GroupPendingCapacity", "booting", Source::Minutely),
    fleet("GroupTerminatingInstances", "draining", Source::Minutely),
    fleet("GroupTerminatingCapacity", "draining", Source::Minutely),
    fleet("GroupDesiredCapacity", "capacity", Source::Minutely),
    fleet("GroupTotalInstances", "capacity", Source::Minutely),
    fleet("GroupTotalCapacity", "capacity", Source::Minutely),
];

/// The namespaces whose metrics are known.
pub const NAMESPACES: [&str; 5] =
    ["AWS/SQS", "AWS/EC2", "AWS/AutoScaling", "AWS/AmazonMQ", "Hooke"];

const MINUTE_MS: u64 = 60_000;

impl Metric {
    /// The metric of this name. The error says what is known.
    pub fn named(name: &str) -> Result<Self, String> {
        METRICS.iter().find(|metric| metric.name == name).copied().ok_or_else(|| {
            let own = METRICS.iter().filter(|m| m.name == m.metric);
            let names: Vec<&str> = own.map(|metric| metric.name).collect();
            format!(
                "no metric {name} is measured here: write one of {}, or its name at AWS",
                names.join(", ")
            )
        })
    }

    /// One statistic of it over periods of this length.
    pub fn measure(
        &self,
        queue: Option<String>,
        statistic: Statistic,
        period_ms: u64,
    ) -> Result<Measure, String> {
        let is_sum = statistic == Statistic::Sum;
        let factor = match self.source {
            Source::Own => None,
            Source::Minutely if is_sum => Some((period_ms / MINUTE_MS).max(1) as f64),
            Source::Minutely => None,
            Source::Counted if is_sum => Some(period_ms as f64 / 1_000.0),
            Source::Counted => {
                return Err(format!(
                    "{} is a statistic set, of which nothing but the sum is known: write \"Sum\", or MetricName = \"{}\" for the rate a second",
                    self.name, self.metric
                ));
            }
        };
        let subject = match queue {
            Some(queue) => Subject::Queue(queue),
            None if ["load", "utilization"].contains(&self.metric) => Subject::Machines,
            None => Subject::Profile,
        };
        let statistic = if factor.is_some() { Statistic::Average } else { statistic };
        let (label, metric) = (self.name.to_owned(), self.metric);
        Ok(Measure { label, subject, metric, statistic, factor: factor.unwrap_or(1.0) })
    }
}
