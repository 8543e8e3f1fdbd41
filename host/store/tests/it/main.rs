//! The store from outside, through its public door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crash;
mod decisions;
mod history;
mod journal;
mod opening;
mod prune;
mod scene;
mod size;
