//! Says back what it is told. The README of `policies/conformance` is what it
//! is written to, and this is the one to read beside it. It decides nothing.

mod actions;
mod facts;
mod past;
mod text;

use hooke_policy_sdk::bindings::exports::hooke::policy::policy::{
    Description, Guest, SettingProblem,
};
use hooke_policy_sdk::{Needs, PolicyError, bindings, cloud, log, memory, settings, tell_panics};

use crate::text::outcome;

/// Text of one, two, three and four bytes a character.
const TEXT: &str = "é漢🦀";

struct Conformance;

bindings::export_component!(Conformance with_types_in bindings);

impl Guest for Conformance {
    fn describe() -> Description {
        tell_panics();
        Description {
            name: format!("conformance {TEXT}"),
            version: format!("0.1.0+{TEXT}"),
            summary: format!("Says back what it is told: {TEXT}."),
            settings_schema: Some(format!(r#"{{"title":"{TEXT}","type":"object"}}"#)),
        }
    }

    fn validate_settings(settings: String) -> Result<(), Vec<SettingProblem>> {
        tell_panics();
        let problem = |path: &str, message| SettingProblem { path: path.to_owned(), message };
        match mode(&settings) {
            "problems" => Err(vec![
                problem("", format!("whole: {TEXT}")),
                problem("mode", settings),
                problem(&format!("a.{TEXT}"), String::new()),
            ]),
            "no-problems" => Err(Vec::new()),
            _ => Ok(()),
        }
    }

    fn evaluate_needs(profile: String) -> Result<Needs, PolicyError> {
        tell_panics();
        let settings = settings::json();
        let mode = mode(&settings);
        let said = format!("{mode}: {TEXT}");
        match mode {
            "facts" => remember(mode, &facts::text(&settings, &profile)),
            "past" => remember(mode, &past::text(&profile)),
            "cloud" => remember(mode, &actions::text(&profile)),
            "low" => needs(i32::MIN, String::new()),
            "high" => needs(i32::MAX, "🦀".repeat(1000)),
            "invalid-settings" => declined(PolicyError::InvalidSettings(said)),
            "missing-data" => declined(PolicyError::MissingData(said)),
            "unsupported" => declined(PolicyError::Unsupported(said)),
            "internal" => declined(PolicyError::Internal(said)),
            "other" => declined(PolicyError::Other(said)),
            "store" => needs(0, outcome(memory::store(&[]))),
            "store-max" => needs(0, store_max()),
            "log" => log_all(),
            "panic" => panic!("{said}"),
            _ => Err(PolicyError::Unsupported("no mode".to_owned())),
        }
    }
}

/// The mode that settings name. Found and not parsed, as a guest in C would.
fn mode(settings: &str) -> &str {
    let found = settings.split_once(r#""mode":""#).and_then(|(_, rest)| rest.split_once('"'));
    found.map_or("", |(mode, _)| mode)
}

fn needs(delta: i32, reason: String) -> Result<Needs, PolicyError> {
    Ok(Needs { delta, reason })
}

/// Stores what was said, for the test to read.
fn remember(mode: &str, said: &str) -> Result<Needs, PolicyError> {
    match memory::store(said.as_bytes()) {
        Ok(()) => needs(0, mode.to_owned()),
        refused => Err(PolicyError::Internal(format!("store: {}", outcome(refused)))),
    }
}

/// An error, after things that it is to undo.
fn declined(error: PolicyError) -> Result<Needs, PolicyError> {
    let _undone = (cloud::launch("nobody", ""), memory::store(&[1]));
    Err(error)
}

fn store_max() -> String {
    let pattern = |length: u64| (0..length).map(|at| at as u8).collect::<Vec<u8>>();
    let first = memory::store(&pattern(65_537));
    let cap = match &first {
        Err(memory::MemoryError::TooLarge(cap)) => Some(*cap),
        Err(memory::MemoryError::Other(_)) | Ok(()) => None,
    };
    let mut said = outcome(first);
    if let Some(cap) = cap {
        said += ", ";
        said += &outcome(memory::store(&pattern(cap)));
    }
    said
}

fn log_all() -> Result<Needs, PolicyError> {
    for level in text::LEVELS {
        log::write(level, &format!("{}: {TEXT}", text::level(level)));
    }
    log::write(log::Level::Info, "");
    needs(0, "log".to_owned())
}
