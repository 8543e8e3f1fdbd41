//! What the stubs of WASI remember during one evaluation: unfinished lines,
//! the steps of the clock, how far chance was drawn, how many handles live.

use super::answer::Handle;
use super::chance::Chance;
use super::console::Console;
use crate::evaluation::Level;
use crate::state::State;

/// Nanoseconds that the clock goes on with each look at it. Long enough that
/// a loop which waits for a second ends, and never the true time.
pub(super) const STEP_NANOS: u64 = 1_000_000;

/// The memory of the stubs. Costs nothing to a policy without WASI.
#[derive(Debug, Default)]
pub(crate) struct Session {
    stdout: Console,
    stderr: Console,
    steps: u64,
    chance: Option<Chance>,
    handles: usize,
    handles_peak: usize,
}

impl Session {
    /// The time of a clock that nobody else looks at.
    pub(super) fn step(&mut self) -> u64 {
        self.steps = self.steps.saturating_add(1);
        self.steps.saturating_mul(STEP_NANOS)
    }

    pub(super) fn handle_given(&mut self) {
        self.handles = self.handles.saturating_add(1);
        self.handles_peak = self.handles_peak.max(self.handles);
    }

    pub(crate) fn handle_dropped(&mut self) {
        self.handles = self.handles.saturating_sub(1);
    }

    /// The most handles of the host that lived at once.
    pub(crate) const fn handles_peak(&self) -> usize {
        self.handles_peak
    }
}

impl State {
    /// Prints to the log what goes to a standard stream, and drops the rest.
    pub(super) fn print(&mut self, to: Handle, bytes: &[u8]) {
        let Some((console, level)) = self.wasi.console(to) else { return };
        let (log, limits) = (&mut self.log, self.budget.limits());
        console.print(bytes, limits.log_line_bytes, |line| log.write(level, line, limits));
    }

    /// Logs the lines that were never ended.
    pub(crate) fn finish_lines(&mut self) {
        for stream in [Handle::Stdout, Handle::Stderr] {
            let Some((console, level)) = self.wasi.console(stream) else { continue };
            let (log, limits) = (&mut self.log, self.budget.limits());
            console.finish(|line| log.write(level, line, limits));
        }
    }

    pub(super) fn chance(&mut self) -> &mut Chance {
        let begun = self.wasi.chance.take();
        let chance = begun.unwrap_or_else(|| match self.asked() {
            Some((snapshot, profile)) => Chance::of(snapshot, profile),
            None => Chance::without_facts(),
        });
        self.wasi.chance.insert(chance)
    }
}

impl Session {
    fn console(&mut self, stream: Handle) -> Option<(&mut Console, Level)> {
        match stream {
            Handle::Idle => None,
            Handle::Stdout => Some((&mut self.stdout, Level::Info)),
            Handle::Stderr => Some((&mut self.stderr, Level::Warn)),
        }
    }
}
