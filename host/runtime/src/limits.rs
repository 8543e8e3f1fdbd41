//! What one evaluation may use at the most, and what one load may. Numbers,
//! and who set them: names, keys and errors are in `limit`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::ids::PolicyName;

use crate::limit::Limit;

pub(crate) const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;

/// The limits of one binding. `Default` is what a site gets that says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time from before the sandbox is made until the answer is there.
    /// Counted in ticks of 10 ms: it never fires early, and at most 20 ms late.
    pub wall_time: Duration,
    /// Bytes of linear memory, all memories of the component together.
    pub memory: usize,
    /// Table elements, all tables together.
    pub table_elements: usize,
    /// Core instances; interpreted languages need 33 to 40.
    pub instances: usize,
    /// Linear memories.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Bytes the policy may hand to the host in one call, answers included.
    pub value_bytes: usize,
    /// Live component handles.
    pub handles: usize,
    /// Calls of the host's imports. A question about the past counts as one more
    /// for every 1,000 readings that it looks at.
    pub host_calls: u32,
    /// Log lines kept; further ones are counted and dropped.
    pub log_lines: usize,
    /// Bytes of log kept, all lines together.
    pub log_bytes: usize,
    /// Bytes of one log line; longer ones are cut.
    pub log_line_bytes: usize,
    /// Actions a policy may stage; further ones are refused.
    pub staged_actions: usize,
    /// Bytes of one reason; longer ones are cut.
    pub reason_bytes: usize,
    /// Bytes of the policy's memory between ticks; more are refused.
    pub remembered_bytes: usize,
    /// Bytes of the policy's file.
    pub file_bytes: usize,
    /// Time that compiling the policy may take. Nothing here enforces it, as
    /// compiling cannot be interrupted: whoever compiles has to watch it.
    pub compile_time: Duration,
    /// Bytes of writable memory that compiling the policy may take, beside that
    /// of this host. Nothing here enforces it either.
    pub compile_memory: u64,
    /// Which of them are one policy's own; none where they hold for all.
    pub own: Option<Arc<Own>>,
}

/// The limits that the site file sets for one policy alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The policy.
    pub policy: PolicyName,
    /// What is set for it; the rest is as for all.
    pub limits: BTreeSet<Limit>,
}

impl Limits {
    /// What a site gets that says nothing.
    pub const DEFAULT: Self = Self {
        wall_time: Duration::from_secs(1),
        // A Python guest starts with 13 MiB.
        memory: 64 * MIB,
        // A JavaScript guest (StarlingMonkey) starts with 7,689.
        table_elements: 20_000,
        instances: 64,
        memories: 8,
        tables: 16,
        value_bytes: MIB,
        handles: 1_000,
        host_calls: 10_000,
        log_lines: 100,
        log_bytes: 8 * KIB,
        log_line_bytes: KIB,
        staged_actions: 1_000,
        reason_bytes: KIB,
        remembered_bytes: 64 * KIB,
        file_bytes: 64 * MIB,
        // A Python policy takes 6 s on two quiet processors.
        compile_time: Duration::from_secs(60),
        // Six times what the largest policy took that is known, good or bad.
        compile_memory: 4 << 30,
        own: None,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
