//! `log`: bounded, kept for the caller, never printed here.

use crate::contract::log::{Host, Level as Wire};
use crate::evaluation::Level;
use crate::state::State;

impl Host for State {
    fn enabled(&mut self, level: Wire) -> wasmtime::Result<bool> {
        self.enter(0)?;
        Ok(self.log.keeps(level.into(), self.budget.limits()))
    }

    /// Not counted as a host call: the log has limits of its own, and a flood
    /// of it is cut, not punished.
    fn write(&mut self, level: Wire, message: String) -> wasmtime::Result<()> {
        self.budget.wanted.value(message.len());
        self.log.write(level.into(), &message, self.budget.limits());
        Ok(())
    }
}

impl From<Wire> for Level {
    fn from(level: Wire) -> Self {
        match level {
            Wire::Debug => Self::Debug,
            Wire::Info => Self::Info,
            Wire::Warn => Self::Warn,
            Wire::Error => Self::Error,
        }
    }
}
