//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_rubber::settings::{SCHEMA, Settings};
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
            "Settings { backorder_threshold: 3, spawn_ratio: Ratio { billionths: 200000000 }, min_idle_workers: 1, evaluation_interval_ms: 120000, slacker_threshold_ms: 300000 }"
        ],
    );
    check(
        json!({
            "backorder_threshold": 0, "spawn_ratio": 1, "min_idle_workers": 0,
            "evaluation_interval": "2s", "slacker_threshold": "10m",
        }),
        expect![
            "Settings { backorder_threshold: 0, spawn_ratio: Ratio { billionths: 1000000000 }, min_idle_workers: 0, evaluation_interval_ms: 2000, slacker_threshold_ms: 600000 }"
        ],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({
            "backorder_threshold": -3, "spawn_ratio": -0.2, "min_idle_workers": 1.5,
            "evaluation_interval": 120, "slacker_threshold": "never", "max_vm_qty": 50,
        }),
        expect![[r#"
            backorder_threshold: found -3: write a whole number, 0 or more
            spawn_ratio: out of range: write a number from 0 to 1000
            min_idle_workers: found a number that is not whole: write a whole number, 0 or more
            evaluation_interval: found 120: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            slacker_threshold: found "never": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            max_vm_qty: unknown setting: write one of backorder_threshold, spawn_ratio, min_idle_workers, evaluation_interval, slacker_threshold
        "#]],
    );
    check(
        json!({"spawn_ratio": 0}),
        expect![[r#"
        spawn_ratio: asks for no worker, whatever the backlog: write 0.000000001 or more
    "#]],
    );
    check(
        json!({"spawn_ratio": 1000.5}),
        expect![[r#"
        spawn_ratio: out of range: write a number from 0 to 1000
    "#]],
    );
}

#[test]
fn the_schemas_defaults_are_the_parsers() {
    schema::defaults(SCHEMA, Settings::parse);
}
