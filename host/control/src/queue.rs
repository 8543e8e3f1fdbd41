//! What a source says of queues and consumers. Absent is not zero.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::ids::QueueName;
use crate::units::Timestamp;

/// When something last had work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It has work now.
    Active,
    /// It has had none since this moment.
    IdleSince(Timestamp),
    /// Nobody said. Unknown is never idle.
    Unknown,
}

impl Activity {
    /// How long it has been idle; `None` while active or unknown.
    pub fn idle_for(self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::IdleSince(since) => Some(now.since(since)),
            Self::Active | Self::Unknown => None,
        }
    }

    /// The activity of two things taken together: active if either is, unknown
    /// if either is, else idle since the later moment.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Active, _) | (_, Self::Active) => Self::Active,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::IdleSince(a), Self::IdleSince(b)) => Self::IdleSince(a.max(b)),
        }
    }
}

/// One queue, as a broker described it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueFacts {
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Messages taken and not finished.
    pub unacked: Option<u64>,
    /// Consumers, Hooke's own or not.
    pub consumers: Option<u32>,
    /// Messages a second coming in; in a snapshot finite and not negative.
    pub arrival_rate: Option<f64>,
    /// Messages a second finished; in a snapshot finite and not negative.
    pub service_rate: Option<f64>,
    /// When the queue last had anything to do.
    pub activity: Activity,
}

/// One consumer of one queue, tied to where it connects from.
#[derive(Debug, Clone, PartialEq)]
pub struct Consumer {
    /// The queue it takes from.
    pub queue: QueueName,
    /// The address it connects from, as the broker sees it.
    pub host: IpAddr,
    /// The port it connects from; with the host it names one process.
    pub port: u16,
    /// Messages it has taken and not finished; absent when the broker did not say.
    pub unacked: Option<u64>,
    /// When it last had work.
    pub activity: Activity,
}

/// Why a queue could not be read, worded for the operator: what, where, and
/// what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub String);

/// One answer of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReading {
    /// Every queue that was asked for.
    pub queues: BTreeMap<QueueName, Result<QueueFacts, Missing>>,
    /// The consumers of those queues; `Err` if they could not be read, in
    /// which case every worker's occupancy is unknown.
    pub consumers: Result<Vec<Consumer>, Missing>,
}
