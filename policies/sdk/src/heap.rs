//! Where a component's allocations come from: first a part of its initial
//! memory, and only when that is used up, memory that it asks for.
//!
//! Growing costs the host two system calls in each fresh instance, and those
//! calls threads cannot make at once. An evaluation is short and most never
//! leave the arena. The allocator itself is talc's.

#![allow(unsafe_code, reason = "an allocator is a promise about memory")]

use std::alloc::Layout;
use std::arch::wasm32::memory_grow;
use std::mem::MaybeUninit;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

/// With a stack of 64 KiB and 30 KiB of data this fills three pages, which a
/// host that keeps 256 KiB of an instance resident need not page in.
const ARENA_BYTES: usize = 96 << 10;
const PAGE_BYTES: usize = 64 << 10;

/// More than the allocator adds to what is asked for.
const OVERHEAD_BYTES: usize = 64;

static mut ARENA: [MaybeUninit<u8>; ARENA_BYTES] = [MaybeUninit::uninit(); ARENA_BYTES];

#[global_allocator]
static HEAP: TalcSyncCell<Memory, WasmBinning> = TalcSyncCell::new_wasm(Memory::Initial);

/// What the allocator gets next when it has no more.
#[derive(Debug)]
enum Memory {
    /// The arena.
    Initial,
    /// Pages of the host.
    Grown,
}

// SAFETY: it allocates nothing itself.
unsafe impl Source for Memory {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let (start, bytes) = match talc.source {
            Self::Initial => {
                talc.source = Self::Grown;
                ((&raw mut ARENA).cast::<u8>(), ARENA_BYTES)
            }
            Self::Grown => grow(layout).ok_or(())?,
        };
        // SAFETY: the arena is claimed once and named nowhere else; pages just
        // grown are nobody's.
        unsafe { talc.claim(start, bytes) }.map(drop).ok_or(())
    }
}

/// Pages enough for one allocation.
fn grow(layout: Layout) -> Option<(*mut u8, usize)> {
    let bytes = layout.size().checked_add(layout.align())?.checked_add(OVERHEAD_BYTES)?;
    let pages = bytes.div_ceil(PAGE_BYTES);
    let before = memory_grow::<0>(pages);
    (before != usize::MAX).then(|| ((before * PAGE_BYTES) as *mut u8, pages * PAGE_BYTES))
}
