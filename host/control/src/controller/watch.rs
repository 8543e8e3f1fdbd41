//! Departures that take too long. A worker that does not leave in time is never
//! killed by us: the operator is told once, and a machine that was only to be
//! suspended is taken back into service.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::fleet::{SeenVm, VmState};
use crate::ids::{VmId, WorkerId};
use crate::ledger::Ledger;
use crate::units::{Span, Timestamp};

/// Who was late at the last look, and told of.
#[derive(Debug, Default)]
pub(super) struct Watch {
    vms: BTreeSet<VmId>,
    workers: BTreeSet<WorkerId>,
}

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// For the operator; of each lateness once.
    pub(super) warnings: Vec<String>,
    /// Machines that are to be taken back into service.
    pub(super) back: Vec<VmId>,
}

impl Watch {
    /// Looks at a complete list of machines.
    pub(super) fn look(
        &mut self,
        ledger: &Ledger,
        seen: &[SeenVm],
        deadline: Duration,
        now: Timestamp,
    ) -> Late {
        let mut late = Late::default();
        self.machines(&mut late, ledger, seen, deadline, now);
        self.lone_workers(&mut late, ledger, deadline, now);
        late
    }

    fn machines(
        &mut self,
        late: &mut Late,
        ledger: &Ledger,
        seen: &[SeenVm],
        deadline: Duration,
        now: Timestamp,
    ) {
        let overdue: BTreeMap<&VmId, Duration> =
            ledger.leaving(now).filter(|(_, since)| *since > deadline).collect();
        let mut still = BTreeSet::new();
        for vm in seen.iter().filter(|_| !overdue.is_empty()) {
            let Some(since) = overdue.get(&vm.id) else { continue };
            let follows = match vm.state {
                VmState::Suspending => {
                    late.back.push(vm.id.clone());
                    "the machine is taken back into service"
                }
                VmState::Draining | VmState::Terminating => "it is not killed; look at the machine",
                VmState::Pending
                | VmState::Booting
                | VmState::Running
                | VmState::Suspended
                | VmState::Stopped
                | VmState::Failed => continue,
            };
            if !self.vms.contains(&vm.id) {
                late.warnings.push(format!(
                    "{} has been {} for {}, longer than drain_deadline ({}), as a worker on it does not finish: {follows}",
                    vm.id,
                    vm.state.as_str(),
                    Span(*since),
                    Span(deadline)
                ));
            }
            still.insert(vm.id.clone());
        }
        self.vms = still;
    }

    fn lone_workers(
        &mut self,
        late: &mut Late,
        ledger: &Ledger,
        deadline: Duration,
        now: Timestamp,
    ) {
        let mut still = BTreeSet::new();
        for (worker, vm, since) in ledger.leaving_workers(now) {
            if since <= deadline {
                continue;
            }
            if !self.workers.contains(worker) {
                late.warnings.push(format!(
                    "worker {worker} on {vm} has been leaving for {}, longer than drain_deadline ({}), and does not finish: it is not killed; look at it",
                    Span(since),
                    Span(deadline)
                ));
            }
            still.insert(worker.clone());
        }
        self.workers = still;
    }
}
