//! What becomes of an answer, good or broken, and of what was staged beside it.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use expect_test::{Expect, expect};
use hooke_control::answer::Verdict;
use hooke_runtime::{Allocation, Evaluation, Grants, Host, Limits, Question, evaluate_all};

use crate::guests::guest;
use crate::snapshots::{Fleet, snapshot};
use crate::{bound, config, evaluation, named, still_serves, told};

#[track_caller]
fn check(name: &str, want: Expect) {
    let evaluated = bound(name, Limits::default()).evaluate(&evaluation());
    want.assert_eq(&format!("{}\n", told(&evaluated)));
    still_serves();
}

#[test]
fn a_good_answer_is_passed_on() {
    check(
        "honest",
        expect![[r#"
        wish +1: one more, as always
    "#]],
    );
    let spent = bound("honest", Limits::default()).evaluate(&evaluation()).spent;
    assert_eq!((spent.memory_peak, spent.host_calls), (64 << 10, 0));
}

#[test]
fn a_panic_leaves_its_message_and_its_place() {
    check(
        "panic",
        expect![[r#"
        failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
        log error: panicked at src/decide.rs:31:9: index out of bounds
    "#]],
    );
}

#[test]
fn broken_values_are_traps() {
    check(
        "out-of-bounds",
        expect![[r#"
            failed, trap: it handed over a value that breaks the contract: string pointer/length out of bounds of memory
        "#]],
    );
    check(
        "bad-text",
        expect![[r#"
            failed, trap: it handed over a value that breaks the contract: invalid utf-8 sequence of 1 bytes from index 0
        "#]],
    );
    check(
        "bad-case",
        expect![[r#"
            failed, trap: it handed over a value that breaks the contract: unexpected discriminant: 77
        "#]],
    );
}

#[test]
fn what_was_staged_is_dropped_whole_when_the_call_fails() {
    check(
        "declines",
        expect![[r#"
        failed, missing-data: the backlog is missing
    "#]],
    );
    check(
        "traps-late",
        expect![[r#"
        failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in evaluate
    "#]],
    );
}

#[test]
fn a_request_is_checked_against_the_facts() {
    check(
        "busy-suspend",
        expect![[r#"
        wish +0: too many
        staged suspend vm-0001: too many
        log info: already asked for: suspend vm-0001
        log info: no machine vm-none at this site
    "#]],
    );
    let all_busy =
        Evaluation { snapshot: snapshot(Fleet { ready: 0, idle: 0, busy: 3 }), ..evaluation() };
    let evaluated = bound("busy-suspend", Limits::default()).evaluate(&all_busy);
    expect![[r#"
        wish +0: too many
        log info: worker worker-0001 on vm-0001 is busy
        log info: worker worker-0001 on vm-0001 is busy
        log info: no machine vm-none at this site
    "#]]
    .assert_eq(&format!("{}\n", told(&evaluated)));
}

#[test]
fn text_of_a_guest_cannot_touch_the_terminal() {
    check(
        "escapes",
        expect![[r#"
        wish +2: all is well 2026 INFO forged line bold esrever
        log warn: all is well 2026 INFO forged line bold esrever
    "#]],
    );
    let problems = bound("escapes", Limits::default()).validate_settings("{}").unwrap();
    expect![[r#"
        all is well: all is well 2026 INFO forged line bold esrever
    "#]]
    .assert_eq(&format!("{}\n", problems[0]));
}

#[test]
fn settings_are_checked() {
    assert_eq!(bound("honest", Limits::default()).validate_settings("{}").unwrap(), []);
}

#[test]
fn memory_goes_from_one_evaluation_to_the_next_and_nowhere_else() {
    let policy = bound("remembers", Limits::default());
    let first = policy.evaluate(&evaluation());
    assert_eq!(first.answer.memory.as_deref(), Some(&[1][..]));
    let memory = first.answer.memory.map(Arc::from);
    let second = policy.evaluate(&Evaluation { memory, ..evaluation() });
    assert_eq!(second.answer.memory.as_deref(), Some(&[2][..]));
    // A fresh sandbox remembers nothing by itself.
    let third = policy.evaluate(&evaluation());
    assert_eq!(third.answer.memory.as_deref(), Some(&[1][..]));
}

#[test]
fn many_threads_ask_at_once_and_each_gets_its_own_answer() {
    let policies =
        ["honest", "panic", "remembers", "declines"].map(|n| bound(n, Limits::default()));
    let questions: Vec<Question<'_>> =
        (0..500).map(|n| Question { policy: &policies[n % 4], evaluation: evaluation() }).collect();
    for threads in [1, 2, 7] {
        let answers = evaluate_all(&questions, NonZeroUsize::new(threads).unwrap());
        assert_eq!(answers.len(), questions.len());
        for (question, evaluated) in questions.iter().zip(&answers) {
            assert_eq!(evaluated.answer.policy, *question.policy.policy().name());
            let answered = matches!(evaluated.answer.verdict, Verdict::Wish(_));
            let name = evaluated.answer.policy.as_str();
            assert_eq!(answered, matches!(name, "honest" | "remembers"), "{evaluated:?}");
        }
    }
    assert!(evaluate_all(&[], NonZeroUsize::MIN).is_empty());
}

#[test]
fn more_threads_than_sandboxes_wait_their_turn() {
    let sandboxes = NonZeroU32::new(1).unwrap();
    for allocation in [Allocation::Pooled { sandboxes }, Allocation::OnDemand] {
        let host = Host::allocating(config(), allocation).unwrap();
        let policy = host.load(named("honest"), &guest("honest").build()).unwrap();
        let bound = host.bind(&policy, &Grants::none(), Limits::default()).unwrap();
        let questions = vec![Question { policy: &bound, evaluation: evaluation() }; 200];
        let answers = evaluate_all(&questions, NonZeroUsize::new(8).unwrap());
        assert!(answers.iter().all(|answer| told(answer) == "wish +1: one more, as always"));
    }
}

#[test]
fn nothing_of_one_sandbox_reaches_the_next() {
    let sandboxes = NonZeroU32::new(1).unwrap();
    let host = Host::allocating(config(), Allocation::Pooled { sandboxes }).unwrap();
    let bind = |name: &str| {
        let policy = host.load(named(name), &guest(name).build()).unwrap();
        host.bind(&policy, &Grants::all(), Limits::default()).unwrap()
    };
    let (soils, looks) = (bind("soils"), bind("looks"));
    for _ in 0..3 {
        assert_eq!(told(&soils.evaluate(&evaluation())), "wish +1: ");
        // Bytes that are not zero where nothing was ever written.
        assert_eq!(told(&looks.evaluate(&evaluation())), "wish +0: ");
    }
}

#[test]
fn without_address_space_for_a_pool_there_is_none() {
    // Eight memories of 4 GiB each, a hundred thousand times: more than 47 bits.
    let sandboxes = NonZeroU32::new(100_000).unwrap();
    let host = Host::allocating(config(), Allocation::Pooled { sandboxes }).unwrap();
    assert_eq!(host.allocation(), Allocation::OnDemand);
    let policy = host.load(named("honest"), &guest("honest").build()).unwrap();
    let bound = host.bind(&policy, &Grants::none(), Limits::default()).unwrap();
    assert_eq!(told(&bound.evaluate(&evaluation())), "wish +1: one more, as always");
}
