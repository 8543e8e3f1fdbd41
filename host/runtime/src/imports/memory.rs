//! `memory`: bytes that survive ticks. What is stored here is only staged; it
//! leaves with the answer, and only if there is one.

use crate::contract::memory::{Host, MemoryError};
use crate::state::State;

impl Host for State {
    fn load(&mut self) -> wasmtime::Result<Option<Vec<u8>>> {
        let (facts, _) = self.enter_facts("memory.load")?;
        Ok(facts.memory.as_deref().map(<[u8]>::to_vec))
    }

    fn store(&mut self, bytes: Vec<u8>) -> wasmtime::Result<Result<(), MemoryError>> {
        let (facts, limits) = self.enter_facts("memory.store")?;
        if bytes.len() > limits.remembered_bytes {
            return Ok(Err(MemoryError::TooLarge(limits.remembered_bytes as u64)));
        }
        facts.stored = Some(bytes);
        Ok(Ok(()))
    }
}
