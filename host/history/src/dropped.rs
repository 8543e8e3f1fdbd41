//! What was read and not kept, counted by cause. Counts only; whoever holds
//! them tells the operator.

/// Why a reading was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Not a number, or infinite.
    NotFinite,
    /// Below zero.
    Negative,
    /// Not younger than the newest, while the clock was set back a little.
    OutOfOrder,
    /// Of a time that is still to come, after the clock was set back.
    FromTheFuture,
    /// Of a series more than may be kept.
    OverTheLimit,
}

impl Cause {
    /// Every cause, in the order of [`Dropped::counts`].
    pub const ALL: [Self; 5] = [
        Self::NotFinite,
        Self::Negative,
        Self::OutOfOrder,
        Self::FromTheFuture,
        Self::OverTheLimit,
    ];

    /// The cause as metrics and JSON write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFinite => "not-finite",
            Self::Negative => "negative",
            Self::OutOfOrder => "out-of-order",
            Self::FromTheFuture => "from-the-future",
            Self::OverTheLimit => "over-the-limit",
        }
    }

    /// Why a number is no reading, if it is none.
    pub(crate) fn of(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return Some(Self::NotFinite);
        }
        (value < 0.0).then_some(Self::Negative)
    }
}

/// How many readings were dropped, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped([u64; Cause::ALL.len()]);

impl Dropped {
    /// Every cause with its count.
    pub fn counts(&self) -> impl Iterator<Item = (Cause, u64)> + use<> {
        Cause::ALL.into_iter().zip(self.0)
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    pub(crate) fn add(&mut self, cause: Cause, readings: u64) {
        let place = Cause::ALL.iter().position(|known| *known == cause);
        if let Some(count) = place.and_then(|at| self.0.get_mut(at)) {
            *count = count.saturating_add(readings);
        }
    }
}
