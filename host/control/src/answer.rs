//! What a policy said, already made safe by the runtime: strings are short and
//! clean, numbers are what the type says.

use crate::ids::PolicyName;
use crate::staging::Request;

/// A policy's wish for one profile. Idealistic: it knows no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Workers wanted more or fewer.
    pub delta: i32,
    /// Why, in the policy's words.
    pub reason: String,
    /// What it asked for by name, beside the delta.
    pub staged: Vec<Request>,
}

/// What became of asking one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It answered.
    Wish(Wish),
    /// It failed: counts as hold. Never shrinks anything.
    Failed(PolicyFailure),
}

impl Verdict {
    /// The wish, if it is one.
    pub const fn wish(&self) -> Option<&Wish> {
        match self {
            Self::Wish(wish) => Some(wish),
            Self::Failed(_) => None,
        }
    }
}

/// How a policy failed, by what the operator does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyFailure {
    /// It said itself that it cannot answer.
    Declined { kind: &'static str, why: String },
    /// It ran into a limit.
    Limit { what: &'static str, why: String },
    /// It broke: a trap.
    Trap { why: String },
    /// It is not loaded.
    Unavailable { why: String },
    /// It failed so often that it is not asked for a while.
    Quarantined { why: String },
}

impl PolicyFailure {
    /// The failure's kind, as metrics and the journal name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Declined { kind, .. } => kind,
            Self::Limit { .. } => "limit",
            Self::Trap { .. } => "trap",
            Self::Unavailable { .. } => "unavailable",
            Self::Quarantined { .. } => "quarantined",
        }
    }

    /// The sentence for the operator.
    pub fn why(&self) -> &str {
        match self {
            Self::Declined { why, .. }
            | Self::Limit { why, .. }
            | Self::Trap { why }
            | Self::Unavailable { why }
            | Self::Quarantined { why } => why,
        }
    }

    /// Whether the policy itself is at fault. One that says that a fact is
    /// missing, or that its rule does not cover the situation, does its work.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Limit { .. } | Self::Trap { .. } => true,
            Self::Declined { kind, .. } => !matches!(*kind, "missing-data" | "unsupported"),
            Self::Unavailable { .. } | Self::Quarantined { .. } => false,
        }
    }
}

/// One policy's answer for one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked.
    pub policy: PolicyName,
    /// In whose place, if it was asked because another could not be.
    pub instead_of: Option<Absent>,
    /// What came back.
    pub verdict: Verdict,
    /// What it wants remembered, if it stored anything and did not fail.
    pub memory: Option<Vec<u8>>,
    /// What the host noticed about the question, for the operator: what this
    /// site can never answer of it, and what to do. Decides nothing.
    pub remarks: Vec<String>,
}

/// A policy that was not asked although the profile names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The policy.
    pub policy: PolicyName,
    /// Why it was not asked.
    pub why: String,
}

impl Answer {
    /// The answer of the policy that the profile names, of which nothing is to
    /// be remembered and nothing is remarked.
    pub const fn new(policy: PolicyName, verdict: Verdict) -> Self {
        Self { policy, instead_of: None, verdict, memory: None, remarks: Vec::new() }
    }

    /// The policy that the profile names and that this is the answer of, or in
    /// the place of.
    pub fn named(&self) -> &PolicyName {
        self.instead_of.as_ref().map_or(&self.policy, |absent| &absent.policy)
    }
}
