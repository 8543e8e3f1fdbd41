//! Orders to a machine that exists. The keeper decides what they come to,
//! once for one key; without a living keeper the files do.

use std::io;
use std::time::Duration;

use hooke_control::action::{Action, Outcome};
use hooke_control::ids::{IntentKey, VmId};
use rustix::process::{Pid, Signal, kill_process_group};

use super::control::{self, Order, Reply, Request};
use super::layout::VmDir;
use super::life::Life;
use super::list::Standing;
use super::proc::ProcessId;
use super::record::{Phase, Status};
use super::{Inner, ProcessCloud};
use crate::{Cause, CloudError};

/// One second: a keeper starts in some milliseconds.
const STARTED_WITHIN: Duration = Duration::from_secs(1);

/// How a call to a keeper went.
#[derive(Debug)]
pub(super) enum Told {
    /// The keeper said this.
    Outcome(Outcome),
    /// There is no such machine, or no more.
    NoVm,
    /// There is a machine, but no keeper to be told.
    NoKeeper(Standing),
}

impl ProcessCloud {
    /// Suspend, resume, start or stop a worker.
    pub(super) async fn order(
        &self,
        vm: VmId,
        action: Action,
        key: &IntentKey,
    ) -> Result<Outcome, CloudError> {
        let (doing, key) = (action.to_string(), key.clone());
        self.off_thread(&doing.clone(), move |inner| {
            let Some(order) = order(&action) else {
                let why = "a keeper cannot do that".to_owned();
                return Err(CloudError::Rejected { doing, why });
            };
            match inner.tell(&vm, order, &key, &doing)? {
                Told::Outcome(outcome) => Ok(outcome),
                // What was to go is gone.
                Told::NoVm if matches!(action, Action::StopWorker { .. }) => {
                    Ok(Outcome::AlreadyTrue { vm: Some(vm) })
                }
                Told::NoVm => Err(CloudError::NotFound { what: vm.to_string() }),
                Told::NoKeeper(standing) => Err(no_keeper(&standing, doing)),
            }
        })
        .await
    }
}

impl Inner {
    /// Tells a machine's keeper, if there is one.
    pub(super) fn tell(
        &self,
        vm: &VmId,
        order: Order,
        key: &IntentKey,
        doing: &str,
    ) -> Result<Told, CloudError> {
        let unclear = |e| CloudError::from_io(doing, e);
        let Some(dir) = self.find(vm)? else { return Ok(Told::NoVm) };
        let status = match Standing::of(&dir).map_err(unclear)? {
            Standing::Gone => return Ok(Told::NoVm),
            Standing::Kept(status) => status,
            standing @ (Standing::HalfDone | Standing::Starting | Standing::Dead(_)) => {
                return Ok(Told::NoKeeper(standing));
            }
        };
        let request = Request { key: key.as_str().to_owned(), order };
        let reply = match control::call(&dir, &request, || wake(&dir)) {
            Ok(reply) => reply,
            // It may have gone between our look and our call.
            Err(e) => match Standing::of(&dir).map_err(unclear)? {
                Standing::Gone => return Ok(Told::NoVm),
                standing @ (Standing::HalfDone | Standing::Starting | Standing::Dead(_)) => {
                    return Ok(Told::NoKeeper(standing));
                }
                // Whoever clears up after a keeper takes no orders.
                standing @ Standing::Kept(_) if status.session != Some(status.keeper.pid) => {
                    return Ok(Told::NoKeeper(standing));
                }
                Standing::Kept(_) => return Err(unclear(e)),
            },
        };
        outcome(vm, reply, doing).map(Told::Outcome)
    }
}

/// The order that an action is to a keeper.
fn order(action: &Action) -> Option<Order> {
    match action {
        Action::Launch { .. } => None,
        Action::Suspend { .. } => Some(Order::Suspend),
        Action::Resume { .. } => Some(Order::Resume),
        Action::Terminate { .. } => Some(Order::Terminate),
        Action::StartWorker { profile, .. } => {
            Some(Order::StartWorker { profile: profile.as_str().to_owned() })
        }
        Action::StopWorker { worker, .. } => {
            Some(Order::StopWorker { worker: worker.as_str().to_owned() })
        }
    }
}

fn outcome(vm: &VmId, reply: Reply, doing: &str) -> Result<Outcome, CloudError> {
    let doing = doing.to_owned();
    match reply {
        Reply::Applied => Ok(Outcome::Applied { vm: vm.clone() }),
        Reply::AlreadyTrue => Ok(Outcome::AlreadyTrue { vm: Some(vm.clone()) }),
        Reply::Refused { why } => Err(CloudError::Rejected { doing, why }),
        Reply::Unclear { why } => Err(CloudError::Unclear { doing, source: Cause::from(why) }),
    }
}

/// Why a machine without a keeper takes no orders.
pub(super) fn no_keeper(standing: &Standing, doing: String) -> CloudError {
    let why = match standing {
        Standing::Starting => {
            return CloudError::Throttled { doing, retry_after: Some(STARTED_WITHIN) };
        }
        Standing::HalfDone => "its launch was not finished; repeat that first",
        Standing::Dead(_) => "its keeper died; it can only be terminated",
        Standing::Kept(_) => "it is being cleared up",
        Standing::Gone => "it is gone",
    };
    CloudError::Rejected { doing, why: why.to_owned() }
}

/// Lets a suspended machine run, so that its keeper can answer. A keeper that
/// does not come out of suspension by its orders stops itself again.
fn wake(dir: &VmDir) {
    if let Some(group) = suspended_group(dir) {
        // It may end between our look and the signal: then there is nobody to wake.
        let _gone = kill_process_group(group, Signal::CONT);
    }
}

/// The process group of a suspended machine, if its keeper is proven alive and
/// is the very process that wrote the status.
fn suspended_group(dir: &VmDir) -> Option<Pid> {
    let status = suspended(dir).ok()??;
    let is_alive =
        Life::is_taken(dir).ok()? && ProcessId::of(status.keeper.pid) == Some(status.keeper);
    status.session.filter(|_| is_alive).and_then(Pid::from_raw)
}

fn suspended(dir: &VmDir) -> io::Result<Option<Status>> {
    let standing = Standing::of(dir)?;
    Ok(match standing {
        Standing::Kept(status) if status.phase == Phase::Suspended => Some(status),
        Standing::Kept(_)
        | Standing::HalfDone
        | Standing::Starting
        | Standing::Dead(_)
        | Standing::Gone => None,
    })
}
