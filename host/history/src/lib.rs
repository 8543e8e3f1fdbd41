//! What was read before: every reading of every queue, worker class and
//! machine of one site as a time series, and what periods of it come to. Pure:
//! values in, values out. Never reads a clock, a file or the network, and never
//! fills a gap.

mod history;
mod query;
mod series;
mod statistic;
mod view;

pub use history::{History, Refused};
pub use query::{Datapoint, Query, QueryError};
pub use series::{Metric, Series, Subject};
pub use statistic::Statistic;
pub use view::View;
