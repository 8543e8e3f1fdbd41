//! What a site may tell the policy. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use hooke_policy_sdk::{Problem, Table};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Workers to keep; `None`, or fewer than the site's bounds say, leaves it
    /// to the bounds.
    pub minimum: Option<u32>,
    /// Whether each queue counts.
    pub coverage: Coverage,
}

/// What the minimum is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// For the profile as a whole.
    Profile,
    /// And for each of its queues, one at the least.
    EveryQueue,
}

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let minimum =
            table.whole("minimum", 0..=u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok());
        let coverage = match table.switch("at_least_one_per_queue") {
            Some(true) => Coverage::EveryQueue,
            Some(false) | None => Coverage::Profile,
        };
        Self { minimum, coverage }
    }
}
