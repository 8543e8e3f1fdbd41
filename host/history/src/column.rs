//! The readings of one series, packed: runs of equal readings in sealed blocks,
//! an open block, and the run that may still grow. Knows ticks by their number
//! only. Never allocates for a single reading.

use std::mem;
use std::ops::Range;

use crate::code::{self, Kind};

/// The number of a tick within a history.
pub(crate) type Slot = u32;

/// A block is sealed at this size: a question decodes one block more than it
/// needs, and each has 24 bytes of its own.
const BLOCK_BYTES: usize = 256;

/// The open block grows by this: some ten readings, where doubling would leave
/// half of the memory of ten thousand series empty.
const GROWTH_BYTES: usize = 32;

const GAP: u8 = 1 << 2;
const LONG: u8 = 1 << 3;

/// Equal readings in ticks that follow one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub(crate) start: Slot,
    pub(crate) len: u32,
    pub(crate) value: f64,
}

impl Run {
    const NONE: Self = Self { start: 0, len: 0, value: 0.0 };

    /// The tick after its last.
    pub(crate) const fn end(self) -> Slot {
        self.start.saturating_add(self.len)
    }

    fn clipped(self, range: &Range<Slot>) -> Self {
        let start = self.start.max(range.start);
        let len = self.end().min(range.end).saturating_sub(start);
        Self { start, len, ..self }
    }
}

#[derive(Debug, Clone)]
struct Block {
    from: Slot,
    /// The tick after its last.
    until: Slot,
    bytes: Box<[u8]>,
}

/// The readings of one series.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    sealed: Vec<Block>,
    block: Vec<u8>,
    block_from: Slot,
    /// The last run in the open block, which the next is the difference to.
    coded: Run,
    open: Run,
}

impl Column {
    /// Without a reading.
    pub(crate) const fn new() -> Self {
        Self {
            sealed: Vec::new(),
            block: Vec::new(),
            block_from: 0,
            coded: Run::NONE,
            open: Run::NONE,
        }
    }

    /// Adds readings that are all alike; no earlier than the end of the last.
    pub(crate) fn push(&mut self, start: Slot, len: u32, value: f64) {
        if self.open.len > 0
            && self.open.end() == start
            && self.open.value.to_bits() == value.to_bits()
        {
            self.open.len = self.open.len.saturating_add(len);
            return;
        }
        let done = mem::replace(&mut self.open, Run { start, len, value });
        if done.len > 0 {
            self.code(done);
        }
    }

    /// The newest run.
    pub(crate) fn newest(&self) -> Option<Run> {
        (self.open.len > 0).then_some(self.open)
    }

    /// The runs in a range of ticks, cut to it, the oldest first.
    pub(crate) fn runs(&self, range: Range<Slot>) -> Runs<'_> {
        let first = self.sealed.partition_point(|block| block.until <= range.start);
        Runs { column: self, next_block: first, decoder: Decoder::NONE, range }
    }

    /// Forgets whole blocks that end by a tick.
    pub(crate) fn forget(&mut self, before: Slot) {
        let gone = self.sealed.partition_point(|block| block.until <= before);
        if gone > 0 {
            self.sealed.drain(..gone);
        }
    }

    /// Forgets what was read in a tick and after it.
    pub(crate) fn cut(&mut self, from: Slot) {
        let mut kept = Self::new();
        for run in self.runs(0..from) {
            kept.push(run.start, run.len, run.value);
        }
        *self = kept;
    }

    /// Bytes on the heap, those of the allocator's own included.
    pub(crate) fn heap_bytes(&self) -> usize {
        const OF_THE_ALLOCATOR: usize = 16;
        let blocks: usize = self.sealed.iter().map(|b| b.bytes.len() + OF_THE_ALLOCATOR).sum();
        let table = self.sealed.capacity() * mem::size_of::<Block>();
        let tables = [table, self.block.capacity()];
        let tables = tables.iter().map(|n| if *n > 0 { n + OF_THE_ALLOCATOR } else { 0 });
        blocks + tables.sum::<usize>()
    }

    fn code(&mut self, run: Run) {
        if self.block.len() + code::MOST_BYTES > BLOCK_BYTES {
            self.seal();
        }
        if self.block.is_empty() {
            self.block_from = run.start;
            self.coded = Run { start: run.start, ..Run::NONE };
        }
        if self.block.capacity() - self.block.len() < code::MOST_BYTES {
            self.block.reserve_exact(GROWTH_BYTES);
        }
        put(&mut self.block, self.coded, run);
        self.coded = run;
    }

    fn seal(&mut self) {
        let bytes = mem::take(&mut self.block).into_boxed_slice();
        self.sealed.reserve_exact(1);
        self.sealed.push(Block { from: self.block_from, until: self.coded.end(), bytes });
    }
}

/// The runs of a column in a range of ticks.
#[derive(Debug, Clone)]
pub(crate) struct Runs<'a> {
    column: &'a Column,
    next_block: usize,
    decoder: Decoder<'a>,
    range: Range<Slot>,
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        loop {
            let run = match self.decoder.next() {
                Some(run) => run,
                None => {
                    self.advance()?;
                    continue;
                }
            };
            if run.start >= self.range.end {
                return None;
            }
            let run = run.clipped(&self.range);
            if run.len > 0 {
                return Some(run);
            }
        }
    }
}

impl Runs<'_> {
    /// Goes on to the next block, the open one, the newest run; in that order.
    fn advance(&mut self) -> Option<()> {
        let blocks = self.column.sealed.len();
        let at = self.next_block;
        self.next_block += 1;
        self.decoder = match at.checked_sub(blocks) {
            None => self.column.sealed.get(at).map(|b| Decoder::of(b.from, &b.bytes))?,
            Some(0) => Decoder::of(self.column.block_from, &self.column.block),
            Some(1) => Decoder { last: self.column.newest(), ..Decoder::NONE },
            Some(_) => return None,
        };
        Some(())
    }
}

/// What is left of one block, or one run.
#[derive(Debug, Clone, Copy)]
struct Decoder<'a> {
    bytes: &'a [u8],
    coded: Run,
    last: Option<Run>,
}

impl<'a> Decoder<'a> {
    const NONE: Self = Self { bytes: &[], coded: Run::NONE, last: None };

    const fn of(from: Slot, bytes: &'a [u8]) -> Self {
        Self { bytes, coded: Run { start: from, ..Run::NONE }, last: None }
    }

    fn next(&mut self) -> Option<Run> {
        if self.bytes.is_empty() {
            return self.last.take();
        }
        self.coded = take(&mut self.bytes, self.coded)?;
        Some(self.coded)
    }
}

fn put(out: &mut Vec<u8>, before: Run, run: Run) {
    let (kind, payload) = code::difference(before.value, run.value);
    let gap = run.start.saturating_sub(before.end());
    let gap_flag = if gap > 0 { GAP } else { 0 };
    let long_flag = if run.len > 1 { LONG } else { 0 };
    let bytes = code::bytes_of(payload) as u8;
    out.push(kind.number() | gap_flag | long_flag | bytes << 4);
    if gap > 0 {
        code::put_number(out, u64::from(gap));
    }
    if run.len > 1 {
        code::put_number(out, u64::from(run.len - 1));
    }
    code::put_payload(out, payload);
}

fn take(input: &mut &[u8], before: Run) -> Option<Run> {
    let header = code::take_byte(input)?;
    let mut number = |there: bool| match there {
        true => u32::try_from(code::take_number(input)?).ok(),
        false => Some(0),
    };
    let gap = number(header & GAP != 0)?;
    let len = number(header & LONG != 0)?.checked_add(1)?;
    let kind = Kind::of(header & 3)?;
    let payload = code::take_payload(input, usize::from(header >> 4))?;
    let value = code::apply(before.value, kind, payload);
    Some(Run { start: before.end().checked_add(gap)?, len, value })
}
