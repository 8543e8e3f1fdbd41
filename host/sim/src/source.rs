//! The simulated site as a broker that is asked for its queues.

use std::collections::BTreeSet;

use hooke_control::ids::QueueName;
use hooke_control::queue::SourceReading;
use hooke_sources::{Source, SourceError};

use crate::site::Site;

/// A source that reads the queues of a simulated [`Site`]. Consumers connect
/// from the address of their machine, with the port that the worker's endpoint
/// shows in the cloud's list.
#[derive(Debug, Clone)]
pub struct SimSource {
    site: Site,
}

impl SimSource {
    /// Reads the queues of `site`.
    pub const fn new(site: Site) -> Self {
        Self { site }
    }
}

impl Source for SimSource {
    async fn read(&self, queues: &BTreeSet<QueueName>) -> Result<SourceReading, SourceError> {
        self.site.with(|world| {
            if world.source_is_out() {
                let at = "the simulated broker".to_owned();
                return Err(SourceError::Unreachable { at, source: "a simulated outage".into() });
            }
            Ok(world.reading(queues))
        })
    }
}
