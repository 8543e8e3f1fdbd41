//! What happens when: a heap of events in virtual time. Events of one moment
//! happen in the order in which they were put in. Never looks at a clock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hooke_control::units::Timestamp;

use super::machine::MachineNo;
use super::worker::WorkerNo;

/// Something that is due at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// Messages may arrive at this queue.
    Arrivals { queue: usize },
    /// A machine is due to change its state, if it is still in the state of
    /// this epoch.
    Turn { machine: MachineNo, epoch: u32 },
    /// A worker is connected.
    Registered { worker: WorkerNo },
    /// A worker has finished what it has in hand.
    Finished { worker: WorkerNo },
    /// A worker dies.
    Crashed { worker: WorkerNo },
    /// One running machine is gone.
    MachineLost,
    /// The source's picture is renewed.
    Observed,
    /// One more point of the series.
    Sampled,
}

/// The events to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    entered: u64,
}

impl Agenda {
    pub(super) fn enter(&mut self, at: Timestamp, event: Event) {
        self.entered += 1;
        self.heap.push(Reverse((at, self.entered, event)));
    }

    /// The earliest event that is due at `now`.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }
}
