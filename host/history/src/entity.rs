//! The series of one queue, profile or machine, side by side.

use crate::column::{Column, Run, Slot};
use crate::dropped::{Cause, Dropped};
use crate::series::{Metric, Source};

/// The series of one source.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    pub(crate) source: Source,
    /// What a machine's utilization is a percentage of; 1 of anything else.
    pub(crate) vcpus: u32,
    columns: Box<[Column]>,
    /// The tick after its last reading.
    seen: Slot,
}

impl Entity {
    pub(crate) fn new(source: Source, vcpus: u32) -> Self {
        let columns = source.kept().iter().map(|_| Column::new()).collect();
        Self { source, vcpus, columns, seen: 0 }
    }

    /// How many series it is.
    pub(crate) fn series(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The tick after its last reading.
    pub(crate) const fn seen(&self) -> Slot {
        self.seen
    }

    /// The column of a metric that is kept of it.
    pub(crate) fn column(&self, metric: Metric) -> Option<&Column> {
        let at = self.source.kept().iter().position(|kept| *kept == metric)?;
        self.columns.get(at)
    }

    /// Adds a tick's readings, in the order of the columns.
    pub(crate) fn put(&mut self, slot: Slot, readings: &[Option<f64>], dropped: &mut Dropped) {
        for (at, value) in readings.iter().enumerate() {
            let Some(value) = *value else { continue };
            match Cause::of(value) {
                Some(cause) => dropped.add(cause, 1),
                None => self.extend(at, Run { start: slot, len: 1, value }),
            }
        }
    }

    /// Adds readings that are all alike to one column. They are no numbers to
    /// be doubted any more.
    pub(crate) fn extend(&mut self, column: usize, run: Run) {
        let Some(column) = self.columns.get_mut(column) else { return };
        // A negative zero is a zero.
        column.push(run.start, run.len, run.value + 0.0);
        self.seen = self.seen.max(run.end());
    }

    pub(crate) fn forget(&mut self, before: Slot) {
        self.columns.iter_mut().for_each(|column| column.forget(before));
    }

    /// Forgets a tick and what came after it; says how many readings that were.
    pub(crate) fn cut(&mut self, from: Slot) -> u64 {
        let mut gone = 0;
        for column in &mut self.columns {
            gone += column.runs(from..Slot::MAX).map(|run| u64::from(run.len)).sum::<u64>();
            column.cut(from);
        }
        self.seen = self.seen.min(from);
        gone
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Column::heap_bytes).sum();
        columns + size_of_val(&*self.columns) + self.source.name().len() + 32
    }
}
