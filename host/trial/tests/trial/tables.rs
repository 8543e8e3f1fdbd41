//! Tables of cases: what they find, and what is told of mistakes in them.

use std::path::Path;

use expect_test::{Expect, expect};
use hooke_bundled::BUNDLED;
use hooke_runtime::BoundPolicy;
use hooke_trial::table::Table;

use crate::{bind, guest, threshold};

#[track_caller]
fn run(policy: &BoundPolicy, text: &str, want: Expect) {
    let table = match Table::parse(Path::new("tests/a.toml"), text) {
        Ok(table) => table,
        Err(problems) => panic!("{}", problems.render()),
    };
    want.assert_eq(&table.run(policy).render());
}

#[track_caller]
fn mistakes(text: &str, want: Expect) {
    let problems = Table::parse(Path::new("tests/a.toml"), text).unwrap_err();
    let lines = problems.views().into_iter().map(|view| {
        format!("{}:{}: {}\n  {}\n", view.line, view.column, view.problem, view.instead)
    });
    want.assert_eq(&lines.collect::<String>());
}

#[test]
fn the_example_shows_every_form_and_passes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tables");
    let files = Table::files(Path::new(folder)).unwrap();
    let report = Table::read(&files[0]).unwrap().run(&threshold());
    assert!(report.passed(), "{}", report.render());
    assert_eq!(report.cases.len(), 9);
}

#[test]
fn the_tables_of_the_bundled_policies_pass() {
    let mut asked = String::new();
    for bundled in BUNDLED {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies").join(bundled.name);
        let file = folder.join("tests/table.toml");
        if file.is_file() {
            let report = Table::read(&file).unwrap().run(&bind(bundled.name, bundled.wasm));
            assert!(report.passed(), "{}", report.render());
            asked += &format!("{}: {} cases\n", bundled.name, report.cases.len());
        }
    }
    expect![[r#"
        latency-goal: 9 cases
        schedule: 7 cases
    "#]]
    .assert_eq(&asked);
}

#[test]
fn a_failed_case_says_what_came_and_why() {
    run(
        &threshold(),
        r#"
            [[case]]
            name = "wants too much"
            queue = { ready = 250 }
            workers = { busy = 2 }
            expect = { delta = 3, reason_contains = ["250", "CPU"] }
            [[case]]
            name = "fails and should not"
            queue = { quality = "missing" }
            workers = { busy = 2 }
            expect = { at_least = 0 }
            [[case]]
            name = "steps"
            [[case.step]]
            queue = { ready = 250 }
            expect = { delta = 1 }
            [[case.step]]
            expect = { at_least = 1, staged = ["suspend vm-0001"], stores = true }
        "#,
        expect![[r#"
            tests/a.toml: 3 of 3 cases failed
              FAIL  wants too much (line 2)
                    expected  delta +3
                    got       delta +1
                    expected  reason contains "CPU"
                    got       reason "backlog 250 > threshold 100: one more worker"
                    answer    +1: backlog 250 > threshold 100: one more worker
              FAIL  fails and should not (line 7)
                    expected  an answer
                    got       failed: missing-data: the backlog is missing, and 2 workers are not below the minimum 0
                    answer    failed, missing-data: the backlog is missing, and 2 workers are not below the minimum 0
              FAIL  steps (line 12)
                    step 2 of 2
                    expected  delta +1 or more
                    got       delta +0
                    expected  staged suspend vm-0001
                    got       staged nothing
                    expected  stores something
                    got       stores nothing
                    answer    +0: queue idle for 10m >= 5m: hold, 0 workers, minimum 0
        "#]],
    );
}

#[test]
fn memory_carries_over_from_step_to_step_and_from_case_to_case() {
    run(
        &guest("remembers"),
        r#"
            [[case]]
            name = "counts"
            [[case.step]]
            expect = { delta = 1, stores = { hex = "01" } }
            [[case.step]]
            expect = { delta = 2 }
            [[case.step]]
            memory = { hex = "09" }
            expect = { delta = 10 }
            [[case]]
            name = "goes on"
            memory = { from_case = "counts" }
            expect = { delta = 11 }
            [[case]]
            name = "begins anew"
            expect = { delta = 1 }
            [[case]]
            name = "text"
            memory = "A"
            expect = { delta = 66, stores = "B" }
        "#,
        expect![[r#"
            tests/a.toml: 4 cases passed
              ok    counts
              ok    goes on
              ok    begins anew
              ok    text
        "#]],
    );
}

#[test]
fn the_log_of_a_failed_case_is_shown() {
    run(
        &guest("panic"),
        r#"
            [[case]]
            name = "panics"
            expect = { delta = 0 }
            [[case]]
            name = "may panic"
            expect = { failed = "trap", log_contains = "index out of bounds" }
        "#,
        expect![[r#"
            tests/a.toml: 1 of 2 cases failed
              FAIL  panics (line 2)
                    expected  an answer
                    got       failed: trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
                    answer    failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
                    log       error: panicked at src/decide.rs:31:9: index out of bounds
              ok    may panic
        "#]],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    mistakes(
        r#"
[defaults]
bounds = { min = 9, max = 3 }
[[case]]
name = "one"
queu = { ready = 250 }
workers = { bussy = 2, idle = -1, serving = "3" }
expect = { detla = 1 }
[[case]]
queue = { ready = 2.5, idle = "soon", quality = "rotten" }
now = 2026-01-01
expect = {}
[[case]]
name = "one"
queue = { quality = "missing", ready = 3 }
memory = { from_case = "later" }
machine = [{ state = "asleep" }, { id = "vm-0001" }, { workers = { faces = 1 } }]
[[case]]
name = "contradicts itself"
queue = { age = "5m" }
workers = { serving = 2, busy = 3 }
expect = { failed = "trap", delta = 1, at_least = 5, at_most = 3 }
[[case]]
name = "steps"
expect = { delta = 1 }
step = [{ after = 30, expect = { delta = 1 } }, {}]
[[case]]
name = "numbers"
queue = { ready = 18446744073709551616, unacked = -1, consumers = 4294967296, arrival_rate = nan }
expect = { delta = 3000000000, failed = "crash" }
"#,
        expect![[r#"
            3:10: defaults: bounds: min 9 is above max 3
              write max = 9 or more
            6:1: case "one": unknown key `queu`
              did you mean `queue`?
            7:13: case "one": workers: unknown key `bussy`
              did you mean `busy`?
            7:31: case "one": workers: idle: -1 is too small here
              write a larger number
            7:45: case "one": workers: serving: a whole number is expected, not a string
              write for example 10
            8:12: case "one": expect: unknown key `detla`
              did you mean `delta`?
            9:1: case: `name` is missing
              write name = "what it shows"
            10:19: case "the case of line 9": queue: ready: a whole number is expected, not a number with a fraction
              write for example 10
            10:31: case "the case of line 9": queue: idle: "soon" is not a duration: expected number at 0
              write a duration such as "0s", "90s" or "1h 30m"
            10:49: case "the case of line 9": queue: quality: "rotten" is not known here
              write one of fresh, stale, missing
            11:7: case "the case of line 9": now: 2026-01-01 is no moment since 1970
              write a date and a time with an offset, such as 2026-01-01T08:00:00Z
            12:10: case "the case of line 9": expect: nothing is expected
              write for example expect = { delta = 1 }
            13:1: case "one": it expects nothing
              write for example expect = { delta = 1 }
            13:1: there are two cases named "one", the first in line 4
              give one of them another name
            15:32: case "one": queue: a queue that is missing has no `ready`
              remove it, or write quality = "stale"
            16:24: case "one": memory: there is no case "later" before this one
              write one of one, the case of line 9
            17:22: case "one": machine: state: "asleep" is not known here
              write one of pending, booting, running, draining, suspending, suspended, stopped, terminating, failed
            17:34: case "one": machine: there is a machine vm-0001 already
              give each another id, or leave `id` out
            17:68: case "one": machine: workers: there is no profile `faces`
              write one of work
            20:9: case "contradicts itself": queue: only a stale reading has an age
              write quality = "stale", or remove `age`
            21:11: case "contradicts itself": workers: 3 are idle, busy or unknown, of 2
              write serving = 3 or leave it out
            22:10: case "contradicts itself": expect: a policy that fails answers no delta
              keep one of `failed` and the number
            22:10: case "contradicts itself": expect: an exact delta and a range
              keep one of `delta` and `at_least`, `at_most`
            22:10: case "contradicts itself": expect: no number is in this range
              write at_most no smaller than at_least
            23:1: case "steps": with steps each of them expects
              move `expect` into the [[case.step]] it is of
            26:19: case "steps", step 1: after: 30 has no unit
              write "30s" for seconds
            26:49: case "steps", step 2: it expects nothing
              write for example expect = { delta = 1 }
            29:19: case "numbers": queue: ready: 18446744073709551616 is too large
              write a smaller number
            29:51: case "numbers": queue: unacked: -1 is too small here
              write a larger number
            29:67: case "numbers": queue: consumers: 4294967296 is too large
              write a smaller number
            29:94: case "numbers": queue: arrival_rate: it is not a finite number from 0 on
              write a plain number, such as 0.5
            30:20: case "numbers": expect: delta: 3000000000 is too large
              write a smaller number
            30:41: case "numbers": expect: failed: "crash" is not known here
              write one of any, invalid-settings, missing-data, unsupported, internal, other, limit, trap
        "#]],
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    mistakes(
        "[[case]\nname = \"a\"\n",
        expect![[r#"
        1:8: unclosed array table, expected `]`
          see https://toml.io/en/v1.0.0 for the form
    "#]],
    );
    mistakes(
        "",
        expect![[r#"
        1:1: the file has no case
          write at least one [[case]]
    "#]],
    );
    mistakes(
        "case = 3",
        expect![[r#"
        1:1: the file has no case
          write at least one [[case]]
        1:8: case: a table is expected, not a whole number
          write for example { key = 1 }
    "#]],
    );
}

#[test]
fn a_mistake_is_shown_in_its_line() {
    let text = "[[case]]\nname = \"a\"\nworkers = { busy = \"two\" }\nexpect = { delta = 1 }\n";
    let problems = Table::parse(Path::new("tests/a.toml"), text).unwrap_err();
    expect![[r#"
        error: case "a": workers: busy: a whole number is expected, not a string
         --> tests/a.toml:3:20
          |
        3 | workers = { busy = "two" }
          |                    ^^^^^
          |
        help: write for example 10"#]]
    .assert_eq(&problems.render());
}
