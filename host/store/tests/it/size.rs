//! A fleet in which nothing happens takes no more room, tick after tick.

use std::fs;

use crate::scene::{Scene, decision, east, tick};

#[test]
fn a_quiet_fleet_does_not_grow() {
    let scene = Scene::new();
    let bytes = || fs::metadata(scene.path()).unwrap().len();
    let run = |ticks: std::ops::Range<u64>| {
        // Reopened, so that all is in the one file.
        let mut store = scene.store();
        for number in ticks {
            let mut record = tick(number);
            let chain = format!("age {number:04} {}", "x".repeat(1000));
            record.decisions = (0..500).map(|n| decision(&format!("p{n}"), 1, &chain)).collect();
            store.record_tick(&record).unwrap();
        }
    };
    run(1..3);
    let early = bytes();
    run(3..100);
    let late = bytes();
    assert!(late * 100 <= early * 105, "grew from {early} to {late} bytes");
    let history = scene.reader().history(&east(), &"p7".into(), 10).unwrap();
    assert_eq!(history.iter().map(|run| run.times).collect::<Vec<_>>(), [99]);
}
