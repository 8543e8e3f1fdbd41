//! The tests of the project that an author begins with, as part of this
//! program: a build of the project for them alone takes minutes.

#![allow(unreachable_pub, reason = "the module is that of a library")]

#[path = "../../templates/rust/src/rule.rs"]
mod rule;
