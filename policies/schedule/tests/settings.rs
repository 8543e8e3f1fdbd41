//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_schedule::settings::{SCHEMA, Settings};
use serde_json::{Value, json};

fn read(settings: &Value) -> String {
    match Settings::parse(&settings.to_string()) {
        Ok(read) => {
            let rules = read.rules.iter().map(|rule| {
                format!(
                    "{}: {:?}, {}..{:?}\n",
                    rule.name, rule.window.zone, rule.floor, rule.ceiling
                )
            });
            format!("ahead {} ms, {:?}\n{}", read.ahead_ms, read.surplus, rules.collect::<String>())
        }
        Err(problems) => problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect(),
    }
}

/// Reads settings; the schema has to be of the same opinion.
fn check(settings: Value, expected: Expect) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let valid = jsonschema::draft202012::is_valid(&schema, &settings);
    let text = read(&settings);
    assert_eq!(valid, text.starts_with("ahead "), "the schema disagrees on {settings}: {text}");
    expected.assert_eq(&text);
}

#[test]
fn good_settings_are_read() {
    check(
        json!({
            "zone": "Europe/Berlin", "ahead": "10m", "release": true,
            "window": [
                { "name": "office", "start": "0 8 * * *", "days": "mon-fri", "duration": "10h", "minimum": 5 },
                { "start": "0 22 * * *", "end": "0 6 * * *", "zone": "UTC", "minimum": 2, "maximum": 2 },
                { "start": "0 12 * * *", "end": "0 13 * * *", "capacity": 0 },
            ],
        }),
        expect![[r#"
            ahead 600000 ms, Release
            office: Zone(Europe/Berlin), 5..None
            window 2: Zone(UTC), 2..Some(2)
            window 3: Zone(Europe/Berlin), 0..Some(0)
        "#]],
    );
    check(
        json!({ "window": [{ "start": "0 8 * * *", "duration": "1ms", "maximum": 3 }] }),
        expect![[r#"
            ahead 0 ms, Hold
            window 1: Zone(UTC), 0..Some(3)
        "#]],
    );
}

#[test]
fn what_has_the_wrong_shape_is_refused() {
    for (settings, expected) in [
        (
            json!({}),
            expect![[r#"
            window: no window: write one at the least
        "#]],
        ),
        (
            json!({ "window": [] }),
            expect![[r#"
            window: no window: write one at the least
        "#]],
        ),
        (
            json!({ "window": 3 }),
            expect![[r#"
            window: found 3: write a list
        "#]],
        ),
        (
            json!({ "window": [3] }),
            expect![[r#"
            window.0: found 3: write a table
            window: no window: write one at the least
        "#]],
        ),
        (
            json!({ "windows": [] , "ahead": 10, "release": 1, "zone": 1 }),
            expect![[r#"
            zone: found 1: write a text in quotes
            ahead: found 10: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            release: found 1: write true or false
            window: no window: write one at the least
            windows: unknown setting: write one of zone, ahead, release, window
        "#]],
        ),
        (
            json!({ "window": [{}] }),
            expect![[r#"
            window.0.start: missing: write when it opens, such as "0 8 * * mon-fri"
            window.0: neither duration nor end: write when it closes, such as duration = "8h"
            window.0: sets nothing: write minimum, maximum, both, or capacity
        "#]],
        ),
        (
            json!({ "window": [{
                "start": "0 8 * * *", "duration": "8h", "end": "0 9 * * *", "capacity": 1, "maximum": 2,
            }] }),
            expect![[r#"
                window.0.end: beside duration: write one of the two
                window.0.capacity: beside minimum or maximum: it is both of them, write it alone
            "#]],
        ),
        (
            json!({ "window": [{ "start": 8, "duration": "eight", "minimum": -1, "days": 5, "x": 1 }] }),
            expect![[r#"
                window.0.start: found 8: write a text in quotes
                window.0.days: found 5: write a text in quotes
                window.0.duration: found "eight": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
                window.0.minimum: found -1: write a whole number, 0 or more
                window.0.x: unknown setting: write one of name, zone, start, days, duration, end, minimum, maximum, capacity
            "#]],
        ),
    ] {
        check(settings, expected);
    }
    let many: Vec<Value> =
        (0..126).map(|_| json!({"start": "0 8 * * *", "duration": "1h", "minimum": 1})).collect();
    check(
        json!({ "window": many }),
        expect![[r#"
        window: 126 windows: write 125 at the most
    "#]],
    );
}

/// A schema cannot know these.
#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    let wrong = json!({
        "zone": "Europe/Berln",
        "ahead": "0s",
        "window": [
            { "zone": "Mars", "start": "0 25 * * *", "duration": "0s", "minimum": 5, "maximum": 4 },
            { "start": "0 8 * *", "end": "0 0 30 feb *", "days": "mon-fry", "minimum": 5 },
        ],
    });
    expect![[r#"
        zone: there is no time zone "Europe/Berln": did you mean Europe/Berlin?
        ahead: found "0s": write a duration above zero
        window.0.zone: there is no time zone "Mars": write an IANA name such as "Europe/Berlin" or "UTC"
        window.0.start: hour "25": write a number from 0 to 23, or *
        window.0.duration: found "0s": write a duration above zero
        window.0.minimum: found 5, above the maximum 4: write 4 or less
        window.1.start: found 4 fields: write five: minute, hour, day of the month, month, day of the week
        window.1.days: day of the week "mon-fry": write a number from 0 to 7 or a name such as sun, or *
        window.1.end: no such day in any year: none of the months is that long
    "#]].assert_eq(&read(&wrong));
}

#[test]
fn a_window_that_never_opens_and_a_floor_that_always_holds_are_refused() {
    let wrong = json!({
        "ahead": "365d",
        "window": [
            { "start": "0 8 * * sat", "days": "mon-fri", "duration": "1h", "minimum": 1 },
            { "start": "0 8 29 feb *", "days": "mon", "duration": "1h", "minimum": 1 },
        ],
    });
    expect![[r#"
        ahead: found 365d, so that floors hold nearly always: write a week or less, such as "10m"
        window.0.days: never opens: no day that start names is one of days
    "#]]
    .assert_eq(&read(&wrong));
}
