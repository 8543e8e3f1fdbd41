//! Whole-program tests: real processes, a real broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod broker_faults;
mod burst;
mod crash;
mod go_between;
mod pages;
mod policies;
mod rabbitmq_source;
mod signals;
mod stage;
