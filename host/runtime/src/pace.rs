//! How soon a policy answered when it was last asked: what decides who is asked
//! first. A guess about the next time, and never a reason not to ask.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::limit::Limit;
use crate::spent::Spent;

/// Of its deadline, what a policy that answers soon takes at the most: so much
/// that a busy machine makes no policy slow, so little that many may run at once
/// and none comes near its deadline for that.
const SOON: u32 = 10;

/// How soon a policy answers; a later variant is asked later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pace {
    /// Within a small part of its deadline.
    Soon,
    /// The same, but now it is being waited for.
    Doubted,
    /// It was never asked.
    Unknown,
    /// It is being asked for the first time.
    Tried,
    /// Later, and within its deadline.
    Late,
    /// It ran into its deadline.
    Never,
}

impl Pace {
    /// All, the first to be asked first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Soon, Self::Doubted, Self::Unknown, Self::Tried, Self::Late, Self::Never];

    /// What an evaluation tells.
    pub(crate) fn of(spent: &Spent, deadline: Duration) -> Self {
        if spent.over.as_ref().is_some_and(|hit| hit.limit == Limit::WallTime) {
            Self::Never
        } else if spent.wall <= deadline / SOON {
            Self::Soon
        } else {
            Self::Late
        }
    }
}

/// The pace of one policy, shared by all that is bound of it.
#[derive(Debug)]
pub(crate) struct LastPace(AtomicU8);

impl LastPace {
    pub(crate) const fn unknown() -> Self {
        Self(AtomicU8::new(Pace::Unknown as u8))
    }

    pub(crate) fn get(&self) -> Pace {
        let kept = usize::from(self.0.load(Ordering::Relaxed));
        Pace::ALL.get(kept).copied().unwrap_or(Pace::Unknown)
    }

    /// Notes that it is being waited for.
    pub(crate) fn doubt(&self) {
        let (soon, doubted) = (Pace::Soon as u8, Pace::Doubted as u8);
        // Nothing to note where it was not known to answer soon.
        let _was = self.0.compare_exchange(soon, doubted, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, pace: Pace) {
        self.0.store(pace as u8, Ordering::Relaxed);
    }
}
