//! What Hooke did not make is neither listed nor touched.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hooke_clouds::{Cloud, Inventory};
use hooke_control::action::{Action, Failure};

use super::rig::Rig;
use super::*;

/// Every file below a directory, with what is in it.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[tokio::test]
async fn a_foreign_directory_is_left_alone() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let site = rig.state().join("first");
    let (notes, untagged) = (site.join("notes"), site.join("vm-00000000000000000000"));
    let moved = site.join("vm-11111111111111111111");
    for path in [&notes, &untagged, &moved] {
        fs::create_dir(path).unwrap();
        fs::write(path.join("status.json"), "{}").unwrap();
    }
    // The machine of another site, put here by somebody's hand.
    let tag = fs::read_to_string(dir(&rig, &vm).join("vm.json")).unwrap();
    fs::write(moved.join("vm.json"), tag.replace("\"first\"", "\"second\"")).unwrap();
    let before: Vec<_> = [&notes, &untagged, &moved].map(|path| contents(path)).into();

    let listed: Vec<_> = cloud.list().await.unwrap().into_iter().map(|vm| vm.id).collect();
    assert_eq!(listed, vec![vm]);
    for name in ["notes", "vm-00000000000000000000", "vm-11111111111111111111", "../first", "."] {
        let end = Action::Terminate { vm: name.into() };
        let outcome = cloud.apply(&end, &name.into()).await;
        assert!(matches!(outcome, Ok(Outcome::AlreadyTrue { .. })), "{name}: {outcome:?}");
    }
    let after: Vec<_> = [&notes, &untagged, &moved].map(|path| contents(path)).into();
    assert_eq!(before, after);
}

#[tokio::test]
async fn what_stands_in_the_place_of_a_machine_is_not_moved() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    // The same key names the same machine elsewhere.
    let elsewhere = Rig::new();
    let place = dir(&elsewhere, &vm);
    fs::create_dir_all(&place).unwrap();
    fs::set_permissions(place.parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
    fs::write(place.join("mine"), "mine").unwrap();
    let launch = Action::Launch { image: "small".into() };
    let refused = elsewhere.cloud().apply(&launch, &"one".into()).await;
    assert!(matches!(refused.unwrap_err().failure(), Failure::Rejected { .. }));
    assert_eq!(fs::read_to_string(place.join("mine")).unwrap(), "mine");
}

#[tokio::test]
async fn the_machine_of_a_later_hooke_stops_the_list_and_is_left_alone() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let path = dir(&rig, &vm).join("vm.json");
    let tag = fs::read_to_string(&path).unwrap();
    fs::write(&path, tag.replace("\"format\":1", "\"format\":2")).unwrap();
    let failure = cloud.list().await.unwrap_err().failure();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure}");
    let ended = cloud.apply(&Action::Terminate { vm: vm.clone() }, &"end".into()).await;
    assert!(matches!(ended.unwrap_err().failure(), Failure::Rejected { .. }));
    // Of what it says in other words than ours, the format alone is understood.
    fs::write(&path, r#"{"format":2,"site":"first","machine":{"id":7}}"#).unwrap();
    let failure = cloud.list().await.unwrap_err().failure();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure}");
    let ended = cloud.apply(&Action::Terminate { vm: vm.clone() }, &"end 2".into()).await;
    assert!(matches!(ended.unwrap_err().failure(), Failure::Rejected { .. }));
    fs::write(&path, tag).unwrap();
    seen(&cloud, &vm, "it to serve as before", |seen| workers_of(seen) == 3).await;
}

#[tokio::test]
async fn only_its_owner_may_look_at_or_command_a_machine() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let vm = serving(&cloud, "one", 3).await.id;
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = dir(&rig, &vm);
    assert_eq!(mode(dir.clone()), 0o700);
    for file in ["vm.json", "status.json", "control", "keeper.lock", "keeper.log", "workers.log"] {
        assert_eq!(mode(dir.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_site_that_others_may_write_to_is_refused() {
    let rig = Rig::new();
    let cloud = rig.cloud();
    let site = rig.state().join("first");
    fs::create_dir_all(&site).unwrap();
    let launch = Action::Launch { image: "small".into() };
    let end = Action::Terminate { vm: "vm-00000000000000000000".into() };
    for mode in [0o770, 0o707] {
        fs::set_permissions(&site, Permissions::from_mode(mode)).unwrap();
        let failures = [
            cloud.list().await.unwrap_err(),
            cloud.apply(&launch, &"one".into()).await.unwrap_err(),
            cloud.apply(&end, &"end".into()).await.unwrap_err(),
        ];
        for failure in failures.map(|error| error.failure()) {
            assert!(matches!(failure, Failure::Unauthorized { .. }), "{failure}");
            assert!(failure.why().contains("others may write to it"), "{failure}");
        }
        assert_eq!(fs::read_dir(&site).unwrap().count(), 0, "something was written");
    }
    fs::set_permissions(&site, Permissions::from_mode(0o755)).unwrap();
    serving(&cloud, "one", 3).await;
}
