//! The program's parts, composed: configuration, commands, the loop. Decides
//! nothing itself, and is the only crate that reads the operating system's
//! clock.

mod archive;
pub mod bench;
mod board;
mod cli;
mod clock;
mod config;
mod crash;
mod desk;
mod driver;
mod http;
mod metrics;
mod observer;
mod rehearsal;
mod shelf;
mod shell;
mod view;

pub use cli::main;
