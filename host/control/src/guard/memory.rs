//! What the guards of one profile remember from tick to tick: the wishes that
//! may still decide, and the changes that were really planned. Bounded; holds
//! moments, never asks what time it is.

use std::time::Duration;

use crate::explain::Direction;
use crate::ids::IntentKey;
use crate::spec::{Guards, LONGEST_COOLDOWN, LONGEST_WINDOW};
use crate::units::Timestamp;

/// The most entries of one list. What is over that is put together so that a
/// guard holds longer than it would have, never shorter.
const MOST: usize = 256;

/// The memory of one profile's guards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// Wishes, each higher than all after it.
    pub highest: Trail,
    /// Wishes, each lower than all after it.
    pub lowest: Trail,
    /// Changes that were planned and have not failed, oldest first.
    pub changes: Vec<Change>,
}

/// Wishes that no later one has outdone, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail(pub Vec<Wished>);

/// How many workers were wanted, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wished {
    /// When.
    pub at: Timestamp,
    /// Workers of the whole profile.
    pub workers: u32,
}

/// Workers that an intent brought or took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was planned.
    pub at: Timestamp,
    /// How many workers more, or fewer.
    pub by: i64,
    /// The intent, by which it is taken back if the cloud did not do it; `None`
    /// for several put together.
    pub key: Option<IntentKey>,
}

impl Memory {
    /// A memory of nothing.
    pub const EMPTY: Self =
        Self { highest: Trail(Vec::new()), lowest: Trail(Vec::new()), changes: Vec::new() };

    /// Takes note of what was wanted with so many workers there. What was
    /// wanted before the first note is not known: to stay, as far as we know.
    pub(super) fn wished(&mut self, workers: u32, capacity: u32, now: Timestamp) {
        let stay = Wished { at: now, workers: capacity };
        if self.highest.is_empty() {
            self.highest.note(stay, |earlier, later| earlier > later);
        }
        if self.lowest.is_empty() {
            self.lowest.note(stay, |earlier, later| earlier < later);
        }
        let wished = Wished { at: now, workers };
        self.highest.note(wished, |earlier, later| earlier > later);
        self.lowest.note(wished, |earlier, later| earlier < later);
    }

    /// Forgets all wishes.
    pub(super) fn forget_wishes(&mut self) {
        self.highest.0.clear();
        self.lowest.0.clear();
    }

    /// Forgets wishes that are all older than their window, if a window holds a
    /// tick: what would have been wished since is not known.
    pub(super) fn forget_before_a_gap(&mut self, guards: &Guards, every: Duration, now: Timestamp) {
        let gap = |trail: &Trail, window| window >= every && trail.since(now, window).is_none();
        if gap(&self.highest, guards.scale_in.stabilisation) {
            self.highest.0.clear();
        }
        if gap(&self.lowest, guards.scale_out.stabilisation) {
            self.lowest.0.clear();
        }
    }

    /// Takes note of a change.
    pub(super) fn changed_by(&mut self, change: Change) {
        self.changes.push(change);
        if self.changes.len() > MOST {
            self.join_oldest();
        }
    }

    /// Puts the oldest change that another followed the same way together with
    /// that, as if both had been done at the later moment.
    fn join_oldest(&mut self) {
        let follower = |at: usize, first: &Change| {
            let mut rest = self.changes.iter().enumerate().skip(at + 1);
            rest.find(|(_, next)| way(next.by) == way(first.by)).map(|(next, _)| next)
        };
        let mut pairs = self.changes.iter().enumerate();
        let found = pairs.find_map(|(at, first)| Some((at, follower(at, first)?)));
        if let Some((at, next)) = found {
            let by = self.changes.remove(at).by;
            // It stood behind the one that is gone.
            let next = &mut self.changes[next - 1];
            next.by = next.by.saturating_add(by);
            next.key = None;
        }
    }

    /// Takes back a change that came to nothing.
    pub(super) fn undo(&mut self, key: &IntentKey) {
        self.changes.retain(|change| change.key.as_ref() != Some(key));
    }

    /// Forgets what no guard may ask for any more. What is of the future, as
    /// the clock was set back, is taken to be of now: it counts for one more
    /// window, and not until the clock has caught up.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let wishes = self.highest.0.iter_mut().chain(&mut self.lowest.0);
        wishes.for_each(|wished| wished.at = wished.at.min(now));
        self.changes.iter_mut().for_each(|change| change.at = change.at.min(now));
        self.highest.expire(now);
        self.lowest.expire(now);
        let newest = [self.last(Direction::Out), self.last(Direction::In)];
        self.changes.retain(|change| {
            let age = now.since(change.at);
            age < LONGEST_WINDOW || age < LONGEST_COOLDOWN && newest.contains(&Some(change.at))
        });
    }

    /// How many workers came within the window, or went.
    pub fn changed(&self, direction: Direction, now: Timestamp, window: Duration) -> i64 {
        let these = self.changes.iter().filter(|change| way(change.by) == direction);
        let recent = these.filter(|change| now.since(change.at) < window);
        recent.fold(0_i64, |sum, change| sum.saturating_add(change.by.saturating_abs()))
    }

    /// When the profile was last changed that way.
    pub fn last(&self, direction: Direction) -> Option<Timestamp> {
        let these = self.changes.iter().filter(|change| way(change.by) == direction);
        these.map(|change| change.at).max()
    }
}

const fn way(by: i64) -> Direction {
    Direction::between(0, by)
}

impl Trail {
    /// Whether nobody ever wished anything.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The wish of the window that outdoes all others.
    pub fn since(&self, now: Timestamp, window: Duration) -> Option<u32> {
        let recent = self.0.iter().find(|wished| now.since(wished.at) < window);
        recent.map(|wished| wished.workers)
    }

    /// Adds a wish, and drops those that it outdoes.
    fn note(&mut self, new: Wished, stays: impl Fn(u32, u32) -> bool) {
        while self.0.last().is_some_and(|last| !stays(last.workers, new.workers)) {
            self.0.pop();
        }
        self.0.push(new);
        if self.0.len() > MOST {
            // The first outdoes the second: it takes over the second's moment.
            let second = self.0.remove(1);
            self.0[0].at = second.at;
        }
    }

    /// Drops what is older than any window; the newest stays, as the sign that
    /// somebody was looking.
    fn expire(&mut self, now: Timestamp) {
        let old = |wished: &Wished| now.since(wished.at) >= LONGEST_WINDOW;
        let keep = self.0.iter().position(|wished| !old(wished));
        let keep = keep.unwrap_or_else(|| self.0.len().saturating_sub(1));
        self.0.drain(..keep);
    }
}
