//! The process driver with real processes: what the suite cannot know of.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

#[path = "../rig/mod.rs"]
mod rig;

mod dead_keepers;
mod eyes;
mod full_disks;
mod launches;
mod lives;
mod strangers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use hooke_clouds::process::ProcessCloud;
use hooke_clouds::{Cloud, Inventory};
use hooke_control::action::{Action, Outcome};
use hooke_control::fleet::{SeenVm, VmState};
use hooke_control::ids::VmId;
use rig::Rig;
use rustix::process::{Pid, Signal, kill_process};

/// A crowded computer starts processes slowly.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until `look` finds something.
async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Does what must be done and not be found done.
async fn applied(cloud: &ProcessCloud, action: Action, key: &str) -> VmId {
    match cloud.apply(&action, &key.into()).await {
        Ok(Outcome::Applied { vm }) => vm,
        other => panic!("{action}: {other:?}"),
    }
}

async fn launched(cloud: &ProcessCloud, key: &str) -> VmId {
    applied(cloud, Action::Launch { image: "small".into() }, key).await
}

/// Launches a machine and waits for `workers` of it.
async fn serving(cloud: &ProcessCloud, key: &str, workers: usize) -> SeenVm {
    let vm = launched(cloud, key).await;
    seen(cloud, &vm, "it to serve", |seen| {
        seen.state == VmState::Running && workers_of(seen) == workers
    })
    .await
}

/// Waits until a machine is listed as `is` wants it.
async fn seen(cloud: &ProcessCloud, vm: &VmId, what: &str, is: impl Fn(&SeenVm) -> bool) -> SeenVm {
    until(&format!("{vm}: {what}"), async || {
        let list = cloud.list().await.unwrap();
        list.into_iter().find(|seen| seen.id == *vm && is(seen))
    })
    .await
}

async fn becomes(cloud: &ProcessCloud, vm: &VmId, state: VmState) -> SeenVm {
    seen(cloud, vm, state.as_str(), |seen| seen.state == state).await
}

async fn gone(cloud: &ProcessCloud, vm: &VmId) {
    until(&format!("{vm} to be gone"), async || {
        cloud.list().await.unwrap().iter().all(|seen| seen.id != *vm).then_some(())
    })
    .await;
}

fn workers_of(vm: &SeenVm) -> usize {
    vm.workers.iter().flatten().count()
}

/// Where a machine of the site `first` is written down.
fn dir(rig: &Rig, vm: &VmId) -> PathBuf {
    rig.state().join("first").join(vm.as_str())
}

fn status(rig: &Rig, vm: &VmId) -> serde_json::Value {
    rig::json(&dir(rig, vm).join("status.json")).unwrap()
}

/// A pid in a machine's status.
fn pid(value: &serde_json::Value) -> i32 {
    i32::try_from(value["pid"].as_i64().unwrap()).unwrap()
}

fn keeper_of(rig: &Rig, vm: &VmId) -> i32 {
    pid(&status(rig, vm)["keeper"])
}

fn workers_pids(rig: &Rig, vm: &VmId) -> Vec<i32> {
    let status = status(rig, vm);
    status["workers"].as_array().unwrap().iter().map(|worker| pid(&worker["process"])).collect()
}

fn send(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// The letter by which the kernel names a process's state; `None` if it is gone.
fn letter(pid: i32) -> Option<char> {
    let stat = procfs::process::Process::new(pid).and_then(|process| process.stat()).ok()?;
    (stat.state != 'Z').then_some(stat.state)
}
