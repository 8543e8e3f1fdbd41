//! Whole-program tests: real processes, a real broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod broker_faults;
mod burst;
mod crash;
mod go_between;
/// Builds the guests that misbehave, as the policy host's own tests do.
#[path = "../../host/runtime/tests/policies/guests.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod guests;
mod named_files;
mod pages;
mod played;
mod policies;
mod quarantine;
mod rabbitmq_source;
mod record;
mod reload;
mod shadow;
mod signals;
mod stage;
mod wishes;
