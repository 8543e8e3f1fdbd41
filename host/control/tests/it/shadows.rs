//! Shadows, which are told of and never acted upon, and policies that answer in
//! another's place, which are.

use expect_test::expect;
use proptest::prelude::*;

use crate::shown::show;
use crate::situation::{START, check, situation};
use crate::situations;

const TWO: &str = "image small vcpus=1 hosts=ocr:1
    vm a small running load=1 ocr=idle
    vm b small running load=1 ocr=idle
    profile ocr 0..4
    ";

#[test]
fn a_shadow_is_told_of_after_the_guards_and_does_nothing() {
    check(
        &format!(
            "{TWO} says ocr p 0\n shadow ocr new +9 launch:small\n shadow ocr old -1 suspend:a\n shadow ocr bad fail"
        ),
        expect![[r#"
            ocr: hold at 2: p said so
              (shadow new +10 (asks to launch small): new said so; would want 4)
              (shadow old -2 (asks to suspend a): old said so; would want 0)
              (shadow bad failed (trap), counts as hold: it broke; would want 2)
        "#]],
    );
}

#[test]
fn a_failed_shadow_holds_nothing_back() {
    check(
        &format!("{TWO} says ocr p -1\n shadow ocr new fail"),
        expect![[r#"
        ocr: scale in 2 -> 1: p said so
          (shadow new failed (trap), counts as hold: it broke; would want 2)
          victim: a has been idle for 1h: suspend a
        => suspend a
    "#]],
    );
}

#[test]
fn who_answers_in_anothers_place_counts_like_any_other() {
    check(
        &format!("{TWO} says ocr p by q +1"),
        expect![[r#"
            ocr: scale out 2 -> 3: p said so (p is not asked: it broke before)
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
    check(
        &format!("{TWO} says ocr p by q -1\n says ocr r -2"),
        expect![[r#"
            ocr: scale in 2 -> 1: p said so (p is not asked: it broke before)
              combine: p wants 1, r wants 0: the largest counts, 1
              victim: a has been idle for 1h: suspend a
            => suspend a
        "#]],
    );
}

proptest! {
    #[test]
    fn shadows_change_no_plan(text in situations::text(), shadows in situations::shadows()) {
        let alone = situation(&text, START).plan();
        let mut beside = situation(&format!("{text}\n{shadows}"), START).plan();
        beside.chains.values_mut().for_each(|chain| chain.shadows.clear());
        prop_assert_eq!(show(&alone), show(&beside));
    }
}
