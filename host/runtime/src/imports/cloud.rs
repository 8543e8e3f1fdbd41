//! `cloud`: actions, requested. Each is checked against the facts of the tick
//! and put on the evaluation's list. No cloud is ever called from here.

use hooke_control::ids::{ImageName, VmId};
use hooke_control::staging::{self, Refusal as Refused, Request, Staged};

use crate::clean;
use crate::contract::cloud::{Host, Refusal};
use crate::limit::{Limit, Used};
use crate::state::State;

type Answered = wasmtime::Result<Result<(), Refusal>>;

impl Host for State {
    fn launch(&mut self, image: String, reason: String) -> Answered {
        self.stage("cloud.launch", Staged::Launch(ImageName::from(image)), &reason)
    }

    fn resume(&mut self, vm: String, reason: String) -> Answered {
        self.stage("cloud.resume", Staged::Resume(VmId::from(vm)), &reason)
    }

    fn suspend(&mut self, vm: String, reason: String) -> Answered {
        self.stage("cloud.suspend", Staged::Suspend(VmId::from(vm)), &reason)
    }

    fn terminate(&mut self, vm: String, reason: String) -> Answered {
        self.stage("cloud.terminate", Staged::Terminate(VmId::from(vm)), &reason)
    }

    fn start_worker(&mut self, vm: String, reason: String) -> Answered {
        self.stage("cloud.start-worker", Staged::StartWorker(VmId::from(vm)), &reason)
    }

    fn stop_worker(&mut self, vm: String, reason: String) -> Answered {
        self.stage("cloud.stop-worker", Staged::StopWorker(VmId::from(vm)), &reason)
    }
}

impl State {
    fn stage(&mut self, import: &'static str, what: Staged, reason: &str) -> Answered {
        let (facts, budget) = self.enter_facts(import, named_bytes(&what) + reason.len())?;
        budget.wanted.reason(reason.len());
        if facts.staged.len() >= budget.limits().staged_actions {
            let wanted = budget.wanted.staged_actions.max(facts.staged.len()) + 1;
            budget.wanted.staged_actions = wanted;
            let hit = Limit::StagedActions.hit(Used::Exactly(wanted as u64), budget.limits());
            return Ok(Err(Refusal::OverLimit(hit.to_string())));
        }
        if let Err(refused) = staging::check(&facts.snapshot, &facts.profile, &facts.staged, &what)
        {
            return Ok(Err(refused.into()));
        }
        let why = clean::line(reason, budget.limits().reason_bytes);
        facts.staged.push(Request { what, why });
        budget.wanted.staged_actions = facts.staged.len();
        Ok(Ok(()))
    }
}

/// Bytes of the name that came with a request.
fn named_bytes(what: &Staged) -> usize {
    match what {
        Staged::Launch(image) => image.as_str().len(),
        Staged::Resume(vm)
        | Staged::Suspend(vm)
        | Staged::Terminate(vm)
        | Staged::StartWorker(vm)
        | Staged::StopWorker(vm) => vm.as_str().len(),
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UnknownVm(why) => Self::UnknownVm(why),
            Refused::UnknownImage(why) => Self::UnknownImage(why),
            Refused::WrongState(why) => Self::WrongState(why),
            Refused::Busy(why) => Self::Busy(why),
            Refused::Twice(why) => Self::OverLimit(why),
        }
    }
}
