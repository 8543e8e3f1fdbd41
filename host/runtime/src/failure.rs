//! What went wrong in a sandbox, in the words of the core. Every way out of a
//! guest ends in exactly one [`PolicyFailure`]; none of them is an answer.

use std::time::Duration;

use hooke_control::answer::PolicyFailure;
use wasmtime::{Trap, WasmBacktrace};

use crate::backtrace;
use crate::clean;
use crate::contract::types::PolicyError;
use crate::limit::{self, Limit, LimitHit, Used};
use crate::limits::Limits;
use crate::state::NoFacts;
use crate::wasi::NotGiven;

/// Bytes of the sentence about a trap, its backtrace included.
const WHY_BYTES: usize = 2048;

/// The wasm stack, which no site file can change.
pub(crate) const STACK_BYTES: usize = 512 << 10;

/// Errors of the engine whose types it keeps to itself, by what they say.
const ENGINE_LIMITS: [(&str, Limit); 5] = [
    ("fuel allocated for hostcalls has been exhausted", Limit::ValueBytes),
    ("store handle limit exceeded", Limit::Handles),
    ("resource limit exceeded: instance count", Limit::Instances),
    ("resource limit exceeded: memory count", Limit::Memories),
    ("resource limit exceeded: table count", Limit::Tables),
];

/// Names the failure behind an error of the engine, and the limit, if it was one.
pub(crate) fn of(
    error: &wasmtime::Error,
    limits: &Limits,
    wall: Duration,
) -> (PolicyFailure, Option<LimitHit>) {
    let hit = limit_hit(error, limits, wall);
    (named(error, hit.as_ref()), hit)
}

fn named(error: &wasmtime::Error, hit: Option<&LimitHit>) -> PolicyFailure {
    if let Some(hit) = hit {
        return PolicyFailure::Limit { what: hit.limit.name(), why: hit.to_string() };
    }
    if error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow) {
        let why = format!(
            "over the limit stack: more used than the {} allowed, which is fixed; a recursion \
             without an end?{}",
            limit::bytes(STACK_BYTES as u64),
            at(error)
        );
        return PolicyFailure::Limit { what: "stack", why: clean::line(&why, WHY_BYTES) };
    }
    let why = format!("{}{}", cause(error), at(error));
    PolicyFailure::Trap { why: clean::line(&why, WHY_BYTES) }
}

fn limit_hit(error: &wasmtime::Error, limits: &Limits, wall: Duration) -> Option<LimitHit> {
    if let Some(hit) = error.downcast_ref::<LimitHit>() {
        return Some(hit.clone());
    }
    if error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) {
        // Rounded up, so that more than the limit reads as more.
        let millis = u64::try_from(wall.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        return Some(Limit::WallTime.hit(Used::Exactly(millis), limits));
    }
    let said = error.root_cause().to_string();
    let (_, limit) = ENGINE_LIMITS.iter().find(|(words, _)| said.contains(words))?;
    Some(limit.hit(Used::More, limits))
}

fn cause(error: &wasmtime::Error) -> String {
    let said = error.root_cause().to_string();
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => {
            "it panicked or aborted (`unreachable` executed); its log may say why".to_owned()
        }
        Some(_) => said,
        None if error.downcast_ref::<NoFacts>().is_some() => said,
        None if error.downcast_ref::<NotGiven>().is_some() => said,
        // Neither a trap nor ours: a value that does not read as its type.
        None => format!("it handed over a value that breaks the contract: {said}"),
    }
}

fn at(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<WasmBacktrace>().map(backtrace::line) {
        Some(trace) if !trace.is_empty() => format!("; in {trace}"),
        Some(_) | None => String::new(),
    }
}

/// Names what a policy said itself.
pub(crate) fn declined(error: PolicyError, limits: &Limits) -> PolicyFailure {
    let (kind, why) = match error {
        PolicyError::InvalidSettings(why) => ("invalid-settings", why),
        PolicyError::MissingData(why) => ("missing-data", why),
        PolicyError::Unsupported(why) => ("unsupported", why),
        PolicyError::Internal(why) => ("internal", why),
        PolicyError::Other(why) => ("other", why),
    };
    PolicyFailure::Declined { kind, why: clean::line(&why, limits.reason_bytes) }
}
