//! Ten thousand reloads in a row, and what they leave behind.

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
    assert_eq!(scene.count(Outcome::Swapped), 10_000);
    // Other tests run beside it in this process: they, too, are in the figure.
    assert!(
        at_last < after_thousand * 3 / 2 + (64 << 20),
        "{after_thousand} bytes after 1,000 reloads, {at_last} after 10,000"
    );
    assert_eq!(scene.shelf.compiles(), hooke_bundled::BUNDLED.len() as u64 + 2);
}
