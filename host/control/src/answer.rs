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
}

impl PolicyFailure {
    /// The failure's kind, as metrics and the journal name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Declined { kind, .. } => kind,
            Self::Limit { .. } => "limit",
            Self::Trap { .. } => "trap",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The sentence for the operator.
    pub fn why(&self) -> &str {
        match self {
            Self::Declined { why, .. }
            | Self::Limit { why, .. }
            | Self::Trap { why }
            | Self::Unavailable { why } => why,
        }
    }
}

/// One policy's answer for one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked.
    pub policy: PolicyName,
    /// What came back.
    pub verdict: Verdict,
    /// What it wants remembered, if it stored anything and did not fail.
    pub memory: Option<Vec<u8>>,
}
