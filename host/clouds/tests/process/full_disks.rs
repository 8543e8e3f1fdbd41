//! Disks that are full, or would be: a machine stays within reach, and its logs
//! do not grow for ever.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::time::{Duration, SystemTime};

use hooke_clouds::Cloud;
use hooke_control::action::{Action, Failure};
use hooke_control::fleet::VmState;

use super::rig::Rig;
use super::*;

/// 16 MiB, as the README says.
const LOG_MAX: u64 = 16 * 1024 * 1024;

#[tokio::test]
async fn a_machine_whose_suspension_cannot_be_written_down_stays_awake() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let keeper = keeper_of(&rig, &vm);
    // A directory in the place of the file: nothing can be written, even by root.
    let blocked = dir(&rig, &vm).join("status.next");
    fs::create_dir(&blocked).unwrap();
    let suspend = Action::Suspend { vm: vm.clone() };
    let failure = cloud.apply(&suspend, &"suspend".into()).await.unwrap_err().failure();
    assert!(matches!(failure, Failure::Unclear { .. }), "{failure}");
    until("it to stop, or to say why not", async || {
        let log = fs::read_to_string(dir(&rig, &vm).join("keeper.log")).unwrap();
        (letter(keeper) == Some('T') || log.contains("not stopping")).then_some(())
    })
    .await;
    let again = cloud.apply(&suspend, &"suspend 2".into()).await;
    assert!(matches!(again, Ok(Outcome::AlreadyTrue { .. })), "{again:?}");

    fs::remove_dir(&blocked).unwrap();
    becomes(&cloud, &vm, VmState::Suspended).await;
    until("it to stop", async || (letter(keeper) == Some('T')).then_some(())).await;
    applied(&cloud, Action::Resume { vm: vm.clone() }, "resume").await;
    seen(&cloud, &vm, "its workers", |seen| workers_of(seen) == 3).await;
}

#[tokio::test]
async fn a_log_that_grew_too_long_begins_anew_and_its_end_is_kept() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    for name in ["workers.log", "keeper.log"] {
        let path = dir(&rig, &vm).join(name);
        // By one rename, lest the keeper looks when only half of it is there.
        let long = rig.file(name);
        let mut log = OpenOptions::new().append(true).create_new(true).open(&long).unwrap();
        log.set_len(LOG_MAX + 5).unwrap();
        log.write_all(b"the end").unwrap();
        fs::rename(&long, &path).unwrap();
        until("the log to be short", async || {
            (fs::metadata(&path).unwrap().len() == 0).then_some(())
        })
        .await;
        let kept = fs::read(path.with_extension("log.1")).unwrap();
        assert_eq!(u64::try_from(kept.len()).unwrap(), LOG_MAX);
        assert!(kept.ends_with(b"the end"));
        // Whoever had it open goes on at its new beginning.
        log.write_all(b"more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"more");
    }
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
}

#[tokio::test]
async fn what_cannot_be_swept_away_does_not_hinder_a_launch() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    applied(&cloud, Action::Terminate { vm: vm.clone() }, "end").await;
    gone(&cloud, &vm).await;
    let gone = rig.state().join("first/.gone");
    let grave = gone.join(vm.as_str());
    // The keeper empties it after the machine has left the list, which makes it young.
    until("the grave to be empty", async || {
        fs::read_dir(&grave).unwrap().next().is_none().then_some(())
    })
    .await;
    let age = |file: fs::File| file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    // No directory, so that it cannot be taken away as one.
    age(fs::File::create(gone.join("vm-00000000000000000000")).unwrap()).unwrap();
    age(fs::File::open(&grave).unwrap()).unwrap();
    serving(&cloud, "two", 3).await;
    assert!(!grave.exists(), "the sweep ended early");
}
