//! Whole-program tests: real processes, a real broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod crash;
mod rabbitmq_source;
mod stage;
