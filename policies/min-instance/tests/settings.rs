//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_min_instance::settings::{SCHEMA, Settings};
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
    check(json!({}), expect!["Settings { minimum: None, coverage: Profile }"]);
    check(
        json!({"minimum": 0, "at_least_one_per_queue": false}),
        expect!["Settings { minimum: Some(0), coverage: Profile }"],
    );
    check(
        json!({"minimum": 2, "at_least_one_per_queue": true}),
        expect!["Settings { minimum: Some(2), coverage: EveryQueue }"],
    );
}

#[test]
fn everything_wrong_is_named_at_once_with_what_to_write() {
    check(
        json!({"minimum": "two", "at_least_one_per_queue": 1, "maximum": 3}),
        expect![[r#"
            minimum: found "two": write a whole number, 0 or more
            at_least_one_per_queue: found 1: write true or false
            maximum: unknown setting: write one of minimum, at_least_one_per_queue
        "#]],
    );
    check(
        json!({"Minimum": 2, "minimum": 2.5}),
        expect![[r#"
        minimum: found a number that is not whole: write a whole number, 0 or more
        Minimum: unknown setting: write minimum
    "#]],
    );
    check(
        json!("2"),
        expect![[r#"
        : expected a table of settings, found "2"
    "#]],
    );
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
    let unknown = Settings::parse(r#"{"?": 1}"#).unwrap_err().remove(0).message;
    let mut known: Vec<_> = unknown.rsplit(" of ").next().unwrap().split(", ").collect();
    known.sort_unstable();
    assert!(properties.keys().eq(&known), "the parser knows {known:?}");
    assert!(properties.values().all(|property| property["description"].is_string()));
}
