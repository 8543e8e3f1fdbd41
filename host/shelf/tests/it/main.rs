//! The shelf against a real directory and real components, looked at by hand,
//! so that no test waits for time to pass.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod caching;
mod checking;
mod compiling;
mod dropping;
#[path = "../../../runtime/tests/policies/guests.rs"]
#[allow(dead_code, reason = "other tests make more of the guests than these do")]
mod guests;
mod random;
mod scene;
mod watching;
