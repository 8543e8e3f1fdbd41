//! A situation: the facts of one tick, written down instead of read from a
//! broker and a cloud. It never fills in sums or counts by hand: what it makes
//! is an observation, and the core makes the snapshot of that, as in a tick.

mod fleet;
mod observed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, ProfileName, QueueName, SiteName, VmId};
use hooke_control::snapshot::Snapshot;
use hooke_control::spec::Bounds;
use hooke_control::units::{Timestamp, millis};
use hooke_history::{History, Keep, Past, View};
use hooke_runtime::Evaluation;

pub use fleet::Counts;
pub(crate) use fleet::measured;

/// The policy that the profiles of a situation name.
pub(crate) const POLICY: &str = "trial";

/// What is asked and with which facts. `Default` is a quiet site: the profile
/// `work` with bounds 0 to 100, the queue `work`, fresh and empty, no machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// The site's name.
    pub site: SiteName,
    /// The time of the tick.
    pub now: Timestamp,
    /// The profile that is asked for, the first; and others of the site.
    pub profiles: Vec<Profile>,
    /// What machines are launched from.
    pub images: Vec<Image>,
    /// The machines.
    pub machines: Vec<Machine>,
    /// The settings of the binding, one JSON object.
    pub settings: Arc<str>,
    /// What the policy stored in the tick before.
    pub memory: Option<Arc<[u8]>>,
    /// What was read before; the facts are read in addition, as in a tick.
    pub past: Past,
}

/// A worker class and its queues.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// How many workers it may have.
    pub bounds: Bounds,
    /// Its queues; at least one.
    pub queues: Vec<Queue>,
}

/// A queue, as the broker told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: QueueName,
    /// How far the reading can be trusted.
    pub trust: Trust,
    /// Messages ready and not taken; `None` when the broker did not say.
    pub ready: Option<u64>,
    /// Messages taken and not finished.
    pub unacked: Option<u64>,
    /// Consumers, Hooke's own or not.
    pub consumers: Option<u32>,
    /// Messages a second coming in; finite and not negative.
    pub arrival_rate: Option<f64>,
    /// Messages a second finished; finite and not negative.
    pub service_rate: Option<f64>,
    /// When it last had anything to do.
    pub quiet: Quiet,
}

/// How far a queue's reading can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Read in this tick.
    Fresh,
    /// Read this long ago, and not since.
    Stale(Duration),
    /// Never read.
    Missing,
}

/// When a queue last had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// It has now.
    Active,
    /// Nothing for this long.
    For(Duration),
    /// Nobody said.
    Unknown,
}

/// What machines are launched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its name.
    pub name: ImageName,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// The profiles that run on it, and the workers of each at boot.
    pub hosts: BTreeMap<ProfileName, u32>,
}

/// One machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name.
    pub id: VmId,
    /// What it was launched from; one of [`Situation::images`].
    pub image: ImageName,
    /// Where it is in its life.
    pub state: VmState,
    /// Time since it was launched.
    pub age: Duration,
    /// CPU cores in demand; `None` when not measured.
    pub load: Option<f64>,
    /// The workers on it. Of a machine that is pending or booting: none, those
    /// of its image are counted as still to come.
    pub crew: Vec<Crew>,
}

/// Workers of one profile on one machine that do the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Whose workers they are.
    pub profile: ProfileName,
    /// How many.
    pub workers: u32,
    /// What they do.
    pub doing: Doing,
}

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Nothing, proven, for this long.
    Idle(Duration),
    /// It has work in hand.
    Busy,
    /// It serves; neither is proven.
    Unknown,
    /// Started, and not yet seen by the broker.
    Booting,
    /// Told to leave; it finishes what it has in hand.
    Draining,
}

impl Situation {
    /// The moment of a situation that names none: 1 January 2026, 00:00 UTC.
    pub const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    /// How long what is idle has been so, where nothing else is said.
    pub const IDLE: Duration = Duration::from_secs(600);
    /// How old a machine is, where nothing else is said.
    pub const AGE: Duration = Duration::from_secs(3600);

    /// How far back readings are kept: as a host does that is told nothing else.
    pub const KEEP: Duration = Duration::from_secs(3 * 3600);

    /// A past in which nothing was read.
    pub fn nothing_read() -> Past {
        Past { keep_ms: millis(Self::KEEP), ..Past::default() }
    }

    /// The profile that is asked for.
    pub fn asked(&self) -> &Profile {
        self.profiles.first().expect("a situation has a profile that is asked for")
    }

    /// The facts, as the host would have them in a tick.
    pub fn snapshot(&self) -> Snapshot {
        observed::snapshot(self)
    }

    /// The question, ready to be asked.
    pub fn evaluation(&self) -> Evaluation {
        self.evaluation_after(&mut self.past.clone())
    }

    /// The question after so many ticks, one `every` so often, that read what
    /// this one does; what [`past`](Self::past) holds is not in it.
    pub fn evaluation_after_ticks(&self, ticks: u32, every: Duration) -> Evaluation {
        let snapshot = Arc::new(self.snapshot());
        let time = Duration::from_millis(self.past.keep_ms);
        let mut history = History::new(Keep { time, series: usize::MAX });
        let mut before = Snapshot::clone(&snapshot);
        for tick in (0..=ticks).rev() {
            before.now = self.now.minus(every * tick);
            history.observe(&before);
        }
        self.asked_with(snapshot, history)
    }

    /// The question after another past, to which its facts are added.
    pub(crate) fn evaluation_after(&self, past: &mut Past) -> Evaluation {
        let snapshot = Arc::new(self.snapshot());
        past.add(&snapshot);
        self.asked_with(snapshot, History::from(&*past))
    }

    fn asked_with(&self, snapshot: Arc<Snapshot>, history: History) -> Evaluation {
        Evaluation {
            history: View::of(history, &snapshot),
            snapshot,
            profile: self.asked().name.clone(),
            settings: Arc::clone(&self.settings),
            memory: self.memory.clone(),
        }
    }

    /// Adds machines that have these workers of a profile, and the image they
    /// are launched from.
    pub fn employ(&mut self, profile: &ProfileName, counts: &Counts) {
        fleet::employ(self, profile, counts);
    }
}

impl Default for Situation {
    fn default() -> Self {
        Self {
            site: SiteName::from("trial"),
            now: Self::NOW,
            profiles: vec![Profile::named("work")],
            images: Vec::new(),
            machines: Vec::new(),
            settings: Arc::from("{}"),
            memory: None,
            past: Self::nothing_read(),
        }
    }
}

impl Profile {
    /// Bounds 0 to 100, and one queue of the same name, fresh and empty.
    pub fn named(name: &str) -> Self {
        let bounds = Bounds::new(0, 100).expect("0 is not above 100");
        Self { name: ProfileName::from(name), bounds, queues: vec![Queue::empty(name)] }
    }
}

impl Queue {
    /// A queue that was read in full in this tick and has had nothing for
    /// [`Situation::IDLE`]; the broker gives no rates.
    pub fn empty(name: &str) -> Self {
        Self {
            name: QueueName::from(name),
            trust: Trust::Fresh,
            ready: Some(0),
            unacked: Some(0),
            consumers: Some(0),
            arrival_rate: None,
            service_rate: None,
            quiet: Quiet::For(Situation::IDLE),
        }
    }
}
