//! The rule with a past, as a table, and what holds of it whatever the
//! situation. Rows without a past are in `table.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_target_tracking::decide::{Missing, Point, Quality, Situation, decide};
use policy_target_tracking::settings::Settings;
use proptest::prelude::*;

fn settings(json: &str) -> Settings {
    Settings::parse(json).unwrap()
}

/// `150@10 x3 -` is three periods of metric 150 with 10 workers serving, and
/// then one without a reading; the newest last.
fn points(text: &str) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(times) = word.strip_prefix('x') {
            let last = *points.last().unwrap();
            points.resize(points.len() + times.parse::<usize>().unwrap() - 1, last);
        } else if let Some((metric, serving)) = word.split_once('@') {
            points.push(Point { metric: metric.parse().ok(), serving: serving.parse().ok() });
        } else {
            points.push(Point::default());
        }
    }
    points
}

/// Decides every line: `id | capacity booting [busy] [short] [stale|missing] | periods`.
/// All are idle but for `busy`; with `short` the host keeps ten minutes.
fn check(json: &str, table: &str, expected: Expect) {
    let mut said = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [id, workers, past] = line.splitn(3, '|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let mut words = workers.split_whitespace();
        let mut count = || words.next().unwrap().parse().unwrap();
        let (capacity, booting): (u32, u32) = (count(), count());
        let busy = workers.contains("busy");
        let situation = Situation {
            capacity,
            booting,
            idle: if busy { 3 } else { capacity - booting },
            quality: match words.last() {
                Some("stale") => Quality::Stale,
                Some("missing") => Quality::Missing,
                _ => Quality::Fresh,
            },
            ready: (!workers.contains("missing")).then_some(7),
            history_ms: if workers.contains("short") { 600_000 } else { 10_800_000 },
            points: points(past),
        };
        said += &match decide(&settings(json), &situation) {
            Ok(done) => format!("{}{:+} {}\n", id, done.delta, done.reason),
            Err(Missing(what)) => format!("{id}missing data: {what}\n"),
        };
    }
    expected.assert_eq(&said);
}

#[test]
fn a_backlog_shared_by_the_workers() {
    check(
        r#"{"target": 100}"#,
        "TT-01 | 10 0 | 1500@10 x3
         TT-02 | 10 0 | 1150@10 x3
         TT-03 | 10 0 | 850@10 x15
         TT-05 | 10 0 | - - -
         gap | 10 0 | 1500@10 - 1500@10
         two of three | 10 0 | 900@10 1500@10 x2
         newest not high | 10 0 | 1500@10 x2 1000@10
         old data | 10 0 stale | 1500@10 x3
         they come | 15 5 | 1500@10 x3
         nobody serves yet | 5 5 | 900@0 x3
         within the margin | 10 0 | 910@10 x15
         below the margin | 10 0 | 890@10 x15
         fourteen | 10 0 | 910@10 550@10 x14
         low with a short memory | 10 0 short | - x5 550@10 x10
         low with a gap | 10 0 | 550@10 x7 - 550@10 x7
         low and old | 10 0 stale | 550@10 x15
         low and missing | 10 0 missing | 550@10 x15
         low and booting | 10 1 | 550@10 x15
         low | 10 0 | 550@10 x15
         seven busy | 10 0 busy | 0@10 x15
         all but three busy | 3 0 busy | 0@3 x15
         empty | 10 0 | 0@10 x15",
        expect![[r#"
            TT-01 +5 ready a worker 150 > target 100 in 3 x 1m: from 10 to 15 workers
            TT-02 +2 ready a worker 115 > target 100 in 3 x 1m: from 10 to 12 workers
            TT-03 -1 ready a worker 85 < target 100 less 10% in 15 x 1m: from 10 to 9 workers, 9 wanted
            TT-05 missing data: no readings of ready in 3 x 1m: does its source answer, and is period no shorter than the site's every?
            gap +0 ready a worker 150, target 100: above it in 2 of 3 x 1m, below it less 10% in 0 of 15, 1 of 3 without a reading: hold
            two of three +0 ready a worker 150, target 100: above it in 2 of 3 x 1m, below it less 10% in 0 of 15: hold
            newest not high +0 ready a worker 100, target 100: above it in 2 of 3 x 1m, below it less 10% in 0 of 15: hold
            old data +5 ready a worker 150 > target 100 in 3 x 1m: from 10 to 15 workers
            they come +0 ready a worker 150 > target 100 in 3 x 1m: hold, 15 workers with 5 booting
            nobody serves yet +4 ready a worker beyond measure > target 100 in 3 x 1m: from 5 to 9 workers
            within the margin +0 ready a worker 91, target 100: above it in 0 of 3 x 1m, below it less 10% in 0 of 15: hold
            below the margin -1 ready a worker 89 < target 100 less 10% in 15 x 1m: from 10 to 9 workers, 9 wanted
            fourteen +0 ready a worker 55, target 100: above it in 0 of 3 x 1m, below it less 10% in 14 of 15: hold
            low with a short memory +0 ready a worker 55, target 100: above it in 0 of 3 x 1m, below it less 10% in 10 of 15, 5 of 15 without a reading (15m asked for, 10m kept: write a longer keep of [history]): hold
            low with a gap +0 ready a worker 55, target 100: above it in 0 of 3 x 1m, below it less 10% in 14 of 15, 1 of 15 without a reading: hold
            low and old +0 ready a worker 55 < target 100 less 10% in 15 x 1m: hold, scale in waits for a fresh backlog
            low and missing +0 ready a worker 55 < target 100 less 10% in 15 x 1m: hold, scale in waits for a fresh backlog
            low and booting +0 ready a worker 55 < target 100 less 10% in 15 x 1m: hold, scale in waits for 1 booting
            low -4 ready a worker 55 < target 100 less 10% in 15 x 1m: from 10 to 6 workers, 6 wanted
            seven busy -3 ready a worker 0 < target 100 less 10% in 15 x 1m: from 10 to 7 workers, 1 wanted
            all but three busy -2 ready a worker 0 < target 100 less 10% in 15 x 1m: from 3 to 1 workers, 1 wanted
            empty -9 ready a worker 0 < target 100 less 10% in 15 x 1m: from 10 to 1 workers, 1 wanted
        "#]],
    );
}

#[test]
fn an_average_over_the_workers_that_served() {
    check(
        r#"{"metric": "utilization", "target": 50}"#,
        "TT-02 | 10 0 | 57.5@10 x3
         TT-03 | 10 0 | 42.5@10 x15
         EX-01 | 15 0 | 62@15 x3
         EX-01 | 13 0 | 135@13 x3
         they come | 15 5 | 75@10 x3
         one fall is answered once | 4 0 | 20@10 x15
         nobody serves | 3 3 | -@0 x15
         fraction | 3 0 | 60@2.5 x3",
        expect![[r#"
            TT-02 +2 utilization 57.5 > target 50 in 3 x 1m: from 10 to 12 workers
            TT-03 -1 utilization 42.5 < target 50 less 10% in 15 x 1m: from 10 to 9 workers, 9 wanted
            EX-01 +4 utilization 62 > target 50 in 3 x 1m: from 15 to 19 workers
            EX-01 +23 utilization 135 > target 50 in 3 x 1m: from 13 to 36 workers
            they come +0 utilization 75 > target 50 in 3 x 1m: hold, 15 workers with 5 booting
            one fall is answered once +0 utilization 20 < target 50 less 10% in 15 x 1m: hold, 4 workers for 4 wanted
            nobody serves +0 utilization 0 < target 50 less 10% in 15 x 1m: hold, scale in waits for 3 booting
            fraction +0 utilization 60 > target 50 in 3 x 1m: hold, 3 workers with 0 booting
        "#]],
    );
    check(
        r#"{"metric": "utilization", "target": 30}"#,
        "EX-01 | 15 0 | 62@15 x3",
        expect![[r#"
            EX-01 +16 utilization 62 > target 30 in 3 x 1m: from 15 to 31 workers
        "#]],
    );
}

#[test]
fn counts_margin_and_scale_in_are_settings() {
    check(
        r#"{"high_periods": 1, "low_periods": 2, "margin": 0, "target": 10, "metric": "unacked"}"#,
        "one | 2 0 | 21@2
         two | 2 0 | 9@2 x2
         at target | 2 0 | 20@2 x2",
        expect![[r#"
            one +1 unacked a worker 10.5 > target 10 in 1 x 1m: from 2 to 3 workers
            two -1 unacked a worker 4.5 < target 10 less 0% in 2 x 1m: from 2 to 1 workers, 1 wanted
            at target +0 unacked a worker 10, target 10: above it in 0 of 1 x 1m, below it less 0% in 0 of 2: hold
        "#]],
    );
    check(
        r#"{"scale_in": false, "low_periods": 2}"#,
        "never in | 9 0 | 9@2 x3",
        expect![[r#"
            never in +0 ready a worker 4.5 < target 100 less 10% in 2 x 1m: hold, scale in is disabled
        "#]],
    );
}

fn any_points() -> impl Strategy<Value = Vec<Point>> {
    let metric = prop::option::weighted(
        0.95,
        prop_oneof![Just(0.0), 0.0..2_000.0, (0u32..2_000).prop_map(f64::from)],
    );
    let serving = prop::option::weighted(0.95, (0u32..40).prop_map(f64::from));
    let point = (metric, serving).prop_map(|(metric, serving)| Point { metric, serving });
    let alike = (point.clone(), 1usize..16).prop_map(|(point, count)| vec![point; count]);
    prop_oneof![alike, prop::collection::vec(point, 0..16)]
}

fn any_situation() -> impl Strategy<Value = Situation> {
    let quality = prop_oneof![3 => Just(Quality::Fresh), 1 => Just(Quality::Stale), 1 => Just(Quality::Missing)];
    (0u32..40, 0u32..10, 0u32..40, quality, prop::option::of(0u64..1_000), any_points()).prop_map(
        |(capacity, booting, idle, quality, ready, points)| Situation {
            capacity,
            booting: booting.min(capacity),
            idle,
            quality,
            ready,
            history_ms: 10_800_000,
            points,
        },
    )
}

fn any_settings() -> impl Strategy<Value = Settings> {
    prop_oneof![
        Just(r#"{"low_periods": 3, "high_periods": 2, "target": 7}"#),
        Just(r#"{"low_periods": 2, "high_periods": 1, "metric": "utilization", "target": 60}"#),
        Just(
            r#"{"low_periods": 1, "high_periods": 1, "metric": "busy", "target": 0.7, "margin": 0}"#
        ),
    ]
    .prop_map(settings)
}

/// A broker that was silent while nobody served is no period without load.
#[test]
fn only_machines_that_are_not_there_measure_zero() {
    check(
        r#"{"metric": "ready", "per": "total", "target": 50, "low_periods": 3}"#,
        "silent | 4 0 | -@0 x2 10@4",
        expect![[r#"
            silent +0 ready 10, target 50: above it in 0 of 3 x 1m, below it less 10% in 1 of 3, 2 of 3 without a reading (a young past, or a period shorter than the site's every): hold
        "#]],
    );
    check(
        r#"{"metric": "utilization", "target": 50, "low_periods": 3}"#,
        "no machine | 4 0 | -@0 x2 10@4",
        expect![[r#"
            no machine -3 utilization 10 < target 50 less 10% in 3 x 1m: from 4 to 1 workers, 1 wanted
        "#]],
    );
}

proptest! {
    #[test]
    fn fewer_only_on_a_fresh_backlog_and_a_complete_low(
        settings in any_settings(), situation in any_situation(),
    ) {
        if let Ok(done) = decide(&settings, &situation) && done.delta < 0 {
            prop_assert_eq!(situation.quality, Quality::Fresh);
            prop_assert!(situation.ready.is_some() && situation.booting == 0);
            prop_assert!(done.delta.unsigned_abs() <= situation.idle);
            let newest = situation.points.iter().rev().take(settings.low_periods as usize);
            prop_assert_eq!(newest.clone().count(), settings.low_periods as usize);
            prop_assert!(newest.clone().all(|point| point.serving.is_some()));
        }
    }

    // EX-01: the exact ceiling is a fraction of whole numbers.
    #[test]
    fn never_above_the_exact_ceiling(
        metric in 0u32..500, target in 1u32..200, serving in 1u32..200, sum in any::<bool>(),
    ) {
        let per = if sum { "worker" } else { "total" };
        let settings = settings(&format!(
            r#"{{"metric": "ready", "per": "{per}", "target": {target}, "high_periods": 1}}"#
        ));
        let point = Point { metric: Some(f64::from(metric)), serving: Some(f64::from(serving)) };
        let situation = Situation {
            capacity: serving, booting: 0, idle: 0, quality: Quality::Fresh, ready: Some(1), history_ms: 0, points: vec![point],
        };
        let work = if sum { metric } else { metric * serving };
        let done = decide(&settings, &situation).unwrap();
        if done.delta > 0 {
            prop_assert_eq!(serving + done.delta.unsigned_abs(), work.div_ceil(target));
        }
    }

    #[test]
    fn a_larger_metric_never_asks_for_fewer(
        settings in any_settings(), situation in any_situation(), more in 0.0f64..1_000.0,
    ) {
        let mut larger = situation.clone();
        for point in &mut larger.points {
            point.metric = point.metric.map(|metric| metric + more);
        }
        if let (Ok(before), Ok(after)) = (decide(&settings, &situation), decide(&settings, &larger)) {
            prop_assert!(before.delta <= after.delta, "{before:?} then {after:?}");
        }
    }

    #[test]
    fn no_reading_is_too_odd(
        settings in any_settings(), situation in any_situation(), metric in any::<f64>(), serving in any::<f64>(),
    ) {
        let odd = Point { metric: Some(metric), serving: Some(serving) };
        let situation = Situation { points: vec![odd; 3], ..situation };
        let sane = |number: f64| number.is_finite() && number >= 0.0;
        if let Ok(done) = decide(&settings, &situation) && situation.capacity > 0 && !(sane(metric) && sane(serving)) {
            prop_assert_eq!(done.delta, 0, "{}", done.reason);
        }
    }
}
