//! What a tick adds to a history, in few bytes for the store: everything now
//! and then, otherwise what changed since the frame before. A quiet fleet's
//! frame is a dozen bytes. A promise to files already written.

use std::time::Duration;

use hooke_control::units::Timestamp;

use crate::code;
use crate::column::{Column, Slot};
use crate::entity::Entity;
use crate::series::Source;

/// The form of the bytes.
pub(crate) const FORM: u8 = 1;

/// Set in a source's mask when another follows, of what it has no more.
pub(crate) const GONE_FOLLOWS: u8 = 1 << 7;

/// One tick's readings, for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The tick's time.
    pub at: Timestamp,
    /// Whether it needs none before it.
    pub whole: bool,
    /// The readings.
    pub bytes: Vec<u8>,
}

/// Which frames there were, so that each says only what the last did not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    /// The number of the last frame, and when the last whole one was.
    last: Option<(u64, Timestamp)>,
    /// Sources that the frames have named, by number.
    named: Vec<bool>,
}

impl Chain {
    /// The frame of a tick that all its readings were added to.
    pub(crate) fn frame(
        &mut self,
        entities: &[Option<Entity>],
        slot: Slot,
        at: Timestamp,
        keep: Duration,
    ) -> Frame {
        // A start reads back to the last whole frame before what is kept.
        let due = |whole: &Timestamp| at.since(*whole) >= keep / 4;
        let (number, since) = match self.last {
            Some((number, whole)) if !due(&whole) => (number + 1, Some(whole)),
            Some(_) | None => (at.as_millis(), None),
        };
        let whole = since.is_none();
        if whole {
            self.named.clear();
        }
        self.named.resize(entities.len(), false);
        self.last = Some((number, since.unwrap_or(at)));
        let mut bytes = vec![FORM, u8::from(whole)];
        code::put_number(&mut bytes, number);
        let mut before = 0;
        for (id, (entity, named)) in entities.iter().zip(&mut self.named).enumerate() {
            let Some(entity) = entity else {
                *named = false;
                continue;
            };
            let news = News::of(entity, slot, whole);
            if news.is_empty() {
                continue;
            }
            code::put_number(&mut bytes, (id - before) as u64 * 2 + u64::from(!*named));
            before = id;
            if !*named {
                put_name(&mut bytes, entity);
                *named = true;
            }
            news.put(&mut bytes, entity);
        }
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        Frame { at, whole, bytes }
    }
}

/// Which columns of a source have another reading than before, and which none
/// any more; a bit each.
struct News {
    changed: u8,
    gone: u8,
}

impl News {
    fn of(entity: &Entity, slot: Slot, whole: bool) -> Self {
        let (mut changed, mut gone) = (0, 0);
        if entity.seen() < slot {
            return Self { changed, gone };
        }
        for (at, run) in entity.columns().iter().map(Column::newest).enumerate() {
            let Some(run) = run else { continue };
            let bit = 1 << at;
            if run.end() > slot && (whole || run.start == slot) {
                changed |= bit;
            } else if run.end() == slot && !whole {
                gone |= bit;
            }
        }
        Self { changed, gone }
    }

    const fn is_empty(&self) -> bool {
        self.changed == 0 && self.gone == 0
    }

    fn put(&self, bytes: &mut Vec<u8>, entity: &Entity) {
        if self.gone == 0 {
            bytes.push(self.changed);
        } else {
            bytes.extend([self.changed | GONE_FOLLOWS, self.gone]);
        }
        for (at, column) in entity.columns().iter().enumerate() {
            if self.changed & 1 << at != 0
                && let Some(run) = column.newest()
            {
                let (kind, payload) = code::difference(0.0, run.value);
                bytes.push(kind.number() | (code::bytes_of(payload) as u8) << 4);
                code::put_payload(bytes, payload);
            }
        }
    }
}

fn put_name(bytes: &mut Vec<u8>, entity: &Entity) {
    let (kind, name) = match &entity.source {
        Source::Queue(name) => (0, name.as_str()),
        Source::Profile(name) => (1, name.as_str()),
        Source::Vm(name) => (2, name.as_str()),
    };
    bytes.push(kind);
    code::put_number(bytes, u64::from(entity.vcpus));
    code::put_number(bytes, name.len() as u64);
    bytes.extend_from_slice(name.as_bytes());
}
