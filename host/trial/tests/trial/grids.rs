//! The conformance grid: what it lets pass, and what it finds.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_runtime::BoundPolicy;
use hooke_trial::grid::{self, GridConfig, Outcome, Severity};

use crate::{bind, guest, threshold, wasm};

#[track_caller]
fn check(policy: &BoundPolicy, want: Expect) {
    // On a busy machine the time is not to be up.
    let config = GridConfig { time: Duration::from_secs(60), ..GridConfig::default() };
    want.assert_eq(&grid::check_within(policy, "{}", config).render());
}

#[test]
fn bundled_policies_come_through() {
    check(
        &threshold(),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 0 notes
        "#]],
    );
    check(
        &bind("min-instance", wasm("min-instance")),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 2 notes
              note: it wants fewer workers while none is idle, 94 times
                first in: 5 workers, of which nothing is known; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -5: 5 workers > 0 (minimum 0): 5 could go
                cure:     ask for no more to go than `workers` says are idle
              note: it wants fewer workers on data that are not fresh, 79 times
                first in: 5 workers, of which nothing is known; backlog missing, rates 0; bounds 1 to 5
                it said:  -4: 5 workers > 1 (minimum 1): 4 could go
                cure:     hold while the quality of the backlog is not fresh
        "#]],
    );
}

#[test]
fn a_simple_guest_comes_through() {
    check(
        &guest("honest"),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 0 notes
        "#]],
    );
    check(
        &guest("declines"),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 1 note
              note: it answered in no situation, so that little was checked, once
                first in: every situation
                it said:  no answer
                cure:     check it with settings under which it answers
        "#]],
    );
}

#[test]
fn what_breaks_is_refused() {
    check(
        &guest("panic"),
        expect![[r#"
            373 situations with the settings {}, 1 refused, 0 notes
              refused: it broke, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
                cure:     give an error such as missing-data where a fact is absent or 0
        "#]],
    );
    check(
        &guest("memory-bomb"),
        expect![[r#"
            373 situations with the settings {}, 1 refused, 0 notes
              refused: it ran into a limit, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  failed, limit: over the limit memory: 64.1 MiB used, 64 MiB allowed; the key is policies.limits.memory
                cure:     do less for each machine, or ask for the counts and not the list
        "#]],
    );
    check(
        &guest("traps-late"),
        expect![[r#"
            373 situations with the settings {}, 1 refused, 0 notes
              refused: it broke, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in evaluate
                cure:     give an error such as missing-data where a fact is absent or 0
        "#]],
    );
}

#[test]
fn odd_answers_are_found() {
    let answers = |delta: &str, reason: &str| bind("odd", &crate::guests::answering(delta, reason));
    check(
        &answers("-2147483648", "less"),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 3 notes
              note: it wants fewer workers while none is idle, 263 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -2147483648: less
                cure:     ask for no more to go than `workers` says are idle
              note: it wants fewer workers on data that are not fresh, 198 times
                first in: no workers; backlog missing, rates 0; bounds 1 to 5
                it said:  -2147483648: less
                cure:     hold while the quality of the backlog is not fresh
              note: it asks for fewer workers than there are, or more than anybody has, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -2147483648: less
                cure:     keep the delta between minus the capacity and what the bounds allow
        "#]],
    );
    check(
        &answers("2147483647", "load nan > 3"),
        expect![[r#"
            373 situations with the settings {}, 1 refused, 1 note
              refused: a reason has a number in it that is none, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  +2147483647: load nan > 3
                cure:     a rate may be absent, 0 or very large: look before you divide
              note: it asks for fewer workers than there are, or more than anybody has, 317 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  +2147483647: load nan > 3
                cure:     keep the delta between minus the capacity and what the bounds allow
        "#]],
    );
    check(
        &answers("-1", ""),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 4 notes
              note: it wants fewer workers while none is idle, 185 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -1
                cure:     ask for no more to go than `workers` says are idle
              note: it wants fewer workers on data that are not fresh, 142 times
                first in: no workers; backlog missing, rates 0; bounds 1 to 5
                it said:  -1
                cure:     hold while the quality of the backlog is not fresh
              note: it asks for fewer workers than there are, or more than anybody has, 52 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -1
                cure:     keep the delta between minus the capacity and what the bounds allow
              note: it gives no reason, 373 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  -1
                cure:     say in one sentence which figure stood against which setting
        "#]],
    );
}

#[test]
fn a_scale_in_without_cause_can_be_refused() {
    let policy = bind("odd", &crate::guests::answering("-1", "less"));
    let config = GridConfig { scale_in: Severity::Refuse, ..GridConfig::default() };
    assert!(grid::check_within(&policy, "{}", config).refuses());
    assert!(!grid::check(&policy, "{}").refuses());
}

#[test]
fn memory_that_it_stored_is_given_back() {
    // It answers with the byte it stored: 1, and 2 with that memory.
    check(
        &guest("remembers"),
        expect![[r#"
            373 situations with the settings {}, 0 refused, 1 note
              note: it gives no reason, 746 times
                first in: no workers; backlog 0, queue idle, fresh, no rates; bounds 0 to 100
                it said:  +1
                cure:     say in one sentence which figure stood against which setting
        "#]],
    );
}

#[test]
fn settings_that_are_refused_stop_it() {
    let report = grid::check(&threshold(), r#"{"treshold": 1}"#);
    expect![[r#"
        not run: the policy refuses the settings {"treshold": 1}: treshold: unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
    "#]].assert_eq(&report.render());
}

#[test]
fn it_ends_when_its_time_is_up() {
    let report = grid::check(&guest("endless-evaluate"), "{}");
    let Outcome::Ran { situations } = report.outcome else { panic!("{report:?}") };
    assert!(report.refuses() && situations < report.situations, "{report:?}");
}
