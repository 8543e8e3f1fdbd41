//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_target_tracking::settings::{SCHEMA, Settings};
use serde_json::{Value, json};

#[path = "../../trajectory/schema.rs"]
mod schema;

fn check(settings: Value, expected: Expect) {
    schema::check(SCHEMA, &settings, &Settings::parse(&settings.to_string()), expected);
}

#[test]
fn good_settings_are_read() {
    check(
        json!({}),
        expect![
            "Settings { metric: Ready, target: 100.0, per: Worker, statistic: Statistic::Average, period_ms: 60000, high_periods: 3, low_periods: 15, margin: 10.0, scale_in: Enabled }"
        ],
    );
    check(
        json!({
            "metric": "busy-share", "target": 62.5, "per": "total", "statistic": "p95", "period": "5m",
            "high_periods": 1, "low_periods": 288, "margin": 0, "scale_in": false,
        }),
        expect![
            "Settings { metric: BusyShare, target: 62.5, per: Total, statistic: Statistic::Percentile(95.0), period_ms: 300000, high_periods: 1, low_periods: 288, margin: 0.0, scale_in: Disabled }"
        ],
    );
    check(
        json!({"metric": "arrival-rate", "target": 2}),
        expect![
            "Settings { metric: ArrivalRate, target: 2.0, per: Worker, statistic: Statistic::Average, period_ms: 60000, high_periods: 3, low_periods: 15, margin: 10.0, scale_in: Enabled }"
        ],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({
            "metric": "cpu", "target": "50", "per": "vm", "statistic": "mean", "period": 60,
            "high_periods": 0, "low_periods": 1441, "margin": 100, "scale_in": "no", "datapoints": 3,
        }),
        expect![[r#"
            metric: found "cpu", no such metric: write one of backlog-per-worker, ready, unacked, arrival-rate, service-rate, busy, busy-share, load, utilization
            per: found "vm": write one of "worker", "total"
            target: found "50": write a number
            statistic: unknown: write average, minimum, maximum, or p1 to p100
            period: found 60: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            high_periods: found 0: write a whole number, 1 or more
            low_periods: found 1441: write 1440 or less
            margin: out of range: write a number from 0 to 99
            scale_in: found "no": write true or false
            datapoints: unknown setting: write one of metric, per, target, statistic, period, high_periods, low_periods, margin, scale_in
        "#]],
    );
    check(
        json!({"metric": "ready"}),
        expect![[r#"
        target: missing: write the value to keep the metric at
    "#]],
    );
    check(
        json!({"metric": "utilization", "per": "worker", "target": 0}),
        expect![[r#"
        per: the metric is an average, not a sum to divide: write "total"
        target: no number of workers reaches a target of 0: write more
    "#]],
    );
    check(
        json!({"target": -1, "statistic": "p0"}),
        expect![[r#"
            target: out of range: write a number from 0 to 1000000000000
            statistic: unknown: write average, minimum, maximum, or p1 to p100
        "#]],
    );
}

#[test]
fn a_metric_that_makes_no_target_is_refused_with_why() {
    for metric in ["consumers", "capacity", "serving", "booting", "draining", "idle", "unknown"] {
        let settings = json!({"metric": metric, "target": 5});
        let told = schema::told(&Settings::parse(&settings.to_string()));
        let why = "it counts workers, and more of them do not bring it down";
        let expected = format!("metric: found \"{metric}\", {why}: write one of ");
        assert!(told.starts_with(&expected), "{told}");
    }
    for metric in ["arrival-rate", "service-rate", "unacked", "busy"] {
        let settings = json!({"metric": metric, "target": 5, "per": "total"}).to_string();
        let why = "per: the metric does not fall as workers come, so a total has no end: write \"worker\"\n";
        assert_eq!(schema::told(&Settings::parse(&settings)), why, "{metric}");
    }
    check(
        json!({"metric": "busy", "target": 5, "per": "total"}),
        expect![[r#"
        per: the metric does not fall as workers come, so a total has no end: write "worker"
    "#]],
    );
    check(
        json!({"metric": "idle", "target": 5}),
        expect![[r#"
        metric: found "idle", it counts workers, and more of them do not bring it down: write one of backlog-per-worker, ready, unacked, arrival-rate, service-rate, busy, busy-share, load, utilization
    "#]],
    );
    check(
        json!({"statistic": "sum"}),
        expect![[r#"
        statistic: a sum would rise with how often is read: write average, minimum, maximum, or p1 to p100
    "#]],
    );
}

#[test]
fn what_the_schema_cannot_say_is_refused_by_the_parser_alone() {
    let json = r#"{"period": "2h", "high_periods": 13, "low_periods": 15}"#;
    expect![[r#"
        high_periods: 13 x 2h are more than a day: write fewer, or a shorter period
        low_periods: 15 x 2h are more than a day: write fewer, or a shorter period
    "#]]
    .assert_eq(&schema::told(&Settings::parse(json)));
}

#[test]
fn the_schemas_defaults_are_the_parsers() {
    schema::defaults(SCHEMA, Settings::parse);
}
