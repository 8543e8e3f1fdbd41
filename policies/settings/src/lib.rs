//! Reads a policy's settings (one JSON object, made from the site's TOML) and
//! names everything that is wrong with them, not only the first thing.
//!
//! Linked into every bundled component, so it is kept small: no floating point
//! is ever printed, no string printed with `{:?}`. It never stops at a problem,
//! and it never makes a value up: a wrong value is a problem, not a default.

pub mod span;
mod table;
mod value;

pub use table::{Problem, Table};
