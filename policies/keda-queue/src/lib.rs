//! KEDA's RabbitMQ scaler, and the HPA behind it: a metric of the queue wakes
//! the profile, keeps it at a target, and lets it go to zero after a while.
//!
//! [`metric`] measures, [`decide`] decides by the numbers of [`hpa`] and
//! [`drain`]; all are pure and link natively too. [`settings`] reads the settings; the component around them is made with the
//! SDK. Stabilisation windows and rates of change are the host's.

pub mod decide;
pub mod drain;
pub mod hpa;
pub mod metric;
pub mod settings;

mod component;
