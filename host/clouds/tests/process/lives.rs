//! Machines that live as they should: suspended ones stand still, busy workers
//! are let be, and who fails comes back.

use std::fs;

use expect_test::expect;
use hooke_control::action::Action;
use hooke_control::fleet::{VmState, WorkerPhase};
use rustix::process::{Signal, getpid};

use super::rig::Rig;
use super::*;

#[tokio::test]
async fn a_suspended_machine_is_stopped_and_stops_again_when_woken_for_nothing() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let keeper = keeper_of(&rig, &vm);
    applied(&cloud, Action::Suspend { vm: vm.clone() }, "suspend").await;
    let stopped = async || (letter(keeper) == Some('T')).then_some(());
    until("the keeper to be stopped", stopped).await;
    send(keeper, Signal::CONT);
    until("the keeper to be stopped again", stopped).await;
    assert_eq!(becomes(&cloud, &vm, VmState::Suspended).await.workers, Some(vec![]));
    applied(&cloud, Action::Resume { vm: vm.clone() }, "resume").await;
    seen(&cloud, &vm, "its workers", |seen| workers_of(seen) == 3).await;
    assert_eq!(keeper_of(&rig, &vm), keeper);
}

#[tokio::test]
async fn a_busy_worker_is_told_once_and_never_killed() {
    let mut rig = Rig::hosting(&[("idle", 1, &["idle"])]);
    rig.host("busy", 1, &["busy", "@release"]);
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 2).await;
    let all = vm.workers.clone().unwrap();
    let worker = all.iter().find(|worker| worker.profile.as_str() == "busy").unwrap().id.clone();
    let stop = Action::StopWorker { vm: vm.id.clone(), worker: worker.clone() };
    applied(&cloud, stop, "stop").await;
    applied(&cloud, Action::Suspend { vm: vm.id.clone() }, "suspend").await;
    let left = seen(&cloud, &vm.id, "the idle one to leave", |seen| workers_of(seen) == 1).await;
    assert_eq!(left.state, VmState::Suspending);
    let left = left.workers.unwrap().remove(0);
    assert_eq!((left.id, left.phase), (worker.clone(), WorkerPhase::Draining));

    // The way back: the leaving one leaves, and the workers of the boot come.
    applied(&cloud, Action::Resume { vm: vm.id.clone() }, "resume").await;
    seen(&cloud, &vm.id, "its boot workers", |seen| workers_of(seen) == 3).await;
    applied(&cloud, Action::Terminate { vm: vm.id.clone() }, "end").await;
    let last = seen(&cloud, &vm.id, "the idle one to leave", |seen| workers_of(seen) == 2).await;
    assert_eq!(last.state, VmState::Terminating);

    fs::write(rig.file("release"), "").unwrap();
    gone(&cloud, &vm.id).await;
    let told = until("both to say how they left", async || {
        fs::read_to_string(rig.file("release")).ok().filter(|text| text.lines().count() == 2)
    })
    .await;
    expect![[r"
        told 1 times
        told 1 times
    "]]
    .assert_eq(&told);
}

#[tokio::test]
async fn a_worker_that_fails_comes_back_under_another_name() {
    let rig = Rig::hosting(&[("fails", 1, &["fail", "@starts"])]);
    let cloud = rig.cloud();
    let vm = launched(&cloud, "one").await;
    until("it to be started twice", async || {
        let starts = fs::read_to_string(rig.file("starts")).unwrap_or_default();
        (starts.lines().count() >= 2).then_some(())
    })
    .await;
    until("the ends to be counted", async || {
        (status(&rig, &vm)["exits_unasked"].as_u64()? >= 2).then_some(())
    })
    .await;
    assert_eq!(becomes(&cloud, &vm, VmState::Running).await.workers, Some(vec![]));
}

#[tokio::test]
async fn a_killed_worker_is_replaced_and_its_name_is_not_used_again() {
    let rig = Rig::hosting(&[("ocr", 1, &["idle"])]);
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 1).await;
    let before = vm.workers.unwrap().remove(0);
    send(workers_pids(&rig, &vm.id)[0], Signal::KILL);
    let after = seen(&cloud, &vm.id, "another worker", |seen| {
        seen.workers.iter().flatten().any(|worker| worker.id != before.id)
    })
    .await;
    assert_eq!(workers_of(&after), 1);
    let stop = Action::StopWorker { vm: vm.id, worker: before.id };
    let outcome = cloud.apply(&stop, &"late".into()).await.unwrap();
    assert!(matches!(outcome, Outcome::AlreadyTrue { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_worker_is_told_who_it_is_and_no_secret_of_the_host() {
    let mut rig = Rig::hosting(&[]);
    rig.host("ocr", 1, &["tell", "@told"]);
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 1).await;
    let file = rig.file("told");
    let told = until("the worker to tell", async || fs::read_to_string(&file).ok()).await;
    assert!(std::env::vars().any(|(name, _)| name.starts_with("CARGO")), "this host has such");
    let ours =
        |line: &&str| ["HOOKE_", "COLOUR", "CARGO"].iter().any(|start| line.starts_with(start));
    let told: Vec<&str> = told.lines().filter(ours).collect();
    expect![[r"
        COLOUR=blue
        HOOKE_PROFILE=ocr
        HOOKE_QUEUES=ocr,ocr-urgent
        HOOKE_SITE=first
        HOOKE_VM=VM
        HOOKE_VM_DIR=STATE/first/VM
        HOOKE_WORKER=VM.1"]]
    .assert_eq(
        &told
            .join("\n")
            .replace(vm.id.as_str(), "VM")
            .replace(rig.state().to_str().unwrap(), "STATE"),
    );
}

#[tokio::test]
async fn a_dismissed_keeper_lets_its_workers_leave_and_ends_the_machine() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let pids = workers_pids(&rig, &vm);
    send(keeper_of(&rig, &vm), Signal::TERM);
    gone(&cloud, &vm).await;
    assert!(pids.into_iter().all(|pid| letter(pid).is_none()), "a worker was left");
}

#[tokio::test]
async fn a_machine_whose_directory_was_taken_away_ends() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let mut pids = workers_pids(&rig, &vm);
    pids.push(keeper_of(&rig, &vm));
    fs::remove_dir_all(dir(&rig, &vm)).unwrap();
    until("its processes to be gone", async || {
        pids.iter().all(|pid| letter(*pid).is_none()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_zombie_stays() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let keeper = keeper_of(&rig, &vm);
    let parent = || Some(procfs::process::Process::new(keeper).ok()?.stat().ok()?.ppid);
    assert_eq!(parent(), Some(getpid().as_raw_nonzero().get()), "it is our child");
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
    until("the keeper to be reaped", async || parent().is_none().then_some(())).await;
}
