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
use crate::digest::Digest;
use crate::evaluation::Level;
use crate::failure::STACK_BYTES;
use crate::form::Form;
use crate::grant::Grants;
use crate::imports;
use crate::limit::{Limit, Used};
use crate::limits::Limits;
use crate::load_error::{LoadError, LoadProblem};
use crate::native::{EngineKey, NativeCode};
use crate::nesting;
use crate::policy::{self, Description, Policy};
use crate::room::{self, Allocation, PoolFigures, Room};
use crate::sandbox::{Makeup, Sandboxes};
use crate::state::State;
use crate::surface;
use crate::ticker;
use crate::wasi::{self, Wasi};

/// Bytes of an engine's error that a message repeats.
const CAUSE_BYTES: usize = 500;

/// How the host runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostConfig {
    /// What [`Host::load`] lets a policy use while it is loaded and describes
    /// itself, and the largest file.
    pub limits: Limits,
    /// Log lines of policies below this level are not kept.
    pub log_from: Level,
    /// What becomes of a policy that imports WASI.
    pub wasi: Wasi,
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
    limits: Limits,
    log_from: Level,
    wasi: Wasi,
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
        let HostConfig { limits, log_from, wasi } = config;
        Ok(Self { engine, limits, log_from, wasi, room, linkers: Mutex::default() })
    }

    /// Where sandboxes really get their memory from: `OnDemand` where the system
    /// had no address space for the pool that was asked for.
    pub fn allocation(&self) -> Allocation {
        self.room.allocation()
    }

    /// What the pool of sandboxes holds now; none with [`Allocation::OnDemand`].
    pub fn pool(&self) -> Option<PoolFigures> {
        room::figures(&self.engine)
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Makes a policy of the bytes of a file: compiles it, checks what it
    /// imports and exports, and asks it what it is. Takes 20 ms for a small
    /// policy and seconds for a large one; it cannot be interrupted.
    pub fn load(&self, name: PolicyName, wasm: &[u8]) -> Result<Policy, LoadError> {
        self.load_within(name, wasm, &self.limits)
    }

    /// As [`load`](Self::load), within other limits than the host's.
    pub fn load_within(
        &self,
        name: PolicyName,
        wasm: &[u8],
        limits: &Limits,
    ) -> Result<Policy, LoadError> {
        self.try_load(&name, wasm, limits).map_err(|problem| problem.of(&name))
    }

    /// Compiles the bytes of a file, for code that is to be kept: the slow part
    /// of [`load`](Self::load). Says of a file only that it is no component; what
    /// it imports and exports is looked at when it is loaded.
    pub fn compile(&self, wasm: &[u8], limits: &Limits) -> Result<NativeCode, LoadProblem> {
        self.admits(wasm, limits)?;
        NativeCode::compile(&self.engine, wasm)
            .map_err(|error| policy::unusable(said(&error), limits))
    }

    /// Makes a policy of native code, as [`load`](Self::load) makes one of the
    /// bytes that the code was compiled from, and in milliseconds.
    pub fn load_native(
        &self,
        name: PolicyName,
        code: &NativeCode,
        limits: &Limits,
    ) -> Result<Policy, LoadError> {
        self.try_load_native(&name, code, limits).map_err(|problem| problem.of(&name))
    }

    /// Names what native code depends on beside the policy: the engine, its
    /// settings and the processor. Hex digits, fit for the name of a file.
    pub fn engine_key(&self) -> String {
        EngineKey::of(&self.engine).to_string()
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
            let linker = self.linker(policy.imports(), policy.stubbed(), policy.component());
            self.link(policy.component(), linker, limits, policy.makeup())
        } else {
            Err(LoadProblem::NotGranted { missing, granted: grants.clone() })
        };
        let sandboxes = sandboxes.map_err(|problem| problem.of(policy.name()))?;
        Ok(BoundPolicy::new(policy.clone(), sandboxes, self.log_from))
    }

    fn try_load(
        &self,
        name: &PolicyName,
        wasm: &[u8],
        limits: &Limits,
    ) -> Result<Policy, LoadProblem> {
        self.admits(wasm, limits)?;
        let component = Component::from_binary(&self.engine, wasm)
            .map_err(|error| policy::unusable(said(&error), limits))?;
        self.policy(name, (Digest::of(wasm), wasm.len()), component, limits)
    }

    fn try_load_native(
        &self,
        name: &PolicyName,
        code: &NativeCode,
        limits: &Limits,
    ) -> Result<Policy, LoadProblem> {
        admits_size(code.wasm_bytes(), limits)?;
        if !code.is_for(&self.engine) {
            return Err(LoadProblem::OtherEngine);
        }
        let component =
            code.component(&self.engine).map_err(|error| policy::unusable(said(&error), limits))?;
        let size = usize::try_from(code.wasm_bytes()).unwrap_or(usize::MAX);
        self.policy(name, (code.wasm(), size), component, limits)
    }

    /// Whether a file may be compiled at all: what it is, how large, how deep.
    pub fn admits(&self, wasm: &[u8], limits: &Limits) -> Result<(), LoadProblem> {
        admits_size(wasm.len() as u64, limits)?;
        let form = Form::of(wasm);
        if form != Form::Component {
            return Err(LoadProblem::NotAComponent(form));
        }
        nesting::problem(wasm).map_or(Ok(()), |cause| Err(LoadProblem::Overgrown { cause }))
    }

    /// Looks at what was compiled, and asks it what it is.
    fn policy(
        &self,
        name: &PolicyName,
        file: (Digest, usize),
        component: Component,
        limits: &Limits,
    ) -> Result<Policy, LoadProblem> {
        let needs = surface::needs(&self.engine, &component, self.wasi)?;
        let linker = self.linker(&needs.grants, &needs.stubbed, &component);
        let sandboxes = self.link(&component, linker, limits.clone(), Makeup::default())?;
        let (description, instances) = describe(&sandboxes, self.log_from)?;
        let makeup = Makeup { instances, ..policy::makeup(&component) };
        Ok(Policy::new(name.clone(), file, needs, description, (component, makeup)))
    }

    fn link(
        &self,
        component: &Component,
        linker: wasmtime::Result<Arc<Linker<State>>>,
        limits: Limits,
        makeup: Makeup,
    ) -> Result<Sandboxes, LoadProblem> {
        let limits = self.room.within(limits);
        policy::fits(component, &limits).map_err(LoadProblem::OverLimit)?;
        let pre = linker
            .and_then(|linker| linker.instantiate_pre(component))
            .and_then(ScalingPolicyPre::new)
            .map_err(|error| LoadProblem::Mistyped { cause: said(&error) })?;
        Ok(Sandboxes::new(pre, Arc::new(limits), self.room.clone(), makeup))
    }

    /// A linker that has what is granted, and stubs where WASI is imported.
    fn linker(
        &self,
        grants: &Grants,
        stubbed: &[String],
        component: &Component,
    ) -> wasmtime::Result<Arc<Linker<State>>> {
        let granted = self.linker_of(grants)?;
        if stubbed.is_empty() {
            return Ok(granted);
        }
        let mut linker = Linker::clone(&granted);
        wasi::add_to_linker(&mut linker, &self.engine, component)?;
        Ok(Arc::new(linker))
    }

    fn linker_of(&self, grants: &Grants) -> wasmtime::Result<Arc<Linker<State>>> {
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
        f.debug_struct("Host")
            .field("limits", &self.limits)
            .field("wasi", &self.wasi)
            .finish_non_exhaustive()
    }
}

fn admits_size(bytes: u64, limits: &Limits) -> Result<(), LoadProblem> {
    if bytes <= Limit::FileBytes.cap(limits) {
        return Ok(());
    }
    Err(LoadProblem::OverLimit(Limit::FileBytes.hit(Used::Exactly(bytes), limits)))
}

/// What a policy says of itself, and how many core instances it is made of.
fn describe(sandboxes: &Sandboxes, log_from: Level) -> Result<(Description, usize), LoadProblem> {
    let within = |limits: &Arc<Limits>| State::without_facts(limits, Arc::from("{}"), log_from);
    let state = || within(sandboxes.limits());
    let typed = sandboxes.rehearse(state()).map_err(LoadProblem::Broken)?;
    typed.map_err(|error| LoadProblem::Mistyped { cause: said(&error) })?;
    let left = sandboxes
        .call(state(), |policy, store| policy.hooke_policy_policy().call_describe(&mut *store));
    let description = Description::of(left.outcome.map_err(LoadProblem::Broken)?)?;
    Ok((description, sandboxes.count_instances(within)))
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
        // Names come from the name section. Reading a guest's debug information
        // takes time and memory that no limit counts.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
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
