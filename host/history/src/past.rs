//! What was asked about the past, and the readings that this was answered from,
//! as they were taken: enough to give the same answers again, and no more. And
//! a past made out of such readings.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hooke_control::snapshot::Snapshot;
use hooke_control::units::Timestamp;

use crate::history::{History, Keep, each_reading};
use crate::query::Query;
use crate::series::{Metric, Source, Subject};

/// What one evaluation asked about the past: of each metric, from when on and
/// before when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    ranges: BTreeMap<(Subject, Metric), Range>,
    overflowed: bool,
}

/// What was asked about one metric, all questions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: Timestamp,
    pub(crate) before: Timestamp,
    /// The length of the shortest periods.
    pub(crate) period: Duration,
}

/// What was read in a part of the past.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// How far back readings were kept, in milliseconds.
    pub keep_ms: u64,
    /// Every tick there was.
    pub ticks: Vec<Timestamp>,
    /// What was read.
    pub series: Vec<Samples>,
    /// Whether some was left out because it was too much.
    pub cut: bool,
}

/// Readings of one series as they were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Whose.
    pub source: Source,
    /// The vCPUs of a machine; 1 of anything else.
    pub vcpus: u32,
    /// One of those that are kept of such a source.
    pub metric: Metric,
    /// The oldest first.
    pub readings: Vec<(Timestamp, f64)>,
}

impl Asked {
    /// The most metrics that are noted; a guest chooses how many it asks about.
    pub const MOST: usize = 256;

    /// Notes a question.
    pub fn note(&mut self, query: &Query) {
        let range = Range { from: query.start(), before: query.end, period: query.period };
        self.add((query.subject.clone(), query.metric), range);
    }

    /// Notes what another evaluation asked as well.
    pub fn join(&mut self, other: &Self) {
        self.overflowed |= other.overflowed;
        for (about, range) in &other.ranges {
            self.add(about.clone(), *range);
        }
    }

    fn add(&mut self, about: (Subject, Metric), range: Range) {
        let full = self.ranges.len() >= Self::MOST;
        match self.ranges.entry(about) {
            Entry::Occupied(mut known) => known.get_mut().widen(range),
            Entry::Vacant(_) if full => self.overflowed = true,
            Entry::Vacant(place) => drop(place.insert(range)),
        }
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(crate) const fn overflowed(&self) -> bool {
        self.overflowed
    }

    pub(crate) fn ranges(&self) -> impl Iterator<Item = (&Subject, Metric, Range)> {
        self.ranges.iter().map(|((subject, metric), range)| (subject, *metric, *range))
    }
}

impl Range {
    fn widen(&mut self, other: Self) {
        self.from = self.from.min(other.from);
        self.before = self.before.max(other.before);
        self.period = self.period.min(other.period);
    }
}

impl Past {
    /// Adds what a tick read. What is already told of its moment stands.
    pub fn add(&mut self, snapshot: &Snapshot) {
        let now = snapshot.now;
        self.ticks.push(now);
        each_reading(snapshot, |source, vcpus, readings| {
            for (metric, value) in source.kept().iter().zip(readings) {
                let Some(value) = *value else { continue };
                let same = |s: &&mut Samples| s.source == source && s.metric == *metric;
                match self.series.iter_mut().find(same) {
                    Some(series) if series.readings.iter().any(|(at, _)| *at == now) => {}
                    Some(series) => series.readings.push((now, value)),
                    None => self.series.push(Samples {
                        source: source.clone(),
                        vcpus,
                        metric: *metric,
                        readings: vec![(now, value)],
                    }),
                }
            }
        });
    }
}

type Row = (u32, Vec<Option<f64>>);

impl From<&Past> for History {
    /// A past in which exactly this was read. Ticks that no reading is of need
    /// not be named by those who make a past up.
    fn from(past: &Past) -> Self {
        let mut ticks: BTreeMap<Timestamp, BTreeMap<&Source, Row>> =
            past.ticks.iter().map(|at| (*at, BTreeMap::new())).collect();
        for series in &past.series {
            let kept = series.source.kept();
            let Some(column) = kept.iter().position(|metric| *metric == series.metric) else {
                continue;
            };
            for (at, value) in &series.readings {
                let row = ticks.entry(*at).or_default().entry(&series.source);
                let (_, row) = row.or_insert_with(|| (series.vcpus, vec![None; kept.len()]));
                if let Some(place) = row.get_mut(column) {
                    *place = Some(*value);
                }
            }
        }
        let time = Duration::from_millis(past.keep_ms);
        let mut history = Self::new(Keep { time, series: usize::MAX });
        for (at, tick) in &ticks {
            history.take(*at, tick.iter().map(|(source, row)| (*source, row.0, &*row.1)));
        }
        history
    }
}

impl History {
    /// The ticks from one moment on and before another, as known at `until`.
    pub(crate) fn ticks(
        &self,
        (from, before): (Timestamp, Timestamp),
        until: Timestamp,
    ) -> impl Iterator<Item = Timestamp> {
        self.slots(from, before, until).filter_map(|slot| self.times.at(slot))
    }

    /// The readings of one series from one moment on and before another, as
    /// known at `until`.
    pub(crate) fn samples(
        &self,
        (source, metric): (&Source, Metric),
        (from, before): (Timestamp, Timestamp),
        until: Timestamp,
    ) -> Option<Samples> {
        let entity = self.of(source)?;
        let slots = self.slots(from, before, until);
        let mut readings = Vec::new();
        for run in entity.column(metric)?.runs(slots) {
            let of_run = (run.start..run.end()).filter_map(|slot| self.times.at(slot));
            readings.extend(of_run.map(|at| (at, run.value)));
        }
        Some(Samples { source: source.clone(), vcpus: entity.vcpus, metric, readings })
    }
}

/// Joins what several questions were about.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) series: BTreeMap<(Source, Metric), (Timestamp, Timestamp)>,
    pub(crate) ticks: BTreeSet<Timestamp>,
}

impl Wanted {
    pub(crate) fn add(&mut self, series: (Source, Metric), (from, before): (Timestamp, Timestamp)) {
        let range = self.series.entry(series).or_insert((from, before));
        *range = (range.0.min(from), range.1.max(before));
    }
}
