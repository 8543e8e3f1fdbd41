//! What an operator is told in the reason itself, because AWS allows it and it
//! is seldom meant: what can never act, what cannot be measured or judged.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "past.rs"]
mod past;

use expect_test::{Expect, expect};
use past::{MINUTE_MS, NEW_YEAR_MS, Past, decided, serving};
use policy_cloudwatch::decide::Situation;
use policy_cloudwatch::memory::Memory;
use policy_cloudwatch::settings::Settings;
use serde_json::{Value, json};

/// What is said after an hour in which `ready` was at a value.
fn check(settings: &Value, value: f64, situation: Situation, expected: Expect) {
    expected.assert_eq(&answered(settings, value, &situation));
}

fn answered(settings: &Value, value: f64, situation: &Situation) -> String {
    let settings = Settings::parse(&settings.to_string()).unwrap_or_else(|why| panic!("{why:?}"));
    let mut past = Past::new(1);
    (1..=60).for_each(|minute| past.read("ready", NEW_YEAR_MS - minute * MINUTE_MS, value));
    let decision = decided(&settings, situation, Memory::default(), &past);
    format!("{}: {}\n", decision.wanted, decision.reason)
}

fn alarm(name: &str, more: Value) -> Value {
    let mut alarm = json!({"AlarmName": name, "MetricName": "ready", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold"});
    alarm.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    alarm
}

fn policy(name: &str, workers: i32) -> Value {
    json!({"PolicyName": name, "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": workers})
}

fn now() -> Situation {
    serving(NEW_YEAR_MS, 4)
}

#[test]
fn a_policy_that_no_alarm_calls_for_and_an_alarm_that_calls_for_none() {
    let mut parked = policy("parked", 1);
    parked["Enabled"] = json!(false);
    let settings = json!({
        "MetricAlarms": [
            alarm("busy", json!({"AlarmActions": ["out"]})), alarm("mail", json!({})),
            alarm("muted", json!({"AlarmActions": ["out"], "ActionsEnabled": false})),
        ],
        "ScalingPolicies": [policy("out", 2), policy("in", -1), parked],
    });
    check(
        &settings,
        20.0,
        now(),
        expect![[r#"
            4: hold: alarm busy OK, alarm mail OK, alarm muted OK; called for by no alarm, so never acting: policy in; calls for no policy: alarm mail, muted
        "#]],
    );
    check(
        &settings,
        90.0,
        now(),
        expect![[r#"
            6: alarm busy ALARM (ready 90 > 50): policy out: 4 to 6 workers; called for by no alarm, so never acting: policy in; calls for no policy: alarm mail, muted
        "#]],
    );
}

#[test]
fn a_queue_that_is_none_of_the_profile() {
    let of = |queue: &str| json!({"Dimensions": [{"Name": "QueueName", "Value": queue}], "AlarmActions": ["out"], "TreatMissingData": "ignore"});
    let settings = json!({
        "MetricAlarms": [alarm("right", of("ocr")), alarm("wrong", of("orc"))],
        "ScalingPolicies": [policy("out", 2), {"PolicyName": "track", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 50,
            "CustomizedMetricSpecification": {"MetricName": "ready", "Statistic": "Average", "Dimensions": [{"Name": "QueueName", "Value": "nowhere"}]}}}],
    });
    check(
        &settings,
        20.0,
        now(),
        expect![[r#"
            4: hold: alarm right OK, alarm wrong INSUFFICIENT_DATA, target of track: high INSUFFICIENT_DATA, low INSUFFICIENT_DATA; no queue of this profile, so without data: QueueName orc, nowhere
        "#]],
    );
    check(
        &settings,
        90.0,
        now(),
        expect![[r#"
            6: alarm right ALARM (ready 90 > 50): policy out: 4 to 6 workers; no queue of this profile, so without data: QueueName orc, nowhere
        "#]],
    );
}

/// Readings are kept for three hours; the alarm wants a day of them. One of an
/// hour is filled, as AWS does.
#[test]
fn an_alarm_that_looks_further_back_than_readings_are_kept() {
    let mut said = String::new();
    for (periods, treat) in [
        (1440, "breaching"),
        (1440, "missing"),
        (1440, "ignore"),
        (1440, "notBreaching"),
        (120, "breaching"),
    ] {
        let quiet = alarm(
            "quiet",
            json!({"EvaluationPeriods": periods, "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": treat, "AlarmActions": ["in"]}),
        );
        let settings = json!({"MetricAlarms": [quiet], "ScalingPolicies": [policy("in", -1)]});
        said += &format!("{periods} {treat}: {}", answered(&settings, 20.0, &now()));
    }
    expect![[r#"
        1440 breaching: 4: hold: alarm quiet INSUFFICIENT_DATA; looks further back than readings are kept ([history] keep): quiet; TreatMissingData = "breaching" makes no fewer workers of silence: alarm quiet
        1440 missing: 4: hold: alarm quiet INSUFFICIENT_DATA; looks further back than readings are kept ([history] keep): quiet
        1440 ignore: 4: hold: alarm quiet INSUFFICIENT_DATA; looks further back than readings are kept ([history] keep): quiet
        1440 notBreaching: 4: hold: alarm quiet INSUFFICIENT_DATA; looks further back than readings are kept ([history] keep): quiet
        120 breaching: 4: hold: alarm quiet: policy in scales in on readings alone, not on gaps; TreatMissingData = "breaching" makes no fewer workers of silence: alarm quiet
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_metric_that_falls_into_no_step() {
    let settings = json!({
        "MetricAlarms": [alarm("busy", json!({"EvaluationPeriods": 1, "OKActions": ["steps"]}))],
        "ScalingPolicies": [{"PolicyName": "steps", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}],
    });
    check(
        &settings,
        20.0,
        now(),
        expect![[r#"
            4: hold: alarm busy OK (ready 20 not > 50): no step of policy steps is for it
        "#]],
    );
}

/// A policy that is switched off has no say in how long workers warm.
#[test]
fn the_warm_up_of_a_policy_that_is_switched_off_holds_nobody() {
    let track = |name: &str, target: u32, warmup: u32, enabled: bool| {
        json!({"PolicyName": name, "PolicyType": "TargetTrackingScaling",
        "EstimatedInstanceWarmup": warmup, "Enabled": enabled, "TargetTrackingConfiguration": {"TargetValue": target,
        "CustomizedMetricSpecification": {"MetricName": "ready", "Statistic": "Average"}}})
    };
    let settings =
        json!({"ScalingPolicies": [track("on", 50, 0, true), track("off", 10, 86_400, false)]});
    let settings = Settings::parse(&settings.to_string()).unwrap();
    let mut past = Past::new(1);
    (1..=60).for_each(|minute| past.read("ready", NEW_YEAR_MS - minute * MINUTE_MS, 20.0));
    let before = Situation { now_ms: NEW_YEAR_MS - MINUTE_MS, ..serving(NEW_YEAR_MS, 2) };
    let memory = decided(&settings, &before, Memory::default(), &past).memory;
    let decision = decided(&settings, &now(), memory, &past);
    expect!["ready 20, target 50: policy on: 4 to 2 workers"].assert_eq(&decision.reason);
}

/// A `StartTime` beside a `Recurrence` is the first time, too.
#[test]
fn an_action_happens_when_its_schedule_starts() {
    let settings = json!({"ScheduledUpdateGroupActions": [{"ScheduledActionName": "morning", "Recurrence": "0 8 * * *",
        "StartTime": "2025-12-31T23:59:30Z", "MinSize": 6, "DesiredCapacity": 7}]});
    let settings = Settings::parse(&settings.to_string()).unwrap();
    let mut memory = Memory::default();
    let mut said = String::new();
    for seconds in [0, 60, 120] {
        let situation = serving(NEW_YEAR_MS - MINUTE_MS + seconds * 1_000, 4);
        let decision = decided(&settings, &situation, memory, &Past::new(1));
        said += &format!("{seconds:>3}s {}: {}\n", decision.wanted, decision.reason);
        memory = decision.memory;
    }
    expect![[r#"
          0s 4: hold: no policy is called for
         60s 7: scheduled action morning: 4 to 7 workers
        120s 6: MinSize of scheduled action morning: 4 to 6 workers
    "#]]
    .assert_eq(&said);
}
