//! What becomes of a policy that keeps failing: one letter an evaluation (`.`
//! it answers, `x` it traps, `m` it says that data is missing), a minute apart.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::answer::PolicyFailure;
use hooke_control::quarantine::{Admission, Quarantine, QuarantineRule};
use hooke_control::units::Timestamp;

fn play(story: &str, minutes_apart: u64) -> String {
    let rule = QuarantineRule::default();
    let mut quarantine = Quarantine::default();
    let mut out = String::new();
    for (nth, letter) in (0_u64..).zip(story.chars()) {
        let now = Timestamp::from_millis(nth * minutes_apart * 60_000);
        let admission = quarantine.admission(rule, now);
        let asked = match admission {
            Admission::Ask => "asked",
            Admission::Trial => "trial",
            Admission::Wait(_) => "-",
        };
        let told = match (admission, letter) {
            (Admission::Wait(_), _) => Some(quarantine.why(now)),
            (Admission::Ask | Admission::Trial, '.') => quarantine.succeeded(),
            (Admission::Ask | Admission::Trial, 'm') => {
                let missing =
                    PolicyFailure::Declined { kind: "missing-data", why: "no backlog".into() };
                quarantine.failed(&missing, rule, now)
            }
            (Admission::Ask | Admission::Trial, _) => {
                quarantine.failed(&PolicyFailure::Trap { why: "it broke".into() }, rule, now)
            }
        };
        let line =
            format!("{}m {letter} {asked}: {}", nth * minutes_apart, told.unwrap_or_default());
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[track_caller]
fn check(story: &str, minutes_apart: u64, want: Expect) {
    want.assert_eq(&play(story, minutes_apart));
}

#[test]
fn three_failures_in_a_row_bring_quarantine_and_a_trial_ends_it() {
    check(
        "xx.xxxx.x",
        1,
        expect![[r#"
              0m x asked:
              1m x asked:
              2m . asked:
              3m x asked:
              4m x asked:
              5m x asked: failed 3 times in a row, and is not asked for 1m
              6m x trial: failed 4 times in a row, and is not asked for 2m
              7m . -: it failed 4 times in a row and is tried again in 1m; last: it broke
              8m x trial: failed 5 times in a row, and is not asked for 4m
        "#]],
    );
}

#[test]
fn each_failed_trial_doubles_the_pause() {
    check(
        "xxxxxxxxxxxx",
        1,
        expect![[r#"
            0m x asked:
            1m x asked:
            2m x asked: failed 3 times in a row, and is not asked for 1m
            3m x trial: failed 4 times in a row, and is not asked for 2m
            4m x -: it failed 4 times in a row and is tried again in 1m; last: it broke
            5m x trial: failed 5 times in a row, and is not asked for 4m
            6m x -: it failed 5 times in a row and is tried again in 3m; last: it broke
            7m x -: it failed 5 times in a row and is tried again in 2m; last: it broke
            8m x -: it failed 5 times in a row and is tried again in 1m; last: it broke
            9m x trial: failed 6 times in a row, and is not asked for 8m
            10m x -: it failed 6 times in a row and is tried again in 7m; last: it broke
            11m x -: it failed 6 times in a row and is tried again in 6m; last: it broke
        "#]],
    );
}

#[test]
fn the_pause_has_an_end_however_often_it_fails() {
    let story = "x".repeat(40);
    let last = play(&story, 60);
    assert!(last.lines().skip(3).all(|line| line.contains("trial: failed")), "{last}");
}

#[test]
fn missing_data_is_no_fault_of_the_policy() {
    check(
        "xxmmmmx",
        1,
        expect![[r#"
              0m x asked:
              1m x asked:
              2m m asked:
              3m m asked:
              4m m asked:
              5m m asked:
              6m x asked: failed 3 times in a row, and is not asked for 1m
        "#]],
    );
}

#[test]
fn a_clock_set_back_does_not_keep_it_in_quarantine() {
    let rule = QuarantineRule::default();
    let mut quarantine = Quarantine::default();
    let late = Timestamp::from_millis(0).plus(Duration::from_secs(1_000_000));
    for _ in 0..3 {
        quarantine.failed(&PolicyFailure::Trap { why: "it broke".into() }, rule, late);
    }
    assert!(matches!(quarantine.admission(rule, late), Admission::Wait(_)));
    assert_eq!(quarantine.admission(rule, Timestamp::from_millis(0)), Admission::Trial);
}
