//! Guards: combination, bounds, data quality.

use expect_test::expect;

use crate::situation::check;

const THREE: &str = "image small vcpus=1 hosts=ocr:1
    vm a small running load=1 ocr=idle
    vm b small running load=1 ocr=idle
    vm c small running load=1 ocr=idle
    ";

#[test]
fn out_beats_hold_beats_in() {
    check(
        &format!("{THREE} profile ocr 0..9\n says ocr p -1\n says ocr q 0\n says ocr r +1"),
        expect![[r#"
            ocr: scale out 3 -> 4: r said so
              combine: p wants 2, q wants 3, r wants 4: the largest counts, 4
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..9\n says ocr p -1\n says ocr q 0"),
        expect![[r#"
        ocr: hold at 3: q said so
          combine: p wants 2, q wants 3: the largest counts, 3
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..9\n says ocr p -1\n says ocr q -2"),
        expect![[r#"
        ocr: scale in 3 -> 2: p said so
          combine: p wants 2, q wants 1: the largest counts, 2
          victim: a has been idle for 1h: suspend a
        => suspend a
    "#]],
    );
}

#[test]
fn a_failed_policy_holds_and_others_may_still_scale_out() {
    check(
        &format!("{THREE} profile ocr 0..9\n says ocr p fail\n says ocr q -2"),
        expect![[r#"
        ocr: hold at 3: it broke
          combine: p wants 3, q wants 1: the largest counts, 3
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..9\n says ocr p fail\n says ocr q +1"),
        expect![[r#"
        ocr: scale out 3 -> 4: q said so
          combine: p wants 3, q wants 4: the largest counts, 4
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]],
    );
}

#[test]
fn a_failed_policy_holds_above_the_maximum_too() {
    check(
        &format!("{THREE} profile ocr 0..2\n says ocr p fail"),
        expect![[r#"
        ocr: hold at 3: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
          bounds: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..2\n says ocr p fail\n says ocr q +5"),
        expect![[r#"
        ocr: hold at 3: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
          combine: p wants 3, q wants 8: the largest counts, 8
          bounds: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..2\n"),
        expect![[r#"
        ocr: hold at 3: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
          bounds: stays at 3, above workers.max 2: a policy that fails never shrinks a profile
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..2\n says ocr p 0"),
        expect![[r#"
        ocr: scale in 3 -> 2: 3 wanted, 2 allowed: workers.max is 2
          bounds: 3 wanted, 2 allowed: workers.max is 2
          victim: a has been idle for 1h: suspend a
        => suspend a
    "#]],
    );
}

#[test]
fn a_failed_policy_is_raised_to_the_minimum() {
    check(
        &format!("{THREE} profile ocr 5..9\n says ocr p fail"),
        expect![[r#"
        ocr: scale out 3 -> 5: 3 wanted, 5 needed: workers.min is 5
          bounds: 3 wanted, 5 needed: workers.min is 5
          launch: image small starts 1 at boot: launch image small (2 times)
        => launch image small
        => launch image small
    "#]],
    );
}

#[test]
fn absurd_numbers_are_bounded() {
    check(
        &format!("{THREE} profile ocr 1..5\n says ocr p 2147483647"),
        expect![[r#"
        ocr: scale out 3 -> 5: 2147483650 wanted, 5 allowed: workers.max is 5
          bounds: 2147483650 wanted, 5 allowed: workers.max is 5
          launch: image small starts 1 at boot: launch image small (2 times)
        => launch image small
        => launch image small
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 1..5\n says ocr p -2147483648"),
        expect![[r#"
        ocr: scale in 3 -> 1: 0 wanted, 1 needed: workers.min is 1
          bounds: 0 wanted, 1 needed: workers.min is 1
          victim: a has been idle for 1h: suspend a
          victim: b has been idle for 1h: suspend b
        => suspend a
        => suspend b
    "#]],
    );
}

#[test]
fn stale_data_scales_out_and_never_in() {
    check(
        &format!("{THREE} profile ocr 0..9 stale\n says ocr p +1"),
        expect![[r#"
        ocr: scale out 3 -> 4: p said so
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..9 stale\n says ocr p -1"),
        expect![[r#"
        ocr: hold at 3: 2 wanted, stays at 3: the backlog is stale, and scale in needs a fresh one: the broker is out
          quality: 2 wanted, stays at 3: the backlog is stale, and scale in needs a fresh one: the broker is out
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 0..2 stale\n says ocr p 0"),
        expect![[r#"
        ocr: hold at 3: 2 wanted, stays at 3: the backlog is stale, and scale in needs a fresh one: the broker is out
          bounds: 3 wanted, 2 allowed: workers.max is 2
          quality: 2 wanted, stays at 3: the backlog is stale, and scale in needs a fresh one: the broker is out
    "#]],
    );
}

#[test]
fn missing_data_scales_out_to_the_minimum() {
    check(
        &format!("{THREE} profile ocr 4..9 missing\n says ocr p +3"),
        expect![[r#"
        ocr: scale out 3 -> 4: 6 wanted, allowed 4: without the backlog only workers.min is kept up: the broker is out
          quality: 6 wanted, allowed 4: without the backlog only workers.min is kept up: the broker is out
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 1..9 missing\n says ocr p +3"),
        expect![[r#"
        ocr: hold at 3: 6 wanted, stays at 3: without the backlog only workers.min is kept up: the broker is out
          quality: 6 wanted, stays at 3: without the backlog only workers.min is kept up: the broker is out
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 1..9 missing\n says ocr p -3"),
        expect![[r#"
        ocr: hold at 3: 1 wanted, stays at 3: the backlog is missing, and scale in needs a fresh one: the broker is out
          bounds: 0 wanted, 1 needed: workers.min is 1
          quality: 1 wanted, stays at 3: the backlog is missing, and scale in needs a fresh one: the broker is out
    "#]],
    );
}

#[test]
fn data_that_is_not_complete_never_scales_in() {
    check(
        &format!("{THREE} profile ocr 1..9 uncounted\n says ocr p -1"),
        expect![[r#"
        ocr: hold at 3: 2 wanted, stays at 3: the source did not count every message, and scale in needs that
          quality: 2 wanted, stays at 3: the source did not count every message, and scale in needs that
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 1..9\n consumers missing\n says ocr p -1"),
        expect![[r#"
        ocr: hold at 3: 2 wanted, stays at 3: no worker is proven idle, as the consumers could not be read: the management API is out
          quality: 2 wanted, stays at 3: no worker is proven idle, as the consumers could not be read: the management API is out
    "#]],
    );
    check(
        &format!("{THREE} profile ocr 1..9\n consumers missing\n says ocr p +1"),
        expect![[r#"
        ocr: scale out 3 -> 4: p said so
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]],
    );
}

#[test]
fn without_the_list_of_machines_nothing_is_done() {
    let text = "image small vcpus=1 hosts=ocr:1\n cloud missing\n profile ocr 2..9\n";
    check(
        &format!("{text} says ocr p +1 launch:small"),
        expect![[r#"
        ocr: hold at 0: 2 wanted, stays at 0: without the list of machines nothing is done: the cloud is out
          quality: 2 wanted, stays at 0: without the list of machines nothing is done: the cloud is out
          request: asked to launch small, not done: the decision is to hold at 0
    "#]],
    );
}
