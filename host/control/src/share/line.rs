//! Who has been held up by the site's limits, and for how long. It forgets
//! whoever is served, wants no more or is held up by something else, so that it
//! never has more entries than there are profiles. A new host counts anew: that
//! makes those in the line wait a few ticks longer, and nothing less safe.

use std::collections::BTreeMap;

use crate::ids::ProfileName;

/// The ticks in a row that limits may hold a profile up before room is kept and
/// reclaimed for it. A wish that comes and goes moves nobody.
pub const PATIENCE: u32 = 3;

/// The profiles that limits hold up though they are entitled to more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(BTreeMap<ProfileName, u32>);

impl Line {
    /// For how many ticks in a row a profile has been held up.
    pub fn ticks(&self, profile: &ProfileName) -> u32 {
        self.0.get(profile).copied().unwrap_or(0)
    }

    /// Whoever is held up, and for how many ticks in a row.
    pub fn iter(&self) -> impl Iterator<Item = (&ProfileName, u32)> {
        self.0.iter().map(|(profile, ticks)| (profile, *ticks))
    }

    /// Takes note that a profile has been held up for so many ticks in a row.
    pub fn note(&mut self, profile: ProfileName, ticks: u32) {
        self.0.insert(profile, ticks);
    }
}
