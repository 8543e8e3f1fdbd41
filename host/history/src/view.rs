//! The past as one tick knows it: what was read later does not show in it, so
//! that the same question gets the same answer for the whole tick.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use hooke_control::snapshot::Snapshot;
use hooke_control::units::{Timestamp, millis};

use crate::answer::Parts;
use crate::history::History;
use crate::past::{Asked, Past, Wanted};
use crate::query::{Answer, Query, QueryError};

/// The past as one tick knows it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct View {
    history: Arc<RwLock<History>>,
    /// Says which queues and machines a profile has.
    snapshot: Option<Arc<Snapshot>>,
}

impl View {
    /// What was read up to and with a tick, by the facts of that tick.
    pub fn new(history: &Arc<RwLock<History>>, snapshot: &Arc<Snapshot>) -> Self {
        Self { history: Arc::clone(history), snapshot: Some(Arc::clone(snapshot)) }
    }

    /// A past of its own.
    pub fn of(history: History, snapshot: &Arc<Snapshot>) -> Self {
        Self::new(&Arc::new(RwLock::new(history)), snapshot)
    }

    /// A past in which nothing was read.
    pub fn empty() -> Self {
        Self::default()
    }

    /// What the periods come to.
    ///
    /// # Errors
    /// The subject has no such metric; the periods are out of range; the
    /// question is about too many readings.
    pub fn statistics(&self, query: &Query) -> Result<Answer, QueryError> {
        let parts = Parts::of(&query.subject, query.metric, self.snapshot.as_ref())?;
        self.read().answer(query, &parts, self.until())
    }

    /// The readings that such questions are answered from, as they were taken;
    /// none of them when they are more than `most`.
    pub fn past(&self, asked: &Asked, most: usize) -> Past {
        let (history, until) = (self.read(), self.until());
        let mut wanted = Wanted::default();
        for (subject, metric, range) in asked.ranges() {
            let range = (range.from, range.before);
            wanted.ticks.extend(history.ticks(range, until));
            let parts = Parts::of(subject, metric, self.snapshot.as_ref());
            for source in parts.into_iter().flat_map(|parts| parts.sources) {
                wanted.add((source, metric.kept()), range);
            }
        }
        let keep_ms = millis(history.keep().time);
        let ticks: Vec<Timestamp> = wanted.ticks.into_iter().collect();
        let mut past = Past { keep_ms, ticks, series: Vec::new(), cut: asked.overflowed() };
        let mut left = most;
        for ((source, metric), range) in &wanted.series {
            let Some(series) = history.samples((source, *metric), range.to_owned(), until) else {
                continue;
            };
            match left.checked_sub(series.readings.len()) {
                Some(rest) => left = rest,
                None => return Past { ticks: Vec::new(), series: Vec::new(), cut: true, ..past },
            }
            past.series.push(series);
        }
        past
    }

    /// How far back readings are kept.
    pub fn keep(&self) -> Duration {
        self.read().keep().time
    }

    fn until(&self) -> Timestamp {
        self.snapshot.as_ref().map_or_else(Timestamp::default, |snapshot| snapshot.now)
    }

    fn read(&self) -> RwLockReadGuard<'_, History> {
        self.history.read().unwrap_or_else(PoisonError::into_inner)
    }
}
