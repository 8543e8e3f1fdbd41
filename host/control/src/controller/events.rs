//! What a controller is told, and what it wants done. Values only.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::{Failure, Intent, Outcome};
use crate::explain::Chain;
use crate::guard::Memory;
use crate::ids::{IntentKey, PolicyName, ProfileName};
use crate::observe::Observation;
use crate::planner::Said;
use crate::recover::Closing;
use crate::snapshot::Snapshot;
use crate::spec::SiteSpec;
use crate::units::Timestamp;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// It may be time for a tick. Carries nothing: a wake says when, never what.
    Wake,
    /// Everything was read that could be.
    Observed(Observation),
    /// Every policy was asked.
    Evaluated(Said),
    /// A batch is on disk.
    Recorded(Batch),
    /// A batch could not be written: nothing of it may be carried out.
    NotRecorded(Batch),
    /// The cloud answered.
    Acted(IntentKey, Result<Outcome, Failure>),
    /// The operator changed the site.
    Reconfigured(Arc<SiteSpec>),
}

/// Something to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ask the cloud and every source.
    Observe,
    /// Ask the policies about this snapshot.
    Evaluate(Arc<Snapshot>),
    /// Write this down, durably, then say so.
    Record(Record),
    /// Call the cloud.
    Act(Intent),
    /// Write down how an intent ended. Of a launch, and of what the cloud gave
    /// no clear answer to, that is known only when the list shows it.
    Close(IntentKey, Closing),
    /// Tell the operator.
    Warn(String),
}

/// Names one batch of intents between being planned and being on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch(u64);

impl Batch {
    pub(super) const fn new(number: u64) -> Self {
        Self(number)
    }
}

/// What has to be on disk before anything is done.
#[derive(Debug, Clone)]
pub struct Record {
    /// Which batch.
    pub batch: Batch,
    /// The number it is kept under: the tick's, or a later one for what
    /// follows from a failure. Never used twice.
    pub tick: u64,
    /// The time of planning.
    pub at: Timestamp,
    /// What is to be done.
    pub intents: Vec<Intent>,
    /// How it came about.
    pub chains: Vec<Chain>,
    /// What policies want remembered.
    pub memory: Vec<(ProfileName, PolicyName, Vec<u8>)>,
    /// What guards remember, of the profiles of which that is something new.
    pub guards: Vec<(ProfileName, Memory)>,
}

/// What a controller starts from: what its predecessor left on disk.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The store's generation; part of every key.
    pub generation: String,
    /// The last tick on disk; 0 for none.
    pub tick: u64,
    /// Intents that were open when the last host stopped.
    pub open: Vec<Intent>,
    /// What the guards remember of each profile.
    pub guards: BTreeMap<ProfileName, Memory>,
}

impl Beginning {
    /// The start with a store that has seen no tick.
    pub const fn first(generation: String) -> Self {
        Self { generation, tick: 0, open: Vec::new(), guards: BTreeMap::new() }
    }
}
