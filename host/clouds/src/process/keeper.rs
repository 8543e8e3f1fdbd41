//! The process that leads a machine. The host's program is executed again with
//! a hidden subcommand and calls [`run`]; from then on it is on its own.
//!
//! It never ends a worker by force and never gives one up: a worker that was
//! told to leave may take as long as it likes.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::layout::VmDir;
use super::life::Life;
use super::log;
use super::record::{FORMAT, Found, Spec};

mod clear;
mod decide;
mod listen;
mod machine;
mod worker;

/// What a keeper writes to its standard output once it is at work.
pub(super) const READY: &[u8] = b"ready\n";

/// What a keeper is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// To lead a machine.
    Keep,
    /// To see off what a dead keeper left behind, and to end the machine.
    Clear,
}

/// Why there is no keeper. Every one is for the operator: the host only sees
/// that the keeper ended.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// Called by hand, or by another version.
    #[error("usage: keep|clear DIRECTORY, and not by hand: the host starts keepers")]
    Usage,
    /// `vm.json` is not there, or cannot be understood.
    #[error("no machine is written down in {}", .0.display())]
    NoMachine(PathBuf),
    /// The system did not let it.
    #[error("{doing}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl KeeperError {
    fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}

/// The arguments that [`run`] will understand.
pub(super) fn arguments(errand: Errand, dir: &VmDir) -> [OsString; 2] {
    let word = match errand {
        Errand::Keep => "keep",
        Errand::Clear => "clear",
    };
    [word.into(), dir.path().into()]
}

/// Leads a machine until its end. `args` is what stands after the hidden
/// subcommand. To be called from a plain `main`: it leaves the session, and it
/// has an async runtime of its own. If another keeper leads the machine
/// already, there is nothing to do, and that is a success.
///
/// # Errors
/// When the machine cannot be led; no worker was started then.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<ExitCode, KeeperError> {
    let (errand, dir) = parse(args.into_iter())?;
    // The host, its terminal and its process group may go; we stay.
    let session = rustix::process::setsid().map_err(io::Error::from);
    let session = session.map_err(KeeperError::system("leaving the host's session"))?;
    let life = Life::take(&dir).map_err(KeeperError::system("taking the machine's lock"))?;
    let Some(_life) = life else { return Ok(ExitCode::SUCCESS) };
    let spec = spec(&dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(KeeperError::system("starting the runtime"))?;
    let session = session.as_raw_nonzero().get();
    match (errand, spec) {
        (Errand::Keep, Some(spec)) => runtime.block_on(machine::lead(dir, spec, session))?,
        (Errand::Keep, None) => return Err(KeeperError::NoMachine(dir.path().to_owned())),
        (Errand::Clear, spec) => runtime.block_on(clear::clear(dir, spec, session))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(mut args: impl Iterator<Item = OsString>) -> Result<(Errand, VmDir), KeeperError> {
    let errand = match args.next().as_ref().and_then(|word| word.to_str()) {
        Some("keep") => Errand::Keep,
        Some("clear") => Errand::Clear,
        _ => return Err(KeeperError::Usage),
    };
    let dir = args.next().filter(|_| args.next().is_none()).ok_or(KeeperError::Usage)?;
    // Without links, for it is part of the workers' tag.
    let path = fs::canonicalize(&dir).map_err(|_| KeeperError::NoMachine(PathBuf::from(dir)))?;
    Ok((errand, VmDir::at(path)))
}

/// What the machine is; `None` if that cannot be understood.
fn spec(dir: &VmDir) -> Result<Option<Spec>, KeeperError> {
    let system = || KeeperError::system("reading vm.json");
    if let Found::Record(label) = dir.label().map_err(system())?
        && label.format > FORMAT
    {
        return Err(system()(io::Error::other("a later Hooke wrote it")));
    }
    match dir.spec().map_err(system())? {
        Found::Record(spec) => Ok(Some(spec)),
        Found::Damaged(_) => Ok(None),
        Found::Nothing => Err(KeeperError::NoMachine(dir.path().to_owned())),
    }
}

/// Tells the host that we are at work. It may have died meanwhile: then nobody
/// listens, and that changes nothing.
fn say_ready() {
    let mut stdout = io::stdout();
    let _unheard = stdout.write_all(READY).and_then(|()| stdout.flush());
}

/// Keeps the logs of a machine within their bounds.
fn trim_logs(dir: &VmDir) {
    for path in [dir.keeper_log(), dir.workers_log()] {
        if let Err(e) = log::trim(&path) {
            note(format_args!("trimming {}: {e}", path.display()));
        }
    }
}

/// A line for the operator, in `keeper.log`. A full disk must not end a keeper.
fn note(line: std::fmt::Arguments<'_>) {
    let _lost = writeln!(io::stderr(), "{line}");
}
