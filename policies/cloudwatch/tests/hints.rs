//! What AWS has and this does not: each is refused with what it is, and with
//! what to write instead.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_cloudwatch::settings::Settings;
use serde_json::{Value, json};

fn check(settings: &Value, expected: Expect) {
    let problems = Settings::parse(&settings.to_string()).err().unwrap_or_default();
    let lines = problems.iter().map(|p| format!("{}: {}\n", p.path, p.message));
    expected.assert_eq(&lines.collect::<String>());
}

fn alarm(more: Value) -> Value {
    let mut alarm = json!({"AlarmName": "a", "EvaluationPeriods": 3, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold"});
    alarm.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    alarm
}

/// One alarm for each expression over `m1` and `m2`.
fn expressions(of: &[&str]) -> Value {
    let metric = |id: &str, name: &str| {
        json!({"Id": id, "ReturnData": false, "MetricStat":
        {"Metric": {"MetricName": name}, "Period": 60, "Stat": "Average"}})
    };
    let alarms = of.iter().enumerate().map(|(nth, expression)| {
        alarm(json!({"AlarmName": format!("a{nth}"), "Metrics": [
            metric("m1", "ready"), metric("m2", "serving"), {"Id": "e1", "Expression": expression}]}))
    });
    json!({"MetricAlarms": alarms.collect::<Vec<_>>()})
}

#[test]
fn functions_and_operators_of_metric_math() {
    check(
        &expressions(&[
            "IF(m2 > 0, m1 / m2, m1)",
            "m1 > 5",
            "m1 ^ 2",
            "ANOMALY_DETECTION_BAND(m1, 2)",
            "SEARCH('{AWS/SQS,QueueName} ready', 'Average')",
            "SELECT AVG(ready) FROM \"AWS/SQS\"",
            "ABS(m1 - m2)",
            "CEIL(m1 / m2)",
            "STDDEV(m1)",
            "RUNNING_SUM(m1)",
            "FIRST([m1, m2])",
            "TIME_SERIES(5) + m1",
            "MAX(m1)",
            "METRICS(\"m\")",
            "HOUR(m1)",
        ]),
        expect![[r#"
            MetricAlarms.0.Metrics.2.Expression: no function IF here: to divide by nothing less than 1 write m1 / MAX([m2, 1])
            MetricAlarms.1.Metrics.2.Expression: > has no meaning here: the alarm alone compares: write its Threshold
            MetricAlarms.2.Metrics.2.Expression: ^ has no meaning here: multiply
            MetricAlarms.3.Metrics.2.Expression: no function ANOMALY_DETECTION_BAND here: give the alarm a Threshold
            MetricAlarms.4.Metrics.2.Expression: no function SEARCH here: write a query for each metric
            MetricAlarms.5.Metrics.2.Expression: no queries of Metrics Insights here: name a metric in MetricStat
            MetricAlarms.6.Metrics.2.Expression: no function ABS here: write MAX([m1, -m1])
            MetricAlarms.7.Metrics.2.Expression: no function CEIL here: leave it out, policies round capacities themselves
            MetricAlarms.8.Metrics.2.Expression: no function STDDEV here: write one of FILL, RATE, PERIOD, METRICS, SUM, MAX, MIN, AVG
            MetricAlarms.9.Metrics.2.Expression: no function RUNNING_SUM here: write one of FILL, RATE, PERIOD, METRICS, SUM, MAX, MIN, AVG
            MetricAlarms.10.Metrics.2.Expression: no function FIRST here: name the queries themselves
            MetricAlarms.11.Metrics.2.Expression: no function TIME_SERIES here: write the number alone, it is the same at all times
            MetricAlarms.12.Metrics.2.Expression: MAX over time is not known here: write MAX([m1, m2]) or MAX(METRICS())
            MetricAlarms.13.Metrics.2.Expression: " has no meaning here: name the queries meant, as in [m1, m2]
            MetricAlarms.14.Metrics.2.Expression: no function HOUR here: write one of FILL, RATE, PERIOD, METRICS, SUM, MAX, MIN, AVG
        "#]],
    );
}

/// What is advised is taken.
#[test]
fn the_advice_is_good() {
    check(
        &expressions(&[
            "m1 / MAX([m2, 1])",
            "MAX([m1 - m2, -(m1 - m2)])",
            "RATE(m1) * PERIOD(m1)",
            "MAX(METRICS())",
            "5 + m1",
        ]),
        expect![[r#""#]],
    );
}

#[test]
fn statistics_beyond_percentiles_and_trimmed_means() {
    let alarms = [
        "WM(10%:90%)",
        "wm90",
        "PR(100:2000)",
        "TC(2%:98%)",
        "tc90",
        "TS(80%:)",
        "TM(150:1000)",
        "p0",
    ]
    .iter()
    .enumerate()
    .map(|(nth, statistic)| {
        alarm(json!({"AlarmName": format!("a{nth}"),
            "MetricName": "ready", "Period": 60, "ExtendedStatistic": statistic}))
    });
    check(
        &json!({"MetricAlarms": alarms.collect::<Vec<_>>()}),
        expect![[r#"
            MetricAlarms.0.ExtendedStatistic: no statistic WM(10%:90%): winsorized means are not known here, trimmed ones are: write "TM(10%:90%)"
            MetricAlarms.1.ExtendedStatistic: no statistic wm90: winsorized means are not known here, trimmed ones are: write "TM(10%:90%)"
            MetricAlarms.2.ExtendedStatistic: no statistic PR(100:2000): how many or how much lies in a range is not known here: write a percentile such as "p90"
            MetricAlarms.3.ExtendedStatistic: no statistic TC(2%:98%): how many or how much lies in a range is not known here: write a percentile such as "p90"
            MetricAlarms.4.ExtendedStatistic: no statistic tc90: how many or how much lies in a range is not known here: write a percentile such as "p90"
            MetricAlarms.5.ExtendedStatistic: no statistic TS(80%:): how many or how much lies in a range is not known here: write a percentile such as "p90"
            MetricAlarms.6.ExtendedStatistic: no statistic TM(150:1000): bounds are in percent: write "tm90" or "TM(10%:90%)"
            MetricAlarms.7.ExtendedStatistic: no statistic p0: write "p" and a number above 0, at most 100, such as "p99.9"; or "tm90", "TM(10%:90%)", "IQM"
        "#]],
    );
}

#[test]
fn anomaly_detection_and_actions_that_do_not_scale() {
    let of = |more: Value| {
        let mut all = json!({"MetricName": "ready", "Period": 60, "Statistic": "Average"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        alarm(all)
    };
    check(
        &json!({"MetricAlarms": [
            of(json!({"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold"})),
            of(json!({"AlarmName": "b", "AlarmActions": ["arn:aws:sns:us-east-1:1:mail", "arn:aws:lambda:us-east-1:1:function:f", "arn:aws:automate:us-east-1:ec2:stop"]})),
        ]}),
        expect![[r#"
            MetricAlarms.0.ComparisonOperator: found "LessThanLowerOrGreaterThanUpperThreshold": write one of "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
            MetricAlarms.1.AlarmActions.0: an action that does not scale: leave it out
            MetricAlarms.1.AlarmActions.1: an action that does not scale: leave it out
            MetricAlarms.1.AlarmActions.2: an action that does not scale: leave it out
        "#]],
    );
}

/// An alarm that watches nothing must not go unsaid.
#[test]
fn queries_of_an_alarm_have_a_period() {
    let mut settings = expressions(&["m1 / m2"]);
    for nth in 0..2 {
        settings["MetricAlarms"][0]["Metrics"][nth]["MetricStat"]
            .as_object_mut()
            .unwrap()
            .remove("Period");
    }
    check(
        &settings,
        expect![[r#"
        MetricAlarms.0.Metrics: without a Period: write one such as 60 in each MetricStat
    "#]],
    );
}

#[test]
fn what_the_api_refuses_too() {
    let track = |more: Value| {
        json!({"PolicyName": "t", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration":
        {"TargetValue": 5, "CustomizedMetricSpecification": {"MetricName": "ready", "Statistic": "Average", "Period": 3600}, "AlarmLow": more}})
    };
    check(
        &json!({
            "ScalingPolicies": [
                {"PolicyName": "old", "AdjustmentType": "PercentChangeInCapacity", "ScalingAdjustment": 10, "MinAdjustmentStep": 2, "MinAdjustmentMagnitude": 3},
                {"PolicyName": "none", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "MinAdjustmentStep": 2},
                track(json!({"EvaluationPeriods": 25})),
            ],
            "ScheduledUpdateGroupActions": [
                {"ScheduledActionName": "a", "Recurrence": "0 8 * * *", "MaxSize": 3, "DesiredCapacity": 4},
                {"ScheduledActionName": "b", "Recurrence": "0 8 * * *", "MinSize": 5, "DesiredCapacity": 4},
            ],
        }),
        expect![[r#"
            ScalingPolicies.0.MinAdjustmentStep: the old name of MinAdjustmentMagnitude: leave it out
            ScalingPolicies.1.MinAdjustmentMagnitude: of PercentChangeInCapacity only: leave it out
            ScalingPolicies.2.TargetTrackingConfiguration.AlarmLow.EvaluationPeriods: 25 periods are longer than a day: write 24 or less
            ScheduledUpdateGroupActions.0.DesiredCapacity: 4 is more than MaxSize: write 3
            ScheduledUpdateGroupActions.1.DesiredCapacity: 4 is less than MinSize: write 5
        "#]],
    );
}
