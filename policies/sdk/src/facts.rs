//! What every rule asks of the facts, and the arithmetic it does with them.
//! Nothing here wraps, divides by zero or takes a missing value for zero.

use crate::metrics::{BacklogSums, MetricsError};
use crate::{PolicyError, Quality, cloud};

/// The delta that takes a profile from `capacity` workers to `wanted`.
pub fn delta(wanted: u64, capacity: u32) -> i32 {
    let delta = i128::from(wanted) - i128::from(capacity);
    i32::try_from(delta).unwrap_or(if delta < 0 { i32::MIN } else { i32::MAX })
}

impl BacklogSums {
    /// Whether fewer workers may be asked for on it: only a count that was
    /// read in this tick, of every queue, says that there is less to do.
    pub fn may_shrink(&self) -> bool {
        match self.quality {
            Quality::Fresh => self.ready.is_some(),
            Quality::Stale | Quality::Missing => false,
        }
    }

    /// The messages ready, or the error that says that they are not known.
    pub fn ready_or_missing(&self) -> Result<u64, PolicyError> {
        match (self.quality, self.ready) {
            (Quality::Fresh | Quality::Stale, Some(ready)) => Ok(ready),
            (Quality::Fresh | Quality::Stale | Quality::Missing, _) => {
                Err(PolicyError::MissingData("the backlog is missing".to_owned()))
            }
        }
    }
}

/// A question without an answer is missing data.
impl From<MetricsError> for PolicyError {
    fn from(error: MetricsError) -> Self {
        match error {
            MetricsError::UnknownProfile(name) => {
                Self::MissingData(format!("the site has no profile {name}"))
            }
            MetricsError::Other(why) => Self::MissingData(why),
        }
    }
}

impl cloud::Refusal {
    /// What was wrong, in two words at the most.
    pub fn kind(&self) -> &'static str {
        self.parts().0
    }

    /// What was wrong, in the host's words.
    pub fn why(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::UnknownVm(why) => ("unknown machine", why),
            Self::UnknownWorker(why) => ("unknown worker", why),
            Self::UnknownImage(why) => ("unknown image", why),
            Self::WrongState(why) => ("wrong state", why),
            Self::Busy(why) => ("busy", why),
            Self::OverLimit(why) => ("over the limit", why),
            Self::Other(why) => ("other", why),
        }
    }
}
