//! When each tick was: one column for all series of a site. Strictly rising.

use std::collections::VecDeque;
use std::ops::Range;

use hooke_control::units::Timestamp;

use crate::column::Slot;

/// When each tick was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    /// The number of the first tick that is kept.
    first: Slot,
    at: VecDeque<Timestamp>,
}

impl Times {
    /// The newest tick's time.
    pub(crate) fn newest(&self) -> Option<Timestamp> {
        self.at.back().copied()
    }

    /// The number of the tick to come.
    pub(crate) fn end(&self) -> Slot {
        self.first.saturating_add(u32::try_from(self.at.len()).unwrap_or(Slot::MAX))
    }

    /// The number of the first tick that is kept.
    pub(crate) const fn first(&self) -> Slot {
        self.first
    }

    /// Adds a tick; later than the newest.
    pub(crate) fn push(&mut self, at: Timestamp) -> Slot {
        let slot = self.end();
        self.at.push_back(at);
        slot
    }

    /// When a tick was, if it is kept.
    pub(crate) fn at(&self, slot: Slot) -> Option<Timestamp> {
        self.at.get(usize::try_from(slot.checked_sub(self.first)?).ok()?).copied()
    }

    /// The ticks from one moment on and before another.
    pub(crate) fn slots(&self, from: Timestamp, before: Timestamp) -> Range<Slot> {
        let number = |moment| {
            let place = self.at.partition_point(|at| *at < moment);
            self.first.saturating_add(u32::try_from(place).unwrap_or(Slot::MAX))
        };
        let start = number(from);
        start..number(before).max(start)
    }

    /// The number of the first tick in a range that is not before a moment; the
    /// range's end if there is none. Looks near the start first.
    pub(crate) fn first_at(&self, range: &Range<Slot>, moment: Timestamp) -> Slot {
        let is_before = |slot: Slot| self.at(slot).is_some_and(|at| at < moment);
        let (mut low, mut step) = (range.start, 1);
        while low < range.end && is_before(low.saturating_add(step - 1).min(range.end - 1)) {
            low = low.saturating_add(step).min(range.end);
            step = step.saturating_mul(2);
        }
        let mut high = low.saturating_add(step - 1).min(range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Forgets the ticks before a moment.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        let gone = self.at.partition_point(|at| *at < before);
        self.at.drain(..gone);
        self.first = self.first.saturating_add(u32::try_from(gone).unwrap_or(Slot::MAX));
    }

    /// Forgets the ticks later than a moment; says which was the first of them.
    pub(crate) fn cut(&mut self, after: Timestamp) -> Slot {
        let kept = self.at.partition_point(|at| *at <= after);
        self.at.truncate(kept);
        self.end()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.at.capacity() * size_of::<Timestamp>()
    }
}
