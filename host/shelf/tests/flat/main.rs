//! Ten thousand reloads in a row, and what they leave behind. In a process of
//! its own, whose memory no other test uses.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

#[path = "../../../runtime/tests/policies/guests.rs"]
#[allow(dead_code, reason = "other tests make more of the guests than this one does")]
mod guests;
#[path = "../it/scene.rs"]
#[allow(dead_code, reason = "other tests make more of the scene than this one does")]
mod scene;

use std::fs;

use hooke_shelf::Outcome;

use crate::scene::{HONEST, Scene, marked};

/// Bytes of memory that this process has in use.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size() as u64
}

#[test]
fn ten_thousand_reloads_leave_nothing_behind() {
    let mut scene = Scene::new();
    let contents = [HONEST.clone(), marked(1)];
    let mut after_thousand = 0;
    for number in 0..10_000 {
        scene.put("mine.wasm", &contents[number % 2]);
        scene.look();
        scene.look();
        scene.look();
        if number < 2 {
            scene.settle();
        }
        if number == 1_000 {
            after_thousand = resident();
        }
    }
    let at_last = resident();
    let heard = scene.sites.heard.lock().unwrap();
    let taken = |outcome| heard.iter().filter(|event| event.outcome == outcome).count();
    assert_eq!((taken(Outcome::Loaded), taken(Outcome::Swapped)), (1, 9_999));
    // A kilobyte a reload would be a tenth of it.
    assert!(
        at_last < after_thousand * 11 / 10,
        "{after_thousand} bytes after 1,000 reloads, {at_last} after 10,000"
    );
    assert_eq!(scene.shelf.compiles(), hooke_bundled::BUNDLED.len() as u64 + 2);
}
