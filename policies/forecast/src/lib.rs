//! The load of the next 48 hours, by the hour, from that of the last 14 days,
//! for policies that scale out ahead of it as EC2's predictive scaling does.
//!
//! Pure: the moment is an argument, what is remembered are bytes that the
//! caller keeps. It asks for capacity to come and never for less of it.

mod bytes;
mod capacity;
mod forecast;
mod history;

pub use bytes::{BYTES, Foreign};
pub use capacity::{Breach, ahead, maximum};
pub use forecast::{FORECAST_HOURS, Forecast, LEAST_HOURS, TooLittle};
pub use history::{HISTORY_HOURS, History};

/// Milliseconds of an hour. Hours begin with the Unix epoch, so they are those
/// of UTC.
pub const HOUR_MS: u64 = 3_600_000;
