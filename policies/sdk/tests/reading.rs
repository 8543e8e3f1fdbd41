//! What is read, and what is said of what cannot be.

use expect_test::{Expect, expect};
use hooke_policy_sdk::{Table, span};
use proptest::prelude::*;

fn check(json: &str, expected: Expect) {
    let mut table = Table::parse(json);
    let read = (
        table.whole("count", 1..=9),
        table.span_ms("wait"),
        table.word("mode", &[("slow", 'S'), ("fast", 'F')]),
        table.switch("each"),
    );
    let text = match table.finish(read) {
        Ok(read) => format!("{read:?}\n"),
        Err(problems) => problems.iter().map(|p| format!("[{}] {}\n", p.path, p.message)).collect(),
    };
    expected.assert_eq(&text);
}

#[test]
fn good_settings_are_read() {
    check(
        "{}",
        expect![[r#"
        (None, None, None, None)
    "#]],
    );
    check(
        r#"{"count": 9, "wait": "1h 30m", "mode": "fast", "each": false}"#,
        expect![[r#"
        (Some(9), Some(5400000), Some('F'), Some(false))
    "#]],
    );
}

#[test]
fn everything_wrong_is_named_at_once() {
    check(
        r#"{"Mode": "x", "count": -1, "wait": 90, "mode": "quick", "each": 1, "extra": {}}"#,
        expect![[r#"
            [count] found -1: write a whole number, 1 or more
            [wait] found 90: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            [mode] found "quick": write one of "slow", "fast"
            [each] found 1: write true or false
            [Mode] unknown setting: write mode
            [extra] unknown setting: write one of count, wait, mode, each
        "#]],
    );
    check(
        r#"{"count": 10, "wait": "0s", "mode": null, "each": [1, [2]]}"#,
        expect![[r#"
        [count] found 10: write 9 or less
        [wait] found "0s": write a duration above zero
        [mode] found null: write one of "slow", "fast"
        [each] found a list: write true or false
    "#]],
    );
    check(
        r#"{"count": 2.5, "wait": "-5m", "count": 1}"#,
        expect![[r#"
        [count] found a number that is not whole: write a whole number, 1 or more
        [wait] found "-5m": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
        [count] given twice: write it once
    "#]],
    );
    check(
        r#"{"mode": "a word that is much longer than anybody would want to read again"}"#,
        expect![[r#"
            [mode] found "a word that is much longer than anybody …": write one of "slow", "fast"
        "#]],
    );
}

#[test]
fn what_is_no_table_is_refused() {
    check(
        "[1]",
        expect![[r#"
        [] expected a table of settings, found a list
    "#]],
    );
    check(
        "7",
        expect![[r#"
        [] expected a table of settings, found 7
    "#]],
    );
    check(
        "{\n \"count\": }",
        expect![[r#"
        [] not JSON: fault at line 2, column 11
    "#]],
    );
    check(
        "",
        expect![[r#"
        [] not JSON: fault at line 1, column 0
    "#]],
    );
    check(
        &"[".repeat(10_000),
        expect![[r#"
        [] not JSON: fault at line 1, column 128
    "#]],
    );
}

#[test]
fn durations_are_read_and_written() {
    let table: String = [
        "450ms",
        "7s",
        "90s",
        "12m30s",
        "1h",
        "1h 5m",
        " 2 d 4 h ",
        "1w",
        "",
        "5",
        "m",
        "5x",
        "1.5h",
        "-1s",
        "1h 5",
        "99999999999999999999s",
        "999999999999999w",
    ]
    .iter()
    .map(|text| match span::parse(text) {
        Some(millis) => format!("{text} = {}\n", span::write(millis)),
        None => format!("{text} is none\n"),
    })
    .collect();
    expect![[r#"
        450ms = 450ms
        7s = 7s
        90s = 1m30s
        12m30s = 12m30s
        1h = 1h
        1h 5m = 1h05m
         2 d 4 h  = 2d04h
        1w = 7d
         is none
        5 is none
        m is none
        5x is none
        1.5h is none
        -1s is none
        1h 5 is none
        99999999999999999999s is none
        999999999999999w is none
    "#]]
    .assert_eq(&table);
}

proptest! {
    /// The host reads the site file with `humantime`: the two must agree.
    #[test]
    fn durations_mean_what_humantime_says(
        parts in prop::collection::vec((0u64..100_000, "(ms|s|m|h|d|w)"), 1..4),
        blank in "[ ]?",
    ) {
        let text: String = parts.iter().map(|(n, unit)| format!("{n}{unit}{blank}")).collect();
        let theirs = humantime::parse_duration(text.trim()).unwrap();
        prop_assert_eq!(span::parse(&text).map(u128::from), Some(theirs.as_millis()));
    }

    #[test]
    fn any_text_is_answered(text in ".*") {
        let digits = text.contains(|c: char| c.is_ascii_digit());
        prop_assert!(span::parse(&text).is_none() || digits);
        let read = Table::parse(&text).finish(());
        let table = text.trim().starts_with('{');
        prop_assert!(read.is_err() || table);
    }
}
