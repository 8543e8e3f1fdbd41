//! Launches that are cut off in the middle, made twice, or cannot be made.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use hooke_clouds::process::ProcessCloud;
use hooke_clouds::{Cloud, Inventory};
use hooke_control::action::{Action, Failure};
use hooke_control::fleet::VmState;

use super::rig::{PROGRAM, Rig};
use super::*;

/// A driver whose keeper is this program.
fn cloud_with(rig: &Rig, keeper: &[&str]) -> ProcessCloud {
    let mut config = rig.config("first");
    config.keeper = keeper.iter().map(OsString::from).collect();
    ProcessCloud::open(config).unwrap()
}

/// Begins a launch whose keeper never comes to work, and lets the host die.
async fn cut_off(rig: &Rig, key: &str) -> VmId {
    let launch = Action::Launch { image: "small".into() };
    let (dying, key) = (cloud_with(rig, &[PROGRAM, "idle"]), key.into());
    let cloud = rig.cloud();
    tokio::select! {
        outcome = dying.apply(&launch, &key) => panic!("the host lived: {outcome:?}"),
        vm = until("the machine to be written down", async || {
            cloud.list().await.unwrap().into_iter().find(|vm| vm.key == key)
        }) => {
            assert_eq!(vm.state, VmState::Pending);
            vm.id
        }
    }
}

#[tokio::test]
async fn a_launch_that_was_cut_off_is_finished() {
    let rig = Rig::new();
    let vm = cut_off(&rig, "one").await;
    let cloud = rig.cloud();
    let (launch, key) = (Action::Launch { image: "small".into() }, "one".into());
    let (a, b) = tokio::join!(cloud.apply(&launch, &key), cloud.apply(&launch, &key));
    let applied = [&a, &b].iter().filter(|o| matches!(o, Ok(Outcome::Applied { .. }))).count();
    assert_eq!(applied, 1, "{a:?} {b:?}");
    seen(&cloud, &vm, "its workers", |seen| workers_of(seen) == 3).await;
    assert_eq!(cloud.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_launch_that_was_cut_off_can_be_terminated() {
    let rig = Rig::new();
    let vm = cut_off(&rig, "one").await;
    let cloud = rig.cloud();
    let suspended = cloud.apply(&Action::Suspend { vm: vm.clone() }, &"suspend".into()).await;
    assert!(matches!(suspended.unwrap_err().failure(), Failure::Rejected { .. }));
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    assert_eq!(cloud.list().await.unwrap(), vec![]);
    let again = cloud.apply(&Action::Launch { image: "small".into() }, &"one".into()).await;
    assert!(matches!(again, Ok(Outcome::AlreadyTrue { .. })), "{again:?}");
}

#[tokio::test]
async fn a_second_keeper_goes_without_a_word() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await;
    let (keeper, workers) = (keeper_of(&rig, &vm.id), workers_pids(&rig, &vm.id));
    let second =
        Command::new(PROGRAM).args(["machine", "keep"]).arg(dir(&rig, &vm.id)).output().unwrap();
    assert!(second.status.success() && second.stdout.is_empty(), "{second:?}");
    assert_eq!((keeper_of(&rig, &vm.id), workers_pids(&rig, &vm.id)), (keeper, workers));
}

#[tokio::test]
async fn a_launch_whose_keeper_was_not_the_first_is_no_failure() {
    let rig = Rig::new();
    // Another host's keeper comes to work, then ours starts.
    let late = format!(
        r#""{PROGRAM}" machine keep "$1" > "$1/keeper.log" &
           while [ ! -e "$1/status.json" ]; do sleep 0.02; done
           exec "{PROGRAM}" machine keep "$1""#
    );
    let vm = launched(&cloud_with(&rig, &["sh", "-c", &late]), "one").await;
    let cloud = rig.cloud();
    seen(&cloud, &vm, "its workers", |seen| workers_of(seen) == 3).await;
    assert_eq!(cloud.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_keeper_that_cannot_be_started_leaves_nothing() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    for keeper in [&["no-such-program"][..], &["true"], &[PROGRAM, "no-such-role"]] {
        let launch = Action::Launch { image: "small".into() };
        let refused = cloud_with(&rig, keeper).apply(&launch, &"one".into()).await;
        let failure = refused.unwrap_err().failure();
        assert!(matches!(failure, Failure::Rejected { .. }), "{failure}");
        let last_words = failure.why().contains("no-such-role");
        assert!(last_words || keeper.len() == 1, "{failure}");
        assert_eq!(cloud.list().await.unwrap(), vec![]);
    }
    serving(&cloud, "one", 3).await;
}

#[tokio::test]
async fn a_long_path_is_no_hindrance() {
    let rig = Rig::new();
    let mut config = rig.config("first");
    config.state = config.state.join("d".repeat(100)).join("e".repeat(100));
    let cloud = ProcessCloud::open(config).unwrap();
    let vm = serving(&cloud, "one", 3).await.id;
    applied(&cloud, Action::Suspend { vm: vm.clone() }, "suspend").await;
    becomes(&cloud, &vm, VmState::Suspended).await;
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
}

#[tokio::test]
async fn looking_writes_nothing() {
    let rig = Rig::new();
    assert_eq!(rig.cloud().list().await.unwrap(), vec![]);
    assert!(!rig.state().exists(), "{:?}", fs::read_dir(rig.state()));
}
