//! The policies at hand: those in the program and those in the policies
//! directory, watched, checked, compiled once, and swapped whole.
//!
//! A file that cannot be used never takes the place of one that can, and never
//! stops another. Nothing here decides anything about a fleet, and native code
//! is never taken from the policies directory.
//!
//! ```text
//! file ─► settled ─► read once ─► digest ─► pin ─► cache or compiler ─► loaded
//!      ─► conformance ─► Users::accept ─► swapped    (or refused: the old one stays)
//! ```

mod cache;
mod child;
mod compiler;
mod config;
mod entry;
mod folder;
mod judge;
mod keeper;
mod key;
mod outcome;
mod policy_file;
mod seen;
mod shared;
mod shelf;
mod stamp;
mod status;
mod stock;
mod users;
mod watch;
mod worker;

pub use cache::{Cache, CacheError};
pub use compiler::Compiler;
pub use config::{Conformance, ConformanceRun, Rules, ShelfConfig};
pub use entry::{Entry, Live, Newest, Origin};
pub use outcome::{Event, Listener, Outcome, Progress};
pub use policy_file::{NotRead, read as read_policy};
pub use shelf::{Shelf, ShelfError};
pub use status::{DirectoryState, PolicyStatus, Status};
pub use users::{Bind, Objection, Users};
pub use watch::{Clock, Watch};
pub use worker::{WorkerError, compile_worker, run_compile_worker};

/// An error with all its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
