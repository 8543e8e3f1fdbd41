//! What becomes of the intents that a crash left open. Adopts or finishes;
//! never does anything twice, and never takes away what may be busy by now.

use std::fmt;

use crate::action::{Action, Failure, Intent, Outcome};
use crate::fleet::{SeenVm, VmState, WorkerPhase};
use crate::ids::VmId;

/// How an intent ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// The cloud did it, or the world already was so.
    Done(Outcome),
    /// The cloud did not do it.
    Failed(Failure),
    /// It was let go of without asking the cloud again.
    Abandoned { why: String },
}

impl Closing {
    /// The machine that it names.
    pub const fn vm(&self) -> Option<&VmId> {
        match self {
            Self::Done(Outcome::Applied { vm } | Outcome::AlreadyTrue { vm: Some(vm) }) => Some(vm),
            Self::Done(Outcome::AlreadyTrue { vm: None })
            | Self::Failed(_)
            | Self::Abandoned { .. } => None,
        }
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(Outcome::Applied { vm }) => write!(f, "done ({vm})"),
            Self::Done(Outcome::AlreadyTrue { .. }) => write!(f, "already so"),
            Self::Failed(failure) => write!(f, "failed, {failure}"),
            Self::Abandoned { why } => write!(f, "abandoned, {why}"),
        }
    }
}

/// What to do with one intent that was open when the host stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Its effect is there, or it is dropped: write that down.
    Close(Closing),
    /// Call the cloud again with the same key.
    Redo,
}

/// Judges one open intent by the complete list of machines.
///
/// A launch that the list does not show is asked for again under its own key,
/// which a driver carries out at most once. Whatever takes workers away is not
/// repeated: it was decided on facts that are old by now, and if it still makes
/// sense this tick decides it anew.
pub fn judge(intent: &Intent, seen: &[SeenVm]) -> Repair {
    let listed = |id: &VmId| seen.iter().find(|vm| vm.id == *id);
    let effect = match &intent.action {
        Action::Launch { .. } => match seen.iter().find(|vm| vm.key == intent.key) {
            Some(vm) if vm.state != VmState::Pending => Some(vm.id.clone()),
            Some(_) | None => return Repair::Redo,
        },
        Action::Terminate { vm } => match listed(vm) {
            None => Some(vm.clone()),
            Some(seen) => (seen.state == VmState::Terminating).then(|| vm.clone()),
        },
        Action::Suspend { vm } => listed(vm)
            .filter(|seen| matches!(seen.state, VmState::Suspending | VmState::Suspended))
            .map(|seen| seen.id.clone()),
        Action::Resume { vm } => listed(vm)
            .filter(|seen| matches!(seen.state, VmState::Booting | VmState::Running))
            .map(|seen| seen.id.clone()),
        Action::StartWorker { .. } => None,
        Action::StopWorker { vm, worker } => {
            // A machine that cannot be looked into proves nothing.
            listed(vm).and_then(|seen| seen.workers.as_ref()).and_then(|workers| {
                let stays =
                    workers.iter().any(|w| w.id == *worker && w.phase == WorkerPhase::Running);
                (!stays).then(|| vm.clone())
            })
        }
    };
    Repair::Close(match effect {
        Some(vm) => Closing::Done(Outcome::Applied { vm }),
        None => Closing::Abandoned {
            why: "the host stopped before it was seen to be done; the next tick decides anew"
                .to_owned(),
        },
    })
}
