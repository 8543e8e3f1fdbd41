//! What one evaluation may use at the most. Every limit has a name, a default,
//! a TOML key and an error that says what was used and what is allowed.

use std::fmt;
use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

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
    /// Calls of the host's imports.
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
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// One of the limits that stop an evaluation or a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::wall_time`].
    WallTime,
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::table_elements`].
    TableElements,
    /// [`Limits::instances`].
    Instances,
    /// [`Limits::memories`].
    Memories,
    /// [`Limits::tables`].
    Tables,
    /// [`Limits::value_bytes`].
    ValueBytes,
    /// [`Limits::handles`].
    Handles,
    /// [`Limits::host_calls`].
    HostCalls,
    /// [`Limits::file_bytes`].
    FileBytes,
}

/// How an amount is written.
enum Unit {
    Count,
    Bytes,
    Millis,
}

impl Limit {
    /// The limit's name, as metrics and the journal have it.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Where to raise it in the site file.
    pub const fn key(self) -> &'static str {
        self.row().1
    }

    /// What is allowed: bytes, milliseconds or a count.
    pub fn cap(self, limits: &Limits) -> u64 {
        match self {
            Self::WallTime => hooke_control::units::millis(limits.wall_time),
            Self::Memory => limits.memory as u64,
            Self::TableElements => limits.table_elements as u64,
            Self::Instances => limits.instances as u64,
            Self::Memories => limits.memories as u64,
            Self::Tables => limits.tables as u64,
            Self::ValueBytes => limits.value_bytes as u64,
            Self::Handles => limits.handles as u64,
            Self::HostCalls => u64::from(limits.host_calls),
            Self::FileBytes => limits.file_bytes as u64,
        }
    }

    /// The error for having gone over it.
    pub(crate) fn hit(self, used: Used, limits: &Limits) -> LimitHit {
        LimitHit { limit: self, used, cap: self.cap(limits) }
    }

    const fn row(self) -> (&'static str, &'static str, Unit) {
        match self {
            Self::WallTime => ("wall-time", "policies.limits.wall_time", Unit::Millis),
            Self::Memory => ("memory", "policies.limits.memory", Unit::Bytes),
            Self::TableElements => {
                ("table-elements", "policies.limits.table_elements", Unit::Count)
            }
            Self::Instances => ("instances", "policies.limits.instances", Unit::Count),
            Self::Memories => ("memories", "policies.limits.memories", Unit::Count),
            Self::Tables => ("tables", "policies.limits.tables", Unit::Count),
            Self::ValueBytes => ("value-bytes", "policies.limits.value_bytes", Unit::Bytes),
            Self::Handles => ("handles", "policies.limits.handles", Unit::Count),
            Self::HostCalls => ("host-calls", "policies.limits.host_calls", Unit::Count),
            Self::FileBytes => ("file-bytes", "policies.limits.file_bytes", Unit::Bytes),
        }
    }

    fn amount(self, value: u64) -> String {
        match self.row().2 {
            Unit::Count => value.to_string(),
            Unit::Bytes => bytes(value),
            Unit::Millis => format!("{value} ms"),
        }
    }
}

/// How much was used when a limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// This much was asked for.
    Exactly(u64),
    /// The engine says only that it was more than is allowed.
    More,
}

/// A limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitHit {
    /// Which.
    pub limit: Limit,
    /// What was used.
    pub used: Used,
    /// What is allowed.
    pub cap: u64,
}

impl std::error::Error for LimitHit {}

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, used, cap } = self;
        write!(f, "over the limit {}: ", limit.name())?;
        match used {
            Used::Exactly(used) => write!(f, "{} used, ", limit.amount(*used))?,
            Used::More => f.write_str("more used than the ")?,
        }
        write!(f, "{} allowed; the key is {}", limit.amount(*cap), limit.key())
    }
}

/// Bytes as people write them: whole KiB or MiB where they are whole, else one
/// decimal, rounded away from zero so that more than a limit reads as more.
pub(crate) fn bytes(value: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let tenths = (u128::from(value) * 10).div_ceil(u128::from(unit));
        match (tenths / 10, tenths % 10) {
            (whole, 0) => format!("{whole} {name}"),
            (whole, rest) => format!("{whole}.{rest} {name}"),
        }
    };
    match value {
        0..1024 => format!("{value} bytes"),
        1024..1_048_576 => scaled(KIB as u64, "KiB"),
        _ => scaled(MIB as u64, "MiB"),
    }
}
