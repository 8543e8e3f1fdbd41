//! The formulas, against figures from books and against sums written out.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::expect;
use policy_latency_goal::staffing::{Ready, backlog, steady};
use proptest::prelude::*;

const LATE: f64 = 0.05;

/// The probability of waiting longer than a time, by Erlang's formula as it is
/// written in books, with factorials.
fn late(workers: u32, load: f64, goal_in_services: f64) -> f64 {
    let count = f64::from(workers);
    let term = |k: u32| (1..=k).fold(1.0, |product, n| product * load / f64::from(n));
    let queue = term(workers) * count / (count - load);
    let waits = queue / ((0..workers).map(term).sum::<f64>() + queue);
    waits * (-(count - load) * goal_in_services).exp()
}

#[test]
fn so_many_workers_for_so_much_load() {
    let mut said = String::from("load: workers if a message may wait no time, a service, ten\n");
    for load in [0.0, 0.01, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 1_000.0, 9_999.0, 10_001.0] {
        let workers = [1e-9, 1.0, 10.0].map(|goal| steady(load, 1.0, goal, LATE));
        said += &format!("{load}: {workers:?}\n");
    }
    expect![[r#"
        load: workers if a message may wait no time, a service, ten
        0: [0, 0, 0]
        0.01: [1, 1, 1]
        0.5: [3, 2, 1]
        1: [4, 3, 2]
        2: [6, 4, 3]
        5: [10, 7, 6]
        10: [17, 13, 11]
        50: [64, 53, 51]
        100: [119, 103, 101]
        1000: [1056, 1003, 1001]
        9999: [10174, 10002, 10000]
        10001: [10201, 10201, 10201]
    "#]]
    .assert_eq(&said);
}

/// TT-01: 1500 messages, 10 workers at work, 0.1 s each, goal 10 s.
#[test]
fn the_recipe_of_amazon_comes_out() {
    let ready = Ready { busy: 10, idle: 0, boot_s: 0.0 };
    assert_eq!(backlog(1_500.0, 0.1, 10.0, ready), 15);
    // Two seconds of the ten go by while the new ones boot.
    assert_eq!(backlog(1_500.0, 0.1, 10.0, Ready { boot_s: 2.0, ..ready }), 17);
    // The ten are enough for a thousand, and five for half of them.
    assert_eq!(backlog(1_000.0, 0.1, 10.0, ready), 10);
    assert_eq!(backlog(500.0, 0.1, 10.0, ready), 5);
}

#[test]
fn long_tasks_take_a_worker_each() {
    // Ten minutes each, to start within half a minute: hardly one of those
    // at work will be free.
    let ready = Ready { busy: 3, idle: 2, boot_s: 20.0 };
    let workers = [0.0, 1.0, 2.0, 3.0, 10.0].map(|waiting| backlog(waiting, 600.0, 30.0, ready));
    expect!["[0, 4, 5, 6, 13]"].assert_eq(&format!("{workers:?}"));
}

proptest! {
    /// It is the fewest: with one less too many are late, by the book.
    #[test]
    fn steady_is_the_fewest(load in 0.01f64..60.0, goal in 0.0f64..20.0) {
        let workers = steady(load, 1.0, goal, LATE);
        prop_assert!(f64::from(workers) > load);
        prop_assert!(late(workers, load, goal) <= LATE * 1.000_001);
        let fewer = workers - 1;
        if f64::from(fewer) > load {
            prop_assert!(late(fewer, load, goal) > LATE * 0.999_999);
        }
    }

    #[test]
    fn steady_grows_with_the_load(load in 0.0f64..20_000.0, more in 0.0f64..5_000.0, goal in 0.0f64..20.0) {
        prop_assert!(steady(load, 1.0, goal, LATE) <= steady(load + more, 1.0, goal, LATE));
    }

    /// The workers asked for start what waits, and one less would not.
    #[test]
    fn backlog_is_the_fewest(
        waiting in 0u32..100_000, busy in 0u32..50, idle in 0u32..50,
        service in 0.01f64..100.0, goal in 0.1f64..100.0, boot in 0.0f64..200.0,
    ) {
        let waiting = f64::from(waiting);
        let workers = backlog(waiting, service, goal, Ready { busy, idle, boot_s: boot });
        let left = (goal - boot).max(goal / 2.0);
        let started = |workers: u32| {
            let (at_work, free) = (workers.min(busy), workers.saturating_sub(busy).min(idle));
            let new = workers.saturating_sub(busy + idle);
            f64::from(at_work) * goal / service
                + f64::from(free) * (1.0 + (goal / service).floor())
                + f64::from(new) * (1.0 + (left / service).floor())
        };
        prop_assert!(started(workers) >= waiting * 0.999_99 - 1.0);
        if workers > 0 {
            prop_assert!(started(workers - 1) < waiting);
        }
    }
}
