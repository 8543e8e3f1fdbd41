//! How good it is, on a recorded load, against what anybody would guess: the
//! same hour yesterday.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_forecast::{HOUR_MS, History};

fn recorded() -> Vec<f64> {
    let lines = include_str!("worldcup98-hour.csv").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect()
}

/// Absolute errors in percent: of the forecast, and of the newest same hour of
/// the day, for every hour up to `hours` ahead, forecast anew every six.
fn errors(load: &[f64], hours: usize) -> (f64, f64) {
    let (mut ours, mut yesterdays, mut count) = (0.0, 0.0, 0.0);
    let mut history = History::default();
    for (at, reading) in load.iter().enumerate() {
        let now_ms = at as u64 * HOUR_MS;
        if at >= 24 && at % 6 == 0 {
            let forecast = history.forecast(now_ms).unwrap();
            for target in at..(at + hours).min(load.len()) {
                let was = load[target];
                let said = forecast.at(target as u64 * HOUR_MS).unwrap();
                let yesterday = load[target - 24 * ((target - at) / 24 + 1)];
                ours += 100.0 * (said - was).abs() / was;
                yesterdays += 100.0 * (yesterday - was).abs() / was;
                count += 1.0;
            }
        }
        history.record(now_ms, *reading);
    }
    (ours / count, yesterdays / count)
}

fn check(load: &[f64], expected: Expect) {
    let mut said = String::new();
    for hours in [1, 6, 24, 48] {
        let (ours, yesterdays) = errors(load, hours);
        let ratio = ours / yesterdays;
        said += &format!("{hours:2} h ahead: {ours:5.1} % / {yesterdays:5.1} % = {ratio:.2}\n");
    }
    expected.assert_eq(&said);
}

#[test]
fn it_is_better_than_the_same_hour_yesterday() {
    let load = recorded();
    assert_eq!(load.len(), 14 * 24);
    check(
        &load,
        expect![[r#"
         1 h ahead:   8.1 % /  17.8 % = 0.45
         6 h ahead:  10.4 % /  18.1 % = 0.57
        24 h ahead:  15.6 % /  18.2 % = 0.86
        48 h ahead:  21.5 % /  23.8 % = 0.91
    "#]],
    );
    let (ours, yesterdays) = errors(&load, 24);
    assert!(ours < yesterdays);
}

#[test]
fn it_learns_that_the_load_has_weeks() {
    // 10 by day and 1 by night, and 2 all day at weekends.
    let load: Vec<f64> = (0..28 * 24)
        .map(|hour| match (hour / 24 % 7, hour % 24) {
            (5 | 6, _) => 2.0,
            (_, 8..18) => 10.0,
            (_, _) => 1.0,
        })
        .collect();
    check(
        &load,
        expect![[r#"
         1 h ahead:   7.2 % /  30.9 % = 0.23
         6 h ahead:  13.4 % /  39.2 % = 0.34
        24 h ahead:  14.1 % /  39.7 % = 0.35
        48 h ahead:  17.1 % /  60.8 % = 0.28
    "#]],
    );
}
