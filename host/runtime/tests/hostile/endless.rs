//! Loops without an end, wherever guest code runs: each is stopped by its
//! deadline, and costs nobody else anything.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_runtime::{Evaluation, Limits};

use crate::catalogue::check_within;
use crate::component;
use crate::house::{House, evaluation, told};

/// Short enough that the loops do not hold up the tests, long enough that a
/// good policy is never stopped on a busy machine.
fn limits() -> Limits {
    let wall_time = Duration::from_millis(400);
    Limits { wall_time, host_calls: u32::MAX, ..Limits::default() }
}

#[track_caller]
fn check(name: &str, want: Expect) {
    check_within(&limits(), name, &["ocr"], want);
}

#[test]
fn while_it_is_loaded() {
    check(
        "endless-start",
        expect![[r#"
        refused: policy guest: asked to describe itself it broke: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time. Its author has to repair it
    "#]],
    );
    check(
        "endless-describe",
        expect![[r#"
        refused: policy guest: asked to describe itself it broke: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time. Its author has to repair it
    "#]],
    );
}

#[test]
fn while_it_checks_settings() {
    check(
        "endless-validate",
        expect![[r#"
        settings: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
        ocr: wish +1: 
    "#]],
    );
}

#[test]
fn while_it_evaluates() {
    check(
        "endless-evaluate",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
    check(
        "endless-fill",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
}

#[test]
fn while_it_makes_room() {
    check(
        "endless-realloc",
        expect![[r#"
        settings: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
}

#[test]
fn after_it_has_answered() {
    check(
        "endless-post-return",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
}

#[test]
fn while_it_calls_the_host() {
    check(
        "endless-log",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
        log error: ocr
        log error: ocr
    "#]],
    );
    check(
        "store-flood",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
    check(
        "list-flood",
        expect![[r#"
        ocr: failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time
    "#]],
    );
}

#[test]
fn in_a_start_function_once_it_is_trusted() {
    let limits = limits();
    for house in House::both(&limits) {
        let policy = house.admit(&component::build("two-faced"), &limits).unwrap();
        assert_eq!(told(&policy.evaluate(&evaluation("ocr"))), "wish +1: ");
        let settings = Arc::from(r#"{"threshold": 1}"#);
        let evaluated = policy.evaluate(&Evaluation { settings, ..evaluation("ocr") });
        let said = told(&evaluated);
        assert!(said.starts_with("failed, limit: over the limit wall-time: "), "{said}");
        house.is_as_before("two-faced");
    }
}
