//! The lines of a recording. Types for reading and writing only: the form
//! stays as it is while the core's own types move.

use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::units::{Timestamp, millis};
use hooke_runtime::{Grant, Grants, Limits};
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::past::PastLine;
use super::said::Said;
use super::{Decided, Entry, Mode, VERSION};
use crate::hex;

/// What every line begins with; the rest depends on the version.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) v: u32,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) v: u32,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// The facts of a tick of a site, until the next of that site.
    Snapshot(Box<Numbered>),
    /// One evaluation on such facts.
    Evaluation(Box<Evaluated>),
    /// What became of a profile.
    Decision(Decision),
    /// So many evaluations were dropped before this line.
    Gap { dropped: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Numbered {
    /// Its number within the file.
    pub(super) number: u64,
    pub(super) facts: Facts,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Evaluated {
    /// The number of the snapshot.
    pub(super) snapshot: u64,
    pub(super) at: u64,
    pub(super) site: String,
    pub(super) profile: String,
    pub(super) policy: String,
    pub(super) sha256: String,
    pub(super) mode: Mode,
    pub(super) grants: Vec<String>,
    pub(super) limits: Allowed,
    pub(super) settings: String,
    /// Hex digits.
    pub(super) memory: Option<String>,
    pub(super) past: PastLine,
    pub(super) answer: Said,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Decision {
    site: String,
    profile: String,
    tick: u64,
    at: u64,
    capacity: u32,
    desired: u32,
    planned: u32,
    headline: String,
}

/// Limits, as the site file names them; the time in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Allowed {
    wall_time_ms: u64,
    memory: usize,
    table_elements: usize,
    instances: usize,
    memories: usize,
    tables: usize,
    value_bytes: usize,
    handles: usize,
    host_calls: u32,
    log_lines: usize,
    log_bytes: usize,
    log_line_bytes: usize,
    staged_actions: usize,
    reason_bytes: usize,
    remembered_bytes: usize,
    file_bytes: usize,
}

impl Line {
    pub(super) const fn of(what: What) -> Self {
        Self { v: VERSION, what }
    }

    /// The line, with its end.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.push(b'\n');
        Ok(())
    }
}

impl Evaluated {
    pub(super) fn of(entry: &Entry, snapshot: u64) -> Self {
        let asked = &entry.evaluation;
        Self {
            snapshot,
            at: asked.snapshot.now.as_millis(),
            site: asked.snapshot.site.name.as_str().to_owned(),
            profile: asked.profile.as_str().to_owned(),
            policy: entry.policy.as_str().to_owned(),
            sha256: entry.digest.to_string(),
            mode: entry.mode,
            grants: entry.grants.iter().map(|grant| grant.as_str().to_owned()).collect(),
            limits: Allowed::from(&entry.limits),
            settings: asked.settings.to_string(),
            memory: asked.memory.as_deref().map(hex::encode),
            past: PastLine::from(&entry.past),
            answer: Said::of(&entry.answer),
        }
    }
}

/// The grants of these names; `None` if one is not known.
pub(super) fn grants(names: &[String]) -> Option<Grants> {
    names.iter().map(|name| Grant::from_name(name)).collect()
}

impl From<&Decided> for Decision {
    fn from(decided: &Decided) -> Self {
        let Decided { site, profile, tick, at, capacity, desired, planned, headline } = decided;
        Self {
            site: site.as_str().to_owned(),
            profile: profile.as_str().to_owned(),
            tick: *tick,
            at: at.as_millis(),
            capacity: *capacity,
            desired: *desired,
            planned: *planned,
            headline: headline.clone(),
        }
    }
}

impl From<Decision> for Decided {
    fn from(line: Decision) -> Self {
        let Decision { site, profile, tick, at, capacity, desired, planned, headline } = line;
        Self {
            site: SiteName::from(site),
            profile: ProfileName::from(profile),
            tick,
            at: Timestamp::from_millis(at),
            capacity,
            desired,
            planned,
            headline,
        }
    }
}

impl From<&Limits> for Allowed {
    fn from(limits: &Limits) -> Self {
        Self {
            wall_time_ms: millis(limits.wall_time),
            memory: limits.memory,
            table_elements: limits.table_elements,
            instances: limits.instances,
            memories: limits.memories,
            tables: limits.tables,
            value_bytes: limits.value_bytes,
            handles: limits.handles,
            host_calls: limits.host_calls,
            log_lines: limits.log_lines,
            log_bytes: limits.log_bytes,
            log_line_bytes: limits.log_line_bytes,
            staged_actions: limits.staged_actions,
            reason_bytes: limits.reason_bytes,
            remembered_bytes: limits.remembered_bytes,
            file_bytes: limits.file_bytes,
        }
    }
}

impl From<&Allowed> for Limits {
    fn from(allowed: &Allowed) -> Self {
        Self {
            wall_time: std::time::Duration::from_millis(allowed.wall_time_ms),
            memory: allowed.memory,
            table_elements: allowed.table_elements,
            instances: allowed.instances,
            memories: allowed.memories,
            tables: allowed.tables,
            value_bytes: allowed.value_bytes,
            handles: allowed.handles,
            host_calls: allowed.host_calls,
            log_lines: allowed.log_lines,
            log_bytes: allowed.log_bytes,
            log_line_bytes: allowed.log_line_bytes,
            staged_actions: allowed.staged_actions,
            reason_bytes: allowed.reason_bytes,
            remembered_bytes: allowed.remembered_bytes,
            file_bytes: allowed.file_bytes,
            // Nothing is compiled in an evaluation.
            ..Self::DEFAULT
        }
    }
}

impl Evaluated {
    /// Who was asked.
    pub(super) fn policy(&self) -> PolicyName {
        PolicyName::from(self.policy.as_str())
    }
}
