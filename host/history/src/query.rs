//! A question about the past, and its answer. Answers nothing itself.

use std::time::Duration;

use hooke_control::units::Timestamp;

use crate::series::{Metric, Subject};
use crate::statistic::Statistic;

/// Which readings are wanted, and made into what.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What they are about.
    pub subject: Subject,
    /// Which of its readings.
    pub metric: Metric,
    /// What each period's readings are made into.
    pub statistic: Statistic,
    /// Length of a period; not zero.
    pub period: Duration,
    /// Where the newest period ends; a reading at this very moment is not in it.
    pub end: Timestamp,
    /// How many periods; 1 to [`Query::MOST`].
    pub count: u32,
}

impl Query {
    /// The most periods that one question may ask for: a day of minutes, as
    /// `GetMetricStatistics` of CloudWatch allows.
    pub const MOST: u32 = 1440;

    /// The most readings that one question may look at. Nothing interrupts a
    /// call of the host, so this is what bounds its time: some ten milliseconds.
    pub const MOST_READINGS: u64 = 500_000;

    /// Where the oldest period begins.
    pub fn start(&self) -> Timestamp {
        self.end.minus(self.period.saturating_mul(self.count))
    }
}

/// One period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datapoint {
    /// The statistic; `None` where there was no reading.
    pub value: Option<f64>,
    /// How many readings it is made of.
    pub samples: u32,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// One data point a period; the oldest first.
    pub points: Vec<Datapoint>,
    /// Readings and periods that were looked at: what it cost.
    pub work: u64,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The subject has no such metric.
    #[error("{subject} has no metric {metric}")]
    NoSuchMetric { subject: &'static str, metric: Metric },
    /// The length of a period is none.
    #[error("a period is at least 1 ms long")]
    NoPeriod,
    /// The number of the periods is out of range.
    #[error("{count} periods were asked for: ask for 1 to {most}", most = Query::MOST)]
    Count { count: u32 },
    /// It would look at too many readings.
    #[error(
        "the question is about {readings} readings and may be about {most}: ask for fewer or \
         shorter periods, or for one machine after the other",
        most = Query::MOST_READINGS
    )]
    TooMuch { readings: u64 },
}
