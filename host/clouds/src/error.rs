//! Why a cloud did not do what it was asked, by what the caller does next.
//! Never holds a secret: what stands here is shown to operators and journalled.

use std::error::Error;
use std::io;
use std::time::Duration;

use hooke_control::action::Failure;

/// What lies beneath a [`CloudError`].
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a cloud did not do what it was asked. `doing` is what was being done,
/// as in "launching vm-1f00"; it is never a copy of the cause.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// Too much at once: wait, then try again.
    #[error("{doing}: asked to wait")]
    Throttled {
        /// What was being done.
        doing: String,
        /// How long to wait, if the cloud said so.
        retry_after: Option<Duration>,
    },
    /// No room for this now: try another image or machine.
    #[error("{doing}: no capacity")]
    NoCapacity {
        /// What was being done.
        doing: String,
        /// What the cloud said.
        #[source]
        source: Cause,
    },
    /// The account's quota is used up: launch nothing until it changes.
    #[error("{doing}: the quota is used up")]
    QuotaExceeded {
        /// What was being done.
        doing: String,
        /// What the cloud said.
        #[source]
        source: Cause,
    },
    /// The credentials do not allow it: an operator has to act.
    #[error("{doing}: not allowed")]
    Unauthorized {
        /// What was being done.
        doing: String,
        /// What the cloud said.
        #[source]
        source: Cause,
    },
    /// What was to be acted upon is not there.
    #[error("{what} is not there")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// Understood and refused: the same again will not help.
    #[error("{doing}: refused, {why}")]
    Rejected {
        /// What was being done.
        doing: String,
        /// The ground of the refusal.
        why: String,
    },
    /// It may or may not have been done: look before trying again. For a list:
    /// the list is not complete.
    #[error("{doing}: outcome unknown")]
    Unclear {
        /// What was being done.
        doing: String,
        /// What got in the way.
        #[source]
        source: Cause,
    },
}

impl CloudError {
    /// The error that an I/O error amounts to: a lack of permission needs an
    /// operator, a lack of processes, memory, descriptors or disk needs room,
    /// and after anything else one has to look.
    pub fn from_io(doing: impl Into<String>, error: io::Error) -> Self {
        let (doing, kind) = (doing.into(), error.kind());
        let source = Cause::from(error);
        if [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem].contains(&kind) {
            Self::Unauthorized { doing, source }
        } else if kind == io::ErrorKind::QuotaExceeded {
            Self::QuotaExceeded { doing, source }
        } else if [io::ErrorKind::OutOfMemory, io::ErrorKind::StorageFull].contains(&kind) {
            Self::NoCapacity { doing, source }
        } else {
            Self::Unclear { doing, source }
        }
    }

    /// The same for the core, which knows no error types: the kind, and one
    /// sentence with all causes in it.
    pub fn failure(&self) -> Failure {
        let why = chain(self);
        match self {
            Self::Throttled { retry_after, .. } => {
                Failure::Throttled { retry_after: *retry_after, why }
            }
            Self::NoCapacity { .. } => Failure::NoCapacity { why },
            Self::QuotaExceeded { .. } => Failure::QuotaExceeded { why },
            Self::Unauthorized { .. } => Failure::Unauthorized { why },
            Self::NotFound { .. } => Failure::NotFound { why },
            Self::Rejected { .. } => Failure::Rejected { why },
            Self::Unclear { .. } => Failure::Unclear { why },
        }
    }
}

/// An error and all its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(error: CloudError, expected: &Expect) {
        expected.assert_eq(&error.failure().to_string());
    }

    #[test]
    fn a_failure_says_its_kind_and_every_cause_once() {
        let io = |kind: io::ErrorKind| CloudError::from_io("launching vm-1", kind.into());
        check(
            io(io::ErrorKind::PermissionDenied),
            &expect!["unauthorized: launching vm-1: not allowed: permission denied"],
        );
        check(
            io(io::ErrorKind::StorageFull),
            &expect!["no-capacity: launching vm-1: no capacity: no storage space"],
        );
        check(
            io(io::ErrorKind::TimedOut),
            &expect!["unclear: launching vm-1: outcome unknown: timed out"],
        );
        check(
            CloudError::NotFound { what: "vm-1".to_owned() },
            &expect!["not-found: vm-1 is not there"],
        );
        check(
            CloudError::Rejected { doing: "resuming vm-1".to_owned(), why: "it leaves".to_owned() },
            &expect!["rejected: resuming vm-1: refused, it leaves"],
        );
    }
}
