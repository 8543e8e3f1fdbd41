//! A file that a look has seen, and how far it has come since.

use std::time::Duration;

use hooke_control::units::Timestamp;
use hooke_runtime::Digest;

use crate::folder::Found;
use crate::outcome::Outcome;

/// How long a file has to stay as it is before it is read: a copy that is under
/// way changes it more often than that.
pub(crate) const SETTLE: Duration = Duration::from_millis(300);
/// When to try again where the host failed and the file may be good.
const RETRY: Duration = Duration::from_secs(30);

/// A file that was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) found: Found,
    /// When it is to be judged, if it stays as it is.
    pub(crate) due: Timestamp,
    pub(crate) step: Step,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It may still be written to.
    Settling,
    /// It was written to while it was read.
    Unsettled,
    /// It waits for the compiler.
    Waiting,
    /// Its content is being compiled.
    Compiling(Digest),
    /// It was dealt with, and is not looked at again before it changes.
    Judged,
    /// The host failed; it is tried again later.
    Later,
}

impl Step {
    /// Where a file stands after this became of it.
    pub(crate) fn after(outcome: Outcome) -> Self {
        let may_pass = matches!(outcome, Outcome::Failed | Outcome::RefusedFile);
        if may_pass { Self::Later } else { Self::Judged }
    }
}

impl Seen {
    /// Whether it is to be judged now.
    pub(crate) fn is_due(&self, now: Timestamp, compiler_is_free: bool) -> bool {
        let awaited = match self.step {
            Step::Settling | Step::Unsettled | Step::Later => true,
            Step::Waiting => compiler_is_free,
            Step::Compiling(_) | Step::Judged => false,
        };
        // A moment that is too far off is one from before the clock was set back.
        awaited && (now >= self.due || self.due.since(now) > RETRY)
    }

    /// Notes how far it has come.
    pub(crate) fn came_to(&mut self, step: Step, now: Timestamp) {
        self.step = step;
        self.due = match step {
            Step::Settling | Step::Unsettled => now.plus(SETTLE),
            Step::Later => now.plus(RETRY),
            Step::Waiting | Step::Compiling(_) | Step::Judged => now,
        };
    }
}
