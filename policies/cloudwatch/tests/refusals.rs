//! What a site may write: everything wrong at once, each with its place and its
//! rule; and that the schema knows the same keys.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_cloudwatch::settings::{SCHEMA, Settings};
use serde_json::{Value, json};

/// Reads settings; where the schema refuses them the parser has to, too.
fn check(settings: Value, expected: Expect) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let valid = jsonschema::draft202012::is_valid(&schema, &settings);
    let text = match Settings::parse(&settings.to_string()) {
        Ok(settings) => {
            assert!(valid, "the schema refuses what the parser takes");
            settings.warnings().iter().fold("good\n".to_owned(), |text, lint| text + lint + "\n")
        }
        Err(problems) => problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect(),
    };
    expected.assert_eq(&text);
}

fn alarm(more: Value) -> Value {
    let mut alarm = json!({
        "AlarmName": "high", "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS", "Dimensions": [{"Name": "QueueName", "Value": "ocr"}],
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3, "Threshold": 100,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    merge(&mut alarm, more);
    alarm
}

/// `null` takes a key away.
fn merge(into: &mut Value, more: Value) {
    let into = into.as_object_mut().unwrap();
    for (key, value) in more.as_object().unwrap() {
        into.remove(key);
        if !value.is_null() {
            into.insert(key.clone(), value.clone());
        }
    }
}

fn alarms(more: &[Value]) -> Value {
    json!({"MetricAlarms": more.iter().cloned().map(alarm).collect::<Vec<_>>()})
}

fn step(steps: Value) -> Value {
    json!({"ScalingPolicies": [{
        "PolicyName": "out", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": steps,
    }]})
}

#[test]
fn documented_examples_are_read_as_they_stand() {
    check(
        json!({}),
        expect![[r#"
        good
    "#]],
    );
    check(
        alarms(&[json!({})]),
        expect![[r#"
        good
    "#]],
    );
    check(
        json!({
            "DefaultCooldown": 200, "DefaultInstanceWarmup": -1,
            "ScalingPolicies": [{
                "PolicyName": "sqs-backlog", "AutoScalingGroupName": "my-asg",
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingConfiguration": {
                    "TargetValue": 100,
                    "CustomizedMetricSpecification": {"Metrics": [
                        {"Id": "m1", "Label": "queue size", "ReturnData": false, "MetricStat": {
                            "Metric": {
                                "MetricName": "ApproximateNumberOfMessagesVisible",
                                "Namespace": "AWS/SQS",
                                "Dimensions": [{"Name": "QueueName", "Value": "my-queue"}]},
                            "Stat": "Sum"}},
                        {"Id": "m2", "Label": "group size", "ReturnData": false, "MetricStat": {
                            "Metric": {
                                "MetricName": "GroupInServiceInstances",
                                "Namespace": "AWS/AutoScaling",
                                "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "my-asg"}]},
                            "Stat": "Average"}},
                        {"Id": "e1", "Label": "backlog per instance", "Expression": "m1 / m2"},
                    ]},
                },
            }],
            "ScheduledUpdateGroupActions": [{
                "ScheduledActionName": "morning", "Recurrence": "0 8 * * mon-fri",
                "TimeZone": "Europe/Berlin", "MinSize": 10, "DesiredCapacity": 10,
            }, {
                "ScheduledActionName": "once", "StartTime": "2026-05-12T08:00:00+02:00", "MaxSize": 3,
            }],
        }),
        expect![[r#"
            good
        "#]],
    );
}

#[test]
fn an_alarm_is_refused_with_every_rule_it_breaks() {
    check(
        alarms(&[
            json!({"MetricName": null}),
            json!({"AlarmName": "b", "Statistic": "Sum", "ExtendedStatistic": "p99", "MetricName": "ready"}),
            json!({"AlarmName": "c", "Statistic": null, "ExtendedStatistic": "p101", "MetricName": "ready"}),
            json!({"AlarmName": "d", "Statistic": null, "ExtendedStatistic": "p99", "MetricName": "NumberOfMessagesSent"}),
            json!({"AlarmName": "e", "Period": 45}),
            json!({"AlarmName": "f", "Period": 3600, "EvaluationPeriods": 25}),
            json!({"AlarmName": "g", "DatapointsToAlarm": 4}),
            json!({"AlarmName": "h", "ComparisonOperator": "GreaterThanUpperThreshold"}),
            json!({"AlarmName": "high", "AlarmActions": ["nobody", "arn:aws:sns:eu-west-1:1:mail"]}),
            json!({"AlarmName": "j", "EvaluationRange": 2, "TreatMissingData": "zero"}),
            json!({"AlarmName": "k", "MetricName": "ApproximateAgeOfOldestMessage", "Namespace": "My/App"}),
            json!({"AlarmName": "l", "MetricName": "serving", "Threshold": "ten", "Statistic": null}),
        ]),
        expect![[r#"
            MetricAlarms.0.MetricName: an alarm without a metric: write MetricName or Metrics
            MetricAlarms.1.ExtendedStatistic: given beside Statistic: write one of the two
            MetricAlarms.2.ExtendedStatistic: no statistic p101: write "p" and a number above 0, at most 100, such as "p99.9"; or "tm90", "TM(10%:90%)", "IQM"
            MetricAlarms.3.ExtendedStatistic: NumberOfMessagesSent is a statistic set, of which nothing but the sum is known: write "Sum", or MetricName = "arrival-rate" for the rate a second
            MetricAlarms.4.Period: found 45: write 10, 20, 30 or a multiple of 60
            MetricAlarms.5.EvaluationPeriods: 25 periods are longer than a day: write 24 or less
            MetricAlarms.6.DatapointsToAlarm: 4 of 3: write EvaluationPeriods or less
            MetricAlarms.7.ComparisonOperator: found "GreaterThanUpperThreshold": write one of "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
            MetricAlarms.9.TreatMissingData: found "zero": write one of "missing", "ignore", "breaching", "notBreaching"
            MetricAlarms.9.EvaluationRange: 2 periods for 3 points: write EvaluationPeriods or more
            MetricAlarms.10.Namespace: nothing of My/App is measured here: write one of AWS/SQS, AWS/EC2, AWS/AutoScaling, AWS/AmazonMQ, Hooke
            MetricAlarms.10.MetricName: no metric ApproximateAgeOfOldestMessage is measured here: write one of ready, unacked, consumers, arrival-rate, service-rate, capacity, serving, booting, draining, idle, busy, unknown, load, utilization, or its name at AWS
            MetricAlarms.11.Dimensions: serving is not of a queue: leave QueueName out
            MetricAlarms.11.Statistic: missing: write a statistic such as "Average"
            MetricAlarms.11.Threshold: found "ten": write a number
            MetricAlarms.8.AlarmName: high is given twice: write another name
            MetricAlarms.8.AlarmActions.0: no scaling policy is called nobody: write the PolicyName of one
            MetricAlarms.8.AlarmActions.1: an action that does not scale: leave it out
        "#]],
    );
}

#[test]
fn steps_have_neither_gaps_nor_overlaps_and_are_open_where_they_must() {
    let bounds = |lower: Value, upper: Value| {
        let mut step = json!({"ScalingAdjustment": 1});
        merge(
            &mut step,
            json!({"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper}),
        );
        step
    };
    let null = Value::Null;
    check(
        step(json!([bounds(json!(0), json!(10)), bounds(json!(10), null.clone())])),
        expect![[r#"
            good
        "#]],
    );
    check(
        step(json!([bounds(json!(0), json!(10)), bounds(json!(20), null.clone())])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: a gap between two steps: let each begin where the one before ends
    "#]],
    );
    check(
        step(json!([bounds(json!(0), json!(10)), bounds(json!(5), null.clone())])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: an overlap between two steps: let each begin where the one before ends
    "#]],
    );
    check(
        step(json!([bounds(json!(0), json!(10))])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: a positive MetricIntervalUpperBound: leave it out of the highest step
    "#]],
    );
    check(
        step(json!([bounds(json!(-10), json!(0))])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: a negative MetricIntervalLowerBound: leave it out of the lowest step
    "#]],
    );
    check(
        step(json!([bounds(null.clone(), null.clone())])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: step 0 has no bound: write one at least
    "#]],
    );
    check(
        step(json!([bounds(json!(0), null.clone()), bounds(json!(5), null.clone())])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: 2 steps without MetricIntervalUpperBound: one at the most
    "#]],
    );
    check(
        step(json!([bounds(null.clone(), json!(0)), bounds(null.clone(), json!(-5))])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: 2 steps without MetricIntervalLowerBound: one at the most
    "#]],
    );
    check(
        step(json!([bounds(json!(5), json!(5)), bounds(json!(5), null.clone())])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: step 0 ends where it begins or before: swap its bounds
    "#]],
    );
    let many: Vec<Value> = (0..21)
        .map(|n| bounds(json!(n), if n == 20 { null.clone() } else { json!(n + 1) }))
        .collect();
    check(
        step(json!(many)),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: 21 steps: write 1 to 20
    "#]],
    );
    check(
        step(json!([])),
        expect![[r#"
        ScalingPolicies.0.StepAdjustments: 0 steps: write 1 to 20
    "#]],
    );
}

#[test]
fn a_policy_is_refused_with_every_rule_it_breaks() {
    check(
        json!({"ScalingPolicies": [
            {"PolicyName": "a"},
            {"PolicyName": "a", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1.5, "MinAdjustmentMagnitude": 2},
            {"PolicyName": "c", "AdjustmentType": "ExactCapacity", "ScalingAdjustment": -1, "StepAdjustments": []},
            {"PolicyName": "d", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageNetworkIn"}}},
            {"PolicyName": "e", "PolicyType": "TargetTrackingScaling", "Cooldown": 60, "TargetTrackingConfiguration": {"TargetValue": 5}},
            {"PolicyName": "f", "PolicyType": "StepScaling"},
            {"PolicyName": "g", "PolicyType": "ManualScaling"},
            {"PolicyName": "h", "PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": {"MetricSpecifications": [{"TargetValue": 10}], "MaxCapacityBuffer": 10}},
        ]}),
        expect![[r#"
            ScalingPolicies.0.AdjustmentType: missing: write one such as "ChangeInCapacity"
            ScalingPolicies.0.ScalingAdjustment: missing: write a whole number
            ScalingPolicies.1.MinAdjustmentMagnitude: of PercentChangeInCapacity only: leave it out
            ScalingPolicies.1.ScalingAdjustment: found a number that is not whole: write a whole one
            ScalingPolicies.2.StepAdjustments: not of this PolicyType: of StepScaling only
            ScalingPolicies.2.ScalingAdjustment: found -1: an exact capacity is 0 or more
            ScalingPolicies.3.TargetTrackingConfiguration.TargetValue: a target of zero or less: write a number above zero
            ScalingPolicies.3.TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType: found "ASGAverageNetworkIn": write one of "ASGAverageCPUUtilization"
            ScalingPolicies.4.Cooldown: not of this PolicyType: of SimpleScaling only
            ScalingPolicies.4.TargetTrackingConfiguration: write either PredefinedMetricSpecification or CustomizedMetricSpecification
            ScalingPolicies.5.AdjustmentType: missing: write one such as "ChangeInCapacity"
            ScalingPolicies.5.StepAdjustments: 0 steps: write 1 to 20
            ScalingPolicies.6.PolicyType: found "ManualScaling": write one of "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"
            ScalingPolicies.7.PredictiveScalingConfiguration.MaxCapacityBuffer: only with MaxCapacityBreachBehavior = "IncreaseMaxCapacity": leave it out
            ScalingPolicies.7.PredictiveScalingConfiguration.MetricSpecifications.0: write one of PredefinedMetricPairSpecification, PredefinedLoadMetricSpecification, CustomizedLoadMetricSpecification
            ScalingPolicies.1.PolicyName: a is given twice: write another name
        "#]],
    );
}

#[test]
fn an_action_that_is_no_policy_of_alarms_is_refused() {
    let mut settings = alarms(&[json!({"AlarmActions": ["track"]})]);
    settings["ScalingPolicies"] = json!([{
        "PolicyName": "track", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}},
    }]);
    check(
        settings,
        expect![[r#"
        MetricAlarms.0.AlarmActions.0: track tracks a target, with alarms of its own: leave it out
    "#]],
    );
}

#[test]
fn schedules_say_what_is_wrong_with_them() {
    check(
        json!({"ScheduledUpdateGroupActions": [
            {"ScheduledActionName": "a", "Recurrence": "0 8 * *", "MinSize": 1},
            {"ScheduledActionName": "b", "Recurrence": "0 8 * * *", "TimeZone": "Europe/Berlinn", "MinSize": 1},
            {"ScheduledActionName": "c", "MinSize": 3, "MaxSize": 2},
            {"ScheduledActionName": "c", "StartTime": "2026-02-30T00:00:00Z"},
            {"ScheduledActionName": "e", "Recurrence": "0 8 * * *", "MinSize": 1, "StartTime": "2026-02-01T00:00:00Z", "EndTime": "2026-01-01T00:00:00Z"},
        ]}),
        expect![[r#"
            ScheduledUpdateGroupActions.0.Recurrence: found 4 fields: write five: minute, hour, day of the month, month, day of the week
            ScheduledUpdateGroupActions.1.TimeZone: there is no time zone "Europe/Berlinn": did you mean Europe/Berlin?
            ScheduledUpdateGroupActions.2.MinSize: 3 is more than MaxSize: write 2 or less
            ScheduledUpdateGroupActions.2.StartTime: missing: write it, or a Recurrence
            ScheduledUpdateGroupActions.3: it changes nothing: write MinSize, MaxSize or DesiredCapacity
            ScheduledUpdateGroupActions.3.StartTime: no time 2026-02-30T00:00:00Z: write one such as "2026-05-31T08:00:00Z"
            ScheduledUpdateGroupActions.4.EndTime: not after StartTime: write a later one
            ScheduledUpdateGroupActions.3.ScheduledActionName: c is given twice: write another name
        "#]],
    );
}

#[test]
fn silence_as_a_reason_for_fewer_workers_is_pointed_at() {
    let mut settings = alarms(&[json!({
        "TreatMissingData": "breaching", "ComparisonOperator": "LessThanThreshold",
        "AlarmActions": ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:4ee9e543-86b5-4121-b53b-aa4c23b5bbcc:autoScalingGroupName/my-asg:policyName/in"],
    })]);
    settings["ScalingPolicies"] = json!([
        {"PolicyName": "in", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1},
        {"PolicyName": "forgotten", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1},
    ]);
    check(
        settings,
        expect![[r#"
            good
            alarm high has TreatMissingData = "breaching" and calls for policy in, which scales in: silence would be a reason for fewer workers. Such a wish is held back here; write "missing"
        "#]],
    );
}

/// Every key of a table of the schema is one that the parser knows, and no
/// other: an unknown one is answered with those that are.
#[test]
fn the_schema_knows_the_keys_of_the_parser() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let keys = |table: &Value| -> Vec<String> {
        let named = table["properties"].as_object().unwrap().iter();
        let mut keys: Vec<String> = named
            .filter(|(_, p)| p["description"] != "Passed over.")
            .map(|(key, _)| key.clone())
            .collect();
        keys.sort();
        keys
    };
    let known = |settings: Value| -> Vec<String> {
        let problems = Settings::parse(&settings.to_string()).unwrap_err();
        let stranger = problems.into_iter().find(|problem| problem.path.ends_with('?')).unwrap();
        let list = stranger.message.split_once("write one of ").unwrap().1.to_owned();
        let mut known: Vec<String> = list.split(", ").map(str::to_owned).collect();
        known.sort();
        known.dedup();
        known
    };
    assert_eq!(keys(&schema), known(json!({"?": 1})));
    let defs = &schema["$defs"];
    assert_eq!(
        keys(&defs["ScheduledAction"]),
        known(json!({"ScheduledUpdateGroupActions": [{"?": 1, "Recurrence": "0 8 * * *"}]}))
    );
    let mut alarm_keys =
        known(json!({"MetricAlarms": [{"?": 1, "MetricName": "ready", "Period": 60}]}));
    alarm_keys.push("Metrics".to_owned());
    alarm_keys.sort();
    assert_eq!(keys(&defs["MetricAlarm"]), alarm_keys);
}
