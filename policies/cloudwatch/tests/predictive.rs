//! Predictive scaling: that it never takes a worker away, and asks for them in
//! time. PR-01 and ADJ-12 are in `table.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "past.rs"]
mod past;

use expect_test::{Expect, expect};
use past::{MINUTE_MS, NEW_YEAR_MS, Past, decided, serving};
use policy_cloudwatch::memory::Memory;
use policy_cloudwatch::settings::Settings;
use serde_json::{Value, json};

const HOUR_MS: u64 = 60 * MINUTE_MS;

fn predictive(configuration: Value) -> Value {
    let mut configuration = configuration;
    configuration["MetricSpecifications"] = json!([{
        "TargetValue": 10,
        "CustomizedLoadMetricSpecification": {"MetricDataQueries": [
            {"Id": "load", "MetricStat": {"Metric": {"MetricName": "ready"}, "Period": 300, "Stat": "Average"}}]},
    }]);
    json!({"PolicyName": "ahead", "PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": configuration})
}

/// Two days of a load by the hour of the day, an evaluation every five minutes
/// with so many workers; then what is said at midnight, and ten and five
/// minutes before the hour that follows.
fn check(settings: Value, workers: u32, load: fn(u64) -> f64, utilization: f64, expected: Expect) {
    let settings = Settings::parse(&settings.to_string()).unwrap_or_else(|why| panic!("{why:?}"));
    let start_ms = NEW_YEAR_MS - 48 * HOUR_MS;
    let mut past = Past::new(1);
    let mut memory = Memory::default();
    let mut said = String::new();
    for minute in 0..=48 * 60 + 55 {
        let now_ms = start_ms + minute * MINUTE_MS;
        if minute % 5 == 0 {
            let decision = decided(&settings, &serving(now_ms, workers), memory, &past);
            memory = Memory::decode(&decision.memory.encode().unwrap()).unwrap();
            if [23 * 60, 48 * 60, 48 * 60 + 50, 48 * 60 + 55].contains(&minute) {
                let (hour, wanted) = (minute as f64 / 60.0, decision.wanted);
                said += &format!("{hour:.1}h {workers} to {wanted}: {}\n", decision.reason);
            }
        }
        past.read("ready", now_ms, load(minute / 60 % 24));
        past.read("utilization", now_ms, utilization);
    }
    expected.assert_eq(&said);
}

fn steady(_: u64) -> f64 {
    500.0
}

#[test]
fn a_forecast_alone_takes_none_away_and_only_says_so_if_told() {
    let settings = |mode: &str| json!({"ScalingPolicies": [predictive(json!({"Mode": mode}))]});
    check(
        settings("ForecastAndScale"),
        80,
        steady,
        50.0,
        expect![[r#"
            23.0h 80 to 80: hold: policy ahead: 23 hours of load are known: a forecast needs 24
            48.0h 80 to 80: hold: no policy is called for
            48.8h 80 to 80: hold: no policy is called for
            48.9h 80 to 80: hold: no policy is called for
        "#]],
    );
    check(
        settings("ForecastOnly"),
        30,
        steady,
        50.0,
        expect![[r#"
            23.0h 30 to 30: hold: policy ahead: 23 hours of load are known: a forecast needs 24
            48.0h 30 to 30: hold: policy ahead foretells 50 workers
            48.8h 30 to 30: hold: policy ahead foretells 50 workers
            48.9h 30 to 30: hold: policy ahead foretells 50 workers
        "#]],
    );
}

#[test]
fn workers_are_asked_for_before_the_hour_that_needs_them() {
    let settings = |configuration| json!({"ScalingPolicies": [predictive(configuration)]});
    // If nothing is said, five minutes before.
    check(
        settings(json!({"Mode": "ForecastAndScale"})),
        10,
        |hour| if hour == 0 { 100.0 } else { 300.0 },
        50.0,
        expect![[r#"
            23.0h 10 to 10: hold: policy ahead: 23 hours of load are known: a forecast needs 24
            48.0h 10 to 10: hold: no policy is called for
            48.8h 10 to 10: hold: no policy is called for
            48.9h 10 to 30: forecast of policy ahead: 10 to 30 workers
        "#]],
    );
    // From one o'clock on there is three times as much.
    check(
        settings(json!({"Mode": "ForecastAndScale", "SchedulingBufferTime": 900})),
        10,
        |hour| if hour == 0 { 100.0 } else { 300.0 },
        50.0,
        expect![[r#"
            23.0h 10 to 10: hold: policy ahead: 23 hours of load are known: a forecast needs 24
            48.0h 10 to 10: hold: no policy is called for
            48.8h 10 to 30: forecast of policy ahead: 10 to 30 workers
            48.9h 10 to 30: forecast of policy ahead: 10 to 30 workers
        "#]],
    );
}

/// A clock that was a year ahead for one evaluation.
#[test]
fn a_history_that_a_wrong_clock_told_begins_anew() {
    let settings = json!({"ScalingPolicies": [predictive(json!({}))]});
    let settings = Settings::parse(&settings.to_string()).unwrap();
    let mut past = Past::new(1);
    let mut memory = Memory::default();
    let mut said = String::new();
    for hour in 0..=80 {
        let now_ms = NEW_YEAR_MS + hour * HOUR_MS;
        (0..60).for_each(|minute| past.read("ready", now_ms - minute * MINUTE_MS, 500.0));
        let is_wrong = hour == 40;
        let seen_ms = now_ms + if is_wrong { 365 * 24 * HOUR_MS } else { 0 };
        let decision = decided(&settings, &serving(seen_ms, 80), memory, &past);
        memory = Memory::decode(&decision.memory.encode().unwrap()).unwrap();
        if [39, 40, 41, 60, 70, 80].contains(&hour) {
            said += &format!("{hour}h: {}\n", decision.reason);
        }
    }
    expect![[r#"
        39h: hold: policy ahead foretells 50 workers
        40h: hold: policy ahead: 0 hours of load are known: a forecast needs 24
        41h: hold: policy ahead: 1 hours of load are known: a forecast needs 24
        60h: hold: policy ahead: 20 hours of load are known: a forecast needs 24
        70h: hold: policy ahead foretells 50 workers
        80h: hold: policy ahead foretells 50 workers
    "#]]
    .assert_eq(&said);
}
