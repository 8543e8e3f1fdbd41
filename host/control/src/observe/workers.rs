//! From a worker that was found to the worker the core counts. Knows states
//! and ages; looks nothing up.

use std::time::Duration;

use super::consumers::{Consumers, Seen};
use crate::action::Action;
use crate::fleet::{SeenWorker, VmState, WorkerPhase};
use crate::ids::{ProfileName, WorkerId};
use crate::snapshot::{Occupancy, Stage, Worker};
use crate::spec::SiteSpec;
use crate::units::Timestamp;

/// A worker that its machine or the broker told of.
pub(super) struct Found {
    pub(super) id: WorkerId,
    pub(super) profile: ProfileName,
    pub(super) phase: WorkerPhase,
    pub(super) started_at: Timestamp,
    /// What it is doing; `None` when the broker does not know it.
    pub(super) known: Option<Occupancy>,
}

/// Where it was found.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The state of its machine, intents in flight included.
    pub(super) vm: VmState,
    /// How much was seen of the site's consumers.
    pub(super) consumers: Seen,
}

/// Whether the workers of a machine have come to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Some have, or still may, or there is no telling.
    AsFarAsKnown,
    /// None has, and the registration timeout has passed.
    NeverRegistered,
}

/// What has come of a machine's workers. Those of profiles that the site does
/// not have prove nothing, as nobody looks at their queues, nor do those that leave.
pub(super) fn work(site: &SiteSpec, place: Place, found: &[Found], now: Timestamp) -> Work {
    let ours = |found: &&Found| {
        found.phase == WorkerPhase::Running && site.profiles.contains_key(&found.profile)
    };
    let absent = |found: &Found| {
        found.known.is_none() && now.since(found.started_at) >= site.registration_timeout
    };
    let mut workers = found.iter().filter(ours).peekable();
    let sure = place.vm == VmState::Running && place.consumers == Seen::All;
    if sure && workers.peek().is_some() && workers.all(absent) {
        Work::NeverRegistered
    } else {
        Work::AsFarAsKnown
    }
}

impl Found {
    /// A worker that its machine lists, with `open` asked of that machine.
    pub(super) fn seen(seen: SeenWorker, consumers: &Consumers, open: &[&Action]) -> Self {
        let stops = |action: &&Action| match **action {
            Action::StopWorker { ref worker, .. } => *worker == seen.id,
            Action::Launch { .. }
            | Action::Resume { .. }
            | Action::Suspend { .. }
            | Action::Terminate { .. }
            | Action::StartWorker { .. } => false,
        };
        let stopped = open.iter().any(stops);
        let phase = if stopped { WorkerPhase::Draining } else { seen.phase };
        let known = consumers.occupancy(&seen);
        let SeenWorker { id, profile, started_at, .. } = seen;
        Self { id, profile, phase, started_at, known }
    }

    /// The worker as it counts: on a machine that does not serve it does not
    /// either, and a young one that the broker does not know is still starting.
    pub(super) fn worker(self, place: Place, timeout: Duration, now: Timestamp) -> Worker {
        let serves = matches!(place.vm, VmState::Pending | VmState::Booting | VmState::Running);
        let young = now.since(self.started_at) < timeout;
        let stage = if self.phase == WorkerPhase::Draining || !serves {
            Stage::Draining
        } else if self.known.is_none() && young && place.consumers == Seen::All {
            Stage::Booting
        } else {
            Stage::Serving
        };
        Worker {
            id: self.id,
            profile: self.profile,
            stage,
            occupancy: self.known.unwrap_or(Occupancy::Unknown),
            started_at: self.started_at,
        }
    }
}
