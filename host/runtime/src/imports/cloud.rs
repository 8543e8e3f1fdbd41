//! `cloud`: actions, requested. Each is checked against the facts of the tick
//! and put on the evaluation's list. No cloud is ever called from here.

use hooke_control::ids::{ImageName, VmId};
use hooke_control::staging::{self, Refusal as Refused, Request, Staged};

use crate::clean;
use crate::contract::cloud::{Host, Refusal};
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
        let (facts, limits) = self.enter_facts(import)?;
        if facts.staged.len() >= limits.staged_actions {
            return Ok(Err(Refusal::OverLimit(format!(
                "{} actions are staged, which is all that policies.limits.staged_actions allows",
                facts.staged.len()
            ))));
        }
        if let Err(refused) = staging::check(&facts.snapshot, &facts.profile, &facts.staged, &what)
        {
            return Ok(Err(refused.into()));
        }
        let why = clean::line(reason, limits.reason_bytes);
        facts.staged.push(Request { what, why });
        Ok(Ok(()))
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
