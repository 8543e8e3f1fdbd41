//! What the cloud of this world does when it is told to.
//!
//! A key is used up by its first definite answer: everything carried out or
//! found already true, and every launch that was refused. Given the same key
//! again, what was done is [`Outcome::AlreadyTrue`] and what was refused is
//! refused again with the same failure. Refusals of other actions use no key
//! up: they depend on a state that may change, and did nothing.

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, IntentKey, ProfileName, VmId, WorkerId};

use super::World;
use super::machine::MachineNo;
use super::worker::{Stay, WorkerNo};

impl World {
    /// Carries out one action, at most once for one key.
    ///
    /// # Errors
    ///
    /// `QuotaExceeded` over the quota, `NoCapacity` by chance, `Unclear` by
    /// chance though it was done, `NotFound` for a machine that is not there,
    /// `Rejected` for what makes no sense in the machine's state.
    pub fn apply(&mut self, action: &Action, key: &IntentKey) -> Result<Outcome, Failure> {
        if let Some(answer) = self.answers.get(key) {
            return answer.clone().map(again);
        }
        let answer = match action {
            Action::Launch { image } => return self.launch(image, key),
            Action::Resume { vm } => self.resume(vm),
            Action::Suspend { vm } => self.suspend(vm),
            Action::Terminate { vm } => Ok(self.terminate(vm)),
            Action::StartWorker { vm, profile } => self.start_on(vm, profile),
            Action::StopWorker { vm, worker } => self.stop_on(vm, worker),
        };
        if answer.is_ok() {
            self.answers.insert(key.clone(), answer.clone());
        }
        answer
    }

    fn launch(&mut self, image: &ImageName, key: &IntentKey) -> Result<Outcome, Failure> {
        let answer = self.room_for(image).map(|no| {
            let vm = self.create(no, key);
            Outcome::Applied { vm }
        });
        self.answers.insert(key.clone(), answer.clone());
        self.counts.refused_launches += u32::from(answer.is_err());
        let lost = self.lost_answers.happens(self.spec.parts().faults.lost_answers);
        if lost && answer.is_ok() {
            return Err(Failure::Unclear { why: "the simulated cloud's answer was lost".into() });
        }
        answer
    }

    fn room_for(&mut self, image: &ImageName) -> Result<usize, Failure> {
        let Some(no) = self.images.iter().position(|one| one.name == *image) else {
            return Err(Failure::Rejected { why: format!("no image {image} in this world") });
        };
        let used = self.machines.len();
        if let Some(quota) = self.spec.parts().quota_vms.filter(|quota| used >= *quota as usize) {
            return Err(Failure::QuotaExceeded { why: format!("{used} of {quota} VMs are used") });
        }
        let image = &mut self.images[no];
        if image.refusals.happens(image.model.launch_failure_rate) {
            return Err(Failure::NoCapacity { why: format!("no room for image {}", image.name) });
        }
        Ok(no)
    }

    fn resume(&mut self, vm: &VmId) -> Result<Outcome, Failure> {
        let (no, state) = self.find(vm)?;
        match state {
            VmState::Suspended | VmState::Suspending => {
                self.bring_back(no);
                Ok(Outcome::Applied { vm: vm.clone() })
            }
            VmState::Pending | VmState::Booting | VmState::Running => Ok(already(vm)),
            VmState::Draining | VmState::Stopped | VmState::Terminating | VmState::Failed => {
                Err(rejected(vm, state))
            }
        }
    }

    fn suspend(&mut self, vm: &VmId) -> Result<Outcome, Failure> {
        let (no, state) = self.find(vm)?;
        match state {
            VmState::Running => {
                self.send_away(no, VmState::Suspending);
                Ok(Outcome::Applied { vm: vm.clone() })
            }
            VmState::Suspended | VmState::Suspending => Ok(already(vm)),
            VmState::Pending
            | VmState::Booting
            | VmState::Draining
            | VmState::Stopped
            | VmState::Terminating
            | VmState::Failed => Err(rejected(vm, state)),
        }
    }

    fn terminate(&mut self, vm: &VmId) -> Outcome {
        match self.find(vm) {
            Err(_) => Outcome::AlreadyTrue { vm: self.names.get(vm).map(|_| vm.clone()) },
            Ok((_, VmState::Terminating)) => already(vm),
            Ok((no, _)) => {
                self.send_away(no, VmState::Terminating);
                Outcome::Applied { vm: vm.clone() }
            }
        }
    }

    fn start_on(&mut self, vm: &VmId, profile: &ProfileName) -> Result<Outcome, Failure> {
        let (no, state) = self.find(vm)?;
        if state != VmState::Running {
            return Err(rejected(vm, state));
        }
        let image = &self.images[self.machines[&no].image];
        let named = |number: &&usize| self.profiles[**number].name == *profile;
        let Some(number) = image.hosts.keys().find(named).copied() else {
            let why = format!("image {} does not host {profile}", image.name);
            return Err(Failure::Rejected { why });
        };
        self.start_worker(no, number);
        Ok(Outcome::Applied { vm: vm.clone() })
    }

    fn stop_on(&mut self, vm: &VmId, worker: &WorkerId) -> Result<Outcome, Failure> {
        let (no, _) = self.find(vm)?;
        let named = |number: &&WorkerNo| self.workers[*number].id == *worker;
        let found = self.machines[&no].workers.iter().find(named).copied();
        let Some(number) = found.filter(|no| self.workers[no].stay != Stay::Leaves) else {
            return Ok(already(vm));
        };
        self.tell_to_leave(number, Stay::Leaves);
        Ok(Outcome::Applied { vm: vm.clone() })
    }

    fn find(&self, vm: &VmId) -> Result<(MachineNo, VmState), Failure> {
        let no = self.names.get(vm).and_then(|no| Some((*no, self.machines.get(no)?.state)));
        no.ok_or_else(|| Failure::NotFound { why: format!("{vm} is not there") })
    }
}

fn again(answer: Outcome) -> Outcome {
    match answer {
        Outcome::Applied { vm } => Outcome::AlreadyTrue { vm: Some(vm) },
        Outcome::AlreadyTrue { vm } => Outcome::AlreadyTrue { vm },
    }
}

fn already(vm: &VmId) -> Outcome {
    Outcome::AlreadyTrue { vm: Some(vm.clone()) }
}

fn rejected(vm: &VmId, state: VmState) -> Failure {
    Failure::Rejected { why: format!("{vm} is {}", state.as_str()) }
}
