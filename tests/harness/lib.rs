//! Harness for whole-program tests.

pub mod broker;
pub mod fleet;
pub mod home;
pub mod poll;
pub mod ports;
pub mod program;
pub mod site_file;
