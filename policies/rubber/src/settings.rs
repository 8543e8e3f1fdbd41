//! What a site may tell the rule. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use hooke_policy_sdk::{Problem, Table};

use crate::decide::Ratio;

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Messages ready; more than this asks for workers.
    pub backorder_threshold: u64,
    /// Workers wanted per message ready.
    pub spawn_ratio: Ratio,
    /// Idle workers kept when the queue is empty.
    pub min_idle_workers: u32,
    /// Time from one evaluation to the next, in milliseconds; above zero.
    pub evaluation_interval_ms: u64,
    /// How long a machine that comes up is credited, in milliseconds; above
    /// zero.
    pub slacker_threshold_ms: u64,
}

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let backorder_threshold = table.whole("backorder_threshold", 0..=u64::MAX).unwrap_or(3);
        let spawn_ratio = match table.number("spawn_ratio", 0.0..=1000.0).map(Ratio::new) {
            None => Ratio::FIFTH,
            Some(Some(ratio)) => ratio,
            Some(None) => {
                let message = "asks for no worker, whatever the backlog: write 0.000000001 or more";
                table.problem("spawn_ratio", message.to_owned());
                Ratio::FIFTH
            }
        };
        let min_idle_workers = table
            .whole("min_idle_workers", 0..=u64::from(u32::MAX))
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1);
        Self {
            backorder_threshold,
            spawn_ratio,
            min_idle_workers,
            evaluation_interval_ms: table.span_ms("evaluation_interval").unwrap_or(120_000),
            slacker_threshold_ms: table.span_ms("slacker_threshold").unwrap_or(300_000),
        }
    }
}
