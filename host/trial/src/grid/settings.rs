//! The settings that a policy is tried with: what it is to run with, else what
//! it does without, else what its own schema gives. Never guesses a value.

use hooke_runtime::{BoundPolicy, Schema};
use serde::Serialize;
use serde_json::{Map, Value};

/// Settings of sites that are tried at the most, in order.
const MOST: usize = 4;

/// Where settings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Whoever has the policy tried: the sites that use it, or a person.
    Given,
    /// None are needed.
    Defaults,
    /// The policy's schema: its examples and defaults.
    Schema,
}

/// Settings that a policy takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// JSON objects; at least one.
    pub settings: Vec<String>,
    /// Where they come from.
    pub source: Source,
}

/// Chooses what a policy is tried with: those of `given` that it takes, else
/// `{}`, else what its schema gives. The error says why none of them will do.
pub fn choose(policy: &BoundPolicy, given: &[String]) -> Result<Chosen, String> {
    let takes = |settings: &String| refused(policy, settings).is_none();
    let of_given: Vec<String> = given.iter().filter(|s| takes(s)).take(MOST).cloned().collect();
    if !of_given.is_empty() {
        return Ok(Chosen { settings: of_given, source: Source::Given });
    }
    let Some(why) = refused(policy, "{}") else {
        return Ok(Chosen { settings: vec!["{}".to_owned()], source: Source::Defaults });
    };
    let schema = policy.policy().describe().settings_schema.as_ref().map(Schema::as_json);
    match schema.into_iter().flat_map(of_schema).find(takes) {
        Some(settings) => Ok(Chosen { settings: vec![settings], source: Source::Schema }),
        None => Err(format!(
            "{why}; and its schema gives no settings that it takes: write `examples` or `default` \
             into the schema for what is required"
        )),
    }
}

/// Why a policy does not take settings.
pub(super) fn refused(policy: &BoundPolicy, settings: &str) -> Option<String> {
    match policy.validate_settings(settings) {
        Ok(problems) if problems.is_empty() => None,
        Ok(problems) => {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Some(format!("the policy refuses the settings {settings}: {}", all.join("; ")))
        }
        Err(failure) => {
            Some(format!("asked to check the settings {settings} it broke: {}", failure.why()))
        }
    }
}

/// What a schema gives: whole examples, its default, and the single settings
/// put together, the required ones and then all.
fn of_schema(schema: &Value) -> Vec<String> {
    let whole = examples(schema).chain(schema.get("default")).filter(|given| given.is_object());
    let mut found: Vec<String> = whole.map(Value::to_string).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).collect());
    let put_together = |wanted: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let wanted = properties.into_iter().flatten().filter(|(name, _)| wanted(name));
        wanted.filter_map(|(name, property)| Some((name.clone(), one(property)?))).collect()
    };
    for settings in [put_together(&|name| required.contains(&name)), put_together(&|_| true)] {
        found.push(Value::Object(settings).to_string());
    }
    found
}

/// A value that a schema gives for one setting.
fn one(property: &Value) -> Option<Value> {
    let words = property.get("enum").and_then(Value::as_array).into_iter().flatten();
    let given = property.get("default").into_iter().chain(examples(property));
    given.chain(property.get("const")).chain(words).next().cloned()
}

fn examples(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("examples").and_then(Value::as_array).into_iter().flatten()
}
