//! What the readings of one period are made into. Knows no time.

/// What the readings of one period are made into.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// How many readings there were.
    SampleCount,
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The least of them.
    Minimum,
    /// The greatest of them.
    Maximum,
    /// The reading below or at which this percentage of them lies (nearest
    /// rank); above 0, at most 100.
    Percentile(f64),
    /// The mean of the readings from one percentile to another.
    TrimmedMean(f64, f64),
}

impl Statistic {
    /// The percentile, if it is one.
    pub fn percentile(percent: f64) -> Option<Self> {
        (percent > 0.0 && percent <= 100.0).then_some(Self::Percentile(percent))
    }

    /// The mean between two percentiles, if they are.
    pub fn trimmed_mean(from: f64, to: f64) -> Option<Self> {
        let right = (0.0..=100.0).contains(&from) && (0.0..=100.0).contains(&to) && from < to;
        right.then_some(Self::TrimmedMean(from, to))
    }

    /// What the readings come to; `None` if there are none, but for their
    /// number. Puts them into another order.
    pub(crate) fn of(self, readings: &mut [f64]) -> Option<f64> {
        let count = readings.len() as f64;
        if let Self::SampleCount = self {
            return Some(count);
        }
        if readings.is_empty() {
            return None;
        }
        let sum = |readings: &[f64]| readings.iter().sum::<f64>();
        Some(match self {
            Self::SampleCount => count,
            Self::Sum => sum(readings),
            Self::Average => sum(readings) / count,
            Self::Minimum => readings.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Maximum => readings.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Percentile(percent) => {
                readings.sort_unstable_by(f64::total_cmp);
                readings.get(rank(percent, readings.len())).copied()?
            }
            Self::TrimmedMean(from, to) => {
                readings.sort_unstable_by(f64::total_cmp);
                let first = (from / 100.0 * count).floor() as usize;
                let after = ((to / 100.0 * count).ceil() as usize).max(first + 1);
                let kept = readings.get(first..after.min(readings.len()))?;
                sum(kept) / kept.len() as f64
            }
        })
    }
}

/// The place of the nearest rank, from zero.
fn rank(percent: f64, count: usize) -> usize {
    let rank = (percent / 100.0 * count as f64).ceil() as usize;
    rank.clamp(1, count) - 1
}
