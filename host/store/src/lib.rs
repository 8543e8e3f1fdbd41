//! What must survive a crash: intents, decisions, policy memory.
//!
//! One SQLite file. Every call returns only when what it wrote is on disk, so
//! a cloud that is called afterwards never knows more than the journal does.
//! Synchronous: an async shell gives it a thread of its own. Never decides
//! anything, never calls a cloud, never looks at the clock.

mod database;
mod decisions;
mod error;
mod guards;
mod history;
mod journal;
mod lock;
mod memory;
mod prune;
mod reader;
mod record;
mod recover;
mod row;
mod schema;
mod sites;
mod store;

pub use hooke_control::recover::Closing;

pub use error::{Cause, Foreign, StoreError};
pub use prune::{Pruned, Rest};
pub use reader::{Reader, VmStory};
pub use record::{
    Closed, Decision, DecisionRow, HistoryRow, HistoryWritten, JournalEntry, MemoryRow, Recovered,
    SiteProgress, TickRecord, Verdict,
};
pub use store::Store;
