//! What the shelf is told: where to look, what is allowed, who compiles.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Digest, Limits, Wasi};

use crate::cache::Cache;
use crate::compiler::Compiler;

/// Everything a shelf needs to open.
#[derive(Debug, Clone)]
pub struct ShelfConfig {
    /// The policies directory; without one there are only the bundled policies.
    pub directory: Option<PathBuf>,
    /// The compile cache; without one every start compiles everything.
    pub cache: Option<PathBuf>,
    /// Bytes that the cache may hold; [`Cache::MOST_BYTES`] by default.
    pub cache_bytes: u64,
    /// What is allowed.
    pub rules: Rules,
    /// What WASI is to the policies.
    pub wasi: Wasi,
    /// Whether and how candidates are held against the contract.
    pub conformance: Conformance,
    /// Who compiles files of the directory. Bundled policies are trusted and
    /// compiled in this process.
    pub compiler: Compiler,
}

impl Default for ShelfConfig {
    fn default() -> Self {
        Self {
            directory: None,
            cache: None,
            cache_bytes: Cache::MOST_BYTES,
            rules: Rules::default(),
            wasi: Wasi::default(),
            conformance: Conformance::Off,
            compiler: Compiler::InProcess,
        }
    }
}

/// What is allowed to which policy; may change while the host runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The one content that a name may have.
    pub pins: BTreeMap<PolicyName, Digest>,
    /// The limits of every policy that has none of its own.
    pub limits: Limits,
    /// The limits of these.
    pub limits_of: BTreeMap<PolicyName, Limits>,
}

impl Rules {
    /// The limits of this policy.
    pub fn limits_of(&self, policy: &PolicyName) -> &Limits {
        self.limits_of.get(policy).unwrap_or(&self.limits)
    }
}

/// A run of the contract's rules over a candidate, bound with all it imports;
/// the error says which rule it broke.
pub type ConformanceRun = dyn Fn(&BoundPolicy) -> Result<(), String> + Send + Sync;

/// Whether candidates are held against the rules of the contract.
#[derive(Clone)]
pub enum Conformance {
    /// Yes, by this run.
    On(Arc<ConformanceRun>),
    /// No.
    Off,
}

impl fmt::Debug for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On(_) => "On",
            Self::Off => "Off",
        })
    }
}
