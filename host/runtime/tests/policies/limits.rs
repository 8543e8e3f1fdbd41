//! What becomes of a policy that wants more than it may have: one failure that
//! names the limit, and a host that goes on.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_runtime::Limits;

use crate::{bound, evaluation, still_serves, told};

#[track_caller]
fn check(name: &str, limits: Limits, want: Expect) {
    let evaluated = bound(name, limits).evaluate(&evaluation());
    want.assert_eq(&format!("{}\n", told(&evaluated)));
    still_serves();
}

#[test]
fn an_endless_loop_is_stopped() {
    let limits = Limits { wall_time: Duration::from_millis(50), ..Limits::default() };
    let evaluated = bound("endless-evaluate", limits).evaluate(&evaluation());
    let Verdict::Failed(PolicyFailure::Limit { what, why }) = &evaluated.answer.verdict else {
        panic!("{evaluated:?}")
    };
    assert_eq!(*what, "wall-time");
    assert!(
        why.ends_with(" ms used, 50 ms allowed; the key is policies.limits.wall_time"),
        "{why}"
    );
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
        log info: 3 actions are staged, which is all that policies.limits.staged_actions allows
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
