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

/// Reads what nests: a number, a text, a list of texts, tables in tables.
fn check_nested(json: &str, expected: Expect) {
    let read = |table: &mut Table| {
        let step = |step: &mut Table| (step.number("from", -1.0..=100.0), step.whole("by", 0..=9));
        let alarm = |alarm: &mut Table| {
            let name = alarm.text("name");
            if name.is_none() && !alarm.has("anonymous") {
                alarm.problem("", "an alarm has a name".to_owned());
            }
            (name, alarm.switch("anonymous"), alarm.tables("steps", step))
        };
        (table.texts("days"), table.table("first", alarm), table.tables("alarms", alarm))
    };
    let text = match Table::read(json, read) {
        Ok(read) => format!("{read:?}\n"),
        Err(problems) => problems.iter().map(|p| format!("[{}] {}\n", p.path, p.message)).collect(),
    };
    expected.assert_eq(&text);
}

#[test]
fn tables_in_tables_are_read() {
    check_nested(
        r#"{"days": ["mon"], "alarms": [{"name": "a", "steps": [{"from": 2.5}, {"from": -1, "by": 3}]}, {"anonymous": true}]}"#,
        expect![[r#"
            (Some(["mon"]), None, Some([(Some("a"), None, Some([(Some(2.5), None), (Some(-1.0), Some(3))])), (None, Some(true), None)]))
        "#]],
    );
}

#[test]
fn problems_inside_name_the_way_to_them() {
    check_nested(
        r#"{"days": ["mon", 2], "first": 1, "alarms": [{"steps": [{"from": 100.5, "By": 1}, 7]}, [], {"name": 1, "name": "b", "steps": {}}]}"#,
        expect![[r#"
            [days.1] found 2: write a text in quotes
            [first] found 1: write a table
            [alarms.0] an alarm has a name
            [alarms.0.steps.0.from] out of range: write a number from -1 to 100
            [alarms.0.steps.0.By] unknown setting: write by
            [alarms.0.steps.1] found 7: write a table
            [alarms.1] found a list: write a table
            [alarms.2.name] found 1: write a text in quotes
            [alarms.2] an alarm has a name
            [alarms.2.steps] found a table: write a list
            [alarms.2.name] given twice: write it once
        "#]],
    );
}
