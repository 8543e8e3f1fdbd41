//! What was read before: every reading of every queue, worker class and
//! machine of one site as a time series, and what periods of it come to. Pure:
//! values in, values out. Never reads a clock, a file or the network, and never
//! fills a gap.

mod answer;
mod code;
mod column;
mod dropped;
mod entity;
mod frame;
mod history;
mod past;
mod query;
mod restore;
mod series;
mod statistic;
mod times;
mod unmet;
mod view;

pub use dropped::{Cause, Dropped};
pub use frame::Frame;
pub use history::{History, Keep, SMALL_STEP, Size};
pub use past::{Asked, Past, Samples};
pub use query::{Answer, Datapoint, Query, QueryError};
pub use restore::{Restored, Restoring};
pub use series::{Metric, Source, Subject};
pub use statistic::{Percent, Statistic};
pub use unmet::Unmet;
pub use view::View;

#[cfg(test)]
mod tests;
