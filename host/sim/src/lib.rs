//! A virtual site: queues, machines, time and faults.
//!
//! A [`World`] is the site; [`SimCloud`] and [`SimSource`] show it to the host
//! as any other cloud and broker. Nothing here looks at a clock or draws from
//! anything but its seed: the caller says what time it is, and the same calls
//! at the same times give the same world, on every run.

pub mod chance;
mod cloud;
pub mod faults;
pub mod report;
mod site;
mod source;
pub mod spec;
pub mod workload;
pub mod world;

pub use cloud::SimCloud;
pub use site::{ManualClock, Scaled, Site};
pub use source::SimSource;
pub use spec::{ImageModel, QueueModel, WorldParts, WorldSpec};
pub use world::World;
