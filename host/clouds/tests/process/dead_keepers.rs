//! Keepers that are killed: nothing is lost, nothing is killed after them.

use std::fs;

use hooke_clouds::Cloud;
use hooke_control::action::{Action, Failure};
use hooke_control::fleet::VmState;
use rustix::process::Signal;

use super::rig::Rig;
use super::*;

#[tokio::test]
async fn a_machine_without_its_keeper_failed_and_its_workers_are_still_seen() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await;
    send(keeper_of(&rig, &vm.id), Signal::KILL);
    let failed = becomes(&cloud, &vm.id, VmState::Failed).await;
    assert_eq!((&failed.key, failed.launched_at), (&vm.key, vm.launched_at));
    assert_eq!(failed.workers, vm.workers);
    // The key was used, and nothing but its end can come of this machine.
    let launch = Action::Launch { image: "small".into() };
    let again = cloud.apply(&launch, &"one".into()).await.unwrap();
    assert!(matches!(again, Outcome::AlreadyTrue { .. }), "{again:?}");
    let resumed = cloud.apply(&Action::Resume { vm: vm.id }, &"resume".into()).await;
    assert!(matches!(resumed.unwrap_err().failure(), Failure::Rejected { .. }));
}

#[tokio::test]
async fn what_a_dead_keeper_left_is_asked_to_leave() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let (vm, other) = (serving(&cloud, "one", 3).await, serving(&cloud, "two", 3).await);
    let pids = workers_pids(&rig, &vm.id);
    send(keeper_of(&rig, &vm.id), Signal::KILL);
    becomes(&cloud, &vm.id, VmState::Failed).await;
    applied(&cloud, Action::Terminate { vm: vm.id.clone() }, "end").await;
    gone(&cloud, &vm.id).await;
    assert!(pids.into_iter().all(|pid| letter(pid).is_none()), "a worker was left");
    let other = becomes(&cloud, &other.id, VmState::Running).await;
    assert_eq!(workers_of(&other), 3);
}

#[tokio::test]
async fn a_busy_worker_of_a_dead_keeper_is_waited_for() {
    let mut rig = Rig::hosting(&[]);
    rig.host("busy", 1, &["busy", "@release"]);
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 1).await;
    send(keeper_of(&rig, &vm.id), Signal::KILL);
    becomes(&cloud, &vm.id, VmState::Failed).await;
    applied(&cloud, Action::Terminate { vm: vm.id.clone() }, "end").await;
    assert_eq!(workers_of(&becomes(&cloud, &vm.id, VmState::Terminating).await), 1);
    let again = cloud.apply(&Action::Terminate { vm: vm.id.clone() }, &"end 2".into()).await;
    assert!(matches!(again, Ok(Outcome::AlreadyTrue { .. })), "{again:?}");

    // Whoever clears up may be killed too.
    let clearing = keeper_of(&rig, &vm.id);
    send(clearing, Signal::KILL);
    becomes(&cloud, &vm.id, VmState::Failed).await;
    applied(&cloud, Action::Terminate { vm: vm.id.clone() }, "end 3").await;
    assert_eq!(workers_of(&becomes(&cloud, &vm.id, VmState::Terminating).await), 1);
    fs::write(rig.file("release"), "").unwrap();
    gone(&cloud, &vm.id).await;
}

#[tokio::test]
async fn a_suspended_machine_whose_keeper_is_killed_can_be_terminated() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    applied(&cloud, Action::Suspend { vm: vm.clone() }, "suspend").await;
    becomes(&cloud, &vm, VmState::Suspended).await;
    send(keeper_of(&rig, &vm), Signal::KILL);
    becomes(&cloud, &vm, VmState::Failed).await;
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
}

#[tokio::test]
async fn a_damaged_machine_is_listed_and_can_be_terminated() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await;
    let pids = workers_pids(&rig, &vm.id);
    send(keeper_of(&rig, &vm.id), Signal::KILL);
    for file in ["vm.json", "status.json"] {
        fs::write(dir(&rig, &vm.id).join(file), "{").unwrap();
    }
    let failed = becomes(&cloud, &vm.id, VmState::Failed).await;
    assert_eq!(failed.key.as_str(), vm.id.as_str());
    // Another Hooke on this computer, with a machine of the same name.
    let twin = Rig::new();
    let twin_cloud = twin.cloud();
    assert_eq!(serving(&twin_cloud, "one", 3).await.id, vm.id);
    let twins = workers_pids(&twin, &vm.id);
    // Nothing tells of its workers any more but the tag that they carry.
    applied(&cloud, Action::Terminate { vm: vm.id.clone() }, "end").await;
    gone(&cloud, &vm.id).await;
    assert!(pids.into_iter().all(|pid| letter(pid).is_none()), "a worker was left");
    assert!(twins.into_iter().all(|pid| letter(pid).is_some()), "a stranger's worker was told");
}

#[tokio::test]
async fn a_stopped_worker_of_a_dead_keeper_hears_that_it_should_leave() {
    let rig = Rig::hosting(&[("ocr", 1, &["idle"])]);
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 1).await.id;
    let worker = workers_pids(&rig, &vm)[0];
    send(keeper_of(&rig, &vm), Signal::KILL);
    becomes(&cloud, &vm, VmState::Failed).await;
    send(worker, Signal::STOP);
    until("the worker to stop", async || (letter(worker) == Some('T')).then_some(())).await;
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
    assert_eq!(letter(worker), None, "the worker was left");
}
