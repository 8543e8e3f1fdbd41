//! One limit: its name, its key in the site file, its unit, and the error for
//! having gone over it. Every field of [`Limits`] is one.

use std::fmt;

use hooke_control::units::millis;

use crate::limits::{KIB, Limits, MIB};

/// One of the limits of an evaluation or a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// [`Limits::log_lines`].
    LogLines,
    /// [`Limits::log_bytes`].
    LogBytes,
    /// [`Limits::log_line_bytes`].
    LogLineBytes,
    /// [`Limits::staged_actions`].
    StagedActions,
    /// [`Limits::reason_bytes`].
    ReasonBytes,
    /// [`Limits::remembered_bytes`].
    RememberedBytes,
    /// [`Limits::file_bytes`].
    FileBytes,
    /// [`Limits::compile_time`].
    CompileTime,
    /// [`Limits::compile_memory`].
    CompileMemory,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
}

impl Limit {
    /// Every limit there is, in the order of the fields of [`Limits`].
    pub const ALL: [Self; 18] = [
        Self::WallTime,
        Self::Memory,
        Self::TableElements,
        Self::Instances,
        Self::Memories,
        Self::Tables,
        Self::ValueBytes,
        Self::Handles,
        Self::HostCalls,
        Self::LogLines,
        Self::LogBytes,
        Self::LogLineBytes,
        Self::StagedActions,
        Self::ReasonBytes,
        Self::RememberedBytes,
        Self::FileBytes,
        Self::CompileTime,
        Self::CompileMemory,
    ];

    /// The limit's name, as metrics and the journal have it.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// What it is called in a section of limits.
    pub fn field(self) -> String {
        self.name().replace('-', "_")
    }

    /// Where to raise it in the site file: the key that set it, or would.
    pub fn key(self, limits: &Limits) -> String {
        match &limits.own {
            Some(own) if own.limits.contains(&self) => {
                format!("policy.{}.limits.{}", own.policy, self.field())
            }
            Some(_) | None => format!("policies.limits.{}", self.field()),
        }
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        self.row().1
    }

    /// What is allowed, in its unit.
    pub fn cap(self, limits: &Limits) -> u64 {
        match self {
            Self::WallTime => millis(limits.wall_time),
            Self::Memory => limits.memory as u64,
            Self::TableElements => limits.table_elements as u64,
            Self::Instances => limits.instances as u64,
            Self::Memories => limits.memories as u64,
            Self::Tables => limits.tables as u64,
            Self::ValueBytes => limits.value_bytes as u64,
            Self::Handles => limits.handles as u64,
            Self::HostCalls => u64::from(limits.host_calls),
            Self::LogLines => limits.log_lines as u64,
            Self::LogBytes => limits.log_bytes as u64,
            Self::LogLineBytes => limits.log_line_bytes as u64,
            Self::StagedActions => limits.staged_actions as u64,
            Self::ReasonBytes => limits.reason_bytes as u64,
            Self::RememberedBytes => limits.remembered_bytes as u64,
            Self::FileBytes => limits.file_bytes as u64,
            Self::CompileTime => millis(limits.compile_time),
            Self::CompileMemory => limits.compile_memory,
        }
    }

    /// The error for having gone over it.
    pub fn hit(self, used: Used, limits: &Limits) -> LimitHit {
        LimitHit { limit: self, used, cap: self.cap(limits), key: self.key(limits) }
    }

    /// An amount of what it counts, as people write it.
    pub fn amount(self, value: u64) -> String {
        match self.unit() {
            Unit::Count => value.to_string(),
            Unit::Bytes => bytes(value),
            Unit::Millis => format!("{value} ms"),
        }
    }

    const fn row(self) -> (&'static str, Unit) {
        match self {
            Self::WallTime => ("wall-time", Unit::Millis),
            Self::Memory => ("memory", Unit::Bytes),
            Self::TableElements => ("table-elements", Unit::Count),
            Self::Instances => ("instances", Unit::Count),
            Self::Memories => ("memories", Unit::Count),
            Self::Tables => ("tables", Unit::Count),
            Self::ValueBytes => ("value-bytes", Unit::Bytes),
            Self::Handles => ("handles", Unit::Count),
            Self::HostCalls => ("host-calls", Unit::Count),
            Self::LogLines => ("log-lines", Unit::Count),
            Self::LogBytes => ("log-bytes", Unit::Bytes),
            Self::LogLineBytes => ("log-line-bytes", Unit::Bytes),
            Self::StagedActions => ("staged-actions", Unit::Count),
            Self::ReasonBytes => ("reason-bytes", Unit::Bytes),
            Self::RememberedBytes => ("remembered-bytes", Unit::Bytes),
            Self::FileBytes => ("file-bytes", Unit::Bytes),
            Self::CompileTime => ("compile-time", Unit::Millis),
            Self::CompileMemory => ("compile-memory", Unit::Bytes),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitHit {
    /// Which.
    pub limit: Limit,
    /// What was used.
    pub used: Used,
    /// What is allowed.
    pub cap: u64,
    /// Where the site file sets it.
    pub key: String,
}

impl std::error::Error for LimitHit {}

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, used, cap, key } = self;
        write!(f, "over the limit {}: ", limit.name())?;
        match used {
            Used::Exactly(used) => write!(f, "{} used, ", limit.amount(*used))?,
            Used::More => f.write_str("more used than the ")?,
        }
        write!(f, "{} allowed; the key is {key}", limit.amount(*cap))
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

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Limit, Used};
    use crate::limits::{Limits, Own};

    #[test]
    fn every_limit_names_its_use_its_cap_and_its_key() {
        let limits = Limits::default();
        let line = |limit: Limit| format!("{}\n", limit.hit(Used::More, &limits));
        let lines: String = Limit::ALL.into_iter().map(line).collect();
        expect![[r#"
            over the limit wall-time: more used than the 1000 ms allowed; the key is policies.limits.wall_time
            over the limit memory: more used than the 64 MiB allowed; the key is policies.limits.memory
            over the limit table-elements: more used than the 20000 allowed; the key is policies.limits.table_elements
            over the limit instances: more used than the 64 allowed; the key is policies.limits.instances
            over the limit memories: more used than the 8 allowed; the key is policies.limits.memories
            over the limit tables: more used than the 16 allowed; the key is policies.limits.tables
            over the limit value-bytes: more used than the 1 MiB allowed; the key is policies.limits.value_bytes
            over the limit handles: more used than the 1000 allowed; the key is policies.limits.handles
            over the limit host-calls: more used than the 10000 allowed; the key is policies.limits.host_calls
            over the limit log-lines: more used than the 100 allowed; the key is policies.limits.log_lines
            over the limit log-bytes: more used than the 8 KiB allowed; the key is policies.limits.log_bytes
            over the limit log-line-bytes: more used than the 1 KiB allowed; the key is policies.limits.log_line_bytes
            over the limit staged-actions: more used than the 1000 allowed; the key is policies.limits.staged_actions
            over the limit reason-bytes: more used than the 1 KiB allowed; the key is policies.limits.reason_bytes
            over the limit remembered-bytes: more used than the 64 KiB allowed; the key is policies.limits.remembered_bytes
            over the limit file-bytes: more used than the 64 MiB allowed; the key is policies.limits.file_bytes
            over the limit compile-time: more used than the 60000 ms allowed; the key is policies.limits.compile_time
            over the limit compile-memory: more used than the 4096 MiB allowed; the key is policies.limits.compile_memory
        "#]].assert_eq(&lines);
        assert!(Limit::ALL.is_sorted(), "two limits have changed places");
        // But for the brackets, and for who set them.
        let fields = format!("{limits:#?}").lines().count() - 3;
        assert_eq!(Limit::ALL.len(), fields, "a field of the limits is no limit");
        let hit = Limit::ReasonBytes.hit(Used::Exactly(2000), &limits);
        expect![[r#"
            over the limit reason-bytes: 2 KiB used, 1 KiB allowed; the key is policies.limits.reason_bytes
        "#]].assert_eq(&format!("{hit}\n"));
    }

    #[test]
    fn a_limit_is_raised_where_it_was_set() {
        let own = Own { policy: "mine".into(), limits: [Limit::Memory].into() };
        let limits = Limits { own: Some(own.into()), ..Limits::DEFAULT };
        let line = |limit: Limit| format!("{}\n", limit.hit(Used::More, &limits));
        expect![[r#"
            over the limit memory: more used than the 64 MiB allowed; the key is policy.mine.limits.memory
            over the limit tables: more used than the 16 allowed; the key is policies.limits.tables
        "#]]
        .assert_eq(&(line(Limit::Memory) + &line(Limit::Tables)));
    }
}
