//! What a policy in Rust is written with: the contract's types and calls, a
//! trait to implement, settings to read, and arithmetic that every rule needs.
//!
//! ```
//! use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, delta, metrics};
//!
//! struct Backlog;
//!
//! impl Policy for Backlog {
//!     const NAME: &'static str = "backlog";
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
//!     const SUMMARY: &'static str = "One worker for every so many messages.";
//!     type Settings = u64;
//!
//!     fn settings(table: &mut Table) -> u64 {
//!         table.whole("per_worker", 1..=u64::MAX).unwrap_or(100)
//!     }
//!
//!     fn evaluate(per_worker: &u64, profile: &str) -> Result<Needs, PolicyError> {
//!         let ready = metrics::backlog(profile)?.ready_or_missing()?;
//!         let wanted = ready.div_ceil(*per_worker);
//!         let workers = metrics::workers(profile)?;
//!         let reason = format!("{ready} messages, {per_worker} a worker: {wanted} workers");
//!         Ok(Needs { delta: delta(wanted, workers.capacity), reason })
//!     }
//! }
//!
//! hooke_policy_sdk::export!(Backlog);
//! ```
//!
//! Linked into every component, so it is kept small: no floating point is ever
//! printed, no string printed with `{:?}`. It decides nothing, and holds
//! nothing from one call to the next.

#[doc(hidden)]
pub mod bindings;
mod facts;
mod figure;
#[cfg(target_arch = "wasm32")]
mod heap;
pub mod kept;
pub mod metric;
mod policy;
mod ratio;
pub mod span;
mod table;
mod value;

pub use bindings::hooke::policy::types::{Needs, PolicyError, Quality, VmState};
pub use bindings::hooke::policy::{cloud, log, memory, metrics, settings};
pub use facts::delta;
pub use figure::Figure;
#[doc(hidden)]
pub use policy::{Component, exportable};
pub use policy::{Policy, tell_panics};
pub use ratio::workers_for;
pub use table::{Problem, Table};
