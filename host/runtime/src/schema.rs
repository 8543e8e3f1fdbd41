//! The JSON Schema that a policy gives of its settings: made ready once, at
//! load, and held against the settings of each binding. It comes from a guest:
//! nothing in it makes the host fetch anything or search without an end.

use std::fmt;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::clean;
use crate::evaluation::SettingProblem;

/// Bytes of one message about a setting.
const MESSAGE_BYTES: usize = 500;

/// Problems that are kept; nobody reads more at a time.
const PROBLEMS_KEPT: usize = 100;

/// Bytes that a regular expression of a schema may take when compiled.
const PATTERN_BYTES: usize = 1 << 20;

/// A policy's settings schema. Cheap to clone.
#[derive(Clone)]
pub struct Schema {
    text: Value,
    validator: Arc<Validator>,
}

impl Schema {
    /// Makes a schema of its JSON text. `Err` says what is wrong with it.
    pub(crate) fn of(text: &str) -> Result<Self, String> {
        let text: Value =
            serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        // `regex` searches in linear time, whatever the pattern.
        let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES);
        let validator = jsonschema::options().offline().with_pattern_options(patterns);
        let validator = validator.build(&text).map_err(|error| {
            let at = error.instance_path().to_string();
            let at = if at.is_empty() { "the whole".to_owned() } else { at };
            clean::line(&format!("at {at}: {error}"), MESSAGE_BYTES)
        })?;
        Ok(Self { text: plain(text), validator: Arc::new(validator) })
    }

    /// The schema as JSON, fit to show.
    pub const fn as_json(&self) -> &Value {
        &self.text
    }

    /// What is wrong with settings, each with the path of its key.
    pub(crate) fn problems(&self, settings: &Value) -> Vec<SettingProblem> {
        let errors = self.validator.iter_errors(settings).take(PROBLEMS_KEPT);
        errors.flat_map(|error| one(&error)).take(PROBLEMS_KEPT).collect()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schema {}

/// The schema with all of its text, keys included, fit to show: JSON can write
/// any character as `\u001b`. It is not cut: half a schema means something else.
fn plain(schema: Value) -> Value {
    let clean = |text: &str| clean::line(text, usize::MAX);
    match schema {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (clean(&key), plain(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => schema,
    }
}

/// One error; of unknown keys, one for each of them at its own place.
fn one(error: &jsonschema::ValidationError<'_>) -> Vec<SettingProblem> {
    let pointer = error.instance_path().to_string();
    let path = dotted(&pointer);
    let problem = |path: String, message: String| SettingProblem {
        path: clean::line(&path, MESSAGE_BYTES),
        message: clean::line(&message, MESSAGE_BYTES),
    };
    let (ValidationErrorKind::AdditionalProperties { unexpected }
    | ValidationErrorKind::UnevaluatedProperties { unexpected }) = error.kind()
    else {
        return vec![problem(path, error.to_string())];
    };
    let unknown = unexpected.iter().map(|key| {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        problem(path, "the policy knows no such setting".to_owned())
    });
    unknown.collect()
}

/// A JSON pointer as keys joined by dots.
fn dotted(pointer: &str) -> String {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    keys.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::Schema;

    #[track_caller]
    fn check(schema: &serde_json::Value, settings: &serde_json::Value, want: Expect) {
        let said = match Schema::of(&schema.to_string()) {
            Err(why) => format!("no schema: {why}\n"),
            Ok(schema) => {
                let problems = schema.problems(settings);
                problems.iter().map(|problem| format!("{problem}\n")).collect()
            }
        };
        want.assert_eq(&said);
    }

    #[test]
    fn every_problem_has_the_path_of_its_key() {
        let schema = json!({
            "type": "object",
            "required": ["target"],
            "additionalProperties": false,
            "properties": {
                "per_worker": { "type": "integer", "minimum": 1 },
                "name": { "type": "string", "pattern": "^[a-z]+$" },
                "target": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": { "value": { "type": "number" } },
                },
                "steps": { "items": { "type": "integer" } },
            },
        });
        check(&schema, &json!({ "target": {} }), expect![""]);
        check(
            &schema,
            &json!({
                "per_worker": 0,
                "name": "A1",
                "target": { "value": "x", "valeu": 1 },
                "steps": [1, "two"],
                "a/b": true,
            }),
            expect![[r#"
                name: "A1" does not match "^[a-z]+$"
                per_worker: 0 is less than the minimum of 1
                steps.1: "two" is not of type "integer"
                target.value: "x" is not of type "number"
                target.valeu: the policy knows no such setting
                a/b: the policy knows no such setting
            "#]],
        );
        check(
            &schema,
            &json!({}),
            expect![[r#"
            "target" is a required property
        "#]],
        );
    }

    #[test]
    fn a_schema_that_is_none_is_refused() {
        assert!(Schema::of("{").is_err());
        check(
            &json!({ "type": "objekt" }),
            &json!({}),
            expect![[r#"
            no schema: at /type: "objekt" is not valid under any of the schemas listed in the 'anyOf' keyword
        "#]],
        );
        check(
            &json!({ "$ref": "https://example.net/schema.json" }),
            &json!({}),
            expect![[r#"
            no schema: at the whole: Resource 'https://example.net/schema.json' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.net/schema.json
        "#]],
        );
        check(
            &json!({ "$ref": "file:///etc/passwd" }),
            &json!({}),
            expect![[r#"
            no schema: at the whole: Resource 'file:///etc/passwd' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch file:///etc/passwd
        "#]],
        );
        check(
            &json!({ "pattern": "(a{1000}){1000}{1000}" }),
            &json!("aa"),
            expect![[r#"
            no schema: at /pattern: "(a{1000}){1000}{1000}" is not a "regex"
        "#]],
        );
        check(
            &json!({ "pattern": "(?=a)b" }),
            &json!("aa"),
            expect![[r#"
            no schema: at /pattern: "(?=a)b" is not a "regex"
        "#]],
        );
    }

    #[test]
    fn a_schema_that_turns_on_itself_ends() {
        check(&json!({ "$ref": "#" }), &json!({}), expect![]);
        let tree = json!({
            "properties": { "next": { "$ref": "#" } }, "additionalProperties": false,
        });
        check(
            &tree,
            &json!({ "next": { "next": { "last": 1 } } }),
            expect![[r#"
            next.next.last: the policy knows no such setting
        "#]],
        );
    }
}
