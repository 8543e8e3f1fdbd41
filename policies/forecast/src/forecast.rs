//! The method. For an hour to come, three guesses from the same hour of the
//! day: the last one known, the mean of the last seven known, and that of the
//! same day of the week. They are mixed in proportion to the inverse of their
//! mean squared error over the last week (Bates and Granger, "The Combination
//! of Forecasts", 1969), so that the load itself says whether it has weeks.
//! The mixture is brought to the level of the last six hours, the more the
//! nearer the hour is: the next takes over 90 % of the difference, and each
//! after it 90 % of what the one before took.
//!
//! Nothing is fitted but the three weights. Same history, same forecast.

use crate::HOUR_MS;
use crate::history::{History, hour};

/// How many hours are foretold, as EC2's predictive scaling does.
pub const FORECAST_HOURS: usize = 48;

/// How many hours with a load are needed for it (the same source).
pub const LEAST_HOURS: usize = 24;

const DAY: usize = 24;
const WEEK: usize = 7 * DAY;

/// Fewer errors than this say nothing of a guess.
const ERRORS_LEAST: usize = 24;

/// The level is that of so many hours: as many as EC2 lets pass between two
/// forecasts.
const LEVEL_HOURS: usize = 6;

/// What one hour keeps of the level of the hour before.
const LEVEL_KEPT: f64 = 0.9;

/// A level beyond these is an accident and no level.
const LEVELS: (f64, f64) = (0.5, 2.0);

/// The load of the hours to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    hour: u32,
    loads: Vec<Option<f64>>,
}

/// There is not enough to foretell anything from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{hours} hours of load are known: a forecast needs {LEAST_HOURS}")]
pub struct TooLittle {
    /// Complete hours with a load.
    pub hours: usize,
}

impl Forecast {
    /// The mean load expected in the hour of a moment. `None` before the hour
    /// it was made in, 48 hours after it, and where the history has a gap at
    /// that hour on every day.
    pub fn at(&self, at_ms: u64) -> Option<f64> {
        let ahead = hour(at_ms).checked_sub(self.hour)?;
        *self.loads.get(usize::try_from(ahead).ok()?)?
    }

    /// The largest of the hours touched from one moment to another, both
    /// included; at most two days are looked at.
    pub fn most(&self, from_ms: u64, to_ms: u64) -> Option<f64> {
        let hours = (to_ms / HOUR_MS).checked_sub(from_ms / HOUR_MS)?.min(FORECAST_HOURS as u64);
        let loads =
            (0..=hours).filter_map(|ahead| self.at(from_ms.saturating_add(ahead * HOUR_MS)));
        loads.reduce(f64::max)
    }
}

impl History {
    /// Foretells the hour that runs and the 47 after it.
    pub fn forecast(&self, now_ms: u64) -> Result<Forecast, TooLittle> {
        let (hour, known) = self.until(now_ms);
        let hours = known.iter().flatten().count();
        if hours < LEAST_HOURS {
            return Err(TooLittle { hours });
        }
        let past = Past { known: &known };
        let weights = past.weights();
        let mut lift = past.level(weights) - 1.0;
        let mut loads = Vec::with_capacity(FORECAST_HOURS);
        for ahead in 0..FORECAST_HOURS {
            lift *= LEVEL_KEPT;
            let load = past.mixture(weights, known.len(), known.len() + ahead);
            loads.push(load.map(|load| load * (1.0 + lift)));
        }
        Ok(Forecast { hour, loads })
    }
}

/// How much each guess counts; not necessarily 1 in sum.
type Weights = [f64; 3];

/// The hours known, the oldest first.
struct Past<'h> {
    known: &'h [Option<f64>],
}

impl Past<'_> {
    /// What is known at `target` and every `step` hours before it, of the
    /// hours before `now`; the newest first.
    fn same(&self, now: usize, target: usize, step: usize) -> impl Iterator<Item = f64> {
        let back = std::iter::successors(target.checked_sub(step), move |at| at.checked_sub(step));
        back.filter(move |at| *at < now).filter_map(|at| self.known.get(at).copied().flatten())
    }

    /// The three guesses at `target` of somebody who knows the hours before
    /// `now`.
    fn guesses(&self, now: usize, target: usize) -> [Option<f64>; 3] {
        let (sum, days) =
            self.same(now, target, DAY).take(7).fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
        [
            self.same(now, target, DAY).next(),
            (days > 0.0).then(|| sum / days),
            self.same(now, target, WEEK).next(),
        ]
    }

    /// The inverse mean squared error of each guess in the last week; if there
    /// is not one to go by, the first alone counts.
    fn weights(&self) -> Weights {
        let mut squares = [(0.0, 0_usize); 3];
        for at in self.known.len().saturating_sub(WEEK)..self.known.len() {
            let Some(was) = self.known[at] else { continue };
            for (guess, (sum, errors)) in self.guesses(at, at).into_iter().zip(&mut squares) {
                if let Some(guess) = guess {
                    *sum += (guess - was) * (guess - was);
                    *errors += 1;
                }
            }
        }
        let mean = |(sum, errors): (f64, usize)| {
            (errors >= ERRORS_LEAST).then(|| sum / errors as f64).filter(|mean| mean.is_finite())
        };
        let means = squares.map(mean);
        // A guess that was always right leaves the others a trace of weight.
        let floor = means.iter().flatten().fold(0.0_f64, |most, mean| most.max(*mean)) * 1e-6;
        let weight = |mean: Option<f64>| mean.map_or(0.0, |mean| 1.0 / mean.max(floor));
        let weights = means.map(weight);
        if weights.iter().all(|weight| weight.is_finite()) && weights.iter().sum::<f64>() > 0.0 {
            weights
        } else {
            [1.0, 0.0, 0.0]
        }
    }

    /// The guesses that there are, mixed.
    fn mixture(&self, weights: Weights, now: usize, target: usize) -> Option<f64> {
        let guesses = self.guesses(now, target);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (guess, counts) in guesses.iter().zip(weights) {
            if let Some(guess) = guess {
                sum += guess * counts;
                weight += counts;
            }
        }
        let mixed = if weight > 0.0 { Some(sum / weight) } else { guesses[0] };
        mixed.filter(|load| load.is_finite())
    }

    /// How much more there was in the last hours than the mixture said.
    fn level(&self, weights: Weights) -> f64 {
        let now = self.known.len();
        let (mut was, mut said) = (0.0, 0.0);
        for at in now.saturating_sub(LEVEL_HOURS)..now {
            if let (Some(load), Some(guess)) = (self.known[at], self.mixture(weights, at, at)) {
                was += load;
                said += guess;
            }
        }
        if said > 0.0 { (was / said).clamp(LEVELS.0, LEVELS.1) } else { 1.0 }
    }
}
