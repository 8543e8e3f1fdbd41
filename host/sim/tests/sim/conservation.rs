//! Whatever is done to a world, and whatever goes wrong in it, no message is
//! lost and none is made twice.

use hooke_control::action::Action;
use hooke_control::units::Timestamp;
use proptest::prelude::*;

use crate::scene::{act, assert_sound, lively, many_faults, run, secs, vm, world};

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Publish(u32),
    Launch(&'static str),
    Resume(u32),
    Suspend(u32),
    Terminate(u32),
    StartWorker(u32),
    StopWorker(u32, usize),
    Lose(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let machine = || 1..6_u32;
    prop_oneof![
        4 => (1..200_u64).prop_map(Step::Wait),
        1 => (1..50_u32).prop_map(Step::Publish),
        2 => prop_oneof![Just("small"), Just("both")].prop_map(Step::Launch),
        1 => machine().prop_map(Step::Resume),
        1 => machine().prop_map(Step::Suspend),
        1 => machine().prop_map(Step::Terminate),
        1 => machine().prop_map(Step::StartWorker),
        1 => (machine(), 0..3_usize).prop_map(|(vm, n)| Step::StopWorker(vm, n)),
        1 => machine().prop_map(Step::Lose),
    ]
}

fn take(world: &mut hooke_sim::World, step: &Step) {
    let answer = match step {
        Step::Lose(n) => {
            world.lose(&vm(*n));
            return;
        }
        Step::Wait(n) => return run(world, secs(*n)),
        Step::Publish(n) => return world.publish(&"ocr".into(), *n).unwrap(),
        Step::Launch(image) => act(world, &Action::Launch { image: (*image).into() }),
        Step::Resume(n) => act(world, &Action::Resume { vm: vm(*n) }),
        Step::Suspend(n) => act(world, &Action::Suspend { vm: vm(*n) }),
        Step::Terminate(n) => act(world, &Action::Terminate { vm: vm(*n) }),
        Step::StartWorker(n) => {
            act(world, &Action::StartWorker { vm: vm(*n), profile: "ocr".into() })
        }
        Step::StopWorker(n, worker) => {
            let seen = world.vms().into_iter().find(|seen| seen.id == vm(*n));
            let workers = seen.and_then(|seen| seen.workers).unwrap_or_default();
            let Some(worker) = workers.get(*worker) else { return };
            act(world, &Action::StopWorker { vm: vm(*n), worker: worker.id.clone() })
        }
    };
    // What a cloud answers is of no interest here: only that the books are right.
    answer.ok();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_message_is_lost_and_none_is_made_twice(
        seed in 0..1000_u64,
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut parts = lively(seed, 400.0);
        parts.faults = many_faults();
        parts.quota_vms = Some(4);
        let mut world = world(parts);
        for step in &steps {
            take(&mut world, step);
            assert_sound(&mut world);
        }
        let before: Timestamp = world.now();
        world.advance_to(world.start());
        prop_assert_eq!(world.now(), before, "time went back");
    }

    #[test]
    fn the_length_of_the_steps_makes_no_difference(seed in 0..1000_u64, step in 1..5000_u64) {
        let film = |step: u64| {
            let mut parts = lively(seed, 400.0);
            parts.faults = many_faults();
            let mut world = world(parts);
            for _ in 0..4 {
                act(&mut world, &Action::Launch { image: "both".into() }).ok();
            }
            let end = world.start().plus(secs(4000));
            while world.now() < end {
                world.advance_to(world.now().plus(secs(step)).min(end));
            }
            (world.totals(), world.series().cloned().collect::<Vec<_>>())
        };
        prop_assert_eq!(film(step), film(4000));
    }
}
