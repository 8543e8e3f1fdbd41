//! The compile worker: a process that compiles one policy and ends. It is told
//! everything on its input, answers on its output, and touches nothing else.
//!
//! Asked: [`MAGIC`], a key of 32 bytes, the wasm to the end. Answered: one byte
//! ([`CODE`] or [`REFUSED`]), then sealed native code or text, to the end.

use std::io::{self, Read, Write};

use hooke_runtime::{
    Allocation, Host, HostConfig, HostError, Level, Limits, LoadProblem, SealKey, Wasi,
};

/// What a question begins with; its last byte counts the versions.
pub(crate) const MAGIC: [u8; 8] = *b"hookecw\x01";
/// Begins an answer with native code.
pub(crate) const CODE: u8 = b'N';
/// Begins an answer that is a refusal, as text.
pub(crate) const REFUSED: u8 = b'R';

/// Why a compile worker gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It was asked nothing that it knows; a person may have started it.
    #[error("a compile worker is started by the host alone, and was asked nothing it knows")]
    Unasked,
    /// It could not read or answer.
    #[error("the compile worker lost its host")]
    Io(#[from] io::Error),
    /// The engine did not start.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Makes this process a compile worker: of low priority, as it must not slow
/// the tick, and gone when the host is. Compiles what is asked on the standard
/// input and answers on the standard output.
pub fn run_compile_worker() -> Result<(), WorkerError> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(io::Error::from)?;
    rustix::process::nice(10).map_err(io::Error::from)?;
    compile_worker(io::stdin().lock(), io::stdout().lock())
}

/// Compiles what is asked on `input` and answers on `output`.
pub fn compile_worker(mut input: impl Read, mut output: impl Write) -> Result<(), WorkerError> {
    let (mut magic, mut key) = ([0; MAGIC.len()], [0; 32]);
    let begun = input.read_exact(&mut magic).and_then(|()| input.read_exact(&mut key));
    if begun.is_err() || magic != MAGIC {
        return Err(WorkerError::Unasked);
    }
    let mut wasm = Vec::new();
    input.read_to_end(&mut wasm)?;
    // The host has compared the size with the limit before it asked.
    let limits = Limits { file_bytes: usize::MAX, ..Limits::DEFAULT };
    let host = Host::allocating(
        HostConfig { limits: limits.clone(), log_from: Level::Error, wasi: Wasi::default() },
        Allocation::OnDemand,
    )?;
    match host.compile(&wasm, &limits) {
        Ok(code) => {
            output.write_all(&[CODE])?;
            output.write_all(&code.seal(&SealKey::new(key)))?;
        }
        Err(problem) => {
            let said = problem.to_string();
            // The host puts the cause into the sentence itself.
            let cause = if let LoadProblem::Malformed { cause } = problem { cause } else { said };
            output.write_all(&[REFUSED])?;
            output.write_all(cause.as_bytes())?;
        }
    }
    Ok(output.flush()?)
}
