//! Answers that are as bad as a number can be, taken through the guards of the
//! core: nothing leaves the operator's bounds, and nothing breaks.

use expect_test::{Expect, expect};
use hooke_control::answer::Answer;
use hooke_control::guard;
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_runtime::Limits;

use crate::component;
use crate::house::{House, evaluation};

/// Asks a guest, and gives what the guards make of it, beside a capacity of 5
/// within 1 to 40,000.
#[track_caller]
fn check(name: &str, profile: &str, want: Expect) {
    let [house, _] = House::both(&Limits::default());
    let policy = house.admit(&component::build(name), &Limits::default()).unwrap();
    let asked = evaluation(profile);
    let evaluated = policy.evaluate(&asked);
    // The site knows the policy by the name of its binding.
    let answer = Answer { policy: PolicyName::from("threshold"), ..evaluated.answer };
    let view = &asked.snapshot.profiles[&ProfileName::from("ocr")];
    let chain = guard::bounded(&asked.snapshot, view, &[answer]);
    let steps: Vec<&str> = chain.steps.iter().map(|step| step.text.as_str()).collect();
    want.assert_eq(&format!("{} -> {}: {}", chain.capacity, chain.desired, steps.join("; ")));
    assert!((1..=40_000).contains(&chain.desired), "{}", chain.desired);
    house.is_as_before(name);
}

#[test]
fn numbers_at_the_ends_of_their_range() {
    check(
        "extreme-deltas",
        "0",
        expect!["5 -> 3: 0 wanted, allowed 3: 3 of 5 busy now, and no work is killed (always so)"],
    );
    check(
        "extreme-deltas",
        "1",
        expect!["5 -> 40000: 2147483652 wanted, 40000 allowed: workers.max is 40000"],
    );
    check(
        "nan",
        "ocr",
        expect!["5 -> 40000: 2146959365 wanted, 40000 allowed: workers.max is 40000"],
    );
}

#[test]
fn many_requests_and_the_same_ones() {
    check("stage-flood", "ocr", expect!["5 -> 2005: "]);
    check("id-flood", "ocr", expect!["5 -> 803: "]);
}

#[test]
fn failures_hold() {
    check("bad-case", "ocr", expect!["5 -> 5: "]);
    check("traps-late", "ocr", expect!["5 -> 5: "]);
}
