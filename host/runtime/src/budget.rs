//! The running totals of one sandbox: linear memory, tables, host calls. They
//! are totals because a component may be made of many instances, each with its
//! own memory; the engine alone would limit each by itself.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::limits::{Limit, LimitHit, Limits, Used};

/// What a sandbox has used so far.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Arc<Limits>,
    memory: usize,
    memory_peak: usize,
    table_elements: usize,
    host_calls: u32,
    /// What was counted last; taken back if the engine then fails to grow.
    pending: usize,
}

impl Budget {
    pub(crate) const fn new(limits: Arc<Limits>) -> Self {
        Self { limits, memory: 0, memory_peak: 0, table_elements: 0, host_calls: 0, pending: 0 }
    }

    /// Counts one call of an import.
    pub(crate) fn count_call(&mut self) -> Result<(), LimitHit> {
        self.host_calls = self.host_calls.saturating_add(1);
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
