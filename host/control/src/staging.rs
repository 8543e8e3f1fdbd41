//! Actions that a policy asks for itself, checked against the facts of the
//! tick. Accepting one promises nothing: the guards come after the call.

use std::fmt;

use crate::fleet::VmState;
use crate::ids::{ImageName, ProfileName, VmId};
use crate::snapshot::{Inside, Occupancy, Snapshot, Stage, Vm};

/// What a policy asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// One machine of an image.
    Launch(ImageName),
    /// Bring a suspended machine back.
    Resume(VmId),
    /// Suspend an idle machine.
    Suspend(VmId),
    /// End an idle machine for good.
    Terminate(VmId),
    /// One more worker of the evaluated profile on a running machine.
    StartWorker(VmId),
    /// One idle worker of the evaluated profile on this machine less.
    StopWorker(VmId),
}

/// An accepted request, with the policy's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub what: Staged,
    /// Why, in the policy's words; cleaned and cut by the runtime.
    pub why: String,
}

/// Why a request was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The snapshot has no such machine.
    UnknownVm(String),
    /// The site has no such image, or it does not host the profile.
    UnknownImage(String),
    /// The machine is in a state in which this makes no sense.
    WrongState(String),
    /// A worker on it is busy, or not proven idle.
    Busy(String),
    /// The same was asked for before.
    Twice(String),
}

impl fmt::Display for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launch(image) => write!(f, "launch {image}"),
            Self::Resume(vm) => write!(f, "resume {vm}"),
            Self::Suspend(vm) => write!(f, "suspend {vm}"),
            Self::Terminate(vm) => write!(f, "terminate {vm}"),
            Self::StartWorker(vm) => write!(f, "start a worker on {vm}"),
            Self::StopWorker(vm) => write!(f, "stop a worker on {vm}"),
        }
    }
}

impl Staged {
    /// Whether it asks for fewer workers or machines.
    pub const fn is_removal(&self) -> bool {
        match self {
            Self::Launch(_) | Self::Resume(_) | Self::StartWorker(_) => false,
            Self::Suspend(_) | Self::Terminate(_) | Self::StopWorker(_) => true,
        }
    }

    /// The existing machine it asks about.
    pub const fn vm(&self) -> Option<&VmId> {
        match self {
            Self::Launch(_) => None,
            Self::Resume(vm)
            | Self::Suspend(vm)
            | Self::Terminate(vm)
            | Self::StartWorker(vm)
            | Self::StopWorker(vm) => Some(vm),
        }
    }

    /// By how much the request changes the workers of `profile`.
    pub fn change(&self, profile: &ProfileName, snapshot: &Snapshot) -> i64 {
        let on = |id: &VmId| snapshot.vm(id).map_or(0, |vm| i64::from(vm.capacity_of(profile)));
        let boots = |image: Option<&u32>| i64::from(image.copied().unwrap_or(0));
        match self {
            Self::Launch(image) => {
                boots(snapshot.image(image).and_then(|image| image.hosts.get(profile)))
            }
            Self::Resume(id) => boots(snapshot.vm(id).and_then(|vm| vm.image.hosts.get(profile))),
            Self::Suspend(id) | Self::Terminate(id) => -on(id),
            Self::StartWorker(_) => 1,
            Self::StopWorker(_) => -1,
        }
    }
}

/// Checks one request of the policy that is evaluated for `profile`, after
/// those it has staged before.
pub fn check(
    snapshot: &Snapshot,
    profile: &ProfileName,
    before: &[Request],
    what: &Staged,
) -> Result<(), Refusal> {
    match what {
        Staged::Launch(image) => hosts_profile(snapshot, profile, image),
        Staged::Resume(id) => {
            let vm = known(snapshot, id)?;
            once(before, what)?;
            hosts_profile(snapshot, profile, &vm.image.name)?;
            in_state(vm, &[VmState::Suspended, VmState::Suspending])
        }
        Staged::Suspend(id) => {
            let vm = known(snapshot, id)?;
            once(before, what)?;
            in_state(vm, &[VmState::Running])?;
            all_idle(vm)
        }
        Staged::Terminate(id) => {
            let vm = known(snapshot, id)?;
            once(before, what)?;
            in_state(
                vm,
                &[VmState::Running, VmState::Suspended, VmState::Stopped, VmState::Failed],
            )?;
            all_idle(vm)
        }
        Staged::StartWorker(id) => {
            let vm = known(snapshot, id)?;
            kept(before, id)?;
            hosts_profile(snapshot, profile, &vm.image.name)?;
            in_state(vm, &[VmState::Running])?;
            visible(vm)
        }
        Staged::StopWorker(id) => {
            let vm = known(snapshot, id)?;
            kept(before, id)?;
            in_state(vm, &[VmState::Running])?;
            visible(vm)?;
            spare_idle(vm, profile, before)
        }
    }
}

fn known<'a>(snapshot: &'a Snapshot, id: &VmId) -> Result<&'a Vm, Refusal> {
    snapshot.vm(id).ok_or_else(|| Refusal::UnknownVm(format!("no machine {id} at this site")))
}

fn hosts_profile(
    snapshot: &Snapshot,
    profile: &ProfileName,
    image: &ImageName,
) -> Result<(), Refusal> {
    match snapshot.image(image) {
        None => Err(Refusal::UnknownImage(format!("the site has no image {image}"))),
        Some(spec) if !spec.hosts.contains_key(profile) => {
            Err(Refusal::UnknownImage(format!("image {image} does not host {profile}")))
        }
        Some(_) => Ok(()),
    }
}

/// A machine as a whole can be asked for once, and not beside its workers:
/// both together would count the same workers twice.
fn once(before: &[Request], what: &Staged) -> Result<(), Refusal> {
    match before.iter().find(|request| request.what.vm() == what.vm()) {
        Some(first) => Err(Refusal::Twice(format!("already asked for: {}", first.what))),
        None => Ok(()),
    }
}

/// A machine that was asked to come or go as a whole has no single workers to
/// ask for.
fn kept(before: &[Request], id: &VmId) -> Result<(), Refusal> {
    let whole = |request: &&Request| match &request.what {
        Staged::Resume(vm) | Staged::Suspend(vm) | Staged::Terminate(vm) => vm == id,
        Staged::Launch(_) | Staged::StartWorker(_) | Staged::StopWorker(_) => false,
    };
    match before.iter().find(whole) {
        Some(first) => Err(Refusal::Twice(format!("already asked for: {}", first.what))),
        None => Ok(()),
    }
}

fn visible(vm: &Vm) -> Result<(), Refusal> {
    match vm.inside {
        Inside::Visible => Ok(()),
        Inside::Hidden => Err(Refusal::WrongState(format!(
            "the driver of {} cannot start or stop single workers",
            vm.id
        ))),
    }
}

fn in_state(vm: &Vm, allowed: &[VmState]) -> Result<(), Refusal> {
    if allowed.contains(&vm.state) {
        return Ok(());
    }
    let allowed: Vec<&str> = allowed.iter().map(|state| state.as_str()).collect();
    Err(Refusal::WrongState(format!(
        "{} is {}, not {}",
        vm.id,
        vm.state.as_str(),
        allowed.join(" or ")
    )))
}

fn all_idle(vm: &Vm) -> Result<(), Refusal> {
    for worker in &vm.workers {
        match worker.occupancy {
            Occupancy::Idle { .. } => {}
            Occupancy::Busy => {
                return Err(Refusal::Busy(format!("worker {} on {} is busy", worker.id, vm.id)));
            }
            Occupancy::Unknown => {
                return Err(Refusal::Busy(format!(
                    "worker {} on {} is not proven idle",
                    worker.id, vm.id
                )));
            }
        }
    }
    Ok(())
}

fn spare_idle(vm: &Vm, profile: &ProfileName, before: &[Request]) -> Result<(), Refusal> {
    let idle = vm
        .workers
        .iter()
        .filter(|w| w.profile == *profile && w.stage == Stage::Serving)
        .filter(|w| matches!(w.occupancy, Occupancy::Idle { .. }))
        .count();
    let asked = before.iter().filter(|r| r.what == Staged::StopWorker(vm.id.clone())).count();
    if asked < idle {
        return Ok(());
    }
    let id = &vm.id;
    Err(Refusal::Busy(match idle {
        0 => format!("{id} has no worker of {profile} that is proven idle"),
        idle => format!("{id} has {idle} idle workers of {profile}, all asked for"),
    }))
}
