//! Actions and closings as they lie in the file, as JSON. These structs are a
//! promise to files already written: a name here never changes its meaning,
//! whatever becomes of the core's types.

use std::time::Duration;

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::guard::memory::{Change, Memory, Trail, Wished};
use hooke_control::units::Timestamp;
use rusqlite::Row;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Stop;
use hooke_control::recover::Closing;

/// An [`Action`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum ActionRow {
    Launch { image: String },
    Resume { vm: String },
    Suspend { vm: String },
    Terminate { vm: String },
    StartWorker { vm: String, profile: String },
    StopWorker { vm: String, worker: String },
}

/// A [`Closing`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClosingRow {
    Done(OutcomeRow),
    Failed(FailureRow),
    Abandoned { why: String },
}

/// An [`Outcome`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutcomeRow {
    Applied { vm: String },
    AlreadyTrue { vm: Option<String> },
}

/// A [`Failure`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum FailureRow {
    Throttled { retry_after: Option<Duration>, why: String },
    NoCapacity { why: String },
    QuotaExceeded { why: String },
    Unauthorized { why: String },
    NotFound { why: String },
    Rejected { why: String },
    Unclear { why: String },
}

/// A guard's [`Memory`]; moments in milliseconds since the Unix epoch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardsRow {
    /// Moments and workers.
    highest: Vec<(u64, u32)>,
    lowest: Vec<(u64, u32)>,
    /// Moments, workers more or fewer, and intents.
    changes: Vec<(u64, i64, Option<String>)>,
}

/// The JSON of a row.
pub(crate) fn to_json(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("rows have text keys only, which JSON can always hold")
}

/// The row in the JSON text of a column; `what` names it to the operator.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Stop> {
    serde_json::from_str(text).map_err(|source| Stop::Unreadable { what: what.to_owned(), source })
}

/// A column of text that is a name.
pub(crate) fn name<T: From<String>>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, String>(column).map(T::from)
}

/// A number as SQLite counts. Nothing we count comes near the end of it; what
/// is beyond is kept as the end.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number that [`signed`] wrote.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl From<&Action> for ActionRow {
    fn from(action: &Action) -> Self {
        match action {
            Action::Launch { image } => Self::Launch { image: image.to_string() },
            Action::Resume { vm } => Self::Resume { vm: vm.to_string() },
            Action::Suspend { vm } => Self::Suspend { vm: vm.to_string() },
            Action::Terminate { vm } => Self::Terminate { vm: vm.to_string() },
            Action::StartWorker { vm, profile } => {
                Self::StartWorker { vm: vm.to_string(), profile: profile.to_string() }
            }
            Action::StopWorker { vm, worker } => {
                Self::StopWorker { vm: vm.to_string(), worker: worker.to_string() }
            }
        }
    }
}

impl From<ActionRow> for Action {
    fn from(row: ActionRow) -> Self {
        match row {
            ActionRow::Launch { image } => Self::Launch { image: image.into() },
            ActionRow::Resume { vm } => Self::Resume { vm: vm.into() },
            ActionRow::Suspend { vm } => Self::Suspend { vm: vm.into() },
            ActionRow::Terminate { vm } => Self::Terminate { vm: vm.into() },
            ActionRow::StartWorker { vm, profile } => {
                Self::StartWorker { vm: vm.into(), profile: profile.into() }
            }
            ActionRow::StopWorker { vm, worker } => {
                Self::StopWorker { vm: vm.into(), worker: worker.into() }
            }
        }
    }
}

impl From<&Memory> for GuardsRow {
    fn from(memory: &Memory) -> Self {
        let trail = |trail: &Trail| trail.0.iter().map(|w| (w.at.as_millis(), w.workers)).collect();
        let change = |c: &Change| (c.at.as_millis(), c.by, c.key.as_ref().map(ToString::to_string));
        Self {
            highest: trail(&memory.highest),
            lowest: trail(&memory.lowest),
            changes: memory.changes.iter().map(change).collect(),
        }
    }
}

impl From<GuardsRow> for Memory {
    fn from(row: GuardsRow) -> Self {
        let at = Timestamp::from_millis;
        let wished = |(when, workers)| Wished { at: at(when), workers };
        let trail = |row: Vec<_>| Trail(row.into_iter().map(wished).collect());
        let change = |(when, by, key): (u64, i64, Option<String>)| Change {
            at: at(when),
            by,
            key: key.map(Into::into),
        };
        Self {
            highest: trail(row.highest),
            lowest: trail(row.lowest),
            changes: row.changes.into_iter().map(change).collect(),
        }
    }
}

impl From<&Closing> for ClosingRow {
    fn from(closing: &Closing) -> Self {
        match closing {
            Closing::Done(outcome) => Self::Done(outcome.into()),
            Closing::Failed(failure) => Self::Failed(failure.into()),
            Closing::Abandoned { why } => Self::Abandoned { why: why.clone() },
        }
    }
}

impl From<ClosingRow> for Closing {
    fn from(row: ClosingRow) -> Self {
        match row {
            ClosingRow::Done(outcome) => Self::Done(outcome.into()),
            ClosingRow::Failed(failure) => Self::Failed(failure.into()),
            ClosingRow::Abandoned { why } => Self::Abandoned { why },
        }
    }
}

impl From<&Outcome> for OutcomeRow {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied { vm } => Self::Applied { vm: vm.to_string() },
            Outcome::AlreadyTrue { vm } => {
                Self::AlreadyTrue { vm: vm.as_ref().map(ToString::to_string) }
            }
        }
    }
}

impl From<OutcomeRow> for Outcome {
    fn from(row: OutcomeRow) -> Self {
        match row {
            OutcomeRow::Applied { vm } => Self::Applied { vm: vm.into() },
            OutcomeRow::AlreadyTrue { vm } => Self::AlreadyTrue { vm: vm.map(Into::into) },
        }
    }
}

impl From<&Failure> for FailureRow {
    fn from(failure: &Failure) -> Self {
        let why = failure.why().to_owned();
        match failure {
            Failure::Throttled { retry_after, .. } => {
                Self::Throttled { retry_after: *retry_after, why }
            }
            Failure::NoCapacity { .. } => Self::NoCapacity { why },
            Failure::QuotaExceeded { .. } => Self::QuotaExceeded { why },
            Failure::Unauthorized { .. } => Self::Unauthorized { why },
            Failure::NotFound { .. } => Self::NotFound { why },
            Failure::Rejected { .. } => Self::Rejected { why },
            Failure::Unclear { .. } => Self::Unclear { why },
        }
    }
}

impl From<FailureRow> for Failure {
    fn from(row: FailureRow) -> Self {
        match row {
            FailureRow::Throttled { retry_after, why } => Self::Throttled { retry_after, why },
            FailureRow::NoCapacity { why } => Self::NoCapacity { why },
            FailureRow::QuotaExceeded { why } => Self::QuotaExceeded { why },
            FailureRow::Unauthorized { why } => Self::Unauthorized { why },
            FailureRow::NotFound { why } => Self::NotFound { why },
            FailureRow::Rejected { why } => Self::Rejected { why },
            FailureRow::Unclear { why } => Self::Unclear { why },
        }
    }
}

#[cfg(test)]
mod tests;
