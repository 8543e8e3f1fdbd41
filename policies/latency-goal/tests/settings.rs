//! What a site may write, and that the schema says the same.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_latency_goal::settings::{SCHEMA, Settings};
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
fn the_goal_is_all_there_is_to_say() {
    check(json!({ "start_within": "1m 30s" }), expect!["Settings { start_within_ms: 90000 }"]);
    check(
        json!({}),
        expect![[r#"
        start_within: missing: write how long a message may wait, such as "30s"
    "#]],
    );
    check(
        json!({ "start_within": 30, "start-within": "30s", "workers": 3 }),
        expect![[r#"
        start_within: found 30: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
        start-within: unknown setting: write start_within
        workers: unknown setting: write one of start_within
    "#]],
    );
    check(
        json!({ "start_within": "soon" }),
        expect![[r#"
        start_within: found "soon": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
    "#]],
    );
}

#[test]
fn what_the_schema_cannot_say_is_refused_by_the_parser_alone() {
    let mut said = String::new();
    for text in ["0s", "1w", "1w 1ms", "365d"] {
        let read = Settings::parse(&json!({ "start_within": text }).to_string());
        said += &match read {
            Ok(read) => format!("{read:?}\n"),
            Err(problems) => {
                problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect()
            }
        };
    }
    expect![[r#"
        start_within: found "0s": write a duration above zero
        Settings { start_within_ms: 604800000 }
        start_within: found 7d, longer than a week: write how long a message may wait, such as "30s"
        start_within: found 365d, longer than a week: write how long a message may wait, such as "30s"
    "#]]
    .assert_eq(&said);
}
