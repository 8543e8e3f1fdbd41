//! Brown Dog's rule. A backlog above a threshold, or fewer workers than the
//! minimum, asks for workers; an idle queue gives up those that are not the
//! first on their machine; a machine long idle is suspended.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It never acts, and never
//! picks a worker or the machine for a new one: that is the host's ladder.

pub mod decide;
pub mod settings;

mod component;
