//! Departures that take too long. A worker that does not leave in time is never
//! killed by us: the operator is told once, a machine that was only to be
//! suspended is taken back into service, and one that was to end is asked to
//! once more, ever less often: the cloud may have forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Controller, Effect};
use crate::action::{Action, Intent};
use crate::back_off::pause_after;
use crate::fleet::{SeenVm, VmState};
use crate::ids::{VmId, WorkerId};
use crate::ledger::{Ledger, Target};
use crate::planner::Naming;
use crate::units::{Span, Timestamp};

/// Who was late at the last look, and told of.
#[derive(Debug, Default)]
pub(super) struct Watch {
    vms: BTreeMap<VmId, Asked>,
    workers: BTreeSet<WorkerId>,
}

/// How often a late machine was asked again, and when last.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    times: u32,
    last: Timestamp,
}

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// For the operator; of each lateness once.
    pub(super) warnings: Vec<String>,
    /// Machines that are to be taken back into service.
    pub(super) back: Vec<VmId>,
    /// Machines that are to be asked again to end, and how long they have been
    /// about it.
    pub(super) again: Vec<(VmId, Duration)>,
}

impl Controller {
    /// Looks for who is late, and begins what is to be done about it.
    pub(super) fn watch(&mut self, seen: &[SeenVm], now: Timestamp) -> Vec<Effect> {
        let late = self.watch.look(&self.ledger, seen, self.site.drain_deadline, now);
        let site = self.site.name.as_str();
        let mut naming = Naming::new(site, &self.generation, self.tick).for_drains();
        let about = self.ledger.entries().filter_map(|entry| entry.intent.action.vm());
        let about: BTreeSet<&VmId> = about.collect();
        let free = |vm: &VmId| {
            !about.contains(vm) && self.ledger.pause(&Target::Vm(vm.clone()), now).is_none()
        };
        let back = late.back.into_iter().map(|vm| {
            let reason = "its workers did not leave before drain_deadline".to_owned();
            (Action::Resume { vm }, reason)
        });
        let again = late.again.into_iter().map(|(vm, since)| {
            let reason =
                format!("{vm} has been terminating for {} and is still there", Span(since));
            (Action::Terminate { vm }, reason)
        });
        let all = back.chain(again).filter(|(action, _)| action.vm().is_some_and(free));
        let all = all.map(|(action, reason)| Intent {
            key: naming.next(),
            action,
            profile: None,
            reason,
            at: now,
        });
        self.back = all.collect();
        for intent in &self.back {
            self.ledger.begin(intent.clone());
        }
        late.warnings.into_iter().map(Effect::Warn).collect()
    }
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
        let mut still = BTreeMap::new();
        for vm in seen.iter().filter(|_| !overdue.is_empty()) {
            let Some(since) = overdue.get(&vm.id) else { continue };
            let known = self.vms.get(&vm.id).copied();
            let mut asked = known.unwrap_or_default();
            let follows = match vm.state {
                VmState::Suspending => {
                    late.back.push(vm.id.clone());
                    "the machine is taken back into service"
                }
                VmState::Terminating => {
                    if asked.is_due(now) {
                        asked = Asked { times: asked.times.saturating_add(1), last: now };
                        late.again.push((vm.id.clone(), *since));
                    }
                    "it is asked again, its room is not counted on, and no worker is killed; look at the machine"
                }
                VmState::Draining => "it is not killed; look at the machine",
                VmState::Pending
                | VmState::Booting
                | VmState::Running
                | VmState::Suspended
                | VmState::Stopped
                | VmState::Failed => continue,
            };
            if known.is_none() {
                late.warnings.push(format!(
                    "{} has been {} for {}, longer than drain_deadline ({}){}: {follows}",
                    vm.id,
                    vm.state.as_str(),
                    Span(*since),
                    Span(deadline),
                    if held_up(vm) { ", as a worker on it does not finish" } else { "" },
                ));
            }
            still.insert(vm.id.clone(), asked);
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

impl Asked {
    /// Whether it is time to ask again.
    fn is_due(self, now: Timestamp) -> bool {
        self.times == 0 || self.last > now || now.since(self.last) >= pause_after(self.times)
    }
}

/// Whether a worker keeps the machine, as far as can be seen.
fn held_up(vm: &SeenVm) -> bool {
    vm.workers.as_ref().is_none_or(|workers| !workers.is_empty())
}
