//! What periods come to: CloudWatch's definitions at the edges, and every
//! answer held against a slow one.

use std::time::Duration;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::scene::{KEEP, Tick, ask, at, past, profile, queue, vm};
use crate::{History, Metric, Query, Statistic, Subject, View};

/// What a statistic makes of these readings.
fn check(statistic: Option<Statistic>, readings: &[f64], expected: Expect) {
    let statistic = statistic.expect("it is a statistic");
    expected.assert_eq(&format!("{:?}", statistic.of(&mut readings.to_vec())));
}

#[test]
fn percentiles_are_readings() {
    let p = Statistic::percentile;
    check(p(50.0), &[], expect!["None"]);
    check(p(1e-10), &[7.0], expect!["Some(7.0)"]);
    check(p(100.0), &[7.0], expect!["Some(7.0)"]);
    check(p(50.0), &[1.0, 2.0], expect!["Some(1.0)"]);
    check(p(50.1), &[1.0, 2.0], expect!["Some(2.0)"]);
    check(p(99.0), &[3.0, 1.0, 2.0], expect!["Some(3.0)"]);
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    check(p(29.0), &hundred, expect!["Some(29.0)"]);
    check(p(99.9), &hundred, expect!["Some(100.0)"]);
}

#[test]
fn a_trimmed_mean_leaves_out_what_lies_wholly_outside() {
    let tm = Statistic::trimmed_mean;
    check(tm(10.0, 90.0), &[], expect!["None"]);
    check(tm(10.0, 90.0), &[7.0], expect!["Some(7.0)"]);
    check(tm(10.0, 90.0), &[1.0, 5.0], expect!["Some(3.0)"]);
    let ten: Vec<f64> = (1..=10).map(f64::from).collect();
    check(tm(10.0, 90.0), &ten, expect!["Some(5.5)"]);
    check(tm(0.0, 90.0), &ten, expect!["Some(5.0)"]);
    check(tm(90.0, 100.0), &ten, expect!["Some(10.0)"]);
    check(tm(0.0, 100.0), &ten, expect!["Some(5.5)"]);
    check(tm(99.0, 99.5), &ten, expect!["Some(10.0)"]);
}

#[test]
fn what_is_no_statistic() {
    for percent in [0.0, -1.0, 100.1, f64::NAN, f64::INFINITY, 1e-12] {
        assert_eq!(Statistic::percentile(percent), None, "{percent}");
    }
    for (from, to) in [(90.0, 10.0), (10.0, 10.0), (-1.0, 50.0), (0.0, f64::NAN)] {
        assert_eq!(Statistic::trimmed_mean(from, to), None, "{from}:{to}");
    }
}

#[test]
fn gaps_are_gaps_and_the_end_is_not_in_a_period() {
    let view = past(&[
        (0, Tick::ready(&[1])),
        (15, Tick::ready(&[2])),
        (60, Tick { ready: vec![None], ..Tick::default() }),
        (120, Tick::ready(&[9])),
    ]);
    let ready = || (Subject::Queue(queue(0)), Metric::Ready);
    let show = |statistic| ask(&view, ready(), statistic, (60, 180, 4));
    expect!["-, 3 of 2, -, 9 of 1"].assert_eq(&show(Statistic::Sum));
    expect!["0 of 0, 2 of 2, 0 of 0, 1 of 1"].assert_eq(&show(Statistic::SampleCount));
    expect!["1 of 1, 2 of 1"].assert_eq(&ask(&view, ready(), Statistic::Sum, (15, 30, 2)));
    expect!["-"].assert_eq(&ask(&view, ready(), Statistic::Sum, (60, 10_000, 1)));
}

#[test]
fn a_profile_is_the_sum_of_its_queues_or_a_gap() {
    let both = |a, b| Tick { ready: vec![a, b], serving: 3, ..Tick::default() };
    let view = past(&[
        (0, both(Some(1), Some(10))),
        (15, both(Some(2), None)),
        (30, both(Some(3), Some(30))),
    ]);
    let of = |metric| (Subject::Profile(profile()), metric);
    expect!["11 of 1, -, 33 of 1"].assert_eq(&ask(
        &view,
        of(Metric::Ready),
        Statistic::Average,
        (15, 45, 3),
    ));
    expect!["3 of 1, 3 of 1, 3 of 1"].assert_eq(&ask(
        &view,
        of(Metric::Serving),
        Statistic::Average,
        (15, 45, 3),
    ));
    expect!["-"].assert_eq(&ask(&view, of(Metric::Consumers), Statistic::Sum, (60, 60, 1)));
    expect!["a profile has no metric load"].assert_eq(&ask(
        &view,
        of(Metric::Load),
        Statistic::Sum,
        (60, 60, 1),
    ));
}

#[test]
fn machines_are_thrown_together_and_utilization_is_of_their_cpus() {
    let loads = |a, b| Tick { loads: vec![a, b], ..Tick::default() };
    let view = past(&[(0, loads(Some(1.0), Some(3.0))), (15, loads(None, Some(2.0)))]);
    let all = |metric| (Subject::VmsOf(profile()), metric);
    expect!["3 of 3"].assert_eq(&ask(&view, all(Metric::Load), Statistic::Maximum, (60, 60, 1)));
    expect!["50 of 3"].assert_eq(&ask(
        &view,
        all(Metric::Utilization),
        Statistic::Average,
        (60, 60, 1),
    ));
    let one = (Subject::Vm(vm(0)), Metric::Utilization);
    expect!["25 of 1, -"].assert_eq(&ask(&view, one, Statistic::Average, (15, 30, 2)));
    let ready = (Subject::VmsOf(profile()), Metric::Ready);
    expect!["a machine has no metric ready"].assert_eq(&ask(
        &view,
        ready,
        Statistic::Sum,
        (60, 60, 1),
    ));
}

#[test]
fn a_question_is_bounded() {
    let ready = || (Subject::Queue(queue(0)), Metric::Ready);
    let view = past(&[(0, Tick::ready(&[1]))]);
    let show = |(period, count)| ask(&view, ready(), Statistic::Sum, (period, 60, count));
    expect!["a period is at least 1 ms long"].assert_eq(&show((0, 1)));
    expect!["0 periods were asked for: ask for 1 to 1440"].assert_eq(&show((60, 0)));
    expect!["1441 periods were asked for: ask for 1 to 1440"].assert_eq(&show((60, 1441)));
    let many = Tick { loads: vec![Some(1.0); 400], ..Tick::default() };
    let ticks: Vec<(u64, Tick)> = (0..1300).map(|n| (n, many.clone())).collect();
    let machines = (Subject::VmsOf(profile()), Metric::Load);
    expect!["the question is about 520000 readings and may be about 500000: ask for fewer or shorter periods, or for one machine after the other"]
        .assert_eq(&ask(&past(&ticks), machines, Statistic::Sum, (3600, 3600, 1)));
}

#[test]
fn what_is_read_later_does_not_show_in_a_tick() {
    let mut history = History::new(KEEP);
    let first = Tick::ready(&[1]).snapshot(at(0));
    history.observe(&first);
    let history = std::sync::Arc::new(std::sync::RwLock::new(history));
    let view = View::new(&history, &first);
    let ready = || (Subject::Queue(queue(0)), Metric::Ready);
    let before = ask(&view, ready(), Statistic::Sum, (60, 60, 1));
    history.write().expect("nobody panicked").observe(&Tick::ready(&[5]).snapshot(at(15)));
    assert_eq!(ask(&view, ready(), Statistic::Sum, (60, 60, 1)), before);
}

fn statistic() -> impl Strategy<Value = Statistic> {
    prop_oneof![
        Just(Statistic::SampleCount),
        Just(Statistic::Sum),
        Just(Statistic::Average),
        Just(Statistic::Minimum),
        Just(Statistic::Maximum),
        (1_u32..=1000).prop_map(|p| Statistic::percentile(f64::from(p) / 10.0).expect("it is one")),
        (0_u32..500, 1_u32..=500).prop_map(|(from, more)| {
            let (from, to) = (f64::from(from) / 10.0, f64::from(from + more) / 10.0);
            Statistic::trimmed_mean(from, to).expect("it is one")
        }),
    ]
}

/// The definitions, read aloud; percentages in thousandths of a percent, so
/// that nothing is rounded.
fn slowly(statistic: Statistic, readings: &[f64]) -> Option<f64> {
    let mut sorted = readings.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let sum = |all: &[f64]| all.iter().sum::<f64>();
    let part = |p: &crate::Percent| {
        let text = format!("{p:?}");
        let number = text.trim_start_matches("Percent(").trim_end_matches(')');
        number.parse::<u128>().expect("a percentage shows its number")
    };
    // The i-th of n reaches from (i-1)/n to i/n of them.
    let share = |i: usize| (i as u128) * 1_000_000_000_000;
    let n = sorted.len() as u128;
    match statistic {
        Statistic::SampleCount => Some(count),
        _ if sorted.is_empty() => None,
        Statistic::Sum => Some(sum(readings)),
        Statistic::Average => Some(sum(readings) / count),
        Statistic::Minimum => sorted.first().copied(),
        Statistic::Maximum => sorted.last().copied(),
        Statistic::Percentile(p) => {
            let at_or_below = |reading: &f64| sorted.iter().filter(|r| *r <= reading).count();
            sorted.iter().find(|r| share(at_or_below(r)) >= part(&p) * n).copied()
        }
        Statistic::TrimmedMean(from, to) => {
            let inside = |i: &usize| share(i + 1) > part(&from) * n && share(*i) < part(&to) * n;
            let kept: Vec<f64> = (0..sorted.len()).filter(inside).map(|i| sorted[i]).collect();
            Some(sum(&kept) / kept.len() as f64)
        }
    }
}

proptest! {
    #[test]
    fn every_statistic_is_what_it_says(
        statistic in statistic(),
        readings in prop::collection::vec(0_u32..50, 0..40),
    ) {
        let readings: Vec<f64> = readings.into_iter().map(f64::from).collect();
        let found = statistic.of(&mut readings.clone());
        prop_assert_eq!(found, slowly(statistic, &readings));
    }

    #[test]
    fn every_period_has_the_readings_that_lie_in_it(
        ticks in prop::collection::vec((1_u64..90, prop::option::of(0_u64..5)), 1..60),
        statistic in statistic(),
        period in 1_u64..200,
        end in 0_u64..4000,
        count in 1_u32..30,
    ) {
        let mut now = 0;
        let ticks: Vec<(u64, Option<u64>)> = ticks
            .into_iter()
            .map(|(step, ready)| { now += step; (now, ready) })
            .collect();
        let tick = |ready: &Option<u64>| Tick { ready: vec![*ready], ..Tick::default() };
        let view = past(&ticks.iter().map(|(at, ready)| (*at, tick(ready))).collect::<Vec<_>>());
        let query = Query {
            subject: Subject::Queue(queue(0)),
            metric: Metric::Ready,
            statistic,
            period: Duration::from_secs(period),
            end: at(end),
            count,
        };
        let points = view.statistics(&query).unwrap().points;
        prop_assert_eq!(points.len(), count as usize);
        for (nth, point) in points.iter().enumerate() {
            let back = i64::from(count) - nth as i64;
            let start = end as i64 - back * period as i64;
            let oldest = now as i64 - 3600;
            let inside = |at: u64| {
                (start.max(oldest)..start + period as i64).contains(&(at as i64))
            };
            let readings: Vec<f64> = ticks
                .iter()
                .filter(|(at, _)| inside(*at))
                .filter_map(|(_, ready)| Some((*ready)? as f64))
                .collect();
            prop_assert_eq!(point.samples as usize, readings.len());
            prop_assert_eq!(point.value, slowly(statistic, &readings));
        }
    }
}

#[test]
fn who_is_busy_is_no_reading_where_nobody_said() {
    let tick = |blind| Tick { serving: 3, blind, ..Tick::default() };
    let view = past(&[(0, tick(false)), (60, tick(true)), (120, tick(false))]);
    let of = |metric| {
        let subject = Subject::Profile(profile());
        ask(&view, (subject, metric), Statistic::Average, (60, 180, 3))
    };
    let all = [Metric::Serving, Metric::Busy, Metric::Idle, Metric::Unknown].map(of);
    expect![[r#"
        3 of 1, 3 of 1, 3 of 1
        0 of 1, -, 0 of 1
        0 of 1, -, 0 of 1
        0 of 1, 0 of 1, 0 of 1
    "#]]
    .assert_eq(&(all.join("\n") + "\n"));
}
