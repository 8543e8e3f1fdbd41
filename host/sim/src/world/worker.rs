//! One worker process: takes one message at a time (prefetch 1).

use hooke_control::fleet::WorkerPhase;
use hooke_control::ids::WorkerId;
use hooke_control::queue::Activity;
use hooke_control::units::Timestamp;

use super::machine::MachineNo;
use super::queue::Message;

/// A worker's number; never used again.
pub(super) type WorkerNo = u64;

/// What a worker does.
///
/// ```text
/// starting ─► idle ⇄ busy
/// ```
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    /// Not connected yet; of a slacker, for ever.
    Starting,
    /// Connected, with nothing in hand.
    Idle { since: Timestamp },
    /// With one message in hand.
    Busy { queue: usize, message: Message, since: Timestamp },
}

/// Whether a worker goes on after the message in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    Stays,
    /// It was itself told to leave.
    Leaves,
    /// Its machine was told to go; a resume takes that back.
    LeavesWithMachine,
}

/// One worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) id: WorkerId,
    pub(super) machine: MachineNo,
    pub(super) profile: usize,
    pub(super) port: u16,
    pub(super) started_at: Timestamp,
    pub(super) doing: Doing,
    pub(super) stay: Stay,
}

impl Worker {
    pub(super) const fn phase(&self) -> WorkerPhase {
        match self.stay {
            Stay::Stays => WorkerPhase::Running,
            Stay::Leaves | Stay::LeavesWithMachine => WorkerPhase::Draining,
        }
    }

    pub(super) const fn registered(&self) -> bool {
        match self.doing {
            Doing::Starting => false,
            Doing::Idle { .. } | Doing::Busy { .. } => true,
        }
    }

    pub(super) const fn busy(&self) -> bool {
        match self.doing {
            Doing::Starting | Doing::Idle { .. } => false,
            Doing::Busy { .. } => true,
        }
    }

    /// Messages in hand of `queue`, and whether the process has anything to do
    /// at all: a broker sees the activity of the whole connection.
    pub(super) fn seen(&self, queue: usize) -> (u64, Activity) {
        match self.doing {
            Doing::Starting => (0, Activity::Unknown),
            Doing::Idle { since } => (0, Activity::IdleSince(since)),
            Doing::Busy { queue: of, .. } => (u64::from(of == queue), Activity::Active),
        }
    }
}
