//! Evaluations outside the loop: situations written by hand, tables of them,
//! the conformance grid, the bench, and recordings that are played again.
//!
//! ```text
//! *.toml ─► Table ─► run(BoundPolicy) ─► TableReport      hooke policy test
//! bytes  ─► check ─► CheckReport (with the grid)          hooke policy check
//! BoundPolicy ─► grid::check ─► GridReport                at load
//! BoundPolicy ─► outlook ─► Outlook                       hooke check
//! BoundPolicy ─► bench ─► BenchReport                     hooke policy bench
//! Recorder ─► *.jsonl ─► Recording ─► replay ─► ReplayReport
//! ```
//!
//! Every evaluation runs in the real host. Nothing here acts on a fleet, and
//! nothing prints: reports are values with a text and a serialised form.

pub mod bench;
pub mod check;
mod hex;
mod usage;

pub mod grid;
pub mod outlook;
pub mod record;
pub mod replay;
pub mod situation;
pub mod table;
