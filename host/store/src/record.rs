//! What goes into a store and what comes out of it. Plain values: they know
//! nothing of tables.

use std::collections::BTreeMap;

use hooke_control::action::Intent;
use hooke_control::guard::Memory;
use hooke_control::ids::{IntentKey, PolicyName, ProfileName, SiteName, VmId};
use hooke_control::recover::Closing;
use hooke_control::units::Timestamp;

use crate::error::StoreError;

/// All that one tick leaves behind. Kept as a whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct TickRecord {
    /// The site that was looked at.
    pub site: SiteName,
    /// The tick's number; from 1, and above every number recorded before.
    pub tick: u64,
    /// The tick's time.
    pub at: Timestamp,
    /// What is to be done, in order; every key is new.
    pub intents: Vec<Intent>,
    /// What was decided, one for each profile.
    pub decisions: Vec<DecisionRow>,
    /// The policy memory that changed.
    pub memory: Vec<MemoryRow>,
    /// The memory of guards that changed, of each profile in place of the one
    /// before.
    pub guards: Vec<(ProfileName, Memory)>,
    /// What was read, if it is kept.
    pub history: Option<HistoryRow>,
}

/// What one tick read; opaque here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Whether it can be read without those before it.
    pub whole: bool,
    /// The readings.
    pub bytes: Vec<u8>,
    /// From when on readings are kept: what is not needed for that is removed.
    pub keep_from: Timestamp,
}

/// What became of the readings of a tick that was recorded.
#[derive(Debug)]
pub enum HistoryWritten {
    /// They are kept with it, or there were none.
    Kept,
    /// They could not be. The tick was recorded without; the next frame must be
    /// a whole one.
    Lost(StoreError),
}

/// What was decided for one profile, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// The profile.
    pub profile: ProfileName,
    /// The way it goes.
    pub verdict: Verdict,
    /// The decision in one line.
    pub headline: String,
    /// Every input and step, as JSON; opaque here.
    pub chain: String,
    /// Equal to that of the profile's decision before: nothing new happened.
    pub fingerprint: u64,
    /// The intents that it asked for: of this tick, or still in the journal.
    pub intents: Vec<IntentKey>,
}

/// Which way a decision goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// More workers.
    ScaleOut,
    /// As many as there are.
    Hold,
    /// Fewer workers.
    ScaleIn,
}

impl Verdict {
    /// The verdict as tables and people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScaleOut => "scale-out",
            Self::Hold => "hold",
            Self::ScaleIn => "scale-in",
        }
    }

    /// The verdict that is written so.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        [Self::ScaleOut, Self::Hold, Self::ScaleIn].into_iter().find(|v| v.as_str() == text)
    }
}

/// What one policy remembers for one profile, in place of what it did before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryRow {
    /// The profile.
    pub profile: ProfileName,
    /// The policy.
    pub policy: PolicyName,
    /// Its bytes; opaque here.
    pub bytes: Vec<u8>,
}

/// Whether a closing was news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It was open and is closed now.
    Now,
    /// It was closed before, in the same way; nothing was written.
    Already,
}

/// What a host that starts must know of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// The last tick recorded; 0 if none.
    pub tick: u64,
    /// The intents not closed, oldest first: finish, adopt or abandon each.
    pub open: Vec<Intent>,
    /// What the policies remember.
    pub memory: BTreeMap<(ProfileName, PolicyName), Vec<u8>>,
    /// What the guards remember of each profile.
    pub guards: BTreeMap<ProfileName, Memory>,
}

/// How far a site has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteProgress {
    /// The site.
    pub site: SiteName,
    /// Its last tick.
    pub tick: u64,
    /// That tick's time.
    pub at: Timestamp,
}

/// A run of ticks in which the same was decided for a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The profile.
    pub profile: ProfileName,
    /// The tick that `headline` and `chain` are of.
    pub tick: u64,
    /// When it was first decided.
    pub since: Timestamp,
    /// When it was last decided. A later moment was decided by nobody.
    pub seen_until: Timestamp,
    /// In how many ticks; at least 1.
    pub times: u64,
    /// The way it goes.
    pub verdict: Verdict,
    /// The decision in one line.
    pub headline: String,
    /// Every input and step, as JSON.
    pub chain: String,
    /// What makes it the same decision.
    pub fingerprint: u64,
    /// The intents that it asked for, oldest first.
    pub intents: Vec<IntentKey>,
}

/// An intent with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The tick that wrote it.
    pub tick: u64,
    /// The intent.
    pub intent: Intent,
    /// The machine it is about; of a launch, known from its outcome only.
    pub vm: Option<VmId>,
    /// How and when it ended; `None` while it is open.
    pub closed: Option<(Closing, Timestamp)>,
}
