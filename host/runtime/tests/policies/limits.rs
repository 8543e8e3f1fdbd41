//! What becomes of a policy that wants more than it may have: one failure that
//! names the limit, and a host that goes on.

use std::num::NonZeroU32;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_runtime::{Allocation, BoundPolicy, Grants, Host, Limit, Limits};

use crate::guests::guest;
use crate::{bound, config, evaluation, named, still_serves, told};

#[track_caller]
fn check(name: &str, limits: Limits, want: Expect) {
    let evaluated = bound(name, limits).evaluate(&evaluation());
    want.assert_eq(&format!("{}\n", told(&evaluated)));
    still_serves();
}

/// What was used of every limit that was used at all, but time.
#[track_caller]
fn check_uses(policy: &BoundPolicy, want: Expect) {
    let spent = policy.evaluate(&evaluation()).spent;
    let mut uses = String::new();
    for used in spent.uses(policy.limits()) {
        let over = if used.is_over() { ", over" } else { "" };
        if used.used > 0 && used.limit != Limit::WallTime {
            uses += &format!("{used}{over}\n");
        }
    }
    want.assert_eq(&uses);
}

#[test]
fn an_endless_loop_is_stopped() {
    let limits = Limits { wall_time: Duration::from_millis(50), ..Limits::default() };
    let evaluated = bound("endless-evaluate", limits.clone()).evaluate(&evaluation());
    let Verdict::Failed(PolicyFailure::Limit { what, why }) = &evaluated.answer.verdict else {
        panic!("{evaluated:?}")
    };
    assert_eq!(*what, "wall-time");
    assert!(
        why.ends_with(" ms used, 50 ms allowed; the key is policies.limits.wall_time"),
        "{why}"
    );
    let time = evaluated.spent.uses(&limits).find(|used| used.limit == Limit::WallTime).unwrap();
    assert!(time.is_over(), "{time}");
    assert!(evaluated.spent.wall >= Duration::from_millis(50), "stopped early: {evaluated:?}");
    still_serves();
}

#[test]
fn memory_is_counted_over_all_memories() {
    check(
        "memory-bomb",
        Limits::default(),
        expect![[r#"
        failed, limit: over the limit memory: 64.1 MiB used, 64 MiB allowed; the key is policies.limits.memory
    "#]],
    );
    let evaluated = bound("memory-bomb", Limits::default()).evaluate(&evaluation());
    assert_eq!(evaluated.spent.memory_peak, 64 << 20);
}

#[test]
fn table_elements_are_counted() {
    check(
        "table-bomb",
        Limits::default(),
        expect![[r#"
        failed, limit: over the limit table-elements: 20001 used, 20000 allowed; the key is policies.limits.table_elements
    "#]],
    );
}

#[test]
fn recursion_ends() {
    check(
        "recursion",
        Limits::default(),
        expect![[r#"
            failed, limit: over the limit stack: more used than the 512 KiB allowed, which is fixed; a recursion without an end?; in deeper (20 times)
        "#]],
    );
}

#[test]
fn host_calls_are_counted() {
    check(
        "call-flood",
        Limits { host_calls: 500, ..Limits::default() },
        expect![[r#"
        failed, limit: over the limit host-calls: 501 used, 500 allowed; the key is policies.limits.host_calls
    "#]],
    );
    let limits = Limits { host_calls: 500, ..Limits::default() };
    assert_eq!(bound("call-flood", limits).evaluate(&evaluation()).spent.host_calls, 500);
}

#[test]
fn values_handed_over_are_bounded() {
    check(
        "huge-return",
        Limits::default(),
        expect![[r#"
        failed, limit: over the limit value-bytes: more used than the 1 MiB allowed; the key is policies.limits.value_bytes
    "#]],
    );
}

#[test]
fn instances_are_counted() {
    check(
        "honest",
        Limits { instances: 0, ..Limits::default() },
        expect![[r#"
        failed, limit: over the limit instances: more used than the 0 allowed; the key is policies.limits.instances
    "#]],
    );
}

#[test]
fn a_long_reason_is_cut() {
    let limits = Limits { reason_bytes: 16, ..Limits::default() };
    check(
        "long-reason",
        limits,
        expect![[r#"
        wish +1: xxxxxxxxxxxxx…
    "#]],
    );
}

#[test]
fn a_log_flood_is_cut_and_counted() {
    let limits = Limits { log_lines: 4, log_line_bytes: 20, ..Limits::default() };
    check(
        "log-flood",
        limits,
        expect![[r#"
        wish +0: still here
        log warn: xxxxxxxxxxxxxxxxx…
        log info: still here
        log info: still here
        log info: still here
        9997 log lines dropped
    "#]],
    );
    let limits = Limits { log_bytes: 32, log_line_bytes: 20, ..Limits::default() };
    check(
        "log-flood",
        limits,
        expect![[r#"
            wish +0: still here
            log warn: xxxxxxxxxxxxxxxxx…
            log info: still here
            9999 log lines dropped
        "#]],
    );
}

#[test]
fn staged_actions_are_bounded_and_the_policy_is_told() {
    check(
        "stage-flood",
        Limits { staged_actions: 3, ..Limits::default() },
        expect![[r#"
            wish +3: one
            staged launch small: one more
            staged launch small: one more
            staged launch small: one more
            log info: over the limit staged-actions: 4 used, 3 allowed; the key is policies.limits.staged_actions
        "#]],
    );
}

#[test]
fn what_is_remembered_is_bounded_and_the_policy_is_told() {
    check(
        "hoards",
        Limits::default(),
        expect![[r#"
        wish +65536: 
        remember [0]
    "#]],
    );
}

#[test]
fn the_use_of_every_limit_is_told() {
    check_uses(
        &bound("honest", Limits::default()),
        expect![[r#"
        memory: 64 KiB of 64 MiB
        instances: 1 of 64
        memories: 1 of 8
        value-bytes: 19 bytes of 1 MiB
        reason-bytes: 19 bytes of 1 KiB
    "#]],
    );
    let soft = Limits {
        log_lines: 4,
        log_line_bytes: 20,
        staged_actions: 3,
        reason_bytes: 16,
        remembered_bytes: 1000,
        ..Limits::default()
    };
    for (name, want) in [
        (
            "log-flood",
            expect![[r#"
            memory: 64 KiB of 64 MiB
            table-elements: 1 of 20000
            instances: 3 of 64
            memories: 1 of 8
            tables: 1 of 16
            value-bytes: 58.6 KiB of 1 MiB
            log-lines: 10001 of 4, over
            log-bytes: 97.7 KiB of 8 KiB, over
            log-line-bytes: 58.6 KiB of 20 bytes, over
            reason-bytes: 10 bytes of 16 bytes
        "#]],
        ),
        (
            "stage-flood",
            expect![[r#"
            memory: 64 KiB of 64 MiB
            table-elements: 2 of 20000
            instances: 3 of 64
            memories: 1 of 8
            tables: 1 of 16
            value-bytes: 91 bytes of 1 MiB
            host-calls: 4 of 10000
            log-lines: 1 of 4
            log-bytes: 20 bytes of 8 KiB
            log-line-bytes: 91 bytes of 20 bytes, over
            staged-actions: 4 of 3, over
            reason-bytes: 13 bytes of 16 bytes
        "#]],
        ),
        (
            "long-reason",
            expect![[r#"
            memory: 64 KiB of 64 MiB
            instances: 1 of 64
            memories: 1 of 8
            value-bytes: 58.6 KiB of 1 MiB
            reason-bytes: 58.6 KiB of 16 bytes, over
        "#]],
        ),
        (
            "hoards",
            expect![[r#"
            memory: 128 KiB of 64 MiB
            table-elements: 1 of 20000
            instances: 3 of 64
            memories: 1 of 8
            tables: 1 of 16
            value-bytes: 64.1 KiB of 1 MiB
            host-calls: 2 of 10000
            remembered-bytes: 64.1 KiB of 1000 bytes, over
        "#]],
        ),
    ] {
        check_uses(&bound(name, soft.clone()), want);
    }
}

#[test]
fn what_was_wanted_and_not_given_shows_as_more_than_the_cap() {
    let hard = Limits { host_calls: 500, ..Limits::default() };
    for (name, want) in [
        (
            "memory-bomb",
            expect![[r#"
            memory: 64.1 MiB of 64 MiB, over
            instances: 1 of 64
            memories: 2 of 8
        "#]],
        ),
        (
            "table-bomb",
            expect![[r#"
            memory: 64 KiB of 64 MiB
            table-elements: 20001 of 20000, over
            instances: 1 of 64
            memories: 1 of 8
            tables: 1 of 16
        "#]],
        ),
        (
            "call-flood",
            expect![[r#"
            memory: 64 KiB of 64 MiB
            instances: 1 of 64
            memories: 1 of 8
            host-calls: 501 of 500, over
        "#]],
        ),
        (
            "huge-return",
            expect![[r#"
            memory: 4.1 MiB of 64 MiB
            instances: 1 of 64
            memories: 1 of 8
            value-bytes: 1.1 MiB of 1 MiB, over
        "#]],
        ),
    ] {
        check_uses(&bound(name, hard.clone()), want);
    }
}

#[test]
fn the_pool_gets_everything_back_whatever_happens() {
    let sandboxes = NonZeroU32::new(2).unwrap();
    let host = Host::allocating(config(), Allocation::Pooled { sandboxes }).unwrap();
    assert!(host.pool().unwrap().is_idle());
    for name in ["honest", "memory-bomb", "table-bomb", "huge-return", "panic", "recursion"] {
        let policy = host.load(named(name), &guest(name).build()).unwrap();
        let limits = Limits { wall_time: Duration::from_millis(500), ..Limits::default() };
        let bound = host.bind(&policy, &Grants::all(), limits).unwrap();
        for _ in 0..3 {
            bound.evaluate(&evaluation());
            let figures = host.pool().unwrap();
            assert!(figures.is_idle(), "after {name}: {figures:?}");
        }
    }
    let host = Host::allocating(config(), Allocation::OnDemand).unwrap();
    assert_eq!(host.pool(), None);
}
