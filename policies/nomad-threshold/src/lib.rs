//! The checks of the Nomad Autoscaler, with its four strategies: each check
//! asks one metric and wants a number of workers; rules settle who is heard.
//!
//! [`strategy`] decides for one check, [`decide`] for all; both are pure and
//! link natively too. [`settings`] reads the settings; the component around
//! them is made with the SDK. Bounds and dry runs are the host's.

pub mod decide;
pub mod settings;
pub mod strategy;

mod component;
