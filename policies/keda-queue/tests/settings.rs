//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_keda_queue::settings::{SCHEMA, Settings};
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
            "Settings { mode: QueueLength, value: 20.0, activation_value: 0.0, length: WithUnacknowledged, metric_type: AverageValue, min_replica_count: 0, max_replica_count: 100, idle_replica_count: None, cooldown_period_ms: 300000, initial_cooldown_period_ms: 0, tolerance: 0.1, fallback: None }"
        ],
    );
    check(
        json!({
            "mode": "DrainTime", "value": 0.5, "activationValue": 3, "excludeUnacknowledged": true,
            "metricType": "Value", "minReplicaCount": 2, "maxReplicaCount": 9, "idleReplicaCount": 0,
            "cooldownPeriod": 0, "initialCooldownPeriod": 60, "tolerance": 0,
            "fallback": {"failureThreshold": 3, "replicas": 6, "behavior": "currentReplicas"},
        }),
        expect![
            "Settings { mode: DrainTime, value: 0.5, activation_value: 3.0, length: Ready, metric_type: Value, min_replica_count: 2, max_replica_count: 9, idle_replica_count: Some(0), cooldown_period_ms: 0, initial_cooldown_period_ms: 60000, tolerance: 0.0, fallback: Some(Fallback { failure_threshold: 3, replicas: 6, behavior: Keep }) }"
        ],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({
            "mode": "queueLength", "value": "20", "activationValue": -1, "excludeUnacknowledged": "no",
            "metricType": "Utilization", "minReplicaCount": -1, "maxReplicaCount": 0, "idleReplicaCount": 0.5,
            "cooldownPeriod": "5m", "initialCooldownPeriod": 31_536_001, "tolerance": 1.5,
            "fallback": {"replicas": "6", "behavior": "scalingModifiers", "pods": 3}, "pollingInterval": 30,
        }),
        expect![[r#"
            pollingInterval: not of this policy: write the site's every
            mode: found "queueLength": write one of "QueueLength", "MessageRate", "DeliverGetRate", "PublishedToDeliveredRatio", "ExpectedQueueConsumptionTime", "DrainTime"
            value: found "20": write a number
            activationValue: out of range: write a number from 0 to 1000000000000
            excludeUnacknowledged: found "no": write true or false
            metricType: found "Utilization": write one of "AverageValue", "Value"
            minReplicaCount: found -1: write a whole number, 0 or more
            maxReplicaCount: found 0: write a whole number, 1 or more
            idleReplicaCount: found a number that is not whole: write a whole number, 0 or more
            cooldownPeriod: found "5m": write a whole number, 0 or more
            initialCooldownPeriod: found 31536001: write 31536000 or less
            tolerance: out of range: write a number from 0 to 1
            fallback.failureThreshold: missing: write a whole number
            fallback.replicas: found "6": write a whole number, 0 or more
            fallback.behavior: found "scalingModifiers": write one of "static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"
            fallback.pods: unknown setting: write one of failureThreshold, replicas, behavior
        "#]],
    );
    check(
        json!({"mode": "MessageRate"}),
        expect![[r#"
        value: missing: this mode has no default
    "#]],
    );
    check(
        json!({"value": 0, "fallback": {}}),
        expect![[r#"
        value: no number of workers reaches a target of 0: write more
        fallback.failureThreshold: missing: write a whole number
        fallback.replicas: missing: write a whole number
    "#]],
    );
}

#[test]
fn what_the_schema_cannot_say_is_refused_by_the_parser_alone() {
    let json = r#"{"minReplicaCount": 9, "maxReplicaCount": 3, "idleReplicaCount": 9,
        "fallback": {"failureThreshold": 3, "replicas": 4}}"#;
    expect![[r#"
        minReplicaCount: 9 is above maxReplicaCount 3: write 3 or less
        idleReplicaCount: 9 is not below minReplicaCount 9: write less, or leave it out
        fallback.replicas: 4 is above maxReplicaCount 3: write 3 or less
    "#]]
    .assert_eq(&schema::told(&Settings::parse(json)));
}

#[test]
fn what_a_scaled_object_says_and_the_site_is_told_is_named_with_its_place() {
    check(
        json!({"queueName": "ocr", "value": 5, "pollingInterval": 30, "protocol": "http", "useRegex": true}),
        expect![[r#"
            pollingInterval: not of this policy: write the site's every
            queueName: not of this policy: write the profile's queue, and the vhost of the site's source
            protocol: not of this policy: write the site's source
            useRegex: not of this policy: write each queue of the profile
        "#]],
    );
}

#[test]
fn the_schemas_defaults_are_the_parsers() {
    schema::defaults(SCHEMA, Settings::parse);
}
