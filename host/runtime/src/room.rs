//! Where sandboxes get their memory from, and how many there may be at once.
//! Memory of one sandbox never reaches the next: it is unmapped or overwritten.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::batch::HELD_UP_BESIDE;
use crate::limits::Limits;

/// Where sandboxes get their memory from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From the system, and back to it after each call: the least shared, and
    /// some 30 µs a call, most of it in the kernel, where threads wait for one
    /// another.
    OnDemand,
    /// From a pool that stays mapped. A call that finds it used up waits. Where
    /// the system does not give the address space, `OnDemand` is used instead.
    Pooled {
        /// Sandboxes at once; twice the threads that evaluate is plenty.
        sandboxes: NonZeroU32,
    },
}

impl Allocation {
    /// A pool with two sandboxes for each processor, four at the least, and one
    /// for each that a policy which answers late may hold in a batch.
    pub fn for_this_machine() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let sandboxes =
            u32::try_from(processors).unwrap_or(u32::MAX).clamp(2, 32) * 2 + HELD_UP_BESIDE as u32;
        Self::Pooled { sandboxes: NonZeroU32::new(sandboxes).expect("four at the least") }
    }
}

/// What the pool holds at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    /// Sandboxes that live.
    pub sandboxes: u64,
    /// Core instances that live.
    pub instances: u64,
    /// Linear memories that live.
    pub memories: usize,
    /// Tables that live.
    pub tables: usize,
    /// Bytes that stay mapped for sandboxes to come; nothing of what was in
    /// them is left. Zero where the system does not tell.
    pub resident_bytes: usize,
}

impl PoolFigures {
    /// Whether every sandbox has given back all it had.
    pub const fn is_idle(&self) -> bool {
        self.sandboxes == 0 && self.instances == 0 && self.memories == 0 && self.tables == 0
    }
}

/// Reads the figures; none where there is no pool.
pub(crate) fn figures(engine: &Engine) -> Option<PoolFigures> {
    let held = engine.pooling_allocator_metrics()?;
    Some(PoolFigures {
        sandboxes: held.component_instances(),
        instances: held.core_instances(),
        memories: held.memories(),
        tables: held.tables(),
        resident_bytes: held
            .unused_memory_bytes_resident()
            .saturating_add(held.unused_table_bytes_resident()),
    })
}

/// What one pooled sandbox can hold, whatever the limits say.
const POOLED: Limits = Limits { memory: 512 << 20, table_elements: 100_000, ..Limits::DEFAULT };
const POOLED_INSTANCES: u32 = 256;
const POOLED_MEMORIES: u32 = 8;
const POOLED_TABLES: u32 = 16;

/// The part of a sandbox's memory that is overwritten rather than given back.
/// More costs time to overwrite, less costs a system call and page faults:
/// measured 33 µs a call at 0, 22 at 64 KiB and 13 at 256 KiB, the whole of a
/// small Rust policy.
const RESIDENT_BYTES: usize = 256 << 10;

/// Starts an engine with the allocation asked for, or without a pool where the
/// system has no room for one.
pub(crate) fn engine(base: &Config, asked: Allocation) -> wasmtime::Result<(Engine, Room)> {
    if let Allocation::Pooled { sandboxes } = asked {
        let mut config = base.clone();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(sandboxes)));
        if let Ok(engine) = Engine::new(&config) {
            return Ok((engine, Room { places: Some(Arc::new(Places::new(sandboxes))) }));
        }
    }
    Ok((Engine::new(base)?, Room { places: None }))
}

fn pool(sandboxes: NonZeroU32) -> PoolingAllocationConfig {
    let total = |each: u32| sandboxes.get().saturating_mul(each);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(sandboxes.get())
        .total_core_instances(total(POOLED_INSTANCES))
        .total_memories(total(POOLED_MEMORIES))
        .total_tables(total(POOLED_TABLES))
        .max_core_instances_per_component(POOLED_INSTANCES)
        .max_memories_per_component(POOLED_MEMORIES)
        .max_memories_per_module(POOLED_MEMORIES)
        .max_tables_per_component(POOLED_TABLES)
        .max_tables_per_module(POOLED_TABLES)
        .max_memory_size(POOLED.memory)
        .table_elements(POOLED.table_elements)
        .linear_memory_keep_resident(RESIDENT_BYTES)
        .table_keep_resident(RESIDENT_BYTES);
    pool
}

/// The room there is for sandboxes.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    places: Option<Arc<Places>>,
}

impl Room {
    pub(crate) fn allocation(&self) -> Allocation {
        match &self.places {
            Some(places) => Allocation::Pooled { sandboxes: places.all },
            None => Allocation::OnDemand,
        }
    }

    /// Waits for a place. It is given back when what is returned is dropped.
    pub(crate) fn take(&self) -> Option<Taken> {
        let places = Arc::clone(self.places.as_ref()?);
        places.take();
        Some(Taken { places })
    }

    /// The limits, none of them above what a sandbox can hold: a policy is to
    /// meet our limit, with its name, and never the pool's.
    pub(crate) fn within(&self, limits: Limits) -> Limits {
        if self.places.is_none() {
            return limits;
        }
        Limits {
            memory: limits.memory.min(POOLED.memory),
            table_elements: limits.table_elements.min(POOLED.table_elements),
            instances: limits.instances.min(POOLED_INSTANCES as usize),
            memories: limits.memories.min(POOLED_MEMORIES as usize),
            tables: limits.tables.min(POOLED_TABLES as usize),
            ..limits
        }
    }
}

/// The places of a pool.
#[derive(Debug)]
struct Places {
    all: NonZeroU32,
    free: Mutex<u32>,
    given_back: Condvar,
}

impl Places {
    const fn new(places: NonZeroU32) -> Self {
        Self { all: places, free: Mutex::new(places.get()), given_back: Condvar::new() }
    }

    fn take(&self) {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .given_back
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
    }

    fn give_back(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.given_back.notify_one();
    }
}

/// One place, taken.
#[derive(Debug)]
pub(crate) struct Taken {
    places: Arc<Places>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.places.give_back();
    }
}
