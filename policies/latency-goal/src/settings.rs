//! What a site may tell the policy. The key stands a second time in
//! `settings.schema.json`; a test holds them together.

use hooke_policy_sdk::{Problem, Table, span};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// A week: a longer goal is a slip of the unit.
const LONGEST_MS: u64 = 604_800_000;

/// The settings, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long a message may wait until a worker takes it, in milliseconds;
    /// above zero, a week at the most.
    pub start_within_ms: u64,
}

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        if !table.has("start_within") {
            let message = "missing: write how long a message may wait, such as \"30s\"".to_owned();
            table.problem("start_within", message);
        }
        let start_within_ms = table.span_ms("start_within").unwrap_or(1);
        if start_within_ms > LONGEST_MS {
            let found = span::write(start_within_ms);
            let message = format!(
                "found {found}, longer than a week: write how long a message may wait, such as \"30s\""
            );
            table.problem("start_within", message);
        }
        Self { start_within_ms }
    }
}
