//! The past as one tick knows it: what was read later does not show in it, so
//! that the same question gets the same answer for the whole tick.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hooke_control::units::Timestamp;

use crate::history::History;
use crate::query::{Datapoint, Query, QueryError};

/// The past as one tick knows it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct View {
    history: Arc<RwLock<History>>,
    until: Timestamp,
}

impl View {
    /// What was read up to and with `until`.
    pub fn new(history: &Arc<RwLock<History>>, until: Timestamp) -> Self {
        Self { history: Arc::clone(history), until }
    }

    /// A past in which nothing was read.
    pub fn empty() -> Self {
        Self::default()
    }

    /// What the periods come to; the oldest first.
    pub fn statistics(&self, query: &Query) -> Result<Vec<Datapoint>, QueryError> {
        let history = self.history.read().unwrap_or_else(PoisonError::into_inner);
        history.statistics(query, self.until)
    }

    /// How far back readings are kept.
    pub fn keep(&self) -> Duration {
        self.history.read().unwrap_or_else(PoisonError::into_inner).keep()
    }
}
