//! Keeps a minimum of workers for a profile, whatever the queue says; if
//! asked, at least one for each of its queues. Meant to stand beside another
//! policy, `policy = ["threshold", "min-instance"]`: it asks for the minimum,
//! and objects to nothing above it.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It never looks at a
//! backlog, and stages no action.

pub mod decide;
pub mod settings;

mod component;
