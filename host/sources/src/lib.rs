//! Where backlogs and consumers are read from.
//!
//! A source reads; it never decides, and it never turns a failed read into a
//! number: what could not be read is missing, not zero.

use std::collections::BTreeSet;
use std::future::Future;

use hooke_control::ids::QueueName;
use hooke_control::queue::SourceReading;

mod error;
pub mod rabbitmq;

pub use error::{Cause, Refusal, SourceError, TlsFault};

/// Something that knows queues and who consumes them.
pub trait Source: Send + Sync {
    /// Reads all of `queues` in one go: the cost does not grow with one
    /// request per queue. A queue that alone cannot be read is missing inside
    /// the answer; an error means that nothing could be read at all.
    fn read(
        &self,
        queues: &BTreeSet<QueueName>,
    ) -> impl Future<Output = Result<SourceReading, SourceError>> + Send;
}
