//! What bundled policies will never be answered, by the pace of a site.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_trial::outlook::{Pace, outlook};
use hooke_trial::situation::Profile;

use crate::{bind, wasm};

/// At a site that reads every so often and keeps for so long.
#[track_caller]
fn check(policy: &str, settings: &str, (every, keep): (u64, u64), want: Expect) {
    let pace = Pace { every: Duration::from_secs(every), keep: Duration::from_secs(keep) };
    let bound = bind(policy, wasm(policy));
    let profile = Profile::named("scans");
    let found = outlook(&bound, settings, &profile, pace, |queue| queue.as_str() == "scans");
    let mut text: String = found.unmet.iter().map(|unmet| format!("{unmet}\n")).collect();
    found
        .lost
        .iter()
        .for_each(|way| text.push_str(&format!("stays instead of: {}\n", way.as_str())));
    want.assert_eq(&text);
}

#[test]
fn a_usual_site_answers_all() {
    for policy in ["threshold", "rubber", "target-tracking", "keda-queue", "nomad-threshold"] {
        check(policy, "{}", (30, 10_800), expect![[""]]);
    }
    check("latency-goal", r#"{"start_within": "30s"}"#, (30, 10_800), expect![[""]]);
}

/// With these the fleet would stay as it is for ever, idle or not.
#[test]
fn too_seldom_and_too_little() {
    check(
        "target-tracking",
        "{}",
        (300, 120),
        expect![[r#"
            it asks 15m back and readings are kept for 2m, so the rest is a gap for ever: write keep = "15m" in [history]
            it asks in periods of 1m and the site reads every 5m, so most of them are gaps for ever: write periods of 5m or more, or a shorter `every`
            stays instead of: scale in
            stays instead of: scale out
        "#]],
    );
    check(
        "target-tracking",
        "{}",
        (30, 120),
        expect![[r#"
            it asks 15m back and readings are kept for 2m, so the rest is a gap for ever: write keep = "15m" in [history]
            stays instead of: scale in
        "#]],
    );
    check("target-tracking", r#"{"period": "5m"}"#, (300, 10_800), expect![[""]]);
    // It asks nothing about the past.
    check("threshold", "{}", (300, 60), expect![[""]]);
}

#[test]
fn an_alarm_about_a_queue_of_nobody() {
    let alarm = |queue: &str| {
        format!(
            r#"{{"MetricAlarms": [{{"AlarmName": "deep", "MetricName": "ready", "Statistic": "Average",
            "Dimensions": [{{"Name": "QueueName", "Value": "{queue}"}}], "Period": 60, "EvaluationPeriods": 1,
            "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["more"]}}],
            "ScalingPolicies": [{{"PolicyName": "more", "PolicyType": "SimpleScaling",
            "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}}]}}"#
        )
    };
    check("cloudwatch", &alarm("scans"), (30, 10_800), expect![[""]]);
    check(
        "cloudwatch",
        &alarm("scan"),
        (30, 10_800),
        expect![[r#"
        it asks about the queue "scan", which no profile of the site has
    "#]],
    );
}
