//! The seed decides, and decides for each entity by itself.

use hooke_control::action::Action;
use hooke_sim::report::{Sample, Totals};
use hooke_sim::{QueueModel, WorldParts};

use crate::scene::{act, lively, many_faults, secs, world};

fn series(parts: WorldParts) -> (Vec<Sample>, Totals) {
    let mut world = world(parts);
    for _ in 0..5 {
        act(&mut world, &Action::Launch { image: "both".into() }).ok();
    }
    world.advance_to(world.start().plus(secs(6 * 3600)));
    (world.series().cloned().collect(), world.totals())
}

fn troubled(seed: u64) -> WorldParts {
    let mut parts = lively(seed, 300.0);
    parts.faults = many_faults();
    parts
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(series(troubled(1)), series(troubled(1)));
}

#[test]
fn another_seed_gives_another_run() {
    assert_ne!(series(troubled(1)), series(troubled(2)));
    assert_ne!(series(lively(1, 300.0)), series(lively(2, 300.0)));
}

#[test]
fn queues_that_differ_in_name_only_get_different_messages() {
    let mut world = world(lively(1, 300.0));
    // Nobody serves them, so what is ready is what arrived.
    world.advance_to(world.start().plus(secs(6 * 3600)));
    let apart = world.series().filter(|sample| sample.ready["ocr"] != sample.ready["faces"]);
    assert!(apart.count() > 0, "both queues were alike at every sample");
}

#[test]
fn one_more_queue_leaves_the_others_as_they_are() {
    let mut more = lively(1, 300.0);
    let model: QueueModel = more.queues["ocr"].clone();
    // Sorts before the others, so that every number shifts.
    more.queues.insert("aaa".into(), model);
    let (_, before) = series(lively(1, 300.0));
    let (_, after) = series(more);
    for (queue, totals) in &before.queues {
        assert_eq!(after.queues[queue], *totals, "queue {queue}");
    }
}

#[test]
fn what_arrives_does_not_depend_on_who_serves_it() {
    let published = |machines: u32| {
        let mut world = world(lively(1, 300.0));
        for _ in 0..machines {
            act(&mut world, &Action::Launch { image: "small".into() }).unwrap();
        }
        world.advance_to(world.start().plus(secs(3600)));
        world.totals().published()
    };
    assert_eq!(published(0), published(20));
}
