//! One alarm being watched: which periods it looks at, what their points are,
//! and what state they come to. Asks for statistics, and for nothing else.

use crate::alarm::{Missing, Rule, State};
use crate::math::{Expression, Reading, Series, Trust, series};
use crate::memory::Alarm;
use crate::metric::{Measure, Subject};
use crate::statistic::{Statistic, is_significant};

/// A question for the statistics of some periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Query<'a> {
    /// What the readings are about.
    pub subject: &'a Subject,
    /// Which of its readings.
    pub metric: &'static str,
    /// What each period is made into.
    pub statistic: &'a Statistic,
    /// Length of a period in milliseconds.
    pub period_ms: u64,
    /// Where the newest period ends, in milliseconds since the Unix epoch.
    pub end_ms: u64,
    /// How many periods, at most [`PERIODS_ASKED`].
    pub count: u32,
}

/// One period, as answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The statistic; `None` where there was no reading.
    pub value: Option<f64>,
    /// Readings in it.
    pub samples: u32,
}

/// The most periods that one question may ask for.
pub const PERIODS_ASKED: u32 = 1440;

/// Where the points come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A metric.
    Metric(Measure),
    /// Queries, each over those before it; the last is the one returned.
    Math { queries: Vec<MathQuery>, label: String },
}

/// One query of several.
#[derive(Debug, Clone, PartialEq)]
pub enum MathQuery {
    /// A metric.
    Metric(Measure),
    /// An expression over the queries before it.
    Expression(Expression),
}

/// On which side of the threshold a point is beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `GreaterThanOrEqualToThreshold`
    AtLeast,
    /// `GreaterThanThreshold`
    Above,
    /// `LessThanThreshold`
    Below,
    /// `LessThanOrEqualToThreshold`
    AtMost,
}

impl Comparison {
    /// Whether a value is beyond the threshold.
    pub fn is_beyond(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::AtLeast => value >= threshold,
            Self::Above => value > threshold,
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
        }
    }

    /// Whether beyond is above.
    pub const fn is_above(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
    }

    /// As a reason shows it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// What a percentile of too few readings does to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LowSamples {
    /// It counts as any other.
    Evaluate,
    /// The alarm stays as it is.
    Ignore,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Where its points come from.
    pub source: Source,
    /// Length of a period in milliseconds.
    pub period_ms: u64,
    /// When points are an alarm.
    pub rule: Rule,
    /// On which side of the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// What percentiles of too few readings do.
    pub low_samples: LowSamples,
}

/// An alarm, evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// What it has come to.
    pub state: State,
    /// Whether its actions are called for now.
    pub fires: bool,
    /// Its points that are not missing, the oldest first; at most as many as
    /// the rule looks at.
    pub points: Vec<Reading>,
    /// Whether it may be a reason for fewer workers: the newest period was read,
    /// and no alarm rests on points that are missing.
    pub proven: bool,
}

impl Sight {
    /// The newest point there is.
    pub fn newest(&self) -> Option<f64> {
        self.points.last().map(|point| point.value)
    }
}

/// How a source is looked at.
struct Look {
    period_ms: u64,
    low_samples: LowSamples,
    range: u32,
}

const MINUTE_MS: u64 = 60_000;
const TEN_SECONDS_MS: u64 = 10_000;

impl Watch {
    /// Evaluates it if its time has come: once a minute, or every ten seconds
    /// where its periods are shorter than a minute. Each time it looks at the
    /// periods that end there.
    ///
    /// Its actions are called for when its state changes, and again in every
    /// minute of the clock while it stays.
    pub fn look<E>(
        &self,
        alarm: &mut Alarm,
        now_ms: u64,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Option<Sight>, E> {
        let Some(series) = self.points(alarm, now_ms, self.rule.range, ask)? else {
            return Ok(None);
        };
        Ok(Some(self.judge(alarm, now_ms, &series)))
    }

    /// The points of so many periods, if its time has come.
    pub fn points<E>(
        &self,
        alarm: &Alarm,
        now_ms: u64,
        range: u32,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Option<Series>, E> {
        if alarm.evaluated_ms == self.end_ms(now_ms) {
            return Ok(None);
        }
        let Self { period_ms, low_samples, .. } = *self;
        let look = Look { period_ms, low_samples, range };
        self.source.series(&look, self.end_ms(now_ms), ask).map(Some)
    }

    /// Whether its points reach further back than readings are kept, so that no
    /// evaluation has all of them.
    pub const fn is_longer_than(&self, kept_ms: u64) -> bool {
        self.period_ms.saturating_mul(self.rule.of as u64) > kept_ms
    }

    /// The same, where nothing takes the place of a missing point: those that are
    /// no longer kept are neither beyond the threshold nor within it.
    pub fn unfilled(&self) -> Self {
        Self { rule: Rule { missing: Missing::Missing, ..self.rule }, ..self.clone() }
    }

    /// Of how many periods it needs what a question asks for, if at all.
    pub fn asks(&self, query: &Query<'_>) -> Option<u32> {
        let is_asked = self.period_ms == query.period_ms && self.source.measures(query);
        is_asked.then(|| self.source.count(self.rule.range))
    }

    /// Where the newest period ends that has ended.
    const fn end_ms(&self, now_ms: u64) -> u64 {
        let every = if self.period_ms < MINUTE_MS { TEN_SECONDS_MS } else { MINUTE_MS };
        now_ms - now_ms % every
    }

    /// What the newest of these points come to.
    pub fn judge(&self, alarm: &mut Alarm, now_ms: u64, series: &[Option<Reading>]) -> Sight {
        let series = &series[series.len().saturating_sub(self.rule.range as usize)..];
        let current = series.last().is_some_and(|p| p.is_some_and(|p| p.trust == Trust::Read));
        let real: Vec<Reading> = series.iter().copied().flatten().collect();
        let looked_at = real.len().saturating_sub(self.rule.of as usize);
        let points = real[looked_at..].to_vec();
        let few = points.iter().any(|point| point.trust == Trust::Few);
        let state = if few {
            alarm.state
        } else {
            let beyond = |p: &Reading| self.comparison.is_beyond(p.value, self.threshold);
            let points: Vec<Option<bool>> = series.iter().map(|p| p.as_ref().map(beyond)).collect();
            self.rule.judge(alarm.state, &points)
        };
        let fires = state != alarm.state || alarm.fired_ms / MINUTE_MS < now_ms / MINUTE_MS;
        alarm.state = state;
        alarm.evaluated_ms = self.end_ms(now_ms);
        if fires {
            alarm.fired_ms = now_ms;
        }
        let beyond = |p: &&Reading| self.comparison.is_beyond(p.value, self.threshold);
        let by_silence = state == State::Alarm
            && self.rule.missing == Missing::Breaching
            && points.iter().filter(beyond).count() < self.rule.datapoints as usize;
        Sight { state, fires, points, proven: current && !by_silence }
    }
}

impl Source {
    /// What a reason calls it.
    pub fn label(&self) -> &str {
        match self {
            Self::Metric(measure) => &measure.label,
            Self::Math { label, .. } => label,
        }
    }

    /// The point of the period that ends here.
    pub fn newest<E>(
        &self,
        period_ms: u64,
        end_ms: u64,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Option<Reading>, E> {
        let look = Look { period_ms, low_samples: LowSamples::Evaluate, range: 1 };
        Ok(self.series(&look, end_ms, ask)?.pop().flatten())
    }

    /// How many periods of its metrics are needed for so many points of it: a
    /// rate needs the point before; one more for each rate of a rate.
    fn count(&self, range: u32) -> u32 {
        let rates = |query: &MathQuery| match query {
            MathQuery::Metric(_) => 0,
            MathQuery::Expression(expression) => expression.rates(),
        };
        match self {
            Self::Metric(_) => range,
            Self::Math { queries, .. } => range.saturating_add(queries.iter().map(rates).sum()),
        }
    }

    /// Whether one of its metrics is what a question asks for.
    fn measures(&self, query: &Query<'_>) -> bool {
        let is_asked = |measure: &Measure| {
            measure.metric == query.metric
                && measure.subject == *query.subject
                && measure.statistic == *query.statistic
        };
        match self {
            Self::Metric(measure) => is_asked(measure),
            Self::Math { queries, .. } => queries.iter().any(|query| match query {
                MathQuery::Metric(measure) => is_asked(measure),
                MathQuery::Expression(_) => false,
            }),
        }
    }

    /// The points of the range that ends here, the oldest first.
    fn series<E>(
        &self,
        look: &Look,
        end_ms: u64,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Series, E> {
        let range = look.range;
        let queries = match self {
            Self::Metric(measure) => return measure.series(look, end_ms, range, ask),
            Self::Math { queries, .. } => queries,
        };
        let count = self.count(range);
        let mut results: Vec<Series> = Vec::with_capacity(queries.len());
        for query in queries {
            let result = match query {
                MathQuery::Metric(measure) => measure.series(look, end_ms, count, ask)?,
                MathQuery::Expression(expression) => {
                    let count = count as usize;
                    series(expression.compute(&results, count, look.period_ms), count)
                }
            };
            results.push(result);
        }
        let mut last = results.pop().unwrap_or_default();
        last.drain(..last.len().saturating_sub(range as usize));
        Ok(last)
    }
}

impl Measure {
    /// Its points, asked for in as many questions as it takes.
    fn series<E>(
        &self,
        look: &Look,
        end_ms: u64,
        count: u32,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Series, E> {
        let mut points = Vec::with_capacity(count as usize);
        let mut left = count;
        while left > 0 {
            let count = left.min(PERIODS_ASKED);
            left -= count;
            let query = Query {
                subject: &self.subject,
                metric: self.metric,
                statistic: &self.statistic,
                period_ms: look.period_ms,
                end_ms: end_ms.saturating_sub(u64::from(left) * look.period_ms),
                count,
            };
            let answer = ask(&query)?;
            points.extend(answer.into_iter().map(|point| self.reading(look, point)));
        }
        Ok(points)
    }

    fn reading(&self, look: &Look, point: Point) -> Option<Reading> {
        let value = point.value.map(|value| value * self.factor).filter(|v| v.is_finite())?;
        let is_few = look.low_samples == LowSamples::Ignore
            && !is_significant(&self.statistic, point.samples);
        Some(Reading { value, trust: if is_few { Trust::Few } else { Trust::Read } })
    }
}
