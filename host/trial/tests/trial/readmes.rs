//! The examples of the bundled policies' READMEs, each asked of the component
//! itself: what an operator copies is taken. Found by folder.

use std::path::PathBuf;

use hooke_bundled::BUNDLED;

use crate::bind;

/// The fenced blocks of TOML in a page.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

/// The settings of a policy in an example of a site file; none if it has none.
fn settings(example: &str, name: &str) -> Option<String> {
    let table: toml::Table = example.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
    let profile = table.get("site")?.get("profile")?;
    let profile = profile.as_array().and_then(|profiles| profiles.first()).unwrap_or(profile);
    let settings = profile.get("settings")?.get(name)?;
    Some(serde_json::to_string(settings).unwrap())
}

#[test]
fn every_example_of_a_bundled_policy_is_taken() {
    let (mut asked, mut refused) = (Vec::new(), String::new());
    for bundled in BUNDLED {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let Ok(page) = std::fs::read_to_string(folder.join(bundled.name).join("README.md")) else {
            continue;
        };
        for settings in examples(&page).iter().filter_map(|text| settings(text, bundled.name)) {
            let policy = bind(bundled.name, bundled.wasm);
            for problem in policy.validate_settings(&settings).unwrap() {
                refused += &format!("{}: {}: {}\n", bundled.name, problem.path, problem.message);
            }
            asked.push(bundled.name);
        }
    }
    assert!(refused.is_empty(), "{refused}");
    let rules =
        ["keda-queue", "latency-goal", "nomad-threshold", "rubber", "schedule", "target-tracking"];
    let without: Vec<_> = rules.iter().filter(|name| !asked.contains(name)).collect();
    assert!(without.is_empty(), "no example in the README of {without:?}");
}
