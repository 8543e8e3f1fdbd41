//! The settings as a section of a site file, with where each part is from.

use serde_json::Value;

use super::POLICY;
use super::convert::Converted;
use super::document::{Document, Kind};

/// The section; with a profile, the whole of its own.
pub(super) fn section(converted: &Converted, profile: Option<&str>) -> String {
    let sizes = converted.sizes();
    let sizes = sizes.map(|(min, max)| format!("workers = {{ min = {min}, max = {max} }}"));
    let mut text = match profile {
        Some(name) => {
            let name = toml::Value::from(name);
            let sizes = sizes.map(|sizes| sizes + "\n").unwrap_or_default();
            format!("[[site.profile]]\nname = {name}\npolicy = \"{POLICY}\"\n{sizes}")
        }
        None => {
            let sizes = sizes.map(|sizes| format!(", with {sizes}")).unwrap_or_default();
            format!("# Put this below the [[site.profile]] that it is for{sizes}.\n")
        }
    };
    let mut is_empty = true;
    for (document, fields) in converted.parts() {
        let part = part(document, &fields);
        is_empty &= part.is_empty();
        text += &part;
    }
    if is_empty {
        text += &format!("\n[site.profile.settings.{POLICY}]\n");
    }
    text
}

fn part(document: &Document, fields: &Value) -> String {
    if fields.as_object().is_some_and(serde_json::Map::is_empty) {
        return String::new();
    }
    let mut text = format!("\n# {}\n", one_line(&document.what()));
    if let Some(words) = document.fields.get("AlarmDescription").and_then(Value::as_str) {
        text += &format!("# {}\n", one_line(words));
    }
    text += &match document.kind {
        Kind::Group => format!("[site.profile.settings.{POLICY}]\n"),
        Kind::Policy | Kind::Alarm | Kind::Action => {
            format!("[[site.profile.settings.{POLICY}.{}]]\n", document.kind.list())
        }
    };
    for (key, value) in fields.as_object().into_iter().flatten() {
        text += &format!("{} = {}\n", toml_key(key), lines(value));
    }
    text
}

/// A value; a list of tables one line each.
fn lines(value: &Value) -> String {
    if let Value::Array(items) = value
        && items.iter().any(Value::is_object)
    {
        let items: Vec<String> =
            items.iter().map(|item| format!("  {},\n", inline(item))).collect();
        return format!("[\n{}]", items.concat());
    }
    inline(value)
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{} = {}", toml_key(key), inline(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => toml::Value::from(text.as_str()).to_string(),
        Value::Bool(_) | Value::Number(_) | Value::Null => value.to_string(),
    }
}

fn toml_key(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { key.to_owned() } else { toml::Value::from(key).to_string() }
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
