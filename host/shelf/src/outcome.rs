//! What became of a file, as a value to count, and who is told.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use hooke_control::ids::PolicyName;
use hooke_runtime::{Digest, LoadProblem};

/// What became of a policy file. The texts are labels of a metric and stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is live now, where nothing was before.
    Loaded,
    /// It is live now, in place of the one before.
    Swapped,
    /// It has the content that is live already.
    Unchanged,
    /// It cannot be read, or is a link out of the directory.
    RefusedFile,
    /// It is no policy, is torn, or speaks another contract.
    RefusedForm,
    /// Its digest is not the one that the site file pins.
    RefusedPin,
    /// It needs more than a limit allows; compiling it may take too long.
    RefusedLimit,
    /// A site that uses it does not grant what it imports.
    RefusedGrants,
    /// It does not accept the settings of a site that uses it.
    RefusedSettings,
    /// It broke on the last snapshots.
    RefusedTrial,
    /// It broke a rule of the contract in the conformance run.
    RefusedConformance,
    /// The host failed, not the file: the compiler did not run.
    Failed,
    /// Its file is gone and a site uses it: it stays live.
    Orphaned,
    /// Its file is gone and no site uses it: so is the policy.
    Released,
}

impl Outcome {
    /// Every outcome, for a metric that shows each from the start.
    pub const ALL: [Self; 14] = [
        Self::Loaded,
        Self::Swapped,
        Self::Unchanged,
        Self::RefusedFile,
        Self::RefusedForm,
        Self::RefusedPin,
        Self::RefusedLimit,
        Self::RefusedGrants,
        Self::RefusedSettings,
        Self::RefusedTrial,
        Self::RefusedConformance,
        Self::Failed,
        Self::Orphaned,
        Self::Released,
    ];

    /// The outcome's name, as metrics and status have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Swapped => "swapped",
            Self::Unchanged => "unchanged",
            Self::RefusedFile => "refused-file",
            Self::RefusedForm => "refused-form",
            Self::RefusedPin => "refused-pin",
            Self::RefusedLimit => "refused-limit",
            Self::RefusedGrants => "refused-grants",
            Self::RefusedSettings => "refused-settings",
            Self::RefusedTrial => "refused-trial",
            Self::RefusedConformance => "refused-conformance",
            Self::Failed => "failed",
            Self::Orphaned => "orphaned",
            Self::Released => "released",
        }
    }

    /// Whether a person has to do something about it.
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Loaded | Self::Swapped | Self::Unchanged | Self::Released => false,
            Self::RefusedFile
            | Self::RefusedForm
            | Self::RefusedPin
            | Self::RefusedLimit
            | Self::RefusedGrants
            | Self::RefusedSettings
            | Self::RefusedTrial
            | Self::RefusedConformance
            | Self::Failed
            | Self::Orphaned => true,
        }
    }

    /// Which refusal a problem found at loading is.
    pub(crate) const fn of(problem: &LoadProblem) -> Self {
        match problem {
            LoadProblem::OverLimit(_) | LoadProblem::Overgrown { .. } => Self::RefusedLimit,
            LoadProblem::NotGranted { .. } => Self::RefusedGrants,
            LoadProblem::OtherEngine => Self::Failed,
            LoadProblem::NotAComponent(_)
            | LoadProblem::Malformed { .. }
            | LoadProblem::WrongWorld { .. }
            | LoadProblem::Mistyped { .. }
            | LoadProblem::NotOffered { .. }
            | LoadProblem::Broken(_)
            | LoadProblem::BadSchema { .. } => Self::RefusedForm,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The policy.
    pub policy: PolicyName,
    /// Its file; none for a bundled policy.
    pub file: Option<PathBuf>,
    /// The digest of the content, if it was read.
    pub digest: Option<Digest>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused or failed, for the operator.
    pub why: Option<String>,
    /// Where it answers differently from the one before; told, not refused.
    pub differences: Vec<String>,
    /// How long the file took, from the moment it was read; a compile included.
    pub took: Duration,
}

impl Event {
    /// Writes it into the log.
    pub(crate) fn log(&self) {
        let Self { policy, outcome, .. } = self;
        let digest = self.digest.map(|digest| digest.short()).unwrap_or_default();
        let file = self.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
        let ms = hooke_control::units::millis(self.took);
        let why = self.why.as_deref().unwrap_or_default();
        if outcome.is_trouble() {
            tracing::warn!(%policy, file, digest, ms, "policy {outcome}: {why}");
        } else if *outcome == Outcome::Unchanged {
            tracing::debug!(%policy, file, digest, ms, "policy {outcome}");
        } else {
            tracing::info!(%policy, file, digest, ms, "policy {outcome}");
        }
        for difference in &self.differences {
            tracing::info!(%policy, digest, "the new policy answers differently: {difference}");
        }
    }
}

/// What a shelf that is being opened is doing; a compile can take a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A policy is being compiled, because no cache has it.
    Compiling {
        /// Which.
        policy: &'a PolicyName,
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// A policy is done: loaded or refused.
    Done {
        /// Which.
        policy: &'a PolicyName,
        /// How many are done, this one included.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

/// Who is told what happens on the shelf. Called on the thread that looks: it
/// must not block.
pub trait Listener: Send + Sync {
    /// A step of opening the shelf.
    fn progress(&self, _progress: Progress<'_>) {}
    /// Something became of a file.
    fn happened(&self, _event: &Event) {}
}

/// Nobody.
impl Listener for () {}
