//! The documented example is right, says every key, and means its defaults.

use std::collections::BTreeSet;

use super::files::shown;
use super::read_text;

/// The example, with the few things that are nowhere but at an operator's.
fn example() -> String {
    let text = include_str!("../../../site.example.toml")
        .replace("directory = \"policies\"", "directory = \".\"")
        .replace("{ env = \"RABBIT_AUTH\" }", "{ file = \"rabbit.auth\" }");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("ca_file")).collect();
    lines.join("\n")
}

#[test]
fn every_default_is_the_default() {
    let full = shown(&example());
    let is_default = |line: &&str| line.contains("# default");
    let example = example();
    assert!(example.lines().filter(is_default).count() > 15, "the example names its defaults");
    let short: Vec<&str> = example.lines().filter(|line| !is_default(line)).collect();
    assert_eq!(shown(&short.join("\n")), full);
}

/// Every table of the example is asked which keys it knows, by an unknown one.
#[test]
fn every_key_is_there() {
    let example = example();
    let mut known = BTreeSet::new();
    let asked = |line: &str| {
        let unknown = "zzzzzzzzzz = 1";
        match line {
            _ if line.starts_with('[') && !line.contains("settings") => {
                format!("{line}\n{unknown}")
            }
            _ if line.starts_with('#')
                || line.starts_with("hosts")
                || line.starts_with("environment") =>
            {
                line.to_owned()
            }
            _ => line.replace("{ ", &format!("{{ {unknown}, ")),
        }
    };
    let text: Vec<String> = example.lines().map(asked).collect();
    let problems = serde_json::to_value(read_text(&text.join("\n")).problems.views()).unwrap();
    for problem in problems.as_array().unwrap() {
        let instead = problem["instead"].as_str().unwrap();
        let (_, keys) = instead.split_once("the keys known here are ").unwrap_or_default();
        known.extend(keys.split(", ").filter(|key| !key.is_empty()).map(str::to_owned));
    }
    assert!(known.len() > 50, "{known:?}");
    let told = include_str!("../../../site.example.toml");
    let missing: Vec<_> = known
        .iter()
        .filter(|key| {
            let ends = [
                format!("{key} ="),
                format!("[{key}]"),
                format!(".{key}]"),
                format!("[[{key}]]"),
                format!(".{key}."),
            ];
            ends.iter().all(|end| !told.contains(end))
        })
        .collect();
    assert!(missing.is_empty(), "the example does not name {missing:?}");
}
