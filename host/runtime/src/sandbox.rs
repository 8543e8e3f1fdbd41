//! A fresh sandbox for every call: nothing a policy did before is there, and
//! nothing it leaves behind stays. All limits are armed before the first
//! instruction of the guest, its start functions included.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_control::answer::PolicyFailure;
use wasmtime::Store;

use crate::contract::{ScalingPolicy, ScalingPolicyPre};
use crate::failure;
use crate::limit::LimitHit;
use crate::limits::Limits;
use crate::room::Room;
use crate::spent::Spent;
use crate::state::State;
use crate::ticker;

/// A policy, linked, with its limits; makes sandboxes.
#[derive(Clone)]
pub(crate) struct Sandboxes {
    pre: ScalingPolicyPre<State>,
    limits: Arc<Limits>,
    room: Room,
    makeup: Makeup,
}

/// What every sandbox of a component is made of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Makeup {
    /// Core instances.
    pub(crate) instances: usize,
    /// Linear memories.
    pub(crate) memories: usize,
    /// Tables.
    pub(crate) tables: usize,
}

/// What came out of one sandbox.
pub(crate) struct Left<T> {
    /// What the call returned.
    pub(crate) outcome: Result<T, PolicyFailure>,
    /// What the sandbox held when it was taken down.
    pub(crate) state: State,
    /// What it took.
    pub(crate) spent: Spent,
}

impl Sandboxes {
    pub(crate) const fn new(
        pre: ScalingPolicyPre<State>,
        limits: Arc<Limits>,
        room: Room,
        makeup: Makeup,
    ) -> Self {
        Self { pre, limits, room, makeup }
    }

    pub(crate) const fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Makes a sandbox, calls into it, and takes it down. Waits for room first.
    pub(crate) fn call<T>(
        &self,
        state: State,
        call: impl FnOnce(&ScalingPolicy, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Left<T> {
        self.run(state, |store| {
            let policy = self.pre.instantiate(&mut *store)?;
            call(&policy, store)
        })
    }

    /// Makes a sandbox and looks whether its exports have the contract's types,
    /// which nothing says before. Gives what is wrong with them.
    pub(crate) fn rehearse(&self, state: State) -> Result<wasmtime::Result<()>, PolicyFailure> {
        let rehearsed = self.run(state, |store| {
            let instance = self.pre.instance_pre().instantiate(&mut *store)?;
            Ok(ScalingPolicy::new(store, &instance).map(drop))
        });
        rehearsed.outcome
    }

    /// Counts the core instances of a sandbox that can be made: the smallest
    /// limit under which it still can, as the engine does not tell. Makes some
    /// more sandboxes for that, one for each time the limit can be halved.
    pub(crate) fn count_instances(&self, state: impl Fn(&Arc<Limits>) -> State) -> usize {
        let made_within = |instances: usize| {
            let limits = Arc::new(Limits { instances, ..Limits::clone(&self.limits) });
            let state = state(&limits);
            let fewer = Self { limits, ..self.clone() };
            fewer.run(state, |store| self.pre.instantiate(store).map(drop)).outcome.is_ok()
        };
        let (mut too_few, mut enough) = (0, self.limits.instances);
        while enough - too_few > 1 {
            let between = too_few + (enough - too_few) / 2;
            if made_within(between) { enough = between } else { too_few = between }
        }
        enough
    }

    fn run<T>(
        &self,
        state: State,
        run: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    ) -> Left<T> {
        let _taken = self.room.take();
        let started = Instant::now();
        let mut store = self.store(state);
        let returned = run(&mut store);
        let wall = started.elapsed();
        let failed = |error| failure::of(&error, &self.limits, wall);
        let (outcome, over) = match returned.map_err(failed) {
            Ok(returned) => (Ok(returned), None),
            Err((failure, over)) => (Err(failure), over),
        };
        let mut state = store.into_data();
        state.finish_lines();
        let spent = self.spent(&state, wall, over);
        Left { outcome, state, spent }
    }

    fn spent(&self, state: &State, wall: Duration, over: Option<LimitHit>) -> Spent {
        let State { budget, log, wasi, .. } = state;
        let Makeup { instances, memories, tables } = self.makeup;
        Spent {
            wall,
            memory_peak: budget.memory_peak(),
            table_elements: budget.table_elements_peak(),
            instances,
            memories,
            tables,
            value_bytes: budget.wanted.value_bytes,
            handles: wasi.handles_peak(),
            host_calls: budget.host_calls(),
            log_lines: log.dropped.saturating_add(log.lines.len() as u64),
            log_bytes: log.wanted_bytes,
            log_line_bytes: log.longest,
            staged_actions: budget.wanted.staged_actions,
            reason_bytes: budget.wanted.reason_bytes,
            remembered_bytes: budget.wanted.remembered_bytes,
            over,
        }
    }

    fn store(&self, state: State) -> Store<State> {
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.budget);
        store.set_epoch_deadline(ticker::ticks(self.limits.wall_time));
        store.set_hostcall_fuel(self.limits.value_bytes);
        store.set_max_component_handles(self.limits.handles);
        store
    }
}

impl fmt::Debug for Sandboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandboxes").field("limits", &self.limits).finish_non_exhaustive()
    }
}
