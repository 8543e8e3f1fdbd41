//! A policy's settings against its schema: both are of one opinion on what may
//! be written, and on the defaults. Shared by the policies' tests.

#![allow(dead_code, unreachable_pub, reason = "each policy's tests use a part of it")]

use std::fmt::Debug;

use expect_test::Expect;
use hooke_policy_sdk::Problem;
use serde_json::{Map, Value};

/// What the parser made of settings, as expected; and the schema accepts what
/// the parser accepts and nothing else.
pub fn check<T: Debug>(
    schema: &str,
    settings: &Value,
    read: &Result<T, Vec<Problem>>,
    expected: Expect,
) {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let valid = jsonschema::draft202012::is_valid(&schema, settings);
    let text = told(read);
    assert_eq!(valid, read.is_ok(), "the schema disagrees on {settings}: {text}");
    expected.assert_eq(&text);
}

/// What the parser made of settings, one problem a line.
pub fn told<T: Debug>(read: &Result<T, Vec<Problem>>) -> String {
    match read {
        Ok(read) => format!("{read:?}"),
        Err(problems) => problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect(),
    }
}

/// The defaults that a schema states are those of the parser, and both know the
/// same keys, each with a description.
pub fn defaults<T: Debug + PartialEq>(
    schema: &str,
    parse: impl Fn(&str) -> Result<T, Vec<Problem>>,
) {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let properties = schema["properties"].as_object().expect("the schema has properties");
    let given =
        |(key, property): (&String, &Value)| Some((key.clone(), property.get("default")?.clone()));
    let defaults: Map<String, Value> = properties.iter().filter_map(given).collect();
    assert_eq!(parse(&Value::from(defaults).to_string()), parse("{}"));
    let problems = parse(r#"{"?": 1}"#).expect_err("? is no setting");
    let unknown = problems.iter().find(|problem| problem.path == "?").expect("it is refused");
    let mut known: Vec<_> =
        unknown.message.rsplit(" of ").next().unwrap_or("").split(", ").collect();
    known.sort_unstable();
    let mut described: Vec<_> = properties.keys().collect();
    described.sort_unstable();
    assert_eq!(described, known, "the parser knows others");
    assert!(properties.values().all(|property| property["description"].is_string()));
}
