//! What the readings of one period are made into, as CloudWatch defines it.
//! Knows no time.

/// What the readings of one period are made into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The least reading at or below which this percentage of them lies
    /// (nearest rank): always a reading, never one made up between two.
    Percentile(Percent),
    /// The mean of the readings from one percentage to another. Of n readings in
    /// order, the i-th stands for the part from (i-1)/n to i/n of them; it is
    /// left out if its whole part lies outside.
    TrimmedMean(Percent, Percent),
}

/// A percentage from 0 to 100 with ten decimals, as CloudWatch takes them. Not
/// a double, so that 29 percent of a hundred is 29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u64);

impl Percent {
    const ONE: f64 = 1e10;
    const ALL: u128 = 1_000_000_000_000;

    /// The percentage; `None` outside 0 to 100.
    pub fn new(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then(|| Self((percent * Self::ONE).round() as u64))
    }

    /// How many of so many, the part of one left out.
    fn whole_of(self, count: usize) -> usize {
        (u128::from(self.0) * count as u128 / Self::ALL) as usize
    }

    /// How many of so many, the part of one counted as one.
    fn begun_of(self, count: usize) -> usize {
        (u128::from(self.0) * count as u128).div_ceil(Self::ALL) as usize
    }
}

impl Statistic {
    /// The percentile, if it is one: above 0, at most 100.
    pub fn percentile(percent: f64) -> Option<Self> {
        Percent::new(percent).filter(|percent| percent.0 > 0).map(Self::Percentile)
    }

    /// The mean between two percentages, if the first is below the second.
    pub fn trimmed_mean(from: f64, to: f64) -> Option<Self> {
        let (from, to) = (Percent::new(from)?, Percent::new(to)?);
        (from < to).then_some(Self::TrimmedMean(from, to))
    }

    /// What the readings come to; `None` if there are none, but for their
    /// number. Puts them into another order.
    pub(crate) fn of(self, readings: &mut [f64]) -> Option<f64> {
        let count = readings.len();
        if let Self::SampleCount = self {
            return Some(count as f64);
        }
        if readings.is_empty() {
            return None;
        }
        Some(match self {
            Self::SampleCount => count as f64,
            Self::Sum => sum(readings),
            Self::Average => sum(readings) / count as f64,
            Self::Minimum => readings.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Maximum => readings.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Percentile(percent) => {
                let rank = percent.begun_of(count).clamp(1, count);
                *readings.select_nth_unstable_by(rank - 1, f64::total_cmp).1
            }
            Self::TrimmedMean(from, to) => {
                readings.sort_unstable_by(f64::total_cmp);
                let kept = readings.get(from.whole_of(count)..to.begun_of(count))?;
                sum(kept) / kept.len() as f64
            }
        })
    }
}

fn sum(readings: &[f64]) -> f64 {
    readings.iter().fold(0.0, |sum, reading| sum + reading)
}
