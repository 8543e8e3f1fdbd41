//! The names of series. Names only: holds no reading.

use std::fmt;

use hooke_control::ids::{ProfileName, QueueName, VmId};

/// Whose readings are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A queue.
    Queue(QueueName),
    /// A profile: its workers.
    Profile(ProfileName),
    /// A machine.
    Vm(VmId),
}

impl Source {
    /// What is kept of it, in the order of its columns. The rest is derived.
    pub const fn kept(&self) -> &'static [Metric] {
        match self {
            Self::Queue(_) => &Metric::OF_QUEUES,
            Self::Profile(_) => &Metric::OF_WORKERS,
            Self::Vm(_) => &[Metric::Load],
        }
    }

    /// Its name alone.
    pub fn name(&self) -> &str {
        match self {
            Self::Queue(name) => name.as_str(),
            Self::Profile(name) => name.as_str(),
            Self::Vm(name) => name.as_str(),
        }
    }
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A profile: its queues summed, its workers counted.
    Profile(ProfileName),
    /// One queue.
    Queue(QueueName),
    /// One machine.
    Vm(VmId),
    /// Every machine that can host a profile, thrown together.
    VmsOf(ProfileName),
}

/// One kind of reading. Each is finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Messages ready and not taken.
    Ready,
    /// Messages taken and not finished.
    Unacked,
    /// Consumers the broker knows.
    Consumers,
    /// Messages a second coming in.
    ArrivalRate,
    /// Messages a second finished.
    ServiceRate,
    /// Workers that serve or will.
    Capacity,
    /// Workers that serve.
    Serving,
    /// Workers still to come.
    Booting,
    /// Workers leaving.
    Draining,
    /// Serving workers proven to do nothing.
    Idle,
    /// Serving workers with work in hand.
    Busy,
    /// Serving workers of which neither is proven.
    Unknown,
    /// CPU cores in demand on a machine.
    Load,
    /// CPU cores in demand in percent of a machine's vCPUs.
    Utilization,
}

impl Metric {
    /// What a queue has.
    pub const OF_QUEUES: [Self; 5] =
        [Self::Ready, Self::Unacked, Self::Consumers, Self::ArrivalRate, Self::ServiceRate];

    /// What is counted of a profile's workers.
    pub const OF_WORKERS: [Self; 7] = [
        Self::Capacity,
        Self::Serving,
        Self::Booting,
        Self::Draining,
        Self::Idle,
        Self::Busy,
        Self::Unknown,
    ];

    /// Every metric there is.
    pub const ALL: [Self; 14] = [
        Self::Ready,
        Self::Unacked,
        Self::Consumers,
        Self::ArrivalRate,
        Self::ServiceRate,
        Self::Capacity,
        Self::Serving,
        Self::Booting,
        Self::Draining,
        Self::Idle,
        Self::Busy,
        Self::Unknown,
        Self::Load,
        Self::Utilization,
    ];

    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Unacked => "unacked",
            Self::Consumers => "consumers",
            Self::ArrivalRate => "arrival-rate",
            Self::ServiceRate => "service-rate",
            Self::Capacity => "capacity",
            Self::Serving => "serving",
            Self::Booting => "booting",
            Self::Draining => "draining",
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
            Self::Load => "load",
            Self::Utilization => "utilization",
        }
    }

    /// The metric of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == name)
    }

    /// The metric that is kept, of which this one is read off.
    pub const fn kept(self) -> Self {
        match self {
            Self::Utilization => Self::Load,
            Self::Ready
            | Self::Unacked
            | Self::Consumers
            | Self::ArrivalRate
            | Self::ServiceRate
            | Self::Capacity
            | Self::Serving
            | Self::Booting
            | Self::Draining
            | Self::Idle
            | Self::Busy
            | Self::Unknown
            | Self::Load => self,
        }
    }

    /// Whether a queue has it.
    pub const fn is_of_queue(self) -> bool {
        matches!(
            self,
            Self::Ready | Self::Unacked | Self::Consumers | Self::ArrivalRate | Self::ServiceRate
        )
    }

    /// Whether a machine has it.
    pub const fn is_of_vm(self) -> bool {
        matches!(self, Self::Load | Self::Utilization)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
