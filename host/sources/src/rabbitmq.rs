//! RabbitMQ, through the HTTP API of its management plugin.
//!
//! One read is: who are we, the watched queues (a page of up to 500 at a
//! time), the vhost's consumers, the vhost's channels. The number of requests
//! grows with the pages of a vhost, never with the queues that are watched.
//! It only ever sends GET, and it never logs or shows the password.

mod answer;
mod config;
mod exchange;
mod facts;
mod fault;
mod query;
mod quiet;
mod reading;

pub use config::{Config, ConfigError, Credentials, PageSize, Trust};
pub use exchange::ReadStats;
pub use reading::RabbitMq;
