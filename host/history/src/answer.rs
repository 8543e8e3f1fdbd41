//! Finds the readings that a question is about, and makes each period into a
//! data point. Never allocates for a period.

use std::ops::Range;
use std::sync::Arc;

use hooke_control::snapshot::Snapshot;
use hooke_control::units::Timestamp;

use crate::column::{Run, Runs, Slot};
use crate::history::History;
use crate::query::{Answer, Datapoint, Query, QueryError};
use crate::series::{Metric, Source, Subject};

/// The stored series that a subject's metric is made of, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Whose.
    pub(crate) sources: Vec<Source>,
    /// The metric that is kept; another may be derived of it.
    pub(crate) kept: Metric,
    /// How they come together.
    pub(crate) together: Together,
}

/// How the readings of some series come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    /// All thrown together.
    All,
    /// Those of a tick summed; a gap where any is missing.
    Summed,
}

impl Parts {
    /// What a question is about, by the facts of its tick.
    pub(crate) fn of(
        subject: &Subject,
        metric: Metric,
        snapshot: Option<&Arc<Snapshot>>,
    ) -> Result<Self, QueryError> {
        let none = |subject| Err(QueryError::NoSuchMetric { subject, metric });
        let view =
            |name| snapshot.and_then(|snapshot| Some((snapshot, snapshot.profiles.get(name)?)));
        let all = |sources| Self { sources, kept: metric.kept(), together: Together::All };
        match subject {
            Subject::Queue(_) if !metric.is_of_queue() => none("a queue"),
            Subject::Queue(queue) => Ok(all(vec![Source::Queue(queue.clone())])),
            Subject::Vm(_) | Subject::VmsOf(_) if !metric.is_of_vm() => none("a machine"),
            Subject::Vm(vm) => Ok(all(vec![Source::Vm(vm.clone())])),
            Subject::VmsOf(profile) => {
                let vms = view(profile).into_iter().flat_map(|(all, view)| all.vms_of(view));
                Ok(all(vms.map(|vm| Source::Vm(vm.id.clone())).collect()))
            }
            Subject::Profile(_) if metric.is_of_vm() => none("a profile"),
            Subject::Profile(profile) if metric.is_of_queue() => {
                let queues = view(profile).map_or(&[][..], |(_, view)| &view.spec.queues);
                let sources = queues.iter().cloned().map(Source::Queue).collect();
                Ok(Self { sources, kept: metric, together: Together::Summed })
            }
            Subject::Profile(profile) => Ok(all(vec![Source::Profile(profile.clone())])),
        }
    }
}

impl History {
    /// What the periods come to, as it was known at `until`.
    pub(crate) fn answer(
        &self,
        query: &Query,
        parts: &Parts,
        until: Timestamp,
    ) -> Result<Answer, QueryError> {
        if query.period.is_zero() {
            return Err(QueryError::NoPeriod);
        }
        if query.count == 0 || query.count > Query::MOST {
            return Err(QueryError::Count { count: query.count });
        }
        let whole = self.slots(query.start(), query.end, until);
        let ticks = u64::from(whole.end - whole.start);
        let readings = ticks.saturating_mul(parts.sources.len() as u64);
        if readings > Query::MOST_READINGS {
            return Err(QueryError::TooMuch { readings });
        }
        let mut gathering = Gathering::new(self, query.metric, parts, &whole);
        let mut points = Vec::with_capacity(query.count as usize);
        let mut left = whole;
        for back in (0..query.count).rev() {
            let end = query.end.minus(query.period.saturating_mul(back));
            // Each period begins where the one before ended.
            let slots = left.start..self.times.first_at(&left, end);
            left.start = slots.end;
            let found = gathering.until(slots);
            let samples = u32::try_from(found.len()).unwrap_or(u32::MAX);
            points.push(Datapoint { value: query.statistic.of(found), samples });
        }
        Ok(Answer { points, work: readings + u64::from(query.count) })
    }

    /// The ticks from one moment on and before another, as known at `until`;
    /// none that is older than what is kept.
    pub(crate) fn slots(
        &self,
        from: Timestamp,
        before: Timestamp,
        until: Timestamp,
    ) -> Range<Slot> {
        let after = until.plus(std::time::Duration::from_millis(1));
        self.times.slots(from.max(until.minus(self.keep().time)), before.min(after))
    }
}

/// The readings of some series, period after period.
struct Gathering<'a> {
    readers: Vec<Reader<'a>>,
    /// Parts that are asked for; some may not be there at all.
    parts: usize,
    together: Together,
    found: Vec<f64>,
    sums: Vec<(f64, usize)>,
}

impl<'a> Gathering<'a> {
    fn new(history: &'a History, metric: Metric, parts: &Parts, range: &Range<Slot>) -> Self {
        let readers = parts.sources.iter().filter_map(|source| {
            let entity = history.of(source)?;
            let runs = entity.column(parts.kept)?.runs(range.clone());
            let percent_of = (metric == Metric::Utilization).then_some(entity.vcpus);
            Some(Reader { runs, pending: None, percent_of })
        });
        Self {
            readers: readers.collect(),
            parts: parts.sources.len(),
            together: parts.together,
            found: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// The readings of a period; it begins where the one before ended.
    fn until(&mut self, slots: Range<Slot>) -> &mut [f64] {
        let Self { readers, found, sums, .. } = self;
        found.clear();
        match self.together {
            Together::All => {
                for reader in readers {
                    reader.until(slots.end, |_, value| found.push(value));
                }
            }
            Together::Summed => {
                sums.clear();
                sums.resize((slots.end - slots.start) as usize, (0.0, 0));
                for reader in readers {
                    reader.until(slots.end, |slot, value| {
                        let place = slot.checked_sub(slots.start).map(|at| at as usize);
                        if let Some(sum) = place.and_then(|at| sums.get_mut(at)) {
                            *sum = (sum.0 + value, sum.1 + 1);
                        }
                    });
                }
                let whole = sums.iter().filter(|(_, parts)| *parts > 0 && *parts == self.parts);
                found.extend(whole.map(|(sum, _)| sum));
            }
        }
        found
    }
}

/// One series, read from the oldest on.
struct Reader<'a> {
    runs: Runs<'a>,
    pending: Option<Run>,
    percent_of: Option<u32>,
}

impl Reader<'_> {
    /// The readings before a tick that were not given yet.
    fn until(&mut self, end: Slot, mut each: impl FnMut(Slot, f64)) {
        while let Some(run) = self.pending.take().or_else(|| self.runs.next()) {
            let value = match self.percent_of {
                Some(vcpus) => 100.0 * run.value / f64::from(vcpus),
                None => run.value,
            };
            (run.start..run.end().min(end)).for_each(|slot| each(slot, value));
            if run.end() > end {
                let start = run.start.max(end);
                self.pending = Some(Run { start, len: run.end() - start, value: run.value });
                return;
            }
        }
    }
}
