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
}

/// One period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datapoint {
    /// The statistic; `None` where there was no reading.
    pub value: Option<f64>,
    /// How many readings it is made of.
    pub samples: u32,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The subject has no such metric.
    #[error("{subject} has no metric {metric}")]
    NoSuchMetric { subject: &'static str, metric: Metric },
    /// The length or the number of periods is out of range.
    #[error("{what}")]
    OutOfRange { what: String },
}
