//! Recordings: every evaluation as it was asked and answered, as lines of
//! JSON, so that it can be asked again, bit for bit. Writing never holds a tick
//! up: what the disk does not take in time is dropped and counted.

mod facts;
mod file;
mod line;
mod past;
mod recorder;
mod recording;
mod said;

use hooke_control::answer::Answer;
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::units::Timestamp;
use hooke_history::Past;
use hooke_runtime::{Digest, Evaluation, Grants, Limits};
use serde::{Deserialize, Serialize};

pub use recorder::{Recorder, RecorderConfig, RecorderStatus};
pub use recording::{Item, Recorded, Recording, Trouble, TroubleKind};
pub use said::{Act, How, Said};

/// The version of the form that this host writes, and the only one it reads.
pub const VERSION: u32 = 2;

/// Readings of the past that an evaluation's line holds at the most: a question
/// about three hours of 27 machines at 15 seconds. An evaluation that read more
/// is told as such and not asked again.
pub const MOST_READINGS: usize = 20_000;

/// Whether the answer counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It did.
    Live,
    /// It was asked beside those that count.
    Shadow,
}

impl Mode {
    /// The mode as site files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Shadow => "shadow",
        }
    }
}

/// One evaluation, to be recorded. Cheap to make: the snapshot is shared.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was asked.
    pub evaluation: Evaluation,
    /// Who was asked, as the site file names it.
    pub policy: PolicyName,
    /// The exact bytes of it.
    pub digest: Digest,
    /// Whether the answer counted.
    pub mode: Mode,
    /// What it was granted.
    pub grants: Grants,
    /// What it might use.
    pub limits: Limits,
    /// What it answered.
    pub answer: Answer,
    /// What it read of the past.
    pub past: Past,
}

/// What became of a profile in a tick, after all its policies were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The site.
    pub site: SiteName,
    /// The profile.
    pub profile: ProfileName,
    /// The tick's number.
    pub tick: u64,
    /// The tick's time.
    pub at: Timestamp,
    /// Workers that there were.
    pub capacity: u32,
    /// Workers that the guards left.
    pub desired: u32,
    /// Workers that the plan comes to.
    pub planned: u32,
    /// The decision in a sentence.
    pub headline: String,
}
