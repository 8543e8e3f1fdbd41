//! One name on the shelf: the policy that is live under it, and what became of
//! the newest file. A value; a change makes a new one.

use std::path::PathBuf;

use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{Digest, Policy};

use crate::outcome::Outcome;

/// Where a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The hooke program.
    Bundled,
    /// A file.
    File(PathBuf),
}

/// A policy that runs.
#[derive(Debug, Clone)]
pub struct Live {
    /// The policy, with its digest, size and description.
    pub policy: Policy,
    /// Since when.
    pub since: Timestamp,
}

/// What becomes of the newest file, where that is not what is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newest {
    /// It waits for the compiler, or is being compiled.
    Compiling {
        /// Its content.
        digest: Digest,
        /// Since when.
        since: Timestamp,
    },
    /// It was refused.
    Refused {
        /// Its content, if it was read.
        digest: Option<Digest>,
        /// The kind of refusal.
        outcome: Outcome,
        /// Why, for the operator.
        why: String,
        /// Since when.
        since: Timestamp,
    },
}

/// One name on the shelf.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The name, as the site file has it.
    pub name: PolicyName,
    /// Where what is live comes from; if nothing is, where it would.
    pub origin: Origin,
    /// The policy; if there is none, why, for the operator.
    pub live: Result<Live, String>,
    /// What became of a newer file.
    pub newest: Option<Newest>,
    /// Since when the file is gone, if it is.
    pub orphaned: Option<Timestamp>,
}

impl Entry {
    /// The policy; if there is none, why.
    pub fn policy(&self) -> Result<&Policy, &str> {
        self.live.as_ref().map(|live| &live.policy).map_err(String::as_str)
    }

    /// The digest of what is live.
    pub fn digest(&self) -> Option<Digest> {
        self.policy().ok().map(Policy::digest)
    }
}
