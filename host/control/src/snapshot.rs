//! The facts of one tick: immutable, indexed, the same for everybody who asks.
//! It holds no opinion; what to do with it is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::fleet::VmState;
use crate::ids::{ImageName, IntentKey, ProfileName, QueueName, VmId, WorkerId};
use crate::queue::{Activity, Missing, QueueFacts};
use crate::spec::{ImageSpec, ProfileSpec, SiteSpec};
use crate::units::Timestamp;

/// A value with its trust. Missing is not zero.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<T> {
    /// Read in this tick.
    Fresh(T),
    /// The last good one, read at this moment. Scale out may use it.
    Stale(T, Timestamp, Missing),
    /// Never read, or too old to mean anything.
    Missing(Missing),
}

impl<T> Reading<T> {
    /// The value, fresh or stale.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Fresh(value) | Self::Stale(value, ..) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// How far it can be trusted.
    pub const fn quality(&self) -> Quality {
        match self {
            Self::Fresh(_) => Quality::Fresh,
            Self::Stale(..) => Quality::Stale,
            Self::Missing(_) => Quality::Missing,
        }
    }

    /// Why it is not fresh.
    pub const fn trouble(&self) -> Option<&Missing> {
        match self {
            Self::Fresh(_) => None,
            Self::Stale(_, _, why) | Self::Missing(why) => Some(why),
        }
    }
}

/// How far a reading can be trusted; a later variant is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Read in this tick.
    Fresh,
    /// The last good one.
    Stale,
    /// Absent.
    Missing,
}

impl Quality {
    /// The quality as the documentation writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Missing => "missing",
        }
    }
}

/// What a worker is doing, as far as it is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    /// It has work in hand, or had some at the last look.
    Busy,
    /// It has had no work since this moment: every consumer of it holds
    /// nothing and its channel is quiet.
    Idle { since: Timestamp },
    /// Neither is proven. Never a victim.
    Unknown,
}

/// Where a worker is in its life, as the core counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Started, and not yet seen on the broker.
    Booting,
    /// Serving.
    Serving,
    /// Told to leave.
    Draining,
}

/// One worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Its name.
    pub id: WorkerId,
    /// The profile it works for.
    pub profile: ProfileName,
    /// Where it is in its life.
    pub stage: Stage,
    /// What it is doing.
    pub occupancy: Occupancy,
    /// When it was started.
    pub started_at: Timestamp,
}

impl Worker {
    /// Whether it serves or will.
    pub const fn counts(&self) -> bool {
        matches!(self.stage, Stage::Booting | Stage::Serving)
    }
}

/// Whether the workers of a machine can be seen and told one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// They can.
    Visible,
    /// The driver cannot look inside. The workers are those the broker sees
    /// from its address, and those it starts at boot; none can be started or
    /// stopped alone.
    Hidden,
}

/// One machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Vm {
    /// Its name.
    pub id: VmId,
    /// The intent that launched it.
    pub key: IntentKey,
    /// What it was launched from.
    pub image: Arc<ImageSpec>,
    /// Where it is in its life, intents in flight included. A machine that the
    /// cloud calls running is booting until the workers of its boot are seen,
    /// or the registration timeout has passed.
    pub state: VmState,
    /// Whether its workers can be told one by one.
    pub inside: Inside,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// CPU cores in demand; `None` when not measured.
    pub load: Option<f64>,
    /// Its workers, in order of id.
    pub workers: Vec<Worker>,
}

impl Vm {
    /// Workers of a profile that serve or are starting, those of the boot still
    /// to come included.
    pub fn capacity_of(&self, profile: &ProfileName) -> u32 {
        let seen = self.seen_of(profile);
        seen + self.boot_outstanding(profile, seen)
    }

    /// Workers of all profiles that serve or are starting.
    pub fn capacity_all(&self) -> u32 {
        let seen = count(self.workers.iter().filter(|worker| worker.counts()));
        let outstanding = |p: &ProfileName| self.boot_outstanding(p, self.seen_of(p));
        seen + self.image.hosts.keys().map(outstanding).sum::<u32>()
    }

    /// Whether workers of a profile may be started on it.
    pub fn hosts(&self, profile: &ProfileName) -> bool {
        self.image.hosts.contains_key(profile)
    }

    /// When any of its workers last had work. A machine without workers has had
    /// none since it was launched.
    pub fn activity(&self) -> Activity {
        let none = Activity::IdleSince(self.launched_at);
        self.workers.iter().fold(none, |so_far, worker| {
            so_far.and(match worker.occupancy {
                Occupancy::Busy => Activity::Active,
                Occupancy::Idle { since } => Activity::IdleSince(since),
                Occupancy::Unknown => Activity::Unknown,
            })
        })
    }

    fn seen_of(&self, profile: &ProfileName) -> u32 {
        count(self.workers.iter().filter(|w| w.profile == *profile && w.counts()))
    }

    fn boot_outstanding(&self, profile: &ProfileName, seen: u32) -> u32 {
        match self.state {
            VmState::Pending | VmState::Booting => {
                self.image.hosts.get(profile).copied().unwrap_or(0).saturating_sub(seen)
            }
            VmState::Running
            | VmState::Draining
            | VmState::Suspending
            | VmState::Suspended
            | VmState::Stopped
            | VmState::Terminating
            | VmState::Failed => 0,
        }
    }
}

/// A profile's workers, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkerCounts {
    /// Serving on a running machine.
    pub serving: u32,
    /// Still to come.
    pub booting: u32,
    /// Leaving.
    pub draining: u32,
    /// Of the serving, proven to do nothing.
    pub idle: u32,
    /// Of the serving, with work in hand.
    pub busy: u32,
    /// Of the serving, neither.
    pub unknown: u32,
    /// Of the idle, those that are not the first of the profile on their machine.
    pub idle_beyond_first: u32,
}

impl WorkerCounts {
    /// Workers that serve or will; what a delta is added to.
    pub const fn capacity(self) -> u32 {
        self.serving.saturating_add(self.booting)
    }
}

/// A profile's queues, summed. A sum is absent when one part is.
#[derive(Debug, Clone, PartialEq)]
pub struct Backlog {
    /// The worst quality among the queues.
    pub quality: Quality,
    /// Age of the oldest reading in the sum.
    pub age: Duration,
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Messages taken and not finished.
    pub unacked: Option<u64>,
    /// Consumers the broker knows.
    pub consumers: Option<u32>,
    /// Messages a second coming in.
    pub arrival_rate: Option<f64>,
    /// Messages a second finished.
    pub service_rate: Option<f64>,
    /// When any of the queues last had anything to do.
    pub activity: Activity,
}

/// One profile, with what was found out about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileView {
    /// What the operator asked for.
    pub spec: Arc<ProfileSpec>,
    /// Its queues, summed.
    pub backlog: Backlog,
    /// Its workers, counted.
    pub counts: WorkerCounts,
    /// Positions in [`Snapshot::vms`] of the machines that can host it, or that
    /// have workers of it though their image does not any more; in order of id.
    pub vms: Vec<usize>,
}

/// Numbers that a source or a cloud said and that are none. They are taken as
/// not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refused {
    /// Not a number, or infinite.
    pub not_finite: u32,
    /// Below zero.
    pub negative: u32,
}

impl Refused {
    /// The number, if it is finite and not negative; else counts it.
    pub fn sound(&mut self, said: Option<f64>) -> Option<f64> {
        let said = said?;
        if !said.is_finite() {
            self.not_finite = self.not_finite.saturating_add(1);
            return None;
        }
        if said < 0.0 {
            self.negative = self.negative.saturating_add(1);
            return None;
        }
        Some(said)
    }
}

/// The facts of one tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What the operator asked for.
    pub site: Arc<SiteSpec>,
    /// The tick's number; never used twice by one store.
    pub tick: u64,
    /// The tick's time.
    pub now: Timestamp,
    /// Whether the list of machines is from this tick. When it is not, there
    /// is no telling what the caps allow, and the site holds.
    pub cloud: Reading<()>,
    /// Why consumers could not be read, for any source that failed to.
    pub consumers: Vec<Missing>,
    /// Every machine, in order of id; launches in flight are in it as pending.
    pub vms: Vec<Vm>,
    /// Of the running ones those of which no worker has registered with a
    /// broker though the registration timeout has passed.
    pub slackers: BTreeSet<VmId>,
    /// Those that have been on their way out, or failed, for longer than
    /// `drain_deadline`, and for how long: they may never go.
    pub late: BTreeMap<VmId, Duration>,
    /// Every profile.
    pub profiles: BTreeMap<ProfileName, ProfileView>,
    /// Every queue.
    pub queues: BTreeMap<QueueName, Reading<QueueFacts>>,
    /// What was said and is no number.
    pub refused: Refused,
}

impl Snapshot {
    /// The machine of this name.
    pub fn vm(&self, id: &VmId) -> Option<&Vm> {
        let at = self.vms.binary_search_by(|vm| vm.id.cmp(id)).ok()?;
        self.vms.get(at)
    }

    /// The machines that can host a profile or have workers of it, in order of id.
    pub fn vms_of<'a>(&'a self, profile: &'a ProfileView) -> impl Iterator<Item = &'a Vm> {
        profile.vms.iter().filter_map(|&at| self.vms.get(at))
    }

    /// Running machines that have workers of the profile and of which every
    /// worker has been idle for at least `idle_at_least`; longest idle first.
    pub fn idle_vms<'a>(
        &'a self,
        profile: &'a ProfileView,
        idle_at_least: Duration,
    ) -> Vec<&'a Vm> {
        let mut found: Vec<(Duration, &Vm)> = self
            .vms_of(profile)
            .filter(|vm| vm.state == VmState::Running)
            .filter_map(|vm| Some((vm.activity().idle_for(self.now)?, vm)))
            .filter(|(idle, _)| *idle >= idle_at_least)
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        found.into_iter().map(|(_, vm)| vm).collect()
    }

    /// When a queue was read; `None` when it is missing.
    pub fn read_at(&self, queue: &QueueName) -> Option<Timestamp> {
        match self.queues.get(queue)? {
            Reading::Fresh(_) => Some(self.now),
            Reading::Stale(_, at, _) => Some(*at),
            Reading::Missing(_) => None,
        }
    }

    /// Workers of the profile that take from this queue or are starting: all
    /// of them, as a worker of a profile serves each of its queues.
    pub fn own_workers(&self, profile: &ProfileView) -> u32 {
        profile.counts.capacity()
    }

    /// The image of this name.
    pub fn image(&self, name: &ImageName) -> Option<&Arc<ImageSpec>> {
        self.site.images.get(name)
    }
}

/// The length of an iterator, as workers and machines are counted.
pub(crate) fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
