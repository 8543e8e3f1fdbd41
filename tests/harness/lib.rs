//! Harness for whole-program tests.

pub mod broker;
pub mod ports;
