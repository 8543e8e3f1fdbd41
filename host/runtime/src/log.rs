//! The log of one evaluation: what fits is kept, the rest is counted. It is
//! never printed here.

use crate::clean;
use crate::evaluation::{Level, LogLine};
use crate::limits::Limits;

/// A bounded log.
#[derive(Debug)]
pub(crate) struct Log {
    from: Level,
    pub(crate) lines: Vec<LogLine>,
    /// Bytes kept; all that are allowed once a line did not fit.
    bytes: usize,
    pub(crate) dropped: u64,
    /// Bytes of all lines, each cut to its limit.
    pub(crate) wanted_bytes: u64,
    /// Bytes of the longest line before it was cut.
    pub(crate) longest: usize,
}

impl Log {
    pub(crate) const fn new(from: Level) -> Self {
        Self { from, lines: Vec::new(), bytes: 0, dropped: 0, wanted_bytes: 0, longest: 0 }
    }

    /// Whether a line of this level would be kept, were it short.
    pub(crate) fn keeps(&self, level: Level, limits: &Limits) -> bool {
        level >= self.from && self.lines.len() < limits.log_lines && self.bytes < limits.log_bytes
    }

    /// Keeps a line, or counts it. Lines below the level are neither kept nor
    /// counted: nobody wants them. The first line that does not fit ends the
    /// log: what is kept has no gaps.
    pub(crate) fn write(&mut self, level: Level, message: &str, limits: &Limits) {
        if level < self.from {
            return;
        }
        self.longest = self.longest.max(message.len());
        if self.keeps(level, limits) {
            let text = clean::line(message, limits.log_line_bytes);
            if text.len() <= limits.log_bytes - self.bytes {
                self.bytes += text.len();
                self.wanted_bytes += text.len() as u64;
                self.lines.push(LogLine { level, text });
                return;
            }
            self.bytes = limits.log_bytes;
        }
        let cut = message.len().min(limits.log_line_bytes) as u64;
        self.wanted_bytes = self.wanted_bytes.saturating_add(cut);
        self.dropped = self.dropped.saturating_add(1);
    }
}
