//! What happens in the simulation, and what may become of a call to its cloud.

use std::collections::BTreeSet;
use std::sync::Arc;

use hooke_control::action::{Failure, Intent, Outcome};
use hooke_control::controller::Record;
use hooke_control::ids::{IntentKey, WorkerId};
use hooke_control::observe::Observation;
use hooke_control::snapshot::Snapshot;

#[derive(Debug)]
pub(crate) enum Happening {
    Wake,
    Observed(Observation, BTreeSet<WorkerId>),
    Evaluate(Arc<Snapshot>),
    Write(Record),
    Carry(Intent, Fate),
    Answer(IntentKey, Result<Outcome, Failure>),
    Crash,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    Lost,
    LostUndone,
    Unclear,
    UnclearUndone,
    Refused,
}
