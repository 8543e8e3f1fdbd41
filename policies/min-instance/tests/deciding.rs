//! The rule, as a table of situations and decisions, and what holds of it
//! whatever the situation.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_min_instance::decide::{Queue, Situation, decide};
use proptest::prelude::*;

/// Decides every `(minimum, capacity, own workers of each queue)`.
fn check(table: &[(u32, u32, &[u32])], expected: Expect) {
    let mut said = String::new();
    for (minimum, capacity, own) in table {
        let decision = decide(&situation(*minimum, *capacity, own));
        said += &format!("{:+} {}\n", decision.delta, decision.reason);
    }
    expected.assert_eq(&said);
}

fn situation(minimum: u32, capacity: u32, own: &[u32]) -> Situation {
    let queue = |(nth, own_workers): (usize, &u32)| Queue {
        name: format!("q{}", nth + 1),
        own_workers: *own_workers,
    };
    Situation { minimum, capacity, queues: own.iter().enumerate().map(queue).collect() }
}

#[test]
fn the_minimum_is_asked_for_at_once_and_nothing_above_it_is_held() {
    check(
        &[(5, 0, &[]), (5, 4, &[]), (5, 5, &[]), (5, 8, &[]), (0, 0, &[]), (0, 1, &[])],
        expect![[r#"
            +5 0 workers < 5 (minimum 5): 5 more
            +1 4 workers < 5 (minimum 5): 1 more
            +0 5 workers = 5 (minimum 5): hold
            -3 8 workers > 5 (minimum 5): 3 could go
            +0 0 workers = 0 (minimum 0): hold
            -1 1 worker > 0 (minimum 0): 1 could go
        "#]],
    );
    check(
        &[(u32::MAX, 0, &[]), (0, u32::MAX, &[])],
        expect![[r#"
        +2147483647 0 workers < 4294967295 (minimum 4294967295): 4294967295 more
        -2147483648 4294967295 workers > 0 (minimum 0): 4294967295 could go
    "#]],
    );
}

#[test]
fn every_queue_is_to_have_a_worker() {
    check(
        &[
            // Not enough workers: the floor is the number of queues.
            (1, 0, &[0, 0, 0]),
            (1, 2, &[1, 1, 0]),
            (1, 3, &[1, 1, 1]),
            (5, 4, &[1, 1, 0]),
            (5, 5, &[2, 2, 1]),
            (1, 7, &[3, 3, 1]),
            // Workers that take from every queue are counted for each.
            (1, 3, &[3, 3, 3]),
            // Enough workers, but not on every queue: one more for each such
            // queue, and that once, even if it does not help.
            (1, 3, &[2, 1, 0]),
            (1, 4, &[3, 1, 0]),
            (1, 9, &[8, 1, 0]),
            (1, 3, &[3, 0, 0]),
            (1, 1, &[0]),
        ],
        expect![[r#"
            +3 0 workers < 3 (3 queues with a worker each): 3 more
            +1 2 workers < 3 (3 queues with a worker each): 1 more
            +0 3 workers = 3 (3 queues with a worker each): hold
            +1 4 workers < 5 (minimum 5): 1 more
            +0 5 workers = 5 (minimum 5): hold
            -4 7 workers > 3 (3 queues with a worker each): 4 could go
            +0 3 workers = 3 (3 queues with a worker each): hold
            +1 3 workers < 4 (3 queues with a worker each, and queue q3 has none): 1 more
            +0 4 workers = 4 (3 queues with a worker each, and queue q3 has none): hold
            -5 9 workers > 4 (3 queues with a worker each, and queue q3 has none): 5 could go
            +2 3 workers < 5 (3 queues with a worker each, and queue q2 and 1 more have none): 2 more
            +1 1 worker < 2 (minimum 1, and queue q1 has none): 1 more
        "#]],
    );
}

proptest! {
    /// Whatever the queues say: never below the minimum, never more than one
    /// worker a queue above the floor, so that it cannot run away.
    #[test]
    fn the_wish_is_bounded(
        minimum in 0u32..50, capacity in 0u32..100, own in prop::collection::vec(0u32..4, 0..8),
    ) {
        let decision = decide(&situation(minimum, capacity, &own));
        let desired = i64::from(capacity) + i64::from(decision.delta);
        let queues = i64::try_from(own.len()).unwrap();
        prop_assert!(desired >= i64::from(minimum).max(queues));
        prop_assert!(desired <= i64::from(minimum).max(queues) + queues);
    }

    /// Carried out, the answer is to hold.
    #[test]
    fn a_wish_met_is_not_repeated(minimum in 0u32..50, capacity in 0u32..100) {
        let decision = decide(&situation(minimum, capacity, &[]));
        let met = u32::try_from(i64::from(capacity) + i64::from(decision.delta)).unwrap();
        prop_assert_eq!(decide(&situation(minimum, met, &[])).delta, 0);
    }
}
