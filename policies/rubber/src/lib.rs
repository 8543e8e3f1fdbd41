//! Rubber's rule. A backlog above a threshold asks for a share of it in
//! workers, less those booting; an empty queue gives up the idle ones.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It never acts and never
//! looks at a limit: Rubber's `evaluate_needs` was "idealistic" as well.

pub mod decide;
pub mod settings;

mod component;
