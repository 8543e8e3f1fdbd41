//! A history out of the frames that the store kept. Damage costs the readings
//! up to the next whole frame, and nothing else.

use hooke_control::ids::{ProfileName, QueueName, VmId};
use hooke_control::units::Timestamp;

use crate::code::{self, Kind};
use crate::column::{Run, Slot};
use crate::dropped::Cause;
use crate::frame::{FORM, GONE_FOLLOWS};
use crate::history::{History, Keep};
use crate::series::{Metric, Source};

/// Numbers that frames give to sources at the most: many more than there may be
/// series, and no reason for a strange frame to take all memory.
const MOST_SOURCES: usize = 1 << 22;

/// A history while it is read back, one frame after the other, the oldest first.
#[derive(Debug)]
pub struct Restoring {
    history: History,
    now: Timestamp,
    /// The number of the frame before, unless the chain is broken.
    last: Option<u64>,
    sources: Vec<Option<Live>>,
    frames: u64,
    lost: u64,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The history; its next frame is a whole one.
    pub history: History,
    /// Frames it was made of.
    pub frames: u64,
    /// Frames that were damaged, or that followed on such.
    pub lost: u64,
}

/// A source with the readings that go on until a frame says otherwise.
#[derive(Debug)]
struct Live {
    id: u32,
    since: [Option<(Slot, f64)>; Metric::OF_WORKERS.len()],
}

impl Restoring {
    /// Begins with nothing.
    pub fn new(keep: Keep, now: Timestamp) -> Self {
        Self {
            history: History::new(keep),
            now,
            last: None,
            sources: Vec::new(),
            frames: 0,
            lost: 0,
        }
    }

    /// Takes the next frame, or that it could not be read.
    pub fn take(&mut self, frame: Option<(Timestamp, &[u8])>) {
        let Some((at, bytes)) = frame else {
            self.break_chain();
            self.lost += 1;
            return;
        };
        if at > self.now {
            self.break_chain();
            self.history.drop_one(Cause::FromTheFuture);
        } else if self.apply(at, bytes).is_none() {
            self.break_chain();
            self.lost += 1;
        } else {
            self.frames += 1;
        }
    }

    /// The history, as far as it could be read.
    pub fn finish(mut self) -> Restored {
        self.break_chain();
        self.history.begin_chain();
        self.history.settle(self.now);
        Restored { history: self.history, frames: self.frames, lost: self.lost }
    }

    /// The readings that went on end here.
    fn break_chain(&mut self) {
        let end = self.history.times.end();
        for live in std::mem::take(&mut self.sources).into_iter().flatten() {
            live.end(&mut self.history, end);
        }
        self.last = None;
    }

    fn apply(&mut self, at: Timestamp, bytes: &[u8]) -> Option<()> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
        let sound = crc32fast::hash(body).to_le_bytes() == sum;
        let mut input = body;
        let form = code::take_byte(&mut input)?;
        let whole = code::take_byte(&mut input)? == 1;
        let number = code::take_number(&mut input)?;
        if !sound || form != FORM {
            return None;
        }
        if whole {
            self.break_chain();
        } else if self.last.and_then(|last| last.checked_add(1)) != Some(number) {
            return None;
        }
        let slot = self.history.begin_again(at);
        self.last = Some(number);
        let mut id = 0_u64;
        while !input.is_empty() {
            let head = code::take_number(&mut input)?;
            id = id.checked_add(head / 2)?;
            if head % 2 == 1 {
                self.name(id, &mut input, slot)?;
            }
            self.news(id, &mut input, slot)?;
        }
        Some(())
    }

    fn name(&mut self, id: u64, input: &mut &[u8], slot: Slot) -> Option<()> {
        let kind = code::take_byte(input)?;
        let vcpus = u32::try_from(code::take_number(input)?).ok()?;
        let len = usize::try_from(code::take_number(input)?).ok()?;
        let (name, rest) = input.split_at_checked(len)?;
        *input = rest;
        let name = std::str::from_utf8(name).ok()?;
        let source = match kind {
            0 => Source::Queue(QueueName::from(name)),
            1 => Source::Profile(ProfileName::from(name)),
            2 => Source::Vm(VmId::from(name)),
            _ => return None,
        };
        let id = usize::try_from(id).ok().filter(|id| *id < MOST_SOURCES)?;
        if id >= self.sources.len() {
            self.sources.resize_with(id + 1, || None);
        }
        let place = self.sources.get_mut(id)?;
        if let Some(before) = place.take() {
            before.end(&mut self.history, slot);
        }
        // One over the limit is skipped: its readings have no place to go.
        let known = self.history.entity(source, vcpus).unwrap_or(u32::MAX);
        *place = Some(Live { id: known, since: Default::default() });
        Some(())
    }

    fn news(&mut self, id: u64, input: &mut &[u8], slot: Slot) -> Option<()> {
        let mask = code::take_byte(input)?;
        let gone = if mask & GONE_FOLLOWS != 0 { code::take_byte(input)? } else { 0 };
        let live = self.sources.get_mut(usize::try_from(id).ok()?)?.as_mut()?;
        for (at, since) in live.since.iter_mut().enumerate() {
            let bit = 1 << at;
            let value = match mask & bit != 0 {
                true => Some(reading(input)?),
                false if gone & bit != 0 => None,
                false => continue,
            };
            let before = std::mem::replace(since, value.map(|value| (slot, value)));
            end(&mut self.history, live.id, at, before, slot);
        }
        Some(())
    }
}

impl Live {
    fn end(self, history: &mut History, slot: Slot) {
        for (at, since) in self.since.into_iter().enumerate() {
            end(history, self.id, at, since, slot);
        }
    }
}

fn end(history: &mut History, id: u32, column: usize, since: Option<(Slot, f64)>, slot: Slot) {
    let Some((start, value)) = since else { return };
    let len = slot.saturating_sub(start);
    if let Some(Some(entity)) = history.entities.get_mut(id as usize)
        && len > 0
    {
        entity.extend(column, Run { start, len, value });
    }
}

fn reading(input: &mut &[u8]) -> Option<f64> {
    let header = code::take_byte(input)?;
    let payload = code::take_payload(input, usize::from(header >> 4))?;
    let value = code::apply(0.0, Kind::of(header & 3)?, payload);
    Cause::of(value).is_none().then_some(value)
}
