//! Values of the contract as text, by the table of the README.

use hooke_policy_sdk::metrics::MetricsError;
use hooke_policy_sdk::{Quality, VmState, cloud, log, memory};

pub(crate) const LEVELS: [log::Level; 4] =
    [log::Level::Debug, log::Level::Info, log::Level::Warn, log::Level::Error];

pub(crate) fn level(level: log::Level) -> &'static str {
    match level {
        log::Level::Debug => "debug",
        log::Level::Info => "info",
        log::Level::Warn => "warn",
        log::Level::Error => "error",
    }
}

pub(crate) fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Fresh => "fresh",
        Quality::Stale => "stale",
        Quality::Missing => "missing",
    }
}

pub(crate) fn vm_state(state: &VmState) -> String {
    match state {
        VmState::Pending => "pending".to_owned(),
        VmState::Booting => "booting".to_owned(),
        VmState::Running => "running".to_owned(),
        VmState::Draining => "draining".to_owned(),
        VmState::Suspending => "suspending".to_owned(),
        VmState::Suspended => "suspended".to_owned(),
        VmState::Stopped => "stopped".to_owned(),
        VmState::Terminating => "terminating".to_owned(),
        VmState::Failed => "failed".to_owned(),
        VmState::Other(name) => format!("other(\"{name}\")"),
    }
}

/// A whole number that may be absent.
pub(crate) fn whole(value: Option<impl Into<u64>>) -> String {
    value.map_or("none".to_owned(), |value| format!("some({})", value.into()))
}

/// A floating-point number that may be absent.
pub(crate) fn bits(value: Option<f64>) -> String {
    value.map_or("none".to_owned(), |value| format!("some({:016x})", value.to_bits()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn labels(labels: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|(key, value)| format!("\"{key}\"=\"{value}\"")).collect();
    format!("[{}]", pairs.join(","))
}

/// The case of an error, with its value.
pub(crate) trait Case {
    fn case(&self) -> String;
}

fn named(name: &str, text: &str) -> String {
    format!("{name}(\"{text}\")")
}

impl Case for MetricsError {
    fn case(&self) -> String {
        match self {
            Self::UnknownProfile(text) => named("unknown-profile", text),
            Self::Other(text) => named("other", text),
        }
    }
}

impl Case for memory::MemoryError {
    fn case(&self) -> String {
        match self {
            Self::TooLarge(cap) => format!("too-large({cap})"),
            Self::Other(text) => named("other", text),
        }
    }
}

impl Case for cloud::Refusal {
    fn case(&self) -> String {
        match self {
            Self::UnknownVm(text) => named("unknown-vm", text),
            Self::UnknownWorker(text) => named("unknown-worker", text),
            Self::UnknownImage(text) => named("unknown-image", text),
            Self::WrongState(text) => named("wrong-state", text),
            Self::Busy(text) => named("busy", text),
            Self::OverLimit(text) => named("over-limit", text),
            Self::Other(text) => named("other", text),
        }
    }
}

/// A result without a value.
pub(crate) fn outcome(result: Result<(), impl Case>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("err {}", error.case()),
    }
}
