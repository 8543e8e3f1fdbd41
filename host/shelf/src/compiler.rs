//! Where policies are compiled. Compiling cannot be interrupted within a
//! process, so that a file of unknown origin is given to a child.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hooke_runtime::{Digest, Host, LimitHit, Limits, LoadProblem, NativeCode};

use crate::child;
use crate::outcome::Outcome;

/// Where policies are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// In this process, without a limit: for policies that are trusted.
    InProcess,
    /// In a child that is killed at the limit. The program must call
    /// [`run_compile_worker`](crate::run_compile_worker) when started so.
    Child {
        /// The program, by its full path.
        program: PathBuf,
        /// What makes it a compile worker.
        args: Vec<OsString>,
    },
}

/// What is to be compiled.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) wasm: Arc<[u8]>,
    pub(crate) digest: Digest,
    /// Those of the policy, with the time and the memory that it may take.
    pub(crate) limits: Limits,
    /// Set when nobody waits for it any more.
    pub(crate) cancelled: Arc<AtomicBool>,
}

impl Order {
    /// Whether what is being compiled by this order will do for another one too.
    pub(crate) fn serves(&self, other: &Self) -> bool {
        let allows = |limits: &Limits| (limits.compile_time, limits.compile_memory);
        self.digest == other.digest
            && allows(&self.limits) == allows(&other.limits)
            && !self.cancelled.load(Ordering::Relaxed)
    }
}

/// Why nothing was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotCompiled {
    /// The compiler refused it.
    Refused(LoadProblem),
    /// It took too long, or more memory than it may.
    OverLimit(LimitHit),
    /// The compiler did not work: the host's fault, not the file's.
    Broken(String),
    /// Nobody waits for it any more.
    Cancelled,
}

impl NotCompiled {
    pub(crate) const fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(problem) => Outcome::of(problem),
            Self::OverLimit(_) => Outcome::RefusedLimit,
            Self::Broken(_) | Self::Cancelled => Outcome::Failed,
        }
    }

    pub(crate) fn why(&self) -> String {
        match self {
            Self::Refused(problem) => problem.to_string(),
            Self::OverLimit(hit) => LoadProblem::OverLimit(hit.clone()).to_string(),
            Self::Broken(why) => format!("it could not be compiled: {why}"),
            Self::Cancelled => "compiling it was given up".to_owned(),
        }
    }
}

impl Compiler {
    /// Compiles, and waits for it.
    pub(crate) fn compile(&self, host: &Host, order: &Order) -> Result<NativeCode, NotCompiled> {
        match self {
            Self::InProcess => {
                host.compile(&order.wasm, &order.limits).map_err(NotCompiled::Refused)
            }
            Self::Child { program, args } => child::compile(program, args, host, order),
        }
    }
}
