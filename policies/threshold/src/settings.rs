//! What a site may tell the rule. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use std::num::NonZeroU64;

use hooke_policy_sdk::{Problem, Table};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Messages ready; more than this asks for workers.
    pub threshold: u64,
    /// Workers to keep; `None` leaves it to the site's bounds.
    pub minimum: Option<u32>,
    /// How many workers one tick adds.
    pub add: Add,
    /// How long a queue is without activity before it counts as idle, in
    /// milliseconds; above zero.
    pub queue_idle_ms: u64,
    /// How long a machine is without activity before it is suspended, in
    /// milliseconds; above zero.
    pub vm_idle_ms: u64,
}

/// How many workers one tick adds. Those booting are subtracted in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Add {
    /// One (Brown Dog).
    One,
    /// The backlog divided by this many messages (Rubber).
    PerMessages(NonZeroU64),
}

#[derive(Clone, Copy)]
enum AddWord {
    One,
    Ratio,
}

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let threshold = table.whole("threshold", 0..=u64::MAX).unwrap_or(100);
        let minimum =
            table.whole("minimum", 0..=u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok());
        let add = table.word("add", &[("one", AddWord::One), ("ratio", AddWord::Ratio)]);
        let messages = table.whole("messages_per_worker", 1..=u64::MAX).and_then(NonZeroU64::new);
        let add = match add.unwrap_or(AddWord::One) {
            AddWord::One => Add::One,
            AddWord::Ratio => Add::PerMessages(messages.unwrap_or(TEN)),
        };
        let queue_idle_ms = table.span_ms("queue_idle").unwrap_or(5 * 60_000);
        let vm_idle_ms = table.span_ms("vm_idle").unwrap_or(60 * 60_000);
        Self { threshold, minimum, add, queue_idle_ms, vm_idle_ms }
    }
}

const TEN: NonZeroU64 = NonZeroU64::new(10).expect("ten is not zero");
