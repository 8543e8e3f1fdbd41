//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_nomad_threshold::settings::{SCHEMA, Settings};
use serde_json::{Value, json};

#[path = "../../trajectory/schema.rs"]
mod schema;

fn check(settings: Value, expected: Expect) {
    schema::check(SCHEMA, &settings, &Settings::parse(&settings.to_string()), expected);
}

#[test]
fn good_settings_are_read() {
    check(
        json!({
            "cooldown": "10m", "cooldown_on_scale_up": "1m", "on_check_error": "fail",
            "check": [
                {"name": "a", "source": "hooke", "query": "ready",
                 "strategy": {"threshold": {"lower_bound": 10, "upper_bound": 20.5, "delta": -1}}},
                {"name": "b", "group": "g", "on_error": "ignore", "query": "utilization", "query_window": "1h",
                 "query_window_offset": "5m", "period": "5m", "statistic": "p95",
                 "strategy": {"target-value": {"target": 0, "threshold": 0.05, "max_scale_up": 3, "max_scale_down": 0}}},
                {"name": "c", "query": "busy", "query_window": "instant", "strategy": {"fixed-value": {"value": 3}}},
                {"name": "d", "query": "busy", "query_window": "instant", "strategy": {"pass-through": {}}},
            ],
        }),
        expect![[
            r#"Settings { cooldown_ms: 600000, cooldown_on_scale_up_ms: 60000, on_check_error: Fail, checks: [Check { name: "a", group: "", query: Ready, window: Past { count: 5, period_ms: 60000, offset_ms: 0, statistic: Statistic::Average }, on_error: Fail, strategy: Threshold { lower: Some(10.0), upper: Some(20.5), trigger: 5, action: Delta(-1) } }, Check { name: "b", group: "g", query: Utilization, window: Past { count: 12, period_ms: 300000, offset_ms: 300000, statistic: Statistic::Percentile(95.0) }, on_error: Ignore, strategy: TargetValue { target: 0.0, threshold: 0.05, max_scale_up: 3, max_scale_down: 0 } }, Check { name: "c", group: "", query: Busy, window: Instant, on_error: Fail, strategy: FixedValue(3) }, Check { name: "d", group: "", query: Busy, window: Instant, on_error: Fail, strategy: PassThrough }] }"#
        ]],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({}),
        expect![[r#"
        check: missing: write one [[check]] at the least
    "#]],
    );
    check(
        json!({"check": []}),
        expect![[r#"
        check: no check: write one at the least
    "#]],
    );
    check(
        json!({"check": [{}], "cooldown": 300, "on_check_error": "stop"}),
        expect![[r#"
        cooldown: found 300: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
        on_check_error: found "stop": write one of "ignore", "fail"
        check.0.name: missing: write what the check is about
        check.0.query: missing: write the name of a metric, such as "ready"
        check.0.strategy: missing: write one of threshold, target-value, fixed-value or pass-through
    "#]],
    );
    check(
        json!({"check": [
            {"name": "a", "source": "prometheus", "query": "cpu", "query_window": "soon", "period": "0x",
             "statistic": "mean", "on_error": "no", "group": 3, "strategy": {"app-sizing-avg": {}}},
            {"name": "b", "query": "ready", "strategy": {"threshold": {}, "fixed-value": {}}},
            {"name": "c", "query": "ready", "strategy": {"threshold": {"delta": 1.5, "value": 3, "upper_bound": 1}}},
            {"name": "d", "query": "ready", "strategy": {"target-value": {"target": -1, "precision": 0.1}}},
            {"name": "e", "query": "ready", "strategy": {"threshold": {"lower_bound": 1, "percentage": -101}}},
            {"name": "f", "query": "ready", "strategy": {"threshold": {"lower_bound": 1, "delta": 0}}},
        ]}),
        expect![[r#"
            check.0.source: found "prometheus": write one of "hooke"
            check.0.query: found "cpu": write one of "ready", "unacked", "consumers", "arrival-rate", "service-rate", "capacity", "serving", "booting", "idle", "busy", "busy-share", "load", "utilization"
            check.0.period: found "0x": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            check.0.statistic: unknown: write average, minimum, maximum, sum, or p1 to p100
            check.0.query_window: write "instant", or a duration such as "5m"
            check.0.group: found 3: write a text in quotes
            check.0.on_error: found "no": write one of "ignore", "fail"
            check.0.strategy: write one strategy: threshold, target-value, fixed-value or pass-through
            check.0.strategy.app-sizing-avg: unknown setting: write one of threshold, target-value, fixed-value, pass-through
            check.1.strategy.threshold: no bound: write lower_bound, upper_bound or both
            check.1.strategy.threshold: write one of delta, percentage and value
            check.1.strategy.fixed-value.value: missing: write a number of workers
            check.1.strategy: write one strategy: threshold, target-value, fixed-value or pass-through
            check.2.strategy.threshold.delta: write a whole number of workers, above or below 0
            check.3.strategy.target-value.target: out of range: write a number from 0 to 1000000000000000
            check.3.strategy.target-value.precision: unknown setting: write one of target, threshold, max_scale_up, max_scale_down
            check.4.strategy.threshold.percentage: out of range: write a number from -100 to 1000000
            check.4.strategy.threshold: write one of delta, percentage and value
            check.5.strategy.threshold.delta: write a whole number of workers, above or below 0
            check.5.strategy.threshold: write one of delta, percentage and value
        "#]],
    );
}

#[test]
fn what_the_schema_cannot_say_is_refused_by_the_parser_alone() {
    let json = json!({"check": [
        {"name": "a", "query": "ready", "strategy": {"threshold": {"lower_bound": 9, "upper_bound": 3, "delta": 1}}},
        {"name": "a", "query": "ready", "query_window": "2m",
         "strategy": {"threshold": {"lower_bound": 9, "delta": 1}}},
        {"name": "b", "query": "ready", "query_window": "30s", "strategy": {"pass-through": {}}},
        {"name": "c", "query": "ready", "query_window": "2d", "period": "1h", "strategy": {"pass-through": {}}},
        {"name": "d", "query": "ready", "query_window_offset": "1d", "strategy": {"pass-through": {}}},
        {"name": "e", "query": "ready", "query_window": "instant", "query_window_offset": "5m", "period": "1m",
         "strategy": {"threshold": {"lower_bound": 9, "delta": 1}}},
        {"name": "f", "query": "ready", "strategy": {"target-value": {"target": 1, "max_scale_up": 0, "max_scale_down": 0}}},
        {"name": "g", "query": "ready", "strategy": {"threshold": {"upper_bound": 0, "delta": 1}}},
        {"name": "h", "query": "ready", "strategy": {"threshold": {"lower_bound": 1, "percentage": 0}}},
    ]});
    expect![[r#"
        check.0.strategy.threshold.upper_bound: not above lower_bound, so no point is within: write more
        check.1.strategy.threshold.within_bounds_trigger: 5 points have to be within, and the window has 2: write 2 or less, or a longer query_window
        check.2.period: 30s holds 0 periods of 1m: write a period that fits in once, and 1440 times at the most
        check.3.query_window: reaches back 2d, with its offset, and the host keeps a day at the most: write less
        check.4.query_window: reaches back 1d, with its offset, and the host keeps a day at the most: write less
        check.5.query_window_offset: says nothing with query_window "instant": leave it out, or write a window such as "5m"
        check.5.period: says nothing with query_window "instant": leave it out, or write a window such as "5m"
        check.5.strategy.threshold.within_bounds_trigger: 5 points have to be within, and the window has 1: write 1 or less, or a longer query_window
        check.6.strategy.target-value.max_scale_up: 0 as max_scale_down is, so that the check changes nothing: write one of them higher
        check.7.strategy.threshold.upper_bound: no metric is below 0, so no point is within: write more
        check.8.strategy.threshold.percentage: changes nothing: write more than 0, or less
        check.1.name: "a" is the name of a check before: write another
    "#]].assert_eq(&schema::told(&Settings::parse(&json.to_string())));
}
