//! What the load was: the mean of each hour of 14 days. An hour without a
//! reading has none; that is not a load of zero.

use crate::HOUR_MS;

/// Hours remembered, beside the one that runs: 14 days, as EC2's predictive
/// scaling looks back.
pub const HISTORY_HOURS: usize = 14 * 24;

/// The load of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The hour that runs, counted from the Unix epoch.
    pub(crate) hour: u32,
    /// Of its readings: their sum, and how many.
    pub(crate) sum: f64,
    pub(crate) readings: u32,
    /// The hours before it, the oldest first; always [`HISTORY_HOURS`] of them.
    pub(crate) means: Vec<Option<f32>>,
}

impl Default for History {
    fn default() -> Self {
        Self { hour: 0, sum: 0.0, readings: 0, means: vec![None; HISTORY_HOURS] }
    }
}

impl History {
    /// Takes in one reading. What is no load (negative, not finite) and what is
    /// older than the hour that runs is passed over: a clock that went back
    /// does not tell the past anew.
    pub fn record(&mut self, now_ms: u64, load: f64) {
        let hour = hour(now_ms);
        // What does not fit an f32 as a mean is no load either.
        if hour < self.hour || !(0.0..=f64::from(f32::MAX)).contains(&load) {
            return;
        }
        self.pass_to(hour);
        let (sum, readings) = (self.sum + load, self.readings.saturating_add(1));
        if sum.is_finite() {
            (self.sum, self.readings) = (sum, readings);
        }
    }

    /// How many complete hours have a mean.
    pub fn hours(&self) -> usize {
        self.means.iter().flatten().count()
    }

    /// Ends the hours up to this one.
    fn pass_to(&mut self, hour: u32) {
        let passed = usize::try_from(hour - self.hour).unwrap_or(usize::MAX).min(HISTORY_HOURS);
        if passed == 0 {
            return;
        }
        let mean = (self.readings > 0).then(|| (self.sum / f64::from(self.readings)) as f32);
        let whole_gap = hour - self.hour > HISTORY_HOURS as u32;
        self.means.drain(..passed);
        self.means.push(if whole_gap { None } else { mean });
        self.means.resize(HISTORY_HOURS, None);
        (self.hour, self.sum, self.readings) = (hour, 0.0, 0);
    }

    /// The hours up to a moment, the last complete one last, with the hour that
    /// runs then: what was recorded, and no value for what was not.
    pub(crate) fn until(&self, now_ms: u64) -> (u32, Vec<Option<f64>>) {
        let mut passed = self.clone();
        passed.pass_to(hour(now_ms).max(self.hour));
        let means = passed.means.iter().map(|mean| mean.map(f64::from)).collect();
        (passed.hour, means)
    }
}

/// The hour of a moment, counted from the Unix epoch.
pub(crate) fn hour(now_ms: u64) -> u32 {
    u32::try_from(now_ms / HOUR_MS).unwrap_or(u32::MAX)
}
