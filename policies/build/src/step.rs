//! What a build is doing, for whoever waits. Never measures time: the next
//! step or the end of the call ends a step.

use std::fmt;

/// A step of a build that may take longer than a second. It lasts until the
/// next one, or until the call returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Installing a tool, once for all projects.
    Install {
        /// The tool and its version.
        what: String,
    },
    /// Another build installs the same tool; this one waits for it.
    Wait {
        /// The tool and its version.
        what: String,
    },
    /// Compiling the project.
    Compile {
        /// By what.
        tool: String,
        /// The policy's name.
        policy: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install { what } => write!(f, "installing {what} (only the first time)"),
            Self::Wait { what } => write!(f, "waiting for another build that installs {what}"),
            Self::Compile { tool, policy } => write!(f, "compiling {policy} with {tool}"),
        }
    }
}
