//! What one evaluation took of everything that is limited. What it wanted and
//! was not given shows too: as more than the cap.

use std::fmt;
use std::time::Duration;

use hooke_control::units::millis;

use crate::limit::{Limit, LimitHit, Used};
use crate::limits::Limits;

/// What one evaluation took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Time, from before the sandbox was made until the answer was there.
    pub wall: Duration,
    /// Bytes of linear memory at the most, all memories together.
    pub memory_peak: usize,
    /// Table elements at the most, all tables together.
    pub table_elements: usize,
    /// Core instances, as counted when the policy was loaded.
    pub instances: usize,
    /// Linear memories.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Bytes of the largest single hand-over to the host: the arguments of one
    /// import, or the answer. Text counts its bytes and a list its elements,
    /// at the size that each takes in the host. Counted here, as the engine
    /// does not tell what it counts.
    pub value_bytes: usize,
    /// The most handles of the host that lived at once. The engine limits also
    /// those that a component makes of its own resources, and does not tell
    /// how many they are.
    pub handles: usize,
    /// Calls of the host's imports, without the one that was refused.
    pub host_calls: u32,
    /// Log lines, kept and dropped.
    pub log_lines: u64,
    /// Bytes of all log lines, kept and dropped, each cut to its limit.
    pub log_bytes: u64,
    /// Bytes of the longest log line before it was cut.
    pub log_line_bytes: usize,
    /// Actions staged, and those refused because too many were.
    pub staged_actions: usize,
    /// Bytes of the longest reason before it was cut.
    pub reason_bytes: usize,
    /// The most bytes that were to be remembered.
    pub remembered_bytes: usize,
    /// The limit that ended the evaluation, if one did.
    pub over: Option<LimitHit>,
}

/// What was used of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Which.
    pub limit: Limit,
    /// What was used, or wanted: more than the cap if that was too much. Where
    /// the engine says no more than that, one more than the cap.
    pub used: u64,
    /// What is allowed.
    pub cap: u64,
}

impl Spent {
    /// What was used of every limit that an evaluation can use, under the
    /// limits that it ran with.
    pub fn uses(&self, limits: &Limits) -> impl Iterator<Item = Use> {
        let uses = [
            (Limit::WallTime, millis(self.wall)),
            (Limit::Memory, self.memory_peak as u64),
            (Limit::TableElements, self.table_elements as u64),
            (Limit::Instances, self.instances as u64),
            (Limit::Memories, self.memories as u64),
            (Limit::Tables, self.tables as u64),
            (Limit::ValueBytes, self.value_bytes as u64),
            (Limit::Handles, self.handles as u64),
            (Limit::HostCalls, u64::from(self.host_calls)),
            (Limit::LogLines, self.log_lines),
            (Limit::LogBytes, self.log_bytes),
            (Limit::LogLineBytes, self.log_line_bytes as u64),
            (Limit::StagedActions, self.staged_actions as u64),
            (Limit::ReasonBytes, self.reason_bytes as u64),
            (Limit::RememberedBytes, self.remembered_bytes as u64),
        ];
        let over = self.over.as_ref().map(|over| (over.limit, over.used));
        let caps = uses.map(|(limit, used)| (limit, used, limit.cap(limits)));
        caps.into_iter().map(move |(limit, used, cap)| {
            let used = match over.filter(|(hit, _)| *hit == limit).map(|(_, used)| used) {
                Some(Used::Exactly(wanted)) => wanted.max(used),
                Some(Used::More) => used.max(cap.saturating_add(1)),
                None => used,
            };
            Use { limit, used, cap }
        })
    }
}

impl Use {
    /// Whether more was wanted than is allowed.
    pub const fn is_over(&self) -> bool {
        self.used > self.cap
    }
}

/// `memory: 1.1 MiB of 64 MiB`.
impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, used, cap } = self;
        write!(f, "{}: {} of {}", limit.name(), limit.amount(*used), limit.amount(*cap))
    }
}
