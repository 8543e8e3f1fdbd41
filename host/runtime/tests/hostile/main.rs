//! Policies that misbehave on purpose, and what the host makes of them: one
//! answer, a failure that says what it was, or a refusal; and after each a
//! neighbour that is served as before. It runs every guest, never a cloud.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod batch;
mod catalogue;
mod component;
mod endless;
mod files;
mod guards;
#[path = "../policies/guests.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use more of it")]
mod guests;
mod house;
mod memory;
mod mutants;
mod past;
mod shapes;
mod smith;
#[path = "../policies/snapshots.rs"]
mod snapshots;
mod texts;
mod traces;
mod values;
