//! Chance that can be repeated: one stream of numbers per entity, all from one
//! seed. An entity's numbers depend on the seed and on its name alone, so one
//! more queue or machine never reshuffles the others. Never draws from the
//! operating system.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, LogNormal, Poisson, StandardUniform};
use rand_seeder::Seeder;

use hooke_control::units::millis;

/// A probability: finite, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// It never happens.
    pub const NEVER: Self = Self(0.0);
    /// It always happens.
    pub const ALWAYS: Self = Self(1.0);

    /// `None` outside 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// As a number from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A range of durations, both ends included, drawn from evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    min: Duration,
    max: Duration,
}

impl Between {
    /// `None` if `min` is above `max`.
    pub fn new(min: Duration, max: Duration) -> Option<Self> {
        (min <= max).then_some(Self { min, max })
    }

    /// Always the same duration.
    pub const fn exactly(span: Duration) -> Self {
        Self { min: span, max: span }
    }

    /// The shortest.
    pub const fn min(self) -> Duration {
        self.min
    }

    /// The longest.
    pub const fn max(self) -> Duration {
        self.max
    }
}

/// How long messages take to be served. Never shorter than 1 ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceTime(Shape);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Even(Between),
    LogNormal { distribution: LogNormal<f64>, mean: Duration },
}

impl ServiceTime {
    /// Every message takes the same time.
    pub const fn fixed(span: Duration) -> Self {
        Self(Shape::Even(Between::exactly(span)))
    }

    /// Evenly drawn from a range.
    pub const fn even(range: Between) -> Self {
        Self(Shape::Even(range))
    }

    /// Log-normal, as the run times of real jobs mostly are: many short, a few
    /// very long. `variation` is the standard deviation over the mean. `None`
    /// if the mean is zero or the variation is not finite and positive.
    pub fn varying(mean: Duration, variation: f64) -> Option<Self> {
        if mean.is_zero() || !variation.is_finite() || variation <= 0.0 {
            return None;
        }
        let distribution = LogNormal::from_mean_cv(mean.as_secs_f64(), variation).ok()?;
        Some(Self(Shape::LogNormal { distribution, mean }))
    }

    /// The mean.
    pub fn mean(self) -> Duration {
        match self.0 {
            Shape::Even(range) => (range.min + range.max) / 2,
            Shape::LogNormal { mean, .. } => mean,
        }
    }
}

/// A stream of chance that belongs to one entity.
#[derive(Debug, Clone)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of the entity `name` among its `kind`.
    pub(crate) fn of(seed: u64, kind: &str, name: &str) -> Self {
        Self(Seeder::from((seed, kind, name)).into_rng())
    }

    /// A number from 0 up to, and not with, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        StandardUniform.sample(&mut self.0)
    }

    /// Whether something of this probability happens. Draws in any case, so
    /// that a changed probability does not shift later draws.
    pub(crate) fn happens(&mut self, probability: Probability) -> bool {
        self.unit() < probability.0
    }

    /// A duration from the range, in whole milliseconds.
    pub(crate) fn between(&mut self, range: Between) -> Duration {
        let (min, max) = (millis(range.min), millis(range.max));
        // A range of durations in milliseconds is far below 2^52.
        let extra = (self.unit() * (max - min + 1) as f64) as u64;
        Duration::from_millis(min + extra.min(max - min))
    }

    /// One of `count` things; `None` if there is none.
    pub(crate) fn pick(&mut self, count: usize) -> Option<usize> {
        let drawn = (self.unit() * count as f64) as usize;
        count.checked_sub(1).map(|last| drawn.min(last))
    }

    /// How long one message takes, at least 1 ms.
    pub(crate) fn service(&mut self, time: ServiceTime) -> Duration {
        let drawn = match time.0 {
            Shape::Even(range) => self.between(range),
            Shape::LogNormal { distribution, .. } => {
                Duration::try_from_secs_f64(distribution.sample(&mut self.0))
                    .unwrap_or(Duration::MAX)
            }
        };
        drawn.max(Duration::from_millis(1))
    }

    /// How long until something happens that happens `per_hour` times an hour;
    /// `None` for never.
    pub(crate) fn until(&mut self, per_hour: f64) -> Option<Duration> {
        let units: f64 = Exp1.sample(&mut self.0);
        Duration::try_from_secs_f64(units * 3600.0 / per_hour).ok().filter(|_| per_hour > 0.0)
    }

    /// How many of something that is expected `mean` times.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        // The distribution refuses only what is not finite or near 2^63.
        Poisson::new(mean).map_or(0, |distribution| distribution.sample(&mut self.0) as u64)
    }
}
