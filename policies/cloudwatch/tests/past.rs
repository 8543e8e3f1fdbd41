//! A made-up past that answers questions for statistics: one reading, or so
//! many alike, in every minute. Shared by the tests; decides nothing.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::collections::BTreeMap;

use policy_cloudwatch::decide::{Decision, Situation, decide};
use policy_cloudwatch::memory::Memory;
use policy_cloudwatch::settings::Settings;
use policy_cloudwatch::statistic::Statistic;
use policy_cloudwatch::watch::{Point, Query};

pub(crate) const MINUTE_MS: u64 = 60_000;

/// 2026-01-01T00:00:00Z
pub(crate) const NEW_YEAR_MS: u64 = 1_767_225_600_000;

/// Readings by metric and minute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    pub(crate) minutes: BTreeMap<(&'static str, u64), f64>,
    /// Readings in a minute.
    pub(crate) samples: u32,
}

impl Past {
    pub(crate) fn new(samples: u32) -> Self {
        Self { minutes: BTreeMap::new(), samples }
    }

    /// The reading of the minute that begins here.
    pub(crate) fn read(&mut self, metric: &'static str, at_ms: u64, value: f64) {
        self.minutes.insert((metric, at_ms / MINUTE_MS), value);
    }

    /// The answer to a question. Periods are whole minutes.
    pub(crate) fn ask(&self, query: &Query<'_>) -> Result<Vec<Point>, String> {
        let point = |back: u32| {
            let end = (query.end_ms - u64::from(back) * query.period_ms) / MINUTE_MS;
            let start = end - query.period_ms / MINUTE_MS;
            let values: Vec<f64> = (start..end)
                .filter_map(|m| self.minutes.get(&(query.metric, m)).copied())
                .collect();
            let samples = self.samples * u32::try_from(values.len()).unwrap_or(0);
            let count = values.len() as f64;
            let value = match query.statistic {
                Statistic::SampleCount => Some(f64::from(samples)),
                _ if values.is_empty() => None,
                Statistic::Sum => Some(values.iter().sum::<f64>() * f64::from(self.samples)),
                Statistic::Average => Some(values.iter().sum::<f64>() / count),
                Statistic::Minimum => values.iter().copied().reduce(f64::min),
                Statistic::Maximum
                | Statistic::Percentile(_)
                | Statistic::TrimmedMean(_)
                | Statistic::Other(_) => values.iter().copied().reduce(f64::max),
            };
            Point { value, samples }
        };
        Ok((0..query.count).rev().map(point).collect())
    }
}

/// All workers serve, within 0 to 100.
pub(crate) fn serving(now_ms: u64, workers: u32) -> Situation {
    Situation {
        now_ms,
        minimum: 0,
        maximum: 100,
        capacity: workers,
        serving: workers,
        booting: 0,
        draining: 0,
        queues: vec!["ocr".to_owned()],
        kept_ms: 3 * 60 * MINUTE_MS,
    }
}

/// Decides over this past.
pub(crate) fn decided(
    settings: &Settings,
    situation: &Situation,
    memory: Memory,
    past: &Past,
) -> Decision {
    decide(settings, situation, memory, |query| past.ask(query))
        .unwrap_or_else(|why| panic!("{why}"))
}
