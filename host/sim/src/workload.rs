//! Arrival patterns. A workload is the sum of its patterns; every pattern is a
//! curve "messages expected from the start until t", so patterns add up and
//! totals are known exactly. Never decides when anything is served.

mod arrivals;
mod pattern;
#[cfg(test)]
mod tests;

pub(crate) use arrivals::Arrivals;
pub use pattern::Pattern;

use std::f64::consts::TAU;
use std::time::Duration;

/// Messages a second: finite, not negative, at most a million.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// `None` if not finite, negative, or above a million a second (beyond
    /// which memory, not time, would be the limit).
    pub fn per_second(value: f64) -> Option<Self> {
        (0.0..=1e6).contains(&value).then_some(Self(value))
    }

    /// See [`Rate::per_second`].
    pub fn per_hour(value: f64) -> Option<Self> {
        Self::per_second(value / 3600.0)
    }

    /// In messages a second.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// What arrives at one queue: the sum of its patterns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workload(Vec<Pattern>);

impl Workload {
    /// Nothing arrives by itself.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The same with one more pattern.
    #[must_use]
    pub fn and(mut self, pattern: Pattern) -> Self {
        self.0.push(pattern);
        self
    }

    /// How many messages are expected until `offset` from the start.
    pub fn expected(&self, offset: Duration) -> f64 {
        self.0.iter().map(|pattern| pattern.until(offset.as_secs_f64())).sum()
    }

    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.0
    }
}

impl From<Pattern> for Workload {
    fn from(pattern: Pattern) -> Self {
        Self(vec![pattern])
    }
}

/// The integral of `1 + swing * cos(TAU * (t - peak) / period)` from 0 to `t`.
fn swinging(t: f64, period: f64, peak: f64, swing: f64) -> f64 {
    let angle = |at: f64| (TAU * (at - peak) / period).sin();
    t + swing * period / TAU * (angle(t) - angle(0.0))
}
