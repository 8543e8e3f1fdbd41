//! When the messages of one queue arrive: slot by slot, each slot's messages
//! drawn at once. Exact in law: within a slot, arrivals follow the curve.

use std::collections::VecDeque;
use std::time::Duration;

use super::pattern::Counting;
use super::{Pattern, Workload};
use crate::chance::Stream;

/// A slot where little is expected, in milliseconds: a minute costs one draw
/// for each pattern.
const SLOT_LONG: u64 = 60_000;
/// A slot where much is expected, in milliseconds.
const SLOT_SHORT: u64 = 1_000;
/// Above this many expected messages a long slot is cut short: one a second,
/// so that a slot's list stays small.
const EXPECTED_LONG: f64 = 60.0;
/// With more messages than this in a short slot, all of them arrive at its
/// end: what is lost is below the resolution of any source.
const BATCH_FROM: u64 = 100;

/// The arrivals of one queue, in order.
#[derive(Debug)]
pub(crate) struct Arrivals {
    workload: Workload,
    stream: Stream,
    /// Drawn until this offset, in milliseconds.
    drawn: u64,
    /// Drawn and not yet taken: moments in order, each with its count.
    upcoming: VecDeque<(u64, u64)>,
}

impl Arrivals {
    pub(crate) const fn new(workload: Workload, stream: Stream) -> Self {
        Self { workload, stream, drawn: 0, upcoming: VecDeque::new() }
    }

    /// When to ask again, in milliseconds from the start: the next arrival, or
    /// the end of what was drawn.
    pub(crate) fn next(&self) -> u64 {
        self.upcoming.front().map_or(self.drawn, |(at, _)| *at)
    }

    /// How many arrive until `offset`, which is what `next` said; draws the
    /// next slot when this one is used up.
    pub(crate) fn take(&mut self, offset: u64) -> u64 {
        let mut count = 0;
        while let Some((at, n)) = self.upcoming.front().copied()
            && at <= offset
        {
            self.upcoming.pop_front();
            count += n;
        }
        if self.upcoming.is_empty() && self.drawn <= offset {
            self.draw();
        }
        count
    }

    fn draw(&mut self) {
        let from = self.drawn;
        let long = from + SLOT_LONG;
        let expected = self.workload.expected(Duration::from_millis(long))
            - self.workload.expected(Duration::from_millis(from));
        let until = if expected <= EXPECTED_LONG { long } else { from + SLOT_SHORT };
        let mut moments = Vec::new();
        for pattern in self.workload.patterns() {
            draw_slot(pattern, from, until, &mut self.stream, &mut moments);
        }
        moments.sort_unstable();
        self.upcoming.extend(moments);
        self.drawn = until;
    }
}

/// Adds the arrivals of one pattern after `from` and not after `until`.
fn draw_slot(
    pattern: &Pattern,
    from: u64,
    until: u64,
    stream: &mut Stream,
    moments: &mut Vec<(u64, u64)>,
) {
    let (low, high) = (pattern.until(secs(from)), pattern.until(secs(until)));
    let count = match pattern.counting() {
        Counting::Drawn => stream.poisson(high - low),
        Counting::Exact => whole(high) - whole(low),
    };
    if count > BATCH_FROM && until - from == SLOT_SHORT {
        moments.push((until, count));
        return;
    }
    for n in 1..=count {
        let level = match pattern.counting() {
            Counting::Drawn => low + stream.unit() * (high - low),
            Counting::Exact => (whole(low) + n) as f64 - NEARLY,
        };
        moments.push((reaches(pattern, level, from, until), 1));
    }
}

/// The first millisecond after `from` at which the curve is at `level`; not
/// after `until`.
fn reaches(pattern: &Pattern, level: f64, from: u64, until: u64) -> u64 {
    let (mut low, mut high) = (from, until);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if pattern.until(secs(middle)) >= level {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Rounding of the curve must not lose the last message of a burst or of a
/// scaled trace; a billionth of a message is not a message either.
const NEARLY: f64 = 1e-6;

fn whole(level: f64) -> u64 {
    (level + NEARLY) as u64
}

fn secs(offset: u64) -> f64 {
    Duration::from_millis(offset).as_secs_f64()
}
