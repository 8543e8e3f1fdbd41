//! A fresh sandbox for every call: nothing a policy did before is there, and
//! nothing it leaves behind stays. All limits are armed before the first
//! instruction of the guest, its start functions included.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use hooke_control::answer::PolicyFailure;
use wasmtime::Store;

use crate::contract::{ScalingPolicy, ScalingPolicyPre};
use crate::evaluation::Spent;
use crate::failure;
use crate::limits::Limits;
use crate::room::Room;
use crate::state::State;
use crate::ticker;

/// A policy, linked, with its limits; makes sandboxes.
#[derive(Clone)]
pub(crate) struct Sandboxes {
    pre: ScalingPolicyPre<State>,
    limits: Arc<Limits>,
    room: Room,
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
    pub(crate) const fn new(pre: ScalingPolicyPre<State>, limits: Arc<Limits>, room: Room) -> Self {
        Self { pre, limits, room }
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
        let outcome = returned.map_err(|error| failure::of(&error, &self.limits, wall));
        let mut state = store.into_data();
        state.finish_lines();
        let spent = Spent {
            wall,
            memory_peak: state.budget.memory_peak(),
            host_calls: state.budget.host_calls(),
        };
        Left { outcome, state, spent }
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
