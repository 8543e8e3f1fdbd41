//! `memory`: bytes that survive ticks. What is stored here is only staged; it
//! leaves with the answer, and only if there is one.

use crate::contract::memory::{Host, MemoryError};
use crate::state::State;

impl Host for State {
    fn load(&mut self) -> wasmtime::Result<Option<Vec<u8>>> {
        let (facts, _) = self.enter_facts("memory.load", 0)?;
        Ok(facts.memory.as_deref().map(<[u8]>::to_vec))
    }

    fn store(&mut self, bytes: Vec<u8>) -> wasmtime::Result<Result<(), MemoryError>> {
        let (facts, budget) = self.enter_facts("memory.store", bytes.len())?;
        let wanted = &mut budget.wanted.remembered_bytes;
        *wanted = bytes.len().max(*wanted);
        let allowed = budget.limits().remembered_bytes;
        if bytes.len() > allowed {
            return Ok(Err(MemoryError::TooLarge(allowed as u64)));
        }
        facts.stored = Some(bytes);
        Ok(Ok(()))
    }
}
