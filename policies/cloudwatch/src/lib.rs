//! CloudWatch alarms and the scaling policies of EC2 Auto Scaling: simple,
//! step and target tracking, read from the API's own fields.
//!
//! [`decide`] is pure and links natively too; [`settings`] reads the settings;
//! the component around them is made with the SDK. It never acts, and never
//! remembers a wished capacity: what the host did is what the next rule starts
//! from.

pub mod adjust;
pub mod alarm;
pub mod decide;
pub mod math;
pub mod memory;
pub mod metric;
pub mod predict;
pub mod schedule;
pub mod settings;
pub mod statistic;
pub mod step;
pub mod watch;

mod answers;
mod bounds;
mod component;
mod notes;
mod propose;
