//! The simulated site, seen from outside.

#![expect(clippy::unwrap_used, reason = "tests may panic, and so may what they share")]

mod conformance;
mod conservation;
mod determinism;
mod faults;
mod life;
mod report;
mod scene;
mod source;
