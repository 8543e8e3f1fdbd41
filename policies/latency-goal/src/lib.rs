//! Start every message within a time: as many workers as that takes, by what
//! is measured, with no number to tune but the time.
//!
//! [`decide`] and all it rests on is pure and links natively too; the component
//! around it is made with the SDK. It stages no action, and takes no fact that
//! is not there for zero.

pub mod decide;
pub mod learned;
pub mod past;
pub mod settings;
pub mod staffing;

mod component;
