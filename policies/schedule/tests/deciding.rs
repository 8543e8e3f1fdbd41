//! The rule, as a table of moments and decisions, and what holds of it whatever
//! the moment.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_timetable::Moment;
use policy_schedule::decide::decide;
use policy_schedule::settings::Settings;
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings(value: &Value) -> Settings {
    Settings::parse(&value.to_string()).unwrap()
}

/// 2026-01-01 was a Thursday.
const JANUARY_MS: u64 = 1_767_225_600_000;
const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u64 = 1_440;

/// Decides every `(day of January 2026, hour, minute, workers)`, in UTC.
fn check(value: Value, table: &[(u64, u64, u64, u32)], expected: Expect) {
    let settings = settings(&value);
    let mut said = String::new();
    for (day, hour, minute, capacity) in table {
        let minutes = (day - 1) * DAY_MINUTES + hour * 60 + minute;
        let now = Moment::from_ms(JANUARY_MS + minutes * MINUTE_MS);
        let decision = decide(&settings, now, *capacity);
        let clock = format!("{day:02} {hour:02}:{minute:02}");
        said += &format!("{clock} {:+} {}\n", decision.delta, decision.reason);
    }
    expected.assert_eq(&said);
}

#[test]
fn a_floor_and_a_ceiling_hold_while_their_window_is_open() {
    let office = json!({
        "zone": "Europe/Berlin",
        "window": [
            { "name": "office", "start": "0 8 * * *", "days": "mon-fri", "duration": "10h", "minimum": 5 },
            { "name": "night", "start": "0 22 * * *", "end": "0 6 * * *", "maximum": 2 },
        ],
    });
    check(
        office,
        &[
            (1, 6, 59, 3),
            (1, 7, 0, 3),
            (1, 7, 0, 5),
            (1, 12, 30, 8),
            (1, 16, 59, 0),
            (1, 17, 0, 0),
            (1, 20, 59, 9),
            (1, 21, 0, 9),
            (1, 21, 0, 1),
            (2, 4, 59, 9),
            (2, 5, 0, 9),
            // A Saturday.
            (3, 9, 0, 1),
        ],
        expect![[r#"
            01 06:59 +0 3 workers, no window open, office opens in 1m: hold
            01 07:00 +2 3 workers, floor 5 (office, closes in 10h): 2 more
            01 07:00 +0 5 workers, floor 5 (office, closes in 10h): hold
            01 12:30 +0 8 workers, floor 5 (office, closes in 4h30m): hold
            01 16:59 +5 0 workers, floor 5 (office, closes in 1m): 5 more
            01 17:00 +0 0 workers, no window open, night opens in 4h: hold
            01 20:59 +0 9 workers, no window open, night opens in 1m: hold
            01 21:00 -7 9 workers, ceiling 2 (night, closes in 8h): 7 fewer
            01 21:00 +0 1 worker, ceiling 2 (night, closes in 8h): hold
            02 04:59 -7 9 workers, ceiling 2 (night, closes in 1m): 7 fewer
            02 05:00 +0 9 workers, no window open, office opens in 2h: hold
            03 09:00 +0 1 worker, no window open, night opens in 12h: hold
        "#]],
    );
}

#[test]
fn of_overlapping_windows_the_largest_floor_and_the_smallest_ceiling_hold() {
    let overlapping = json!({
        "window": [
            { "name": "day", "start": "0 8 * * *", "duration": "12h", "minimum": 2, "maximum": 20 },
            { "name": "noon", "start": "0 11 * * *", "duration": "2h", "minimum": 6, "maximum": 9 },
            { "name": "batch", "start": "0 18 * * *", "duration": "4h", "capacity": 12 },
            { "name": "freeze", "start": "0 19 * * *", "duration": "2h", "maximum": 4 },
        ],
    });
    check(
        overlapping,
        &[
            (1, 9, 0, 1),
            (1, 9, 0, 30),
            (1, 11, 0, 4),
            (1, 11, 0, 7),
            (1, 11, 0, 15),
            (1, 18, 0, 5),
            // The floor 12 stands above the ceiling 4.
            (1, 19, 0, 5),
            (1, 19, 0, 12),
            (1, 19, 0, 14),
        ],
        expect![[r#"
            01 09:00 +1 1 worker, floor 2, ceiling 20 (day, closes in 11h): 1 more
            01 09:00 -10 30 workers, floor 2, ceiling 20 (day, closes in 11h): 10 fewer
            01 11:00 +2 4 workers, floor 6, ceiling 9 (noon, closes in 2h): 2 more
            01 11:00 +0 7 workers, floor 6, ceiling 9 (noon, closes in 2h): hold
            01 11:00 -6 15 workers, floor 6, ceiling 9 (noon, closes in 2h): 6 fewer
            01 18:00 +7 5 workers, floor 12, ceiling 12 (batch, closes in 4h): 7 more
            01 19:00 +7 5 workers, floor 12 (batch, closes in 3h) wins over ceiling 4 (freeze, closes in 2h): 7 more
            01 19:00 +0 12 workers, floor 12 (batch, closes in 3h) wins over ceiling 4 (freeze, closes in 2h): hold
            01 19:00 -2 14 workers, floor 12 (batch, closes in 3h) wins over ceiling 4 (freeze, closes in 2h): 2 fewer
        "#]],
    );
}

#[test]
fn a_floor_holds_ahead_of_its_window_and_a_ceiling_does_not() {
    let ahead = json!({
        "ahead": "10m",
        "window": [
            { "name": "office", "start": "0 8 * * *", "duration": "8h", "minimum": 5, "maximum": 6 },
        ],
    });
    check(
        ahead.clone(),
        &[(1, 7, 49, 1), (1, 7, 50, 1), (1, 7, 59, 9), (1, 8, 0, 9), (1, 15, 59, 5), (1, 16, 0, 5)],
        expect![[r#"
            01 07:49 +0 1 worker, no window open, office opens in 11m: hold
            01 07:50 +4 1 worker, floor 5 (office, opens in 10m): 4 more
            01 07:59 +0 9 workers, floor 5 (office, opens in 1m): hold
            01 08:00 -3 9 workers, floor 5, ceiling 6 (office, closes in 8h): 3 fewer
            01 15:59 +0 5 workers, floor 5, ceiling 6 (office, closes in 1m): hold
            01 16:00 +0 5 workers, no window open, office opens in 16h: hold
        "#]],
    );
    // Ahead of a floor, within a ceiling: the floor wins.
    let mut and_night = ahead;
    let night = json!({ "name": "night", "start": "0 22 * * *", "end": "0 8 * * *", "maximum": 1 });
    and_night["window"].as_array_mut().unwrap().push(night);
    check(
        and_night,
        &[(2, 7, 49, 3), (2, 7, 50, 3), (2, 7, 50, 8), (2, 8, 0, 3)],
        expect![[r#"
            02 07:49 -2 3 workers, ceiling 1 (night, closes in 11m): 2 fewer
            02 07:50 +2 3 workers, floor 5 (office, opens in 10m) wins over ceiling 1 (night, closes in 10m): 2 more
            02 07:50 -3 8 workers, floor 5 (office, opens in 10m) wins over ceiling 1 (night, closes in 10m): 3 fewer
            02 08:00 +2 3 workers, floor 5, ceiling 6 (office, closes in 8h): 2 more
        "#]],
    );
}

#[test]
fn what_no_window_holds_is_released_if_asked_for() {
    let released = json!({
        "release": true,
        "window": [{ "start": "0 8 * * *", "duration": "8h", "minimum": 5, "maximum": 9 }],
    });
    check(
        released,
        &[(1, 7, 0, 4), (1, 8, 0, 4), (1, 8, 0, 5), (1, 8, 0, 7), (1, 8, 0, 12)],
        expect![[r#"
            01 07:00 -4 4 workers, no window open, window 1 opens in 1h: 4 could go
            01 08:00 +1 4 workers, floor 5, ceiling 9 (window 1, closes in 8h): 1 more
            01 08:00 +0 5 workers, floor 5, ceiling 9 (window 1, closes in 8h): hold
            01 08:00 -2 7 workers, floor 5, ceiling 9 (window 1, closes in 8h): 2 could go
            01 08:00 -7 12 workers, floor 5, ceiling 9 (window 1, closes in 8h): 7 could go
        "#]],
    );
    let silent = json!({ "window": [{ "start": "0 8 * * *", "duration": "8h", "minimum": 0 }] });
    check(
        silent,
        &[(1, 7, 0, 4), (1, 8, 0, 4)],
        expect![[r#"
        01 07:00 +0 4 workers, no window open, window 1 opens in 1h: hold
        01 08:00 +0 4 workers, floor 0 (window 1): hold
    "#]],
    );
}

/// The night of 28 to 29 March 2026 in Berlin: 02:30 is skipped.
#[test]
fn a_window_that_closes_at_a_time_skipped_closes_at_the_change() {
    let night = json!({
        "zone": "Europe/Berlin",
        "window": [{ "start": "30 23 * * *", "end": "30 2 * * *", "maximum": 1 }],
    });
    let day = 31 + 28 + 29;
    check(
        night,
        &[(day, 0, 59, 3), (day, 1, 0, 3), (day, 12, 0, 3)],
        expect![[r#"
        88 00:59 -2 3 workers, ceiling 1 (window 1, closes in 1m): 2 fewer
        88 01:00 +0 3 workers, no window open, window 1 opens in 20h30m: hold
        88 12:00 +0 3 workers, no window open, window 1 opens in 9h30m: hold
    "#]],
    );
}

fn windows() -> impl Strategy<Value = Settings> {
    let window = (0u32..24, 1u64..2_000, 0u32..50, prop::option::of(0u32..50), any::<bool>());
    let windows = prop::collection::vec(window, 1..5);
    (windows, 1u64..120, any::<bool>()).prop_map(|(windows, ahead, release)| {
        let window = |(hour, minutes, floor, above, local): (u32, u64, u32, Option<u32>, bool)| {
            let mut window = json!({
                "zone": if local { "America/New_York" } else { "UTC" },
                "start": format!("0 {hour} * * *"),
                "duration": format!("{minutes}m"),
                "minimum": floor,
            });
            if let Some(above) = above {
                window["maximum"] = json!(floor + above);
            }
            window
        };
        let windows: Vec<Value> = windows.into_iter().map(window).collect();
        settings(&json!({ "window": windows, "ahead": format!("{ahead}m"), "release": release }))
    })
}

proptest! {
    /// Carried out, it lies between a floor and a ceiling that some rule names,
    /// and asks for nothing more.
    #[test]
    fn the_wish_is_bounded_and_once_met_not_repeated(
        settings in windows(), now in JANUARY_MS..2 * JANUARY_MS, capacity in any::<u32>(),
    ) {
        let now = Moment::from_ms(now);
        let decision = decide(&settings, now, capacity);
        let met = u32::try_from(i64::from(capacity) + i64::from(decision.delta)).unwrap();
        let floors: Vec<u32> = settings.rules.iter().map(|rule| rule.floor).collect();
        let most = settings.rules.iter().filter_map(|rule| rule.ceiling).chain(floors).max().unwrap();
        if decision.delta > 0 {
            prop_assert!(met <= most);
        }
        if decision.delta > i32::MIN {
            prop_assert_eq!(decide(&settings, now, met).delta, 0);
        }
    }

    /// More workers never ask for more.
    #[test]
    fn the_wish_falls_with_the_workers(
        settings in windows(), now in any::<u64>(), capacity in 0u32..100, more in 0u32..100,
    ) {
        let now = Moment::from_ms(now);
        let (few, many) = (decide(&settings, now, capacity), decide(&settings, now, capacity + more));
        prop_assert!(few.delta >= many.delta);
    }
}
