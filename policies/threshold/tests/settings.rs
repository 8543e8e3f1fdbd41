//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_threshold::settings::{SCHEMA, Settings};
use serde_json::{Value, json};

/// Reads settings; the schema has to be of the same opinion.
fn check(settings: Value, expected: Expect) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let valid = jsonschema::draft202012::is_valid(&schema, &settings);
    let text = match Settings::parse(&settings.to_string()) {
        Ok(read) => format!("{read:?}"),
        Err(problems) => problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect(),
    };
    assert_eq!(valid, text.starts_with("Settings"), "the schema disagrees on {settings}: {text}");
    expected.assert_eq(&text);
}

#[test]
fn good_settings_are_read() {
    check(
        json!({}),
        expect![
            "Settings { threshold: 100, minimum: None, add: One, queue_idle_ms: 300000, vm_idle_ms: 3600000 }"
        ],
    );
    check(
        json!({
            "threshold": 0, "minimum": 2, "add": "ratio", "messages_per_worker": 5,
            "queue_idle": "90s", "vm_idle": "1h 30m",
        }),
        expect![
            "Settings { threshold: 0, minimum: Some(2), add: PerMessages(5), queue_idle_ms: 90000, vm_idle_ms: 5400000 }"
        ],
    );
    check(
        json!({"add": "one", "messages_per_worker": 5, "threshold": u64::MAX}),
        expect![
            "Settings { threshold: 18446744073709551615, minimum: None, add: One, queue_idle_ms: 300000, vm_idle_ms: 3600000 }"
        ],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({
            "threshold": "100", "minimum": -1, "add": "two", "messages_per_worker": 0,
            "queue_idle": 300, "vm_idle": "-1h", "queue-idle": "5m", "cooldown": "5m",
        }),
        expect![[r#"
            threshold: found "100": write a whole number, 0 or more
            minimum: found -1: write a whole number, 0 or more
            add: found "two": write one of "one", "ratio"
            messages_per_worker: found 0: write a whole number, 1 or more
            queue_idle: found 300: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            vm_idle: found "-1h": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
            cooldown: unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
            queue-idle: unknown setting: write queue_idle
        "#]],
    );
    check(
        json!({"threshold": 1.5, "minimum": 4_294_967_296_u64, "add": true}),
        expect![[r#"
        threshold: found a number that is not whole: write a whole number, 0 or more
        minimum: found 4294967296: write 4294967295 or less
        add: found true: write one of "one", "ratio"
    "#]],
    );
    check(
        json!({"threshold": null, "queue_idle": "5 parsecs", "vm_idle": ""}),
        expect![[r#"
        threshold: found null: write a whole number, 0 or more
        queue_idle: found "5 parsecs": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
        vm_idle: found "": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
    "#]],
    );
    check(
        json!([]),
        expect![[r#"
        : expected a table of settings, found a list
    "#]],
    );
}

#[test]
fn a_duration_of_nothing_is_refused_by_the_parser_alone() {
    let problems = Settings::parse(r#"{"queue_idle": "0s"}"#).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[test]
fn the_schemas_defaults_are_the_parsers() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let properties = schema["properties"].as_object().unwrap();
    let defaults: Value = properties
        .iter()
        .filter_map(|(key, property)| Some((key.clone(), property.get("default")?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(Settings::parse(&defaults.to_string()), Settings::parse("{}"));
    let with = |word: &str| {
        let mut defaults = defaults.clone();
        defaults["add"] = word.into();
        Settings::parse(&defaults.to_string())
    };
    assert_eq!(with("ratio"), Settings::parse(r#"{"add": "ratio"}"#));
    let unknown = Settings::parse(r#"{"?": 1}"#).unwrap_err().remove(0).message;
    let mut known: Vec<_> = unknown.rsplit(" of ").next().unwrap().split(", ").collect();
    known.sort_unstable();
    assert!(properties.keys().eq(&known), "the parser knows {known:?}");
    assert!(properties.values().all(|property| property["description"].is_string()));
}
