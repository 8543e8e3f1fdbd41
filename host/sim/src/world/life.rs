//! The lives of machines: launch, boot, suspend, resume, end.

use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{IntentKey, VmId};

use super::World;
use super::agenda::Event;
use super::machine::{Machine, MachineNo, Registration, billed};
use super::worker::{Stay, WorkerNo};

/// From the last worker's leaving until the machine is suspended: its memory
/// has to be written. Short beside a boot, long beside a message.
const SUSPEND_TIME: Duration = Duration::from_secs(5);
/// From the last worker's leaving until the machine is gone from the list.
const TERMINATE_TIME: Duration = Duration::from_secs(10);

impl World {
    /// Makes one machine, which the caller has found room for.
    pub(super) fn create(&mut self, image: usize, key: &IntentKey) -> VmId {
        self.counts.launched += 1;
        let no = self.counts.launched;
        let parts = self.spec.parts();
        let mut machine = Machine::new(parts, no, key.clone(), image, self.now);
        let model = &self.images[image].model;
        let drawn = machine.stream.between(model.boot_time);
        let whole = drawn * slowness(&mut machine, &parts.faults);
        if machine.stream.happens(parts.faults.slackers) {
            machine.registration = Registration::Never;
        }
        let pending = whole / 10;
        machine.boot = whole - pending;
        let id = machine.id.clone();
        self.names.insert(id.clone(), no);
        self.machines.insert(no, machine);
        self.enter(pending, Event::Turn { machine: no, epoch: 0 });
        self.note_peak();
        id
    }

    /// A machine's state is over.
    pub(super) fn turn(&mut self, no: MachineNo, epoch: u32) {
        let Some(machine) = self.machines.get(&no) else { return };
        if machine.epoch != epoch {
            return;
        }
        match machine.state {
            VmState::Pending => {
                let boot = machine.boot;
                self.become_until(no, VmState::Booting, boot);
            }
            VmState::Booting => self.booted(no),
            VmState::Suspending => self.become_now(no, VmState::Suspended),
            VmState::Terminating => self.remove(no),
            // Nothing is ever entered for these: they last until someone acts.
            VmState::Running
            | VmState::Draining
            | VmState::Suspended
            | VmState::Stopped
            | VmState::Failed => {}
        }
    }

    fn booted(&mut self, no: MachineNo) {
        let failed_boots = self.spec.parts().faults.failed_boots;
        let Some(machine) = self.machines.get_mut(&no) else { return };
        if machine.stream.happens(failed_boots) {
            self.counts.failed_boots += 1;
            return self.become_now(no, VmState::Failed);
        }
        self.become_now(no, VmState::Running);
        self.start_missing_workers(no);
    }

    /// Starts what the image starts at boot, as far as it does not run.
    fn start_missing_workers(&mut self, no: MachineNo) {
        let Some(machine) = self.machines.get(&no) else { return };
        let mut missing = Vec::new();
        for (profile, wanted) in &self.images[machine.image].hosts {
            let of_profile = |no: &&WorkerNo| self.workers[*no].profile == *profile;
            let there = machine.workers.iter().filter(of_profile).count();
            missing.extend((there..*wanted as usize).map(|_| *profile));
        }
        for profile in missing {
            self.start_worker(no, profile);
        }
    }

    /// Brings a suspended or suspending machine back.
    pub(super) fn bring_back(&mut self, no: MachineNo) {
        let Some(machine) = self.machines.get_mut(&no) else { return };
        if machine.workers.is_empty() {
            let faults = &self.spec.parts().faults;
            let takes = self.images[machine.image].model.resume_time * slowness(machine, faults);
            return self.become_until(no, VmState::Booting, takes);
        }
        for worker in &machine.workers {
            if let Some(worker) = self.workers.get_mut(worker)
                && worker.stay == Stay::LeavesWithMachine
            {
                worker.stay = Stay::Stays;
            }
        }
        self.become_now(no, VmState::Running);
        self.start_missing_workers(no);
    }

    /// Lets the workers of a machine leave, and then the machine itself.
    pub(super) fn send_away(&mut self, no: MachineNo, state: VmState) {
        self.become_now(no, state);
        let workers = self.machines.get(&no).map(|machine| machine.workers.clone());
        for worker in workers.unwrap_or_default() {
            self.tell_to_leave(worker, Stay::LeavesWithMachine);
        }
        self.go_on_when_empty(no);
    }

    /// A machine that is on its way out waits for its last worker.
    pub(super) fn go_on_when_empty(&mut self, no: MachineNo) {
        let Some(machine) = self.machines.get(&no).filter(|one| one.workers.is_empty()) else {
            return;
        };
        let takes = match machine.state {
            VmState::Suspending => SUSPEND_TIME,
            VmState::Terminating => TERMINATE_TIME,
            VmState::Pending
            | VmState::Booting
            | VmState::Running
            | VmState::Draining
            | VmState::Suspended
            | VmState::Stopped
            | VmState::Failed => return,
        };
        let state = machine.state;
        self.become_until(no, state, takes);
    }

    pub(super) fn lose_one(&mut self) {
        let running = |(_, machine): &(&MachineNo, &Machine)| machine.state == VmState::Running;
        let running: Vec<MachineNo> =
            self.machines.iter().filter(running).map(|(no, _)| *no).collect();
        if let Some(at) = self.losses.pick(running.len()) {
            self.lose_machine(running[at]);
        }
    }

    /// Takes a machine out of the world as it stands, as a failing host does;
    /// what its workers had in hand goes back. Returns whether it was there.
    pub fn lose(&mut self, vm: &VmId) -> bool {
        let no = self.names.get(vm).copied().filter(|no| self.machines.contains_key(no));
        if let Some(no) = no {
            self.lose_machine(no);
        }
        no.is_some()
    }

    fn lose_machine(&mut self, no: MachineNo) {
        self.counts.vms_lost += 1;
        let workers = self.machines.get(&no).map(|machine| machine.workers.clone());
        let killed = workers.unwrap_or_default().into_iter();
        let queues: Vec<usize> = killed.filter_map(|worker| self.kill(worker)).collect();
        self.remove(no);
        self.hand_out_again(queues);
    }

    fn remove(&mut self, no: MachineNo) {
        self.charge(no);
        self.machines.remove(&no);
    }

    fn become_until(&mut self, no: MachineNo, state: VmState, takes: Duration) {
        self.become_now(no, state);
        if let Some(machine) = self.machines.get(&no) {
            let epoch = machine.epoch;
            self.enter(takes, Event::Turn { machine: no, epoch });
        }
    }

    fn become_now(&mut self, no: MachineNo, state: VmState) {
        self.charge(no);
        if let Some(machine) = self.machines.get_mut(&no) {
            machine.state = state;
            machine.epoch += 1;
            machine.billed_since = billed(state).then_some(self.now);
        }
    }

    /// Puts the time since the last charge on the image's bill.
    fn charge(&mut self, no: MachineNo) {
        let Some(machine) = self.machines.get_mut(&no) else { return };
        if let Some(since) = machine.billed_since.take() {
            self.images[machine.image].billed += self.now.since(since);
        }
    }
}

/// By what a boot or resume time is multiplied.
fn slowness(machine: &mut Machine, faults: &crate::faults::Faults) -> u32 {
    if machine.stream.happens(faults.slow_boots.rate) { faults.slow_boots.factor } else { 1 }
}
