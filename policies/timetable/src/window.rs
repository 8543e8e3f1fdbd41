//! A stretch of time that comes again and again.
//!
//! A start or an end that clocks skip in spring happens when they change. To
//! drop it, as EventBridge does, would leave a window open, or shut, until the
//! next day.

use std::num::NonZeroU64;

use crate::cron::{Cron, Skipped};
use crate::moment::Moment;
use crate::zone::Zone;

/// Opens at each start, and stays open until its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Whose clocks it follows.
    pub zone: Zone,
    /// When it opens.
    pub start: Cron,
    /// When it closes.
    pub until: Until,
}

/// When a window closes that has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// So many milliseconds later, as they pass: 8 hours are 8 hours on the day
    /// of a change as well.
    Lasted(NonZeroU64),
    /// At the first of these times after it opened.
    Cron(Cron),
}

/// A window that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// When it last opened.
    pub since: Moment,
    /// When it closes, unless it opens once more before; `None` if never.
    pub until: Option<Moment>,
}

impl Window {
    /// Whether it is open at a moment: from its start on, and no more at its
    /// end.
    pub fn active(&self, at: Moment) -> Option<Open> {
        let since = self.start.last_before(self.zone, Skipped::AtTheChange, at.later(1))?;
        let until = match self.until {
            Until::Lasted(ms) => Some(since.later(ms.get())),
            Until::Cron(end) => end.next_after(self.zone, Skipped::AtTheChange, since),
        };
        until.is_none_or(|until| at < until).then_some(Open { since, until })
    }

    /// When it next opens.
    pub fn next_start(&self, at: Moment) -> Option<Moment> {
        self.start.next_after(self.zone, Skipped::AtTheChange, at)
    }
}
