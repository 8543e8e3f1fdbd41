//! What is written down of a machine. The fields of [`Label`] stay as they are
//! for ever; everything else may change with [`FORMAT`].
//! Never interprets: it reads and writes.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::proc::ProcessId;

/// The format of what is written here. A host that finds a later one leaves
/// the machine alone and says so.
pub(super) const FORMAT: u32 = 1;

/// Of a [`Spec`] what every format has, whatever else may change: read first,
/// so that the rest is read only by those who know its format.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Label {
    /// [`FORMAT`] of the host that wrote it.
    pub(super) format: u32,
    pub(super) site: String,
}

/// What a machine is, from its launch to its end. Written once, before anything runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    /// [`FORMAT`] of the host that wrote it.
    pub(super) format: u32,
    pub(super) site: String,
    pub(super) vm: String,
    /// The intent that launched it.
    pub(super) key: String,
    pub(super) image: String,
    /// Milliseconds since the Unix epoch.
    pub(super) launched_at: u64,
    /// Workers of each profile at boot.
    pub(super) hosts: BTreeMap<String, u32>,
    /// Program and arguments of each hosted profile.
    pub(super) commands: BTreeMap<String, Vec<String>>,
    pub(super) queues: BTreeMap<String, Vec<String>>,
    pub(super) environment: BTreeMap<String, String>,
}

/// What a machine is doing. Written by its keeper at every change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Status {
    pub(super) keeper: ProcessId,
    /// The session of the machine's workers. The keeper leads it, except when
    /// the keeper died and another came to clear up after it. Not known if the
    /// dead keeper's status was damaged.
    pub(super) session: Option<i32>,
    pub(super) phase: Phase,
    pub(super) workers: Vec<WorkerRecord>,
    /// How often a worker went without being asked to.
    pub(super) exits_unasked: u64,
}

/// Where a machine is, as its keeper says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    Booting,
    Running,
    Suspending,
    Suspended,
    Terminating,
}

/// One worker process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WorkerRecord {
    pub(super) id: String,
    pub(super) profile: String,
    pub(super) process: ProcessId,
    /// Milliseconds since the Unix epoch.
    pub(super) started_at: u64,
    pub(super) stance: Stance,
}

/// Whether a worker was told to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stance {
    Serving,
    Leaving,
}

/// What is in a file that ought to hold a `T`.
#[derive(Debug)]
pub(super) enum Found<T> {
    Record(T),
    /// There is something that cannot be understood.
    Damaged(serde_json::Error),
    Nothing,
}

/// Reads a record. An error is one of reading; what was read may still be damaged.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Found<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_or_else(Found::Damaged, Found::Record)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(e) => Err(e),
    }
}

/// Whether a write has to outlive the computer or only the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Synced: it names a machine.
    ThroughPowerLoss,
    /// Not synced: what it speaks of ends with the computer.
    WhileUp,
}

/// Replaces a record as a whole: a reader sees the old one or the new one.
pub(super) fn write<T: Serialize>(path: &Path, record: &T, keep: Keep) -> io::Result<()> {
    let next = path.with_extension("next");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    file.write_all(&serde_json::to_vec(record)?)?;
    if keep == Keep::ThroughPowerLoss {
        file.sync_all()?;
    }
    fs::rename(&next, path)
}
