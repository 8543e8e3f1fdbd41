//! What a run came to: totals, waits, money, and a series for plots. Numbers
//! only; never judges them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hdrhistogram::Histogram;
use hooke_control::ids::{ProfileName, QueueName};
use hooke_control::units::Timestamp;

/// The whole of a run so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Virtual time since the start.
    pub elapsed: Duration,
    /// Each queue.
    pub queues: BTreeMap<QueueName, QueueTotals>,
    /// Waits at all queues together.
    pub wait: Waits,
    /// What the machines cost.
    pub money: Money,
    /// What happened how often.
    pub counts: Counts,
}

impl Totals {
    /// Messages published at all queues.
    pub fn published(&self) -> u64 {
        self.queues.values().map(|queue| queue.published).sum()
    }

    /// Messages finished at all queues.
    pub fn finished(&self) -> u64 {
        self.queues.values().map(|queue| queue.finished).sum()
    }

    /// Messages that went back to their queue, each time counted.
    pub fn redelivered(&self) -> u64 {
        self.queues.values().map(|queue| queue.redelivered).sum()
    }
}

/// One queue's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueTotals {
    /// Ever published.
    pub published: u64,
    /// Ready and not taken, now.
    pub ready: u64,
    /// Taken and not finished, now.
    pub in_hand: u64,
    /// Finished.
    pub finished: u64,
    /// Went back to the queue because a worker died, each time counted.
    pub redelivered: u64,
    /// How long they waited.
    pub wait: Waits,
}

/// Where the messages of one queue are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Ever published.
    pub published: u64,
    /// Ready and not taken.
    pub ready: u64,
    /// In the hands of workers.
    pub in_hand: u64,
    /// Finished.
    pub finished: u64,
}

impl Balance {
    /// No message was lost and none was made twice.
    pub const fn holds(&self) -> bool {
        self.published == self.ready + self.in_hand + self.finished
    }
}

/// Percentiles of the time from publication to the first time in a worker's
/// hands, good to two digits. Zero where nothing was taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// Messages that were taken at least once.
    pub count: u64,
    /// The median.
    pub p50: Duration,
    /// Nineteen in twenty waited no longer.
    pub p95: Duration,
    /// Ninety-nine in a hundred waited no longer.
    pub p99: Duration,
    /// The longest; above 30 days it is 30 days.
    pub max: Duration,
}

impl Waits {
    pub(crate) fn of(waits: &Histogram<u64>) -> Self {
        let at = |quantile| Duration::from_millis(waits.value_at_quantile(quantile));
        Self {
            count: waits.len(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: Duration::from_millis(waits.max()),
        }
    }
}

/// What the machines cost. A machine costs from the moment it begins to boot
/// until it is gone, other than while it is suspended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    /// Hours of machines.
    pub vm_hours: f64,
    /// In the site's currency.
    pub cost: f64,
}

/// What happened how often.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Machines launched.
    pub launched: u32,
    /// Launches refused, for whatever reason; a repeated key counts once.
    pub refused_launches: u32,
    /// Machines that failed instead of coming up.
    pub failed_boots: u32,
    /// Machines that were gone all at once.
    pub vms_lost: u32,
    /// Workers that died by themselves.
    pub workers_crashed: u32,
    /// Time that workers had spent on messages that then went back.
    pub lost_work: Duration,
    /// The most that there was at one time.
    pub peak: Peak,
}

/// The most that there was at one time, each by itself; every machine that is
/// not gone counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Peak {
    /// Machines.
    pub vms: u32,
    /// Their virtual CPUs.
    pub vcpus: u32,
    /// Their memory in MiB.
    pub memory_mib: u64,
}

impl Peak {
    pub(crate) fn and(self, vms: u32, vcpus: u32, memory_mib: u64) -> Self {
        Self {
            vms: self.vms.max(vms),
            vcpus: self.vcpus.max(vcpus),
            memory_mib: self.memory_mib.max(memory_mib),
        }
    }
}

/// One point of the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Messages ready at each queue.
    pub ready: BTreeMap<QueueName, u64>,
    /// Registered workers of each profile.
    pub workers: BTreeMap<ProfileName, u32>,
    /// Machines that are not gone.
    pub vms: u32,
}

/// The points of the series that are kept: the latest, three days of minutes.
pub const SAMPLES_MAX: usize = 3 * 24 * 60;

/// The latest points, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Series(VecDeque<Sample>);

impl Series {
    pub(crate) fn push(&mut self, sample: Sample) {
        if self.0.len() == SAMPLES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(sample);
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Sample> {
        self.0.iter()
    }
}
