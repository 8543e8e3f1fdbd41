//! Several evaluations in a row: cooldown, warm-up, alarms that stay, bytes in
//! between; and an hour of recorded load.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "past.rs"]
mod past;

use expect_test::{Expect, expect, expect_file};
use past::{MINUTE_MS, NEW_YEAR_MS, Past, decided, serving};
use policy_cloudwatch::decide::Situation;
use policy_cloudwatch::memory::Memory;
use policy_cloudwatch::settings::Settings;
use serde_json::{Value, json};

fn settings(json: Value) -> Settings {
    Settings::parse(&json.to_string()).unwrap_or_else(|why| panic!("{why:?}"))
}

/// One evaluation for each line: seconds after new year, workers serving,
/// booting and draining, and the utilization from that minute on.
fn check(settings: &Settings, steps: &str, expected: Expect) {
    let mut past = Past::new(1);
    let mut memory = Memory::default();
    let mut said = String::new();
    let mut read_ms = NEW_YEAR_MS - 60 * MINUTE_MS;
    for step in steps.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = step.split_whitespace().collect();
        let count = |nth: usize| words[nth].parse::<u32>().unwrap();
        let now_ms = NEW_YEAR_MS + u64::from(count(0)) * 1_000;
        while read_ms < now_ms {
            if let Ok(value) = words[4].parse() {
                past.read("utilization", read_ms, value);
                past.read("ready", read_ms, value);
            }
            read_ms += MINUTE_MS;
        }
        let (booting, draining) = (count(2), count(3));
        let capacity = count(1) + booting;
        let situation = Situation { capacity, booting, draining, ..serving(now_ms, count(1)) };
        let decision = decided(settings, &situation, memory, &past);
        // As the host keeps it: in bytes.
        let bytes = decision.memory.encode().unwrap();
        memory = Memory::decode(&bytes).unwrap();
        assert_eq!(memory, decision.memory);
        let (wanted, reason) = (decision.wanted, &decision.reason);
        let at = format!("{}s", count(0));
        said += &format!("{at:<5} {capacity} to {wanted}: {reason}\n");
    }
    expected.assert_eq(&said);
}

fn alarm(name: &str, comparison: &str, threshold: u32, action: &str) -> Value {
    json!({"AlarmName": name, "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": threshold, "ComparisonOperator": comparison,
        "AlarmActions": [action]})
}

#[test]
fn simple_scaling_waits_for_its_activity_and_then_for_the_cooldown() {
    let settings = settings(json!({
        "MetricAlarms": [alarm("busy", "GreaterThanThreshold", 50, "out")],
        "ScalingPolicies": [{"PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 2, "Cooldown": 120}],
    }));
    check(
        &settings,
        "  0 4 0 0 90
          30 4 2 0 90
          60 4 2 0 90
         120 6 0 0 90
         180 6 0 0 90
         240 6 0 0 90
         300 8 0 0 20",
        expect![[r#"
            0s    4 to 6: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 4 to 6 workers
            30s   6 to 6: hold: alarm busy ALARM
            60s   6 to 6: hold: policy out is in its cooldown
            120s  6 to 6: hold: policy out is in its cooldown
            180s  6 to 6: hold: policy out is in its cooldown
            240s  6 to 8: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 6 to 8 workers
            300s  8 to 8: hold: alarm busy OK
        "#]],
    );
}

/// A worker with a long job drains for an hour.
#[test]
fn a_worker_that_does_not_leave_does_not_end_simple_scaling() {
    let policy = |name: &str, workers: i32| json!({"PolicyName": name, "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": workers, "Cooldown": 120});
    let settings = settings(json!({
        "MetricAlarms": [alarm("busy", "GreaterThanThreshold", 50, "out"), alarm("quiet", "LessThanThreshold", 20, "in")],
        "ScalingPolicies": [policy("out", 2), policy("in", -1)],
    }));
    check(
        &settings,
        "   0 4 0 1 90
           60 4 2 1 90
          120 6 0 1 90
          240 6 0 1 10
          300 5 0 2 90
         2100 5 0 2 90
         2160 5 0 2 90",
        expect![[r#"
            0s    4 to 6: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 4 to 6 workers
            60s   6 to 6: hold: policy out is in its cooldown
            120s  6 to 6: hold: policy out is in its cooldown
            240s  6 to 5: alarm quiet ALARM (CPUUtilization 10 < 20): policy in: 6 to 5 workers
            300s  5 to 5: hold: policy out is in its cooldown
            2100s 5 to 5: hold: policy out is in its cooldown
            2160s 5 to 7: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 5 to 7 workers
        "#]],
    );
}

#[test]
fn an_alarm_that_stays_calls_again_every_minute_and_not_in_between() {
    let settings = settings(json!({
        "MetricAlarms": [alarm("busy", "GreaterThanThreshold", 50, "out")],
        "ScalingPolicies": [{"PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "Cooldown": 0}],
    }));
    check(
        &settings,
        "  0 4 0 0 90
          20 5 0 0 90
          40 5 0 0 90
          60 5 0 0 90
          80 6 0 0 90
         120 6 0 0 20
         180 6 0 0 20",
        expect![[r#"
            0s    4 to 5: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 4 to 5 workers
            20s   5 to 5: hold: alarm busy ALARM
            40s   5 to 5: hold: alarm busy ALARM
            60s   5 to 6: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 5 to 6 workers
            80s   6 to 6: hold: alarm busy ALARM
            120s  6 to 7: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 6 to 7 workers
            180s  6 to 6: hold: alarm busy OK
        "#]],
    );
}

/// Nor is it a reason to call again, or to take workers that are warming.
#[test]
fn a_clock_that_goes_back_calls_for_nothing_twice() {
    let settings = settings(json!({
        "MetricAlarms": [alarm("busy", "GreaterThanThreshold", 50, "out"), alarm("quiet", "LessThanThreshold", 30, "in")],
        "ScalingPolicies": [{"PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "Cooldown": 0},
            {"PolicyName": "in", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "EstimatedInstanceWarmup": 180,
             "StepAdjustments": [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}]}],
    }));
    check(
        &settings,
        " 90 4 0 0 90
          80 5 0 0 90
          75 5 0 0 90
         140 5 0 0 10
         205 6 0 0 10
         201 6 0 0 10
         265 6 0 0 10",
        expect![[r#"
            90s   4 to 5: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 4 to 5 workers
            80s   5 to 5: hold: alarm busy ALARM, alarm quiet OK
            75s   5 to 5: hold: alarm busy ALARM, alarm quiet OK
            140s  5 to 6: alarm busy ALARM (CPUUtilization 90 > 50): policy out: 5 to 6 workers
            205s  6 to 6: hold: alarm quiet ALARM (CPUUtilization 10 < 30): policy in: 2 workers are warming, none is taken away
            201s  6 to 6: hold: alarm busy OK, alarm quiet ALARM
            265s  6 to 6: hold: alarm quiet ALARM (CPUUtilization 10 < 30): policy in: 1 workers are warming, none is taken away
        "#]],
    );
}

#[test]
fn a_step_adds_once_while_its_workers_warm_and_again_when_they_are_warm() {
    let settings = settings(json!({
        "MetricAlarms": [alarm("busy", "GreaterThanThreshold", 50, "out"), alarm("quiet", "LessThanThreshold", 30, "in")],
        "ScalingPolicies": [
            {"PolicyName": "out", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "EstimatedInstanceWarmup": 180,
             "StepAdjustments": [{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 2}, {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 5}]},
            {"PolicyName": "in", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "EstimatedInstanceWarmup": 180,
             "StepAdjustments": [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -3}]}],
    }));
    check(
        &settings,
        "  0 10 0 0 60
          60 10 2 0 60
         120 12 0 0 60
         180 12 0 0 80
         240 12 3 0 80
         300 15 0 0 20
         360 15 0 0 20
         420 15 0 0 20
         480 15 0 0 20
         540 12 0 3 20
         600 12 0 0 20",
        expect![[r#"
            0s    10 to 12: alarm busy ALARM (CPUUtilization 60 > 50): policy out: 10 to 12 workers
            60s   12 to 12: alarm busy ALARM (CPUUtilization 60 > 50): policy out: hold at 12 workers
            120s  12 to 12: alarm busy ALARM (CPUUtilization 60 > 50): policy out: hold at 12 workers
            180s  12 to 15: alarm busy ALARM (CPUUtilization 80 > 50): policy out: 12 to 15 workers
            240s  15 to 15: alarm busy ALARM (CPUUtilization 80 > 50): policy out: hold at 15 workers
            300s  15 to 15: hold: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: 3 workers are warming, none is taken away
            360s  15 to 15: hold: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: 3 workers are warming, none is taken away
            420s  15 to 15: hold: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: 3 workers are warming, none is taken away
            480s  15 to 12: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: 15 to 12 workers
            540s  12 to 12: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: hold at 12 workers
            600s  12 to 9: alarm quiet ALARM (CPUUtilization 20 < 30): policy in: 12 to 9 workers
        "#]],
    );
}

#[test]
fn a_target_waits_three_minutes_for_more_and_fifteen_for_fewer() {
    let settings = settings(json!({"ScalingPolicies": [{
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "EstimatedInstanceWarmup": 60,
        "TargetTrackingConfiguration": {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}}]}));
    let mut steps = String::from("0 10 0 0 50\n");
    for minute in 1..=3 {
        steps += &format!("{} 10 0 0 80\n", minute * 60);
    }
    for minute in 4..=20 {
        steps += &format!("{} 16 0 0 40\n", minute * 60);
    }
    check(
        &settings,
        &steps,
        expect![[r#"
            0s    10 to 10: hold: target of cpu: high OK, low OK
            60s   10 to 10: hold: target of cpu: high OK, low OK
            120s  10 to 10: hold: target of cpu: high OK, low OK
            180s  10 to 16: CPUUtilization 80, target 50: policy cpu: 10 to 16 workers
            240s  16 to 16: hold: target of cpu: high OK, low OK
            300s  16 to 16: hold: target of cpu: high OK, low OK
            360s  16 to 16: hold: target of cpu: high OK, low OK
            420s  16 to 16: hold: target of cpu: high OK, low OK
            480s  16 to 16: hold: target of cpu: high OK, low OK
            540s  16 to 16: hold: target of cpu: high OK, low OK
            600s  16 to 16: hold: target of cpu: high OK, low OK
            660s  16 to 16: hold: target of cpu: high OK, low OK
            720s  16 to 16: hold: target of cpu: high OK, low OK
            780s  16 to 16: hold: target of cpu: high OK, low OK
            840s  16 to 16: hold: target of cpu: high OK, low OK
            900s  16 to 16: hold: target of cpu: high OK, low OK
            960s  16 to 16: hold: target of cpu: high OK, low OK
            1020s 16 to 16: hold: target of cpu: high OK, low OK
            1080s 16 to 13: CPUUtilization 40, target 50: policy cpu: 16 to 13 workers
            1140s 16 to 13: CPUUtilization 40, target 50: policy cpu: 16 to 13 workers
            1200s 16 to 13: CPUUtilization 40, target 50: policy cpu: 16 to 13 workers
        "#]],
    );
}

#[test]
fn the_state_ok_may_call_for_a_policy_too() {
    let settings = settings(json!({
        "MetricAlarms": [{"AlarmName": "busy", "MetricName": "ready", "Statistic": "Maximum", "Period": 60,
            "EvaluationPeriods": 2, "DatapointsToAlarm": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold", "OKActions": ["rest"]}],
        "ScalingPolicies": [{"PolicyName": "rest", "AdjustmentType": "ExactCapacity", "ScalingAdjustment": 2}],
    }));
    check(
        &settings,
        "0 4 0 0 20\n 10 4 0 0 20",
        expect![[r#"
            0s    4 to 2: alarm busy OK (ready 20 not > 50): policy rest: 4 to 2 workers
            10s   4 to 4: hold: alarm busy OK
        "#]],
    );
}

#[test]
fn a_reason_names_eight_alarms_and_says_how_many_more_there_are() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let settings = settings(json!({
        "MetricAlarms": names.map(|name| alarm(name, "GreaterThanThreshold", 50, "out")),
        "ScalingPolicies": [{"PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 2}],
    }));
    check(
        &settings,
        "0 4 0 0 20",
        expect![[r#"
        0s    4 to 4: hold: alarm a OK, alarm b OK, alarm c OK, alarm d OK, alarm e OK, alarm f OK, alarm g OK, alarm h OK, 2 more
    "#]],
    );
}

#[test]
fn schedules_set_bounds_and_ask_just_then() {
    let settings = settings(json!({"ScheduledUpdateGroupActions": [
        {"ScheduledActionName": "party", "Recurrence": "10 1 * * *", "TimeZone": "Europe/Berlin", "MinSize": 6, "DesiredCapacity": 8},
        {"ScheduledActionName": "over", "StartTime": "2026-01-01T00:20:00Z", "MinSize": 0, "MaxSize": 3},
    ]}));
    check(
        &settings,
        "  0 4 0 0 -
         600 4 0 0 -
         630 8 0 0 -
         660 5 0 0 -
        1200 8 0 0 -
        1230 3 0 0 -",
        expect![[r#"
            0s    4 to 6: MinSize of scheduled action party: 4 to 6 workers
            600s  4 to 8: scheduled action party: 4 to 8 workers
            630s  8 to 8: hold: no policy is called for
            660s  5 to 6: MinSize of scheduled action party: 5 to 6 workers
            1200s 8 to 3: MaxSize of scheduled action over: 8 to 3 workers
            1230s 3 to 3: hold: no policy is called for
        "#]],
    );
}

/// An hour of the World Cup's requests, from `worldcup98-hour.csv`: each worker
/// serves so many a minute, and what it cannot serve waits. Three policies look
/// at the backlog and at how busy the workers are. What was asked for serves
/// three minutes later.
#[test]
fn an_hour_of_recorded_load() {
    const A_WORKER: f64 = 700.0;
    let settings = settings(json!({
        "DefaultInstanceWarmup": 120,
        "MetricAlarms": [alarm("flood", "GreaterThanOrEqualToThreshold", 95, "flood")],
        "ScalingPolicies": [
            {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 60, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}},
            {"PolicyName": "backlog", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 100, "CustomizedMetricSpecification": {"Metrics": [
                {"Id": "m1", "ReturnData": false, "MetricStat": {"Metric": {"MetricName": "ready"}, "Stat": "Average"}},
                {"Id": "m2", "ReturnData": false, "MetricStat": {"Metric": {"MetricName": "serving"}, "Stat": "Average"}},
                {"Id": "e1", "Label": "backlog per worker", "Expression": "m1 / m2"}]}}},
            {"PolicyName": "flood", "PolicyType": "StepScaling", "AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": 2,
             "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 50}]}],
    }));
    let load: Vec<f64> = include_str!("worldcup98-hour.csv")
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(load.len(), 60);
    let (mut past, mut memory) = (Past::new(1), Memory::default());
    let (mut workers, mut ready, mut coming) = (4_u32, 0.0_f64, Vec::<(usize, u32)>::new());
    let mut said = String::from("minute requests backlog cpu serving coming: answer\n");
    for (minute, requests) in load.iter().enumerate() {
        let start_ms = NEW_YEAR_MS + minute as u64 * MINUTE_MS;
        let can = f64::from(workers) * A_WORKER;
        let served = (ready + requests).min(can);
        ready += requests - served;
        let cpu = 100.0 * served / can;
        past.read("utilization", start_ms, cpu);
        past.read("ready", start_ms, ready);
        past.read("serving", start_ms, f64::from(workers));
        coming.retain(|(at, more)| {
            workers += if *at <= minute { *more } else { 0 };
            *at > minute
        });
        let booting = coming.iter().map(|(_, more)| more).sum::<u32>();
        let now_ms = start_ms + MINUTE_MS + 1_000;
        let situation =
            Situation { capacity: workers + booting, booting, ..serving(now_ms, workers) };
        let decision = decided(&settings, &situation, memory, &past);
        said += &format!(
            "{minute:>3} {requests:>6} {ready:>6.0} {cpu:>4.0} {workers:>3} {booting:>2}: {}\n",
            decision.reason
        );
        match decision.wanted.checked_sub(situation.capacity) {
            Some(0) => {}
            Some(more) => coming.push((minute + 3, more)),
            None => workers -= situation.capacity - decision.wanted,
        }
        memory = decision.memory;
    }
    expect_file!["worldcup98-hour.txt"].assert_eq(&said);
}
