//! The async rim: turns the controller's effects into calls and the answers
//! into events. It makes no choice of its own.

mod host;
mod policies;
mod site;

pub(crate) use host::{HostFailure, load, run};
