//! An answer, as recordings have it and replays compare it: all of it that
//! leaves the sandbox but the log.

use hooke_control::answer::{Answer, PolicyFailure, Verdict};
use hooke_control::staging::Staged;
use serde::{Deserialize, Serialize};

use crate::hex;

/// What a policy answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// An answer.
    Wish {
        /// Workers wanted more or fewer.
        delta: i32,
        /// Why.
        reason: String,
        /// What it asked for by name, in order.
        staged: Vec<Act>,
        /// What it stored, in hex digits.
        stored: Option<String>,
    },
    /// None: it failed.
    Failed {
        /// `declined`, `limit`, `trap` or `unavailable`.
        how: How,
        /// The kind, or the limit.
        kind: String,
        /// The sentence for the operator.
        why: String,
    },
}

/// How a policy failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It said itself that it cannot answer.
    Declined,
    /// It ran into a limit.
    Limit,
    /// It broke.
    Trap,
    /// It was not loaded.
    Unavailable,
}

/// One staged action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What is asked for, as the documentation writes it: `suspend vm-0001`.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Said {
    /// What an answer says.
    pub fn of(answer: &Answer) -> Self {
        match &answer.verdict {
            Verdict::Wish(wish) => Self::Wish {
                delta: wish.delta,
                reason: wish.reason.clone(),
                staged: wish.staged.iter().map(|r| Act::of(&r.what, &r.why)).collect(),
                stored: answer.memory.as_deref().map(hex::encode),
            },
            Verdict::Failed(failure) => {
                let (how, kind) = match failure {
                    PolicyFailure::Declined { kind, .. } => (How::Declined, *kind),
                    PolicyFailure::Limit { what, .. } => (How::Limit, *what),
                    PolicyFailure::Trap { .. } => (How::Trap, "trap"),
                    PolicyFailure::Unavailable { .. } | PolicyFailure::Quarantined { .. } => {
                        (How::Unavailable, failure.kind())
                    }
                };
                Self::Failed { how, kind: kind.to_owned(), why: failure.why().to_owned() }
            }
        }
    }

    /// Whether it ran out of time, which depends on the machine and not on the
    /// policy alone.
    pub fn is_late(&self) -> bool {
        matches!(self, Self::Failed { how: How::Limit, kind, .. } if kind == "wall-time")
    }

    /// Whether the same is needed, whatever is said and remembered with it.
    pub fn needs_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Wish { delta, staged, .. }, Self::Wish { delta: d, staged: s, .. }) => {
                delta == d && staged.iter().map(|act| &act.what).eq(s.iter().map(|act| &act.what))
            }
            (Self::Failed { how, kind, .. }, Self::Failed { how: h, kind: k, .. }) => {
                (how, kind) == (h, k)
            }
            (Self::Wish { .. }, Self::Failed { .. }) | (Self::Failed { .. }, Self::Wish { .. }) => {
                false
            }
        }
    }

    /// Whether the same is stored; who fails stores nothing.
    pub(crate) fn stores_the_same_as(&self, other: &Self) -> bool {
        self.stored() == other.stored()
    }

    fn stored(&self) -> Option<&str> {
        match self {
            Self::Wish { stored, .. } => stored.as_deref(),
            Self::Failed { .. } => None,
        }
    }

    /// Each part of the answer, named, as text.
    pub(crate) fn parts(&self) -> [(&'static str, String); 5] {
        let none = || "none".to_owned();
        match self {
            Self::Wish { delta, reason, staged, stored } => {
                let acts: Vec<String> =
                    staged.iter().map(|act| format!("{} ({})", act.what, act.why)).collect();
                let staged = if acts.is_empty() { none() } else { acts.join(", ") };
                [
                    ("failure", none()),
                    ("delta", format!("{delta:+}")),
                    ("reason", reason.clone()),
                    ("staged", staged),
                    ("memory", stored.clone().unwrap_or_else(none)),
                ]
            }
            Self::Failed { kind, why, .. } => [
                ("failure", format!("{kind}: {why}")),
                ("delta", none()),
                ("reason", none()),
                ("staged", none()),
                ("memory", none()),
            ],
        }
    }
}

impl Act {
    fn of(what: &Staged, why: &str) -> Self {
        Self { what: what.to_string(), why: why.to_owned() }
    }
}
