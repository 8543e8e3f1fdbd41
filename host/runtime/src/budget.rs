//! The running totals of one sandbox: linear memory, tables, host calls. They
//! are totals because a component may be made of many instances, each with its
//! own memory; the engine alone would limit each by itself.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::limit::{Limit, LimitHit, Used};
use crate::limits::Limits;

/// What a sandbox has used so far.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Arc<Limits>,
    memory: usize,
    memory_peak: usize,
    table_elements: usize,
    table_elements_peak: usize,
    host_calls: u32,
    /// What was wanted of the limits that cut or refuse, and end nothing.
    pub(crate) wanted: Wanted,
    /// What was counted last; taken back if the engine then fails to grow.
    pending: usize,
}

/// The largest of each that was handed over, cut and refused included.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Bytes of one hand-over.
    pub(crate) value_bytes: usize,
    /// Bytes of one reason.
    pub(crate) reason_bytes: usize,
    /// Bytes to remember.
    pub(crate) remembered_bytes: usize,
    /// Actions staged, and those that were too many.
    pub(crate) staged_actions: usize,
}

impl Wanted {
    pub(crate) fn value(&mut self, bytes: usize) {
        self.value_bytes = self.value_bytes.max(bytes);
    }

    pub(crate) fn reason(&mut self, bytes: usize) {
        self.reason_bytes = self.reason_bytes.max(bytes);
    }
}

impl Budget {
    pub(crate) fn new(limits: Arc<Limits>) -> Self {
        Self {
            limits,
            memory: 0,
            memory_peak: 0,
            table_elements: 0,
            table_elements_peak: 0,
            host_calls: 0,
            wanted: Wanted::default(),
            pending: 0,
        }
    }

    /// Counts one call of an import, and the bytes that came with it.
    pub(crate) fn count_call(&mut self, handed_over: usize) -> Result<(), LimitHit> {
        self.wanted.value(handed_over);
        self.count_work(1)
    }

    /// Counts a call that took the time of many as so many more.
    pub(crate) fn count_work(&mut self, calls: u64) -> Result<(), LimitHit> {
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        self.host_calls = self.host_calls.saturating_add(calls);
        if self.host_calls <= self.limits.host_calls {
            return Ok(());
        }
        Err(Limit::HostCalls.hit(Used::Exactly(u64::from(self.host_calls)), &self.limits))
    }

    /// Calls counted, the one that hit the limit left out.
    pub(crate) fn host_calls(&self) -> u32 {
        self.host_calls.min(self.limits.host_calls)
    }

    pub(crate) const fn memory_peak(&self) -> usize {
        self.memory_peak
    }

    pub(crate) const fn table_elements_peak(&self) -> usize {
        self.table_elements_peak
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let total = self.memory.saturating_add(growth);
        if total > self.limits.memory {
            return Err(Limit::Memory.hit(Used::Exactly(total as u64), &self.limits).into());
        }
        self.memory = total;
        self.memory_peak = self.memory_peak.max(total);
        self.pending = growth;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory = self.memory.saturating_sub(std::mem::take(&mut self.pending));
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let total = self.table_elements.saturating_add(growth);
        if total > self.limits.table_elements {
            return Err(Limit::TableElements.hit(Used::Exactly(total as u64), &self.limits).into());
        }
        self.table_elements = total;
        self.table_elements_peak = self.table_elements_peak.max(total);
        self.pending = growth;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.table_elements = self.table_elements.saturating_sub(std::mem::take(&mut self.pending));
        Ok(())
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}
