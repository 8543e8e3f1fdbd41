//! Cases: workers on a machine. Kept by default by drivers that see none.

use std::collections::BTreeMap;

use hooke_control::action::{Action, Failure};
use hooke_control::fleet::{SeenVm, VmState};
use hooke_control::ids::{ProfileName, VmId, WorkerId};

use super::Subject;
use super::world::{Broken, Kept, World, counts, expect, find, running};

pub(super) async fn a_started_worker_is_one_more<S: Subject>(w: &World<'_, S>) -> Kept {
    if !w.sees_workers() {
        return Ok(());
    }
    let (vm, profile) = (w.serving("launch").await?, w.profile()?);
    let start = Action::StartWorker { vm: vm.clone(), profile: profile.clone() };
    w.applied(&start, "start").await?;
    has(w, &vm, &profile, 1).await.map(drop)
}

pub(super) async fn one_key_is_one_worker<S: Subject>(w: &World<'_, S>) -> Kept {
    if !w.sees_workers() {
        return Ok(());
    }
    let (vm, profile) = (w.serving("launch").await?, w.profile()?);
    let start = Action::StartWorker { vm: vm.clone(), profile: profile.clone() };
    w.applied(&start, "start").await?;
    w.already(&start, "start").await?;
    has(w, &vm, &profile, 1).await?;
    w.already(&start, "start").await?;
    w.linger().await;
    has(w, &vm, &profile, 1).await?;
    w.applied(&start, "another").await?;
    has(w, &vm, &profile, 2).await.map(drop)
}

pub(super) async fn a_stopped_worker_is_that_one<S: Subject>(w: &World<'_, S>) -> Kept {
    if !w.sees_workers() {
        return Ok(());
    }
    let (vm, profile) = (w.serving("launch").await?, w.profile()?);
    w.applied(&Action::StartWorker { vm: vm.clone(), profile: profile.clone() }, "start").await?;
    let before = has(w, &vm, &profile, 1).await?;
    let leaves = before.first().cloned().ok_or_else(|| Broken("no worker to stop".to_owned()))?;
    let stop = Action::StopWorker { vm: vm.clone(), worker: leaves.clone() };
    w.applied(&stop, "stop").await?;
    let wanted = format!("{leaves} to be gone");
    let gone = |id: &WorkerId| *id != leaves;
    w.until(&wanted, |list| {
        find(list, &vm).is_some_and(|vm| vm.workers.iter().flatten().all(|w| gone(&w.id)))
    })
    .await?;
    w.linger().await;
    let after = has(w, &vm, &profile, 0).await?;
    let stayed: Vec<WorkerId> = before.into_iter().filter(gone).collect();
    expect(after == stayed, format!("expected {stayed:?} to stay, got {after:?}"))?;
    w.already(&stop, "stop again").await
}

pub(super) async fn a_suspended_machine_starts_no_worker<S: Subject>(w: &World<'_, S>) -> Kept {
    if !w.sees_workers() {
        return Ok(());
    }
    let (vm, profile) = (w.serving("launch").await?, w.profile()?);
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    w.becomes(&vm, VmState::Suspended).await?;
    let start = Action::StartWorker { vm: vm.clone(), profile };
    w.fails(&start, "start", "rejected", |f| matches!(f, Failure::Rejected { .. })).await?;
    w.linger().await;
    let seen = w.becomes(&vm, VmState::Suspended).await?;
    expect(running(&seen).count() == 0, format!("suspended with workers: {:?}", seen.workers))
}

pub(super) async fn a_profile_that_is_not_hosted_is_refused<S: Subject>(w: &World<'_, S>) -> Kept {
    if !w.sees_workers() {
        return Ok(());
    }
    let vm = w.serving("launch").await?;
    let profile = ProfileName::from("no-such-profile");
    let start = Action::StartWorker { vm: vm.clone(), profile };
    w.fails(&start, "start", "rejected", |f| matches!(f, Failure::Rejected { .. })).await?;
    w.serves(&vm).await.map(drop)
}

/// Waits until a machine has its boot workers and `more` of one profile; names
/// the running ones, in the order of their names.
async fn has<S: Subject>(
    w: &World<'_, S>,
    vm: &VmId,
    profile: &ProfileName,
    more: u32,
) -> Kept<Vec<WorkerId>> {
    let mut wanted: BTreeMap<ProfileName, u32> = w.stage.hosts.clone();
    *wanted.entry(profile.clone()).or_insert(0) += more;
    wanted.retain(|_, count| *count > 0);
    let is = |list: &[SeenVm]| find(list, vm).is_some_and(|vm| counts(vm) == wanted);
    let list = w.until(&format!("{vm} to have {wanted:?}"), is).await?;
    let seen = find(&list, vm).ok_or_else(|| Broken(format!("{vm} vanished")))?;
    let mut names: Vec<WorkerId> = running(seen).map(|worker| worker.id.clone()).collect();
    names.sort();
    Ok(names)
}
