//! What holds whatever the numbers are.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "past.rs"]
mod past;

use std::cell::RefCell;

use past::{MINUTE_MS, NEW_YEAR_MS, Past, decided, serving};
use policy_cloudwatch::decide::{Situation, decide};
use policy_cloudwatch::memory::{Arrival, Cooldown, Memory, Seen};
use policy_cloudwatch::settings::Settings;
use policy_cloudwatch::statistic::Statistic;
use policy_cloudwatch::watch::{Point, Query};
use proptest::prelude::*;
use serde_json::json;

/// Tracks a target with alarms of one minute, so that one reading decides.
fn tracking(target: u32) -> Settings {
    let json = json!({"ScalingPolicies": [{
        "PolicyName": "track", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {
            "TargetValue": target, "AlarmHigh": {"EvaluationPeriods": 1}, "AlarmLow": {"EvaluationPeriods": 1},
            "CustomizedMetricSpecification": {"MetricName": "utilization", "Statistic": "Average"}}}]});
    Settings::parse(&json.to_string()).unwrap()
}

/// What is wanted when every minute read the same.
fn wanted(settings: &Settings, situation: &Situation, value: Option<f64>) -> u32 {
    let mut past = Past::new(1);
    if let Some(value) = value {
        (1..=60).for_each(|m| past.read("utilization", NEW_YEAR_MS - m * MINUTE_MS, value));
    }
    decided(settings, situation, Memory::default(), &past).wanted
}

const MANY: Situation = Situation {
    now_ms: NEW_YEAR_MS,
    minimum: 0,
    maximum: u32::MAX,
    capacity: 0,
    serving: 0,
    booting: 0,
    draining: 0,
    queues: Vec::new(),
    kept_ms: u64::MAX,
};

proptest! {
    #[test]
    fn never_above_the_exact_ceiling(capacity in 1_u32..200, metric in 0_u32..200, target in 1_u32..200) {
        let situation = Situation { capacity, serving: capacity, ..MANY };
        let wanted = wanted(&tracking(target), &situation, Some(f64::from(metric)));
        let exact = (u64::from(capacity) * u64::from(metric)).div_ceil(u64::from(target));
        prop_assert!(u64::from(wanted) <= exact.max(u64::from(capacity)));
        if metric > target {
            prop_assert_eq!(u64::from(wanted), exact);
        }
    }

    #[test]
    fn more_of_a_metric_never_wants_fewer(capacity in 1_u32..200, low in 0_u32..200, more in 0_u32..200, target in 1_u32..200) {
        let settings = tracking(target);
        let situation = Situation { capacity, serving: capacity, ..MANY };
        let of = |metric: u32| wanted(&settings, &situation, Some(f64::from(metric)));
        prop_assert!(of(low) <= of(low + more));
    }

    #[test]
    fn without_a_reading_nothing_changes(capacity in 0_u32..200, target in 1_u32..200) {
        let situation = Situation { capacity, serving: capacity, ..MANY };
        prop_assert_eq!(wanted(&tracking(target), &situation, None), capacity);
    }

    #[test]
    fn bounds_weaken_and_never_turn_round(
        capacity in 0_u32..50, minimum in 0_u32..50, more in 0_u32..50, metric in 0_u32..200,
    ) {
        let free = Situation { capacity, serving: capacity, ..MANY };
        let bound = Situation { minimum, maximum: minimum + more, ..free.clone() };
        let settings = tracking(50);
        let (free, bound) = (wanted(&settings, &free, Some(metric.into())), wanted(&settings, &bound, Some(metric.into())));
        let is_below = capacity < minimum;
        prop_assert!(is_below || bound.abs_diff(capacity) <= free.abs_diff(capacity));
        prop_assert!(is_below || bound == capacity || (bound > capacity) == (free > capacity));
    }

    #[test]
    fn bytes_that_are_not_ours_remember_nothing_and_stop_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(Memory::decode(&bytes), None);
    }

    #[test]
    fn one_byte_changed_is_not_ours(at in 0_usize..200, to in any::<u8>()) {
        let mut memory = Memory {
            seen: Some(Seen { at_ms: NEW_YEAR_MS, serving: 3 }),
            arrivals: vec![Arrival { at_ms: NEW_YEAR_MS, workers: 2 }; 3],
            cooldown: Cooldown::Since { at_ms: NEW_YEAR_MS, seconds: 300 },
            ..Memory::default()
        };
        memory.alarm(7).fired_ms = NEW_YEAR_MS;
        let bytes = memory.encode().unwrap();
        prop_assert_eq!(Memory::decode(&bytes), Some(memory));
        let mut changed = bytes.clone();
        let at = at % bytes.len();
        changed[at] = to;
        prop_assert_eq!(Memory::decode(&changed).is_some(), changed == bytes);
        prop_assert_eq!(Memory::decode(&bytes[..at]), None);
    }

    #[test]
    fn a_clock_that_jumps_stops_nothing(jumps in proptest::collection::vec(0_u64..4_000_000_000_000, 1..20)) {
        let settings = tracking(50);
        let mut memory = Memory::default();
        for now_ms in jumps {
            let situation = Situation { now_ms, ..serving(now_ms, 3) };
            let decision = decided(&settings, &situation, memory, &Past::new(1));
            prop_assert_eq!(decision.wanted, 3);
            memory = Memory::decode(&decision.memory.encode().unwrap()).unwrap();
        }
    }
}

/// Where and how often an alarm looks.
fn asked(period: u32, periods: u32, now_ms: u64, memory: Memory) -> (Vec<(u64, u32)>, Memory) {
    let json = json!({"MetricAlarms": [{
        "AlarmName": "a", "MetricName": "ready", "Statistic": "Average", "Period": period,
        "EvaluationPeriods": periods, "DatapointsToAlarm": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}]});
    let settings = Settings::parse(&json.to_string()).unwrap();
    let questions = RefCell::new(Vec::new());
    let situation = serving(now_ms, 1);
    let ask = |query: &Query<'_>| -> Result<Vec<Point>, String> {
        assert_eq!(query.period_ms, u64::from(period) * 1_000);
        questions.borrow_mut().push((query.end_ms, query.count));
        Ok(vec![Point { value: None, samples: 0 }; query.count as usize])
    };
    let memory = decide(&settings, &situation, memory, ask).unwrap().memory;
    (questions.into_inner(), memory)
}

#[test]
fn a_minute_is_looked_at_once_and_ten_seconds_where_periods_are_short() {
    let at = |seconds: u64| NEW_YEAR_MS + seconds * 1_000;
    let (questions, memory) = asked(300, 3, at(65), Memory::default());
    assert_eq!(questions, [(at(60), 5)], "periods of five minutes slide by the minute");
    assert_eq!(asked(300, 3, at(119), memory.clone()).0, []);
    assert_eq!(asked(300, 3, at(120), memory).0, [(at(120), 5)]);
    let (questions, memory) = asked(20, 1, at(65), Memory::default());
    assert_eq!(questions, [(at(60), 3)]);
    assert_eq!(asked(20, 1, at(69), memory.clone()).0, []);
    assert_eq!(asked(20, 1, at(70), memory).0, [(at(70), 3)]);
}

#[test]
fn a_day_of_minutes_is_asked_for_in_parts_that_meet() {
    let now_ms = NEW_YEAR_MS;
    let (questions, _) = asked(60, 1440, now_ms, Memory::default());
    assert_eq!(questions, [(now_ms - 480 * MINUTE_MS, 1440), (now_ms, 480)]);
}

#[test]
fn a_metric_of_several_alarms_is_asked_for_once_and_far_enough_back() {
    let alarm = |name: &str, statistic: &str, periods: u32| {
        json!({"AlarmName": name, "MetricName": "ready", "Statistic": statistic, "Period": 60,
            "EvaluationPeriods": periods, "DatapointsToAlarm": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"})
    };
    let json = json!({
        "MetricAlarms": [alarm("short", "Average", 1), alarm("long", "Average", 9), alarm("most", "Maximum", 3)],
        "ScalingPolicies": [{"PolicyName": "ready", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {
            "TargetValue": 1, "CustomizedMetricSpecification": {"MetricName": "ready", "Statistic": "Average"}}}]});
    let settings = Settings::parse(&json.to_string()).unwrap();
    let mut questions = Vec::new();
    let ask = |query: &Query<'_>| -> Result<Vec<Point>, String> {
        questions.push((query.statistic.clone(), query.count));
        let value = |back| if back == 0 { 0.0 } else { 9.0 };
        let point = |back| Point { value: Some(value(back)), samples: 1 };
        Ok((0..query.count).rev().map(point).collect())
    };
    let decided = decide(&settings, &serving(NEW_YEAR_MS, 3), Memory::default(), ask).unwrap();
    assert_eq!(questions, [(Statistic::Average, 20), (Statistic::Maximum, 5)]);
    // The newest point alone is 0: the short alarm looks at no other.
    assert!(decided.reason.contains("alarm short OK, alarm long ALARM"), "{}", decided.reason);
}
