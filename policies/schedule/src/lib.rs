//! Floors and ceilings by the time of day and week: as many workers in office
//! hours, no more than so many at night.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It never looks at a
//! backlog, and stages no action.

pub mod decide;
pub mod settings;

mod component;
