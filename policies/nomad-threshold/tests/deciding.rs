//! The rule with a past, and what holds of it whatever the readings. The rows
//! of this tick alone are in `table.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_policy_sdk::Quality;
use policy_nomad_threshold::decide::{
    Completeness, Reading, Scaling, Situation, Undecided, decide,
};
use policy_nomad_threshold::settings::Settings;
use policy_nomad_threshold::strategy::Workers;
use proptest::prelude::*;

fn settings(strategies: &[&str]) -> Settings {
    let checks: Vec<String> = (1..)
        .zip(strategies)
        .map(|(nth, strategy)| {
            format!(r#"{{"name": "c{nth}", "query": "ready", "query_window": "10m", {strategy}}}"#)
        })
        .collect();
    Settings::parse(&format!(r#"{{"check": [{}]}}"#, checks.join(", "))).unwrap()
}

fn workers(capacity: u32) -> Workers {
    Workers { capacity, serving: capacity }
}

/// Decides every line of points with 10 workers; `-` is a period without one.
fn check(strategy: &str, table: &str, expected: Expect) {
    let settings = settings(&[strategy]);
    let mut said = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let completeness = match line.contains('-') {
            true => Completeness::Gaps,
            false => Completeness::Complete,
        };
        let points = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let situation =
            Situation { now_ms: 0, workers: workers(10), quality: Quality::Fresh, kept: None };
        let reading = Ok(Reading { points, completeness });
        said += &match decide(&settings, &situation, &[reading]) {
            Ok(done) => format!("{:+} {}\n", done.delta, done.reason),
            Err(Undecided(what)) => format!("missing data: {what}\n"),
        };
    }
    expected.assert_eq(&said);
}

#[test]
fn nm_04_five_points_within_bounds_trigger() {
    check(
        r#""strategy": {"threshold": {"lower_bound": 100, "upper_bound": 200, "delta": 3}}"#,
        "100 100 100 100 199
         100 100 100 100 200
         100 100 100 100
         100 5 100 5 100 5 100 5 100 5
         150 150 150 150 150 - - - - -
         - - -",
        expect![[r#"
            +3 c1: ready 199, 5 of 5 points at 100 or above and below 200, within_bounds_trigger 5: from 10 to 13 workers
            +0 c1: ready 200, 4 of 5 points at 100 or above and below 200, within_bounds_trigger 5: hold 10
            +0 c1: ready 100, 4 of 4 points at 100 or above and below 200, within_bounds_trigger 5: hold 10
            +3 c1: ready 5, 5 of 10 points at 100 or above and below 200, within_bounds_trigger 5: from 10 to 13 workers
            +3 c1: ready 150, 5 of 5 points at 100 or above and below 200, within_bounds_trigger 5: from 10 to 13 workers
            missing data: check c1: no reading of ready in 10 x 1m: does its source answer, and is period no shorter than the site's every?
        "#]],
    );
}

#[test]
fn fewer_only_of_a_past_without_gaps() {
    check(
        r#""strategy": {"threshold": {"upper_bound": 10, "percentage": -25, "within_bounds_trigger": 3}}"#,
        "1 1 1
         1 1
         1 1 1 -",
        expect![[r#"
            -2 c1: ready 1, 3 of 3 points below 10, within_bounds_trigger 3: from 10 to 8 workers
            +0 c1: ready 1, 2 of 2 points below 10, within_bounds_trigger 3: hold 10
            +0 c1: ready 1, 3 of 3 points below 10, within_bounds_trigger 3: 8 workers wanted, hold 10 until every period has a reading (period no shorter than the site's every)
        "#]],
    );
}

#[test]
fn target_value_takes_the_newest_point() {
    check(
        r#""strategy": {"target-value": {"target": 100}}"#,
        "900 900 150
         900 900 -",
        expect![[r#"
            +5 c1: ready 150 for target 100: from 10 to 15 workers
            +80 c1: ready 900 for target 100: from 10 to 90 workers
        "#]],
    );
}

/// No metric of the host is ever below zero.
#[test]
fn what_no_metric_can_be_is_no_reading() {
    for odd in [f64::NAN, f64::INFINITY, -1.0] {
        let settings = settings(&[
            r#""strategy": {"threshold": {"upper_bound": 10, "delta": -1, "within_bounds_trigger": 1}}"#,
        ]);
        let situation =
            Situation { now_ms: 0, workers: workers(10), quality: Quality::Fresh, kept: None };
        let reading = Reading { points: vec![5.0, odd], completeness: Completeness::Complete };
        let Undecided(what) = decide(&settings, &situation, &[Ok(reading)]).unwrap_err();
        assert_eq!(what, "check c1: a reading of ready is below zero or no number");
    }
}

/// Of several reasons why nobody leaves the first is told, with what was seen.
#[test]
fn what_holds_is_told() {
    let settings = settings(&[
        r#""strategy": {"target-value": {"target": 100, "max_scale_up": 2}}"#,
        r#""strategy": {"threshold": {"upper_bound": 10, "percentage": -10, "within_bounds_trigger": 1}}"#,
    ]);
    let situation =
        Situation { now_ms: 0, workers: workers(5), quality: Quality::Fresh, kept: None };
    let read = |point| Ok(Reading { points: vec![point], completeness: Completeness::Complete });
    let mut said = String::new();
    for readings in [[read(900.0), read(1.0)], [read(100.5), read(1.0)], [read(0.0), read(1.0)]] {
        let done = decide(&settings, &situation, &readings).unwrap();
        said += &format!("{:+} {}\n", done.delta, done.reason);
    }
    let left = [read(0.0), Err("the broker is away".to_owned())];
    let done = decide(&settings, &situation, &left).unwrap();
    said += &format!("{:+} {}\n", done.delta, done.reason);
    expect![[r#"
        +2 c1: ready 900 for target 100, max_scale_up 2: from 5 to 7 workers
        +0 c1: ready 100.5 within 0.01 of target 100: hold 5
        +0 c2: ready 1, 1 of 1 points below 10, within_bounds_trigger 1, -10 % of 5 rounds up to no change: hold 5
        +0 c1: ready 0 for target 100: 0 workers wanted, hold 5 while a check is left out (left out: check c2: the broker is away)
    "#]]
    .assert_eq(&said);
}

const STRATEGIES: [&str; 7] = [
    r#""group": "a", "strategy": {"threshold": {"lower_bound": 50, "delta": 2, "within_bounds_trigger": 1}}"#,
    r#""group": "a", "strategy": {"threshold": {"upper_bound": 20, "delta": -3, "within_bounds_trigger": 2}}"#,
    r#""strategy": {"threshold": {"lower_bound": 30, "percentage": 30, "within_bounds_trigger": 1}}"#,
    r#""strategy": {"target-value": {"target": 40}}"#,
    r#""on_error": "fail", "strategy": {"target-value": {"target": 0, "max_scale_down": 2}}"#,
    r#""strategy": {"fixed-value": {"value": 5}}"#,
    r#""strategy": {"pass-through": {}}"#,
];

fn any_settings() -> impl Strategy<Value = Settings> {
    prop::sample::subsequence(STRATEGIES.to_vec(), 1..=4).prop_map(|chosen| settings(&chosen))
}

fn any_reading() -> impl Strategy<Value = Result<Reading, String>> {
    let point = prop_oneof![0.0f64..100.0, (0u32..100).prop_map(f64::from)];
    let completeness =
        prop_oneof![3 => Just(Completeness::Complete), 1 => Just(Completeness::Gaps)];
    let reading = (prop::collection::vec(point, 0..10), completeness)
        .prop_map(|(points, completeness)| Ok(Reading { points, completeness }));
    prop_oneof![6 => reading, 1 => Just(Err("the broker is away".to_owned()))]
}

fn any_situation() -> impl Strategy<Value = Situation> {
    let quality = prop_oneof![3 => Just(Quality::Fresh), 1 => Just(Quality::Stale), 1 => Just(Quality::Missing)];
    let kept = prop::option::of((0u64..600_000, 0u32..30, 0u32..30))
        .prop_map(|kept| kept.map(|(at_ms, from, to)| Scaling { at_ms, from, to }));
    (0u64..600_000, 0u32..30, 0u32..30, quality, kept).prop_map(
        |(now_ms, capacity, serving, quality, kept)| Situation {
            now_ms,
            workers: Workers { capacity, serving: serving.min(capacity) },
            quality,
            kept,
        },
    )
}

proptest! {
    #[test]
    fn fewer_only_on_fresh_and_complete_data_and_never_below_none(
        settings in any_settings(), situation in any_situation(),
        readings in prop::collection::vec(any_reading(), 4),
    ) {
        let Ok(done) = decide(&settings, &situation, &readings) else { return Ok(()) };
        if done.delta < 0 {
            prop_assert!(done.delta.unsigned_abs() <= situation.workers.capacity);
            prop_assert_eq!(situation.quality, Quality::Fresh);
            let read = |reading: &Result<Reading, String>| matches!(
                reading, Ok(Reading { completeness: Completeness::Complete, .. })
            );
            prop_assert!(readings.iter().take(settings.checks.len()).all(read));
        }
        prop_assert_eq!(done.keep.is_some(), done.delta != 0);
    }

    // EX-01.
    #[test]
    fn never_above_the_exact_ceiling(capacity in 0u32..200, metric in 0u32..2_000, target in 1u32..200) {
        let strategy = format!(r#""strategy": {{"target-value": {{"target": {target}, "threshold": 0}}}}"#);
        let situation =
            Situation { now_ms: 0, workers: workers(capacity), quality: Quality::Fresh, kept: None };
        let reading = Reading { points: vec![f64::from(metric)], completeness: Completeness::Complete };
        let done = decide(&settings(&[&strategy]), &situation, &[Ok(reading)]).unwrap();
        let exact = (capacity.max(1) * metric).div_ceil(target);
        prop_assert_eq!(i64::from(capacity) + i64::from(done.delta), i64::from(exact));
    }

    #[test]
    fn a_larger_metric_never_asks_for_fewer_of_a_target(
        situation in any_situation(), points in prop::collection::vec(0.0f64..100.0, 1..5), more in 0.0f64..100.0,
    ) {
        let settings = settings(&[STRATEGIES[3], STRATEGIES[4], STRATEGIES[6]]);
        let read = |more: f64| {
            let points = points.iter().map(|point| point + more).collect();
            vec![Ok(Reading { points, completeness: Completeness::Complete }); 3]
        };
        let before = decide(&settings, &situation, &read(0.0)).unwrap();
        let after = decide(&settings, &situation, &read(more)).unwrap();
        prop_assert!(before.delta <= after.delta, "{before:?} then {after:?}");
    }

    #[test]
    fn no_reading_is_too_odd(
        settings in any_settings(), situation in any_situation(), points in prop::collection::vec(any::<f64>(), 0..5),
        kept in any::<(u64, u32, u32)>(),
    ) {
        let (at_ms, from, to) = kept;
        let situation = Situation { kept: Some(Scaling { at_ms, from, to }), ..situation };
        let sane = points.iter().all(|point| point.is_finite() && *point >= 0.0);
        let readings = vec![Ok(Reading { points, completeness: Completeness::Complete }); 4];
        if let Ok(done) = decide(&settings, &situation, &readings) {
            prop_assert!(sane || done.delta == 0, "{}", done.reason);
        }
    }
}
