//! Who is on the way out, and since when. Only lists of machines feed it. A new
//! host counts anew.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fleet::{SeenVm, VmState, WorkerPhase};
use crate::ids::{VmId, WorkerId};
use crate::units::Timestamp;

/// Machines and single workers that were told to leave and have not left, and
/// machines that have failed, which are to leave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Departures {
    vms: BTreeMap<VmId, Timestamp>,
    workers: BTreeMap<WorkerId, (VmId, Timestamp)>,
}

impl Departures {
    /// Takes note of a complete list of machines.
    pub(crate) fn note(&mut self, seen: &[SeenVm], now: Timestamp) {
        let mut vms = BTreeMap::new();
        let mut workers = BTreeMap::new();
        for vm in seen {
            if leaves(vm.state) {
                vms.insert(vm.id.clone(), self.vms.get(&vm.id).copied().unwrap_or(now));
                continue;
            }
            let leaving = |w: &&crate::fleet::SeenWorker| w.phase == WorkerPhase::Draining;
            for worker in vm.workers.iter().flatten().filter(leaving) {
                let since = self.workers.get(&worker.id).map_or(now, |(_, since)| *since);
                workers.insert(worker.id.clone(), (vm.id.clone(), since));
            }
        }
        *self = Self { vms, workers };
    }

    pub(crate) fn vms(&self, now: Timestamp) -> impl Iterator<Item = (&VmId, Duration)> {
        self.vms.iter().map(move |(vm, since)| (vm, now.since(*since)))
    }

    pub(crate) fn workers(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (&WorkerId, &VmId, Duration)> {
        self.workers.iter().map(move |(worker, (vm, since))| (worker, vm, now.since(*since)))
    }
}

const fn leaves(state: VmState) -> bool {
    match state {
        VmState::Draining | VmState::Suspending | VmState::Terminating | VmState::Failed => true,
        VmState::Pending
        | VmState::Booting
        | VmState::Running
        | VmState::Suspended
        | VmState::Stopped => false,
    }
}
