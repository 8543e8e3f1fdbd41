//! A moment, the same everywhere in the world.

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// So many milliseconds after the Unix epoch.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// The moment `ms` milliseconds later; the last one there is, at most.
    #[must_use]
    pub const fn later(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Whole minutes since the Unix epoch.
    pub(crate) fn minute(self) -> i64 {
        i64::try_from(self.0 / 60_000).unwrap_or(i64::MAX)
    }

    /// The moment at which a minute begins; the epoch, if it lies before.
    pub(crate) fn from_minute(minute: i64) -> Self {
        Self(u64::try_from(minute).unwrap_or(0).saturating_mul(60_000))
    }
}
