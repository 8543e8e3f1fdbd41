//! The thread that looks, with real events and the real clock.

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use hooke_control::units::{Timestamp, millis};
use hooke_shelf::{Clock, Watch};

use crate::scene::{HONEST, Scene, marked};

fn clock() -> Arc<Clock> {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp::from_millis(millis(since))
    })
}

fn watch(scene: &Scene) -> Watch {
    let users: Arc<_> = Arc::clone(&scene.sites);
    scene.shelf.watch(users, clock()).unwrap()
}

/// Waits for what has to come, as long as a crowded machine may need.
#[track_caller]
fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "{what} never came");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_file_is_picked_up_and_replaced_while_the_host_runs() {
    let scene = Scene::new();
    let watch = watch(&scene);
    scene.put("mine.wasm", &HONEST);
    until("the policy", || scene.live("mine") == "honest");
    scene.put("mine.wasm", &marked(1));
    until("the newer one", || scene.live("mine") == "first");
    // Another directory of the same name.
    fs::rename(&scene.directory, scene.directory.with_extension("old")).unwrap();
    fs::create_dir(&scene.directory).unwrap();
    scene.put("mine.wasm", &marked(2));
    until("the one in the new directory", || scene.live("mine") == "second");
    drop(watch);
    let version = scene.shelf.version();
    scene.put("mine.wasm", &HONEST);
    thread::sleep(Duration::from_millis(700));
    assert_eq!(scene.shelf.version(), version, "nobody looks any more");
}
