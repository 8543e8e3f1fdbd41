//! The policy host: one engine, one clock, and a linker for each set of grants.
//! It takes bytes and gives policies; it reads no file and no configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use hooke_control::ids::PolicyName;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, OptLevel, WasmBacktraceDetails};

use crate::backtrace;
use crate::bound::BoundPolicy;
use crate::contract::ScalingPolicyPre;
use crate::evaluation::Level;
use crate::failure::STACK_BYTES;
use crate::form::Form;
use crate::grant::Grants;
use crate::imports;
use crate::limits::{Limit, Limits, Used};
use crate::load_error::{LoadError, LoadProblem};
use crate::nesting;
use crate::policy::{self, Description, Policy};
use crate::room::{self, Allocation, Room};
use crate::sandbox::Sandboxes;
use crate::state::State;
use crate::surface;
use crate::ticker;

/// Bytes of an engine's error that a message repeats.
const CAUSE_BYTES: usize = 500;

/// How the host runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostConfig {
    /// What a policy may use while it is loaded and describes itself, and the
    /// largest file.
    pub limits: Limits,
    /// Log lines of policies below this level are not kept.
    pub log_from: Level,
}

/// The host could not start: the machine or the build is at fault.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The engine refused its configuration.
    #[error("the WebAssembly engine did not start on this machine")]
    Engine(#[source] wasmtime::Error),
    /// The clock that stops policies could not be started.
    #[error("the thread that stops overlong policies did not start")]
    Ticker(#[source] std::io::Error),
}

/// The policy host. Shared by all threads; dropping it leaves loaded policies
/// working.
pub struct Host {
    engine: Engine,
    config: HostConfig,
    room: Room,
    linkers: Mutex<BTreeMap<Grants, Arc<Linker<State>>>>,
}

impl Host {
    /// Starts an engine and its clock, with a pool that suits the machine.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        Self::allocating(config, Allocation::for_this_machine())
    }

    /// Starts an engine and its clock.
    pub fn allocating(config: HostConfig, allocation: Allocation) -> Result<Self, HostError> {
        let (engine, room) =
            room::engine(&engine_config(), allocation).map_err(HostError::Engine)?;
        ticker::start(&engine).map_err(HostError::Ticker)?;
        Ok(Self { engine, config, room, linkers: Mutex::default() })
    }

    /// Where sandboxes really get their memory from: `OnDemand` where the system
    /// had no address space for the pool that was asked for.
    pub fn allocation(&self) -> Allocation {
        self.room.allocation()
    }

    /// Makes a policy of the bytes of a file: compiles it, checks what it
    /// imports and exports, and asks it what it is. Takes 20 ms for a small
    /// policy and seconds for a large one; it cannot be interrupted.
    pub fn load(&self, name: PolicyName, wasm: &[u8]) -> Result<Policy, LoadError> {
        self.try_load(&name, wasm).map_err(|problem| problem.of(&name))
    }

    /// Links a policy to what a binding grants it.
    pub fn bind(
        &self,
        policy: &Policy,
        grants: &Grants,
        limits: Limits,
    ) -> Result<BoundPolicy, LoadError> {
        let missing = policy.imports().without(grants);
        let sandboxes = if missing.is_empty() {
            // Only what it imports is linked; a wider grant changes nothing.
            self.link(policy.component(), policy.imports(), limits)
        } else {
            Err(LoadProblem::NotGranted { missing, granted: grants.clone() })
        };
        let sandboxes = sandboxes.map_err(|problem| problem.of(policy.name()))?;
        Ok(BoundPolicy::new(policy.clone(), sandboxes, self.config.log_from))
    }

    fn try_load(&self, name: &PolicyName, wasm: &[u8]) -> Result<Policy, LoadProblem> {
        let limits = &self.config.limits;
        if wasm.len() > limits.file_bytes {
            let hit = Limit::FileBytes.hit(Used::Exactly(wasm.len() as u64), limits);
            return Err(LoadProblem::OverLimit(hit));
        }
        let form = Form::of(wasm);
        if form != Form::Component {
            return Err(LoadProblem::NotAComponent(form));
        }
        if let Some(cause) = nesting::problem(wasm) {
            return Err(LoadProblem::Overgrown { cause });
        }
        let component = Component::from_binary(&self.engine, wasm)
            .map_err(|error| policy::unusable(said(&error), limits))?;
        let needs = surface::needs(&self.engine, &component)?;
        let sandboxes = self.link(&component, &needs, limits.clone())?;
        let description = describe(&sandboxes, self.config.log_from)?;
        Ok(Policy::new(name.clone(), wasm, needs, description, component))
    }

    fn link(
        &self,
        component: &Component,
        grants: &Grants,
        limits: Limits,
    ) -> Result<Sandboxes, LoadProblem> {
        let limits = self.room.within(limits);
        policy::fits(component, &limits).map_err(LoadProblem::OverLimit)?;
        let pre = self
            .linker(grants)
            .and_then(|linker| linker.instantiate_pre(component))
            .and_then(ScalingPolicyPre::new)
            .map_err(|error| LoadProblem::Mistyped { cause: said(&error) })?;
        Ok(Sandboxes::new(pre, Arc::new(limits), self.room.clone()))
    }

    fn linker(&self, grants: &Grants) -> wasmtime::Result<Arc<Linker<State>>> {
        let mut linkers = self.linkers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(linker) = linkers.get(grants) {
            return Ok(Arc::clone(linker));
        }
        let linker = Arc::new(imports::linker(&self.engine, grants)?);
        linkers.insert(grants.clone(), Arc::clone(&linker));
        Ok(linker)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("config", &self.config).finish_non_exhaustive()
    }
}

fn describe(sandboxes: &Sandboxes, log_from: Level) -> Result<Description, LoadProblem> {
    let state = || State::without_facts(sandboxes.limits(), Arc::from("{}"), log_from);
    let typed = sandboxes.rehearse(state()).map_err(LoadProblem::Broken)?;
    typed.map_err(|error| LoadProblem::Mistyped { cause: said(&error) })?;
    let left = sandboxes
        .call(state(), |policy, store| policy.hooke_policy_policy().call_describe(&mut *store));
    Description::of(left.outcome.map_err(LoadProblem::Broken)?)
}

/// The engine's error and its causes, outermost first, as one clean line.
fn said(error: &wasmtime::Error) -> String {
    crate::clean::line(&format!("{error:#}"), CAUSE_BYTES)
}

/// Everything a policy cannot do without, and nothing beside it: the proposals
/// switched off here are where an engine is youngest.
fn engine_config() -> Config {
    let mut config = Config::new();
    config
        // Halves the cost of a call; no policy waits for anything.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(backtrace::FRAMES))
        .native_unwind_info(false)
        .memory_init_cow(true)
        .cranelift_opt_level(OptLevel::Speed)
        // The same facts give the same answer, to the bit, on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_gc(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .wasm_stack_switching(false)
        .wasm_shared_everything_threads(false);
    config
}
