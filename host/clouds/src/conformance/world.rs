//! One subject during one case: asks, waits, and words what went wrong.
//! Never decides what a driver must do; the cases do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{ImageName, IntentKey, ProfileName, SiteName, VmId};

use super::{Sight, Stage, Subject};
use crate::{Cloud, Inventory};

/// A promise that was not kept: what was expected and what was seen.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

/// How a case, or a step of one, went.
pub(super) type Kept<T = ()> = Result<T, Broken>;

/// Breaks the case unless `holds`.
pub(super) fn expect(holds: bool, what: impl fmt::Display) -> Kept {
    if holds { Ok(()) } else { Err(Broken(what.to_string())) }
}

/// One subject, and a driver of its first site.
pub(super) struct World<'a, S: Subject> {
    pub(super) subject: &'a S,
    pub(super) stage: Stage,
    pub(super) cloud: S::Cloud,
    case: &'static str,
}

impl<'a, S: Subject> World<'a, S> {
    pub(super) async fn new(subject: &'a S, case: &'static str) -> Self {
        let cloud = subject.open(&SiteName::from("first")).await;
        Self { subject, stage: subject.stage(), cloud, case }
    }

    /// One more driver for the same site, as after a restart of the host.
    pub(super) async fn restarted(&self) -> S::Cloud {
        self.subject.open(&SiteName::from("first")).await
    }

    /// The key of the case's `step`.
    pub(super) fn key(&self, step: &str) -> IntentKey {
        IntentKey::from(format!("{}/{step}", self.case))
    }

    pub(super) fn launch(&self) -> Action {
        Action::Launch { image: self.stage.image.clone() }
    }

    pub(super) fn unknown_image() -> Action {
        Action::Launch { image: ImageName::from("no-such-image") }
    }

    /// Some profile of the image.
    pub(super) fn profile(&self) -> Kept<ProfileName> {
        let first = self.stage.hosts.keys().next().cloned();
        first.ok_or_else(|| Broken("the stage's image hosts no profile".to_owned()))
    }

    /// Whether there are workers to be looked at.
    pub(super) fn sees_workers(&self) -> bool {
        self.stage.sight == Sight::Workers
    }

    /// Does what must be done and not be found done. Names the machine.
    pub(super) async fn applied(&self, action: &Action, step: &str) -> Kept<VmId> {
        match self.cloud.apply(action, &self.key(step)).await {
            Ok(Outcome::Applied { vm }) => Ok(vm),
            other => Err(Broken(format!("{action}: expected applied, got {other:?}"))),
        }
    }

    /// Does what must be found done.
    pub(super) async fn already(&self, action: &Action, step: &str) -> Kept {
        match self.cloud.apply(action, &self.key(step)).await {
            Ok(Outcome::AlreadyTrue { .. }) => Ok(()),
            other => Err(Broken(format!("{action}: expected already true, got {other:?}"))),
        }
    }

    /// Does what must fail, in the way that `is` tells.
    pub(super) async fn fails(
        &self,
        action: &Action,
        step: &str,
        kind: &str,
        is: impl Fn(&Failure) -> bool,
    ) -> Kept {
        match self.cloud.apply(action, &self.key(step)).await {
            Err(error) if is(&error.failure()) => Ok(()),
            other => Err(Broken(format!("{action}: expected {kind}, got {other:?}"))),
        }
    }

    /// Launches a machine and waits until it serves.
    pub(super) async fn serving(&self, step: &str) -> Kept<VmId> {
        let vm = self.applied(&self.launch(), step).await?;
        self.serves(&vm).await?;
        Ok(vm)
    }

    /// Waits until a machine runs with its boot workers and no others.
    pub(super) async fn serves(&self, vm: &VmId) -> Kept<SeenVm> {
        let wanted = format!("{vm} to run with its boot workers");
        let seen =
            self.until(&wanted, |list| find(list, vm).is_some_and(|vm| self.booted(vm))).await?;
        find(&seen, vm).cloned().ok_or(Broken(wanted))
    }

    /// Waits until a machine is in `state`.
    pub(super) async fn becomes(&self, vm: &VmId, state: VmState) -> Kept<SeenVm> {
        let wanted = format!("{vm} to be {}", state.as_str());
        let is = |list: &[SeenVm]| find(list, vm).is_some_and(|vm| vm.state == state);
        let seen = self.until(&wanted, is).await?;
        find(&seen, vm).cloned().ok_or(Broken(wanted))
    }

    /// Waits until a machine is gone.
    pub(super) async fn goes(&self, vm: &VmId) -> Kept {
        self.until(&format!("{vm} to be gone"), |list| find(list, vm).is_none()).await.map(drop)
    }

    /// Waits until the list is as `holds` wants it.
    pub(super) async fn until(
        &self,
        wanted: &str,
        holds: impl Fn(&[SeenVm]) -> bool,
    ) -> Kept<Vec<SeenVm>> {
        let mut last = String::from("nothing");
        for _ in 0..S::SETTLES_MAX {
            match self.cloud.list().await {
                Ok(list) => {
                    sound(&list)?;
                    if holds(&list) {
                        return Ok(list);
                    }
                    last = show(&list);
                }
                Err(error) => last = error.failure().to_string(),
            }
            self.subject.settle().await;
        }
        Err(Broken(format!("waited for {wanted}; last seen: {last}")))
    }

    /// Lets enough time go by for what must not happen to be seen if it does.
    pub(super) async fn linger(&self) {
        for _ in 0..LINGER_SETTLES.min(S::SETTLES_MAX) {
            self.subject.settle().await;
        }
    }

    /// The list as it is now.
    pub(super) async fn list(&self) -> Kept<Vec<SeenVm>> {
        let list = self.cloud.list().await.map_err(|e| Broken(e.failure().to_string()))?;
        sound(&list)?;
        Ok(list)
    }

    /// Whether a machine runs with exactly its boot workers, as far as can be seen.
    fn booted(&self, vm: &SeenVm) -> bool {
        let wanted: BTreeMap<_, _> = self
            .stage
            .hosts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(p, n)| (p.clone(), *n))
            .collect();
        vm.state == VmState::Running && (!self.sees_workers() || counts(vm) == wanted)
    }
}

/// Steps of time after which something forbidden would have shown itself.
const LINGER_SETTLES: u32 = 5;

/// Running workers of each profile.
pub(super) fn counts(vm: &SeenVm) -> BTreeMap<ProfileName, u32> {
    let mut counts = BTreeMap::new();
    for worker in running(vm) {
        *counts.entry(worker.profile.clone()).or_insert(0) += 1;
    }
    counts
}

/// The workers that run and are not leaving.
pub(super) fn running(vm: &SeenVm) -> impl Iterator<Item = &SeenWorker> {
    vm.workers.iter().flatten().filter(|worker| worker.phase == WorkerPhase::Running)
}

/// The machine of this name.
pub(super) fn find<'l>(list: &'l [SeenVm], vm: &VmId) -> Option<&'l SeenVm> {
    list.iter().find(|seen| seen.id == *vm)
}

/// What holds of every list: no id or key twice, and loads that can be added up.
fn sound(list: &[SeenVm]) -> Kept {
    let ids: BTreeSet<_> = list.iter().map(|vm| &vm.id).collect();
    let keys: BTreeSet<_> = list.iter().map(|vm| &vm.key).collect();
    let workers = || list.iter().flat_map(|vm| vm.workers.iter().flatten());
    let names: BTreeSet<_> = workers().map(|worker| &worker.id).collect();
    expect(ids.len() == list.len(), format!("an id is listed twice: {}", show(list)))?;
    expect(keys.len() == list.len(), format!("a key is listed twice: {}", show(list)))?;
    expect(names.len() == workers().count(), format!("a worker is listed twice: {}", show(list)))?;
    let loads = list.iter().filter_map(|vm| vm.load);
    expect(
        loads.into_iter().all(|load| load.is_finite() && load >= 0.0),
        "a load is negative or not a number",
    )
}

/// A list in one line.
fn show(list: &[SeenVm]) -> String {
    let lines: Vec<String> = list
        .iter()
        .map(|vm| {
            format!("{} key={} {} workers={:?}", vm.id, vm.key, vm.state.as_str(), counts(vm))
        })
        .collect();
    format!("[{}]", lines.join("; "))
}
