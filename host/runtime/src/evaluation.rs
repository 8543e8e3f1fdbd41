//! One question to one policy, and all that came of it.

use std::fmt;
use std::sync::Arc;

use hooke_control::answer::Answer;
use hooke_control::ids::ProfileName;
use hooke_control::snapshot::Snapshot;
use hooke_history::{Asked, View};

use crate::spent::Spent;

/// What a policy is asked, and what it is asked with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The facts of the tick.
    pub snapshot: Arc<Snapshot>,
    /// What was read in the ticks before, and in this one.
    pub history: View,
    /// The profile whose needs are asked for.
    pub profile: ProfileName,
    /// The settings of the binding: one JSON object.
    pub settings: Arc<str>,
    /// What this policy stored for this site and profile, if it ever did.
    pub memory: Option<Arc<[u8]>>,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The answer, made safe.
    pub answer: Answer,
    /// What the policy wrote to its log, within the limits. Also there when
    /// the policy failed: then it is needed most.
    pub log: Vec<LogLine>,
    /// Log lines that went over the limits.
    pub dropped_lines: u64,
    /// What it took.
    pub spent: Spent,
    /// What it asked about the past.
    pub asked: Asked,
}

/// How much a log line matters to the operator; a later variant matters more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of the policy.
    Debug,
    /// Worth keeping.
    Info,
    /// Something is odd, and the policy coped.
    Warn,
    /// An operator has to look.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// One line of a policy's log, cleaned and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// One thing wrong with the settings, in the policy's words; cleaned and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// Where, as a path of keys joined by dots; empty for the whole.
    pub path: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl SettingProblem {
    /// Whether it is about the same key, or about a table around or inside it.
    pub(crate) fn is_about(&self, other: &Self) -> bool {
        let within = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let (one, two) = (self.path.as_str(), other.path.as_str());
        if one.is_empty() || two.is_empty() {
            return one == two;
        }
        within(one, two) || within(two, one)
    }
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.path, self.message)
    }
}
