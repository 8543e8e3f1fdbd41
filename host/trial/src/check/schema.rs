//! Whether the settings schema of a policy is one, and says what the policy
//! does. The policy's own word counts; the schema is what authors read.

use hooke_runtime::BoundPolicy;
use serde_json::{Map, Value, json};

use super::{Problem, Weight};

/// Everything that is the matter with the settings of a policy.
pub(super) fn problems(policy: &BoundPolicy, schema: Option<&Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let defaults = refusal(policy, &json!({}));
    let Some(schema) = schema else {
        if let Some(why) = defaults {
            problems.push(required(&why));
        }
        return problems;
    };
    let validator = match jsonschema::validator_for(schema) {
        Ok(validator) => validator,
        Err(error) => {
            let at = error.instance_path().to_string();
            let place = if at.is_empty() { String::new() } else { format!(" at {at}") };
            problems.push(Problem::new(
                Weight::Wrong,
                format!("its settings schema is no JSON Schema{place}: {error}"),
                "write it after https://json-schema.org/draft/2020-12",
            ));
            return problems;
        }
    };
    if schema.get("type") != Some(&json!("object")) {
        problems.push(Problem::new(
            Weight::Note,
            "its settings schema is not of an object, and settings are one",
            "write \"type\": \"object\" in it",
        ));
    }
    // What the schema asks for the host asks for too, before the policy does.
    if let Some(why) = defaults {
        problems.push(required(&why));
        if validator.is_valid(&json!({})) {
            problems.push(Problem::new(
                Weight::Note,
                "its schema allows a site to give no settings, and the policy does not",
                "name them under \"required\"",
            ));
        }
    }
    problems.extend(of_defaults(policy, schema));
    problems
}

fn required(why: &str) -> Problem {
    Problem::new(
        Weight::Note,
        format!("a site has to give it settings: {why}"),
        "give yours here too, to check it with them: --settings '{…}'",
    )
}

/// The defaults that the schema names, as the policy takes them.
fn of_defaults(policy: &BoundPolicy, schema: &Value) -> Option<Problem> {
    let properties = schema.get("properties")?.as_object()?;
    let named: Map<String, Value> = properties
        .iter()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect();
    if named.is_empty() {
        return None;
    }
    // Others may be required beside them: only what is said of these counts.
    let json = Value::Object(named.clone()).to_string();
    let problems = policy.validate_settings(&json).ok()?;
    let about = |path: &str| named.contains_key(path.split(['.', '[']).next().unwrap_or(path));
    let refused: Vec<String> =
        problems.iter().filter(|p| about(&p.path)).map(ToString::to_string).collect();
    if refused.is_empty() {
        return None;
    }
    Some(Problem::new(
        Weight::Note,
        format!("it refuses defaults that its own schema names: {}", refused.join("; ")),
        "let schema and policy say the same",
    ))
}

/// Why the policy does not take these settings.
fn refusal(policy: &BoundPolicy, settings: &Value) -> Option<String> {
    match policy.validate_settings(&settings.to_string()) {
        Ok(problems) if problems.is_empty() => None,
        Ok(problems) => {
            Some(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        Err(failure) => Some(format!("asked to check settings it broke: {}", failure.why())),
    }
}
