//! What the operator asked for, already checked: every value here is one that
//! the core can act on. Durations are positive, minima do not exceed maxima,
//! every name refers to something.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::combine::Combine;
pub use crate::guard::spec::{
    Amount, Guards, LONGEST_COOLDOWN, LONGEST_WINDOW, MOST_RATES, Metric, Pace, Percent,
    Projection, Rate, Select, Stale, Unready,
};
use crate::ids::{ImageName, PolicyName, ProfileName, QueueName, SiteName};

/// How many workers a profile may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    min: u32,
    max: u32,
}

impl Bounds {
    /// Bounds with `min` not above `max`; `None` otherwise.
    pub const fn new(min: u32, max: u32) -> Option<Self> {
        if min <= max { Some(Self { min, max }) } else { None }
    }

    /// The fewest workers.
    pub const fn min(self) -> u32 {
        self.min
    }

    /// The most workers.
    pub const fn max(self) -> u32 {
        self.max
    }

    /// `wanted`, moved into the bounds.
    pub fn clamp(self, wanted: i64) -> u32 {
        let kept = wanted.clamp(i64::from(self.min), i64::from(self.max));
        u32::try_from(kept).unwrap_or(self.max)
    }
}

/// One policy of one profile, with what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Which policy.
    pub policy: PolicyName,
    /// Its settings, as one JSON object.
    pub settings: String,
}

/// A worker class.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileSpec {
    /// Its name.
    pub name: ProfileName,
    /// The queues it serves; at least one.
    pub queues: Vec<QueueName>,
    /// How many workers it may have.
    pub workers: Bounds,
    /// The policies that are asked, in the order of the file; at least one.
    pub policies: Vec<Binding>,
    /// How their wishes become one.
    pub combine: Combine,
    /// Its part of what the site's limits allow.
    pub weight: Weight,
    /// What weakens their wishes.
    pub guards: Guards,
}

/// A profile's part of what the site's limits allow, against those of the other
/// profiles: of two that want all there is, the one of weight 3 gets three times
/// as much as the one of weight 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u32);

impl Weight {
    /// The weight of a profile that is given none.
    pub const ONE: Self = Self(1);
    /// The largest weight.
    pub const MOST: u32 = 1000;

    /// A weight from 1 to [`Weight::MOST`]; `None` otherwise.
    pub const fn new(weight: u32) -> Option<Self> {
        if weight >= 1 && weight <= Self::MOST { Some(Self(weight)) } else { None }
    }

    /// The weight as a number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// What happens to a machine that is not needed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenIdle {
    /// Keep it, suspended: quick to bring back, counts against the limits.
    Suspend,
    /// End it for good.
    Terminate,
}

/// What a VM is launched from.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSpec {
    /// Its name.
    pub name: ImageName,
    /// Virtual CPUs of one machine; at least 1.
    pub vcpus: u32,
    /// Memory of one machine in MiB; 0 when not given, and then never limited.
    pub memory_mib: u64,
    /// What one machine costs an hour, in the site's currency; finite, not negative.
    pub cost_per_hour: f64,
    /// Which profiles run on it, and how many workers of each start at boot;
    /// at least one profile.
    pub hosts: BTreeMap<ProfileName, u32>,
    /// What becomes of a machine when scale in takes it.
    pub when_idle: WhenIdle,
}

/// What a site may use at the most; `None` is no limit of ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Machines not terminated.
    pub vms: Option<u32>,
    /// Their virtual CPUs.
    pub vcpus: Option<u32>,
    /// Their memory in MiB.
    pub memory_mib: Option<u64>,
    /// What they cost an hour.
    pub cost_per_hour: Option<f64>,
}

/// One cloud space with its sources, limits and policy choice.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteSpec {
    /// Its name.
    pub name: SiteName,
    /// Time between two ticks.
    pub every: Duration,
    /// What it may use.
    pub limits: Limits,
    /// The load a machine keeps free, in CPUs: a slot is free while
    /// `vcpus > load + cpu_buffer_room` (Brown Dog, step 3).
    pub cpu_buffer_room: f64,
    /// Older readings are missing, not stale.
    pub missing_after: Duration,
    /// How long a worker may take to leave before an operator is told and the
    /// machine is taken back into service.
    pub drain_deadline: Duration,
    /// How long a worker may take from its start, or from its machine's boot,
    /// to its first appearance on the broker; it counts as booting meanwhile.
    pub registration_timeout: Duration,
    /// What machines are launched from.
    pub images: BTreeMap<ImageName, Arc<ImageSpec>>,
    /// The worker classes.
    pub profiles: BTreeMap<ProfileName, Arc<ProfileSpec>>,
}
