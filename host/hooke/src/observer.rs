//! Asks a site's cloud and sources, all at once, each with a deadline. What
//! does not answer in time is missing.

use std::time::Duration;

use futures::future::join_all;
use hooke_clouds::Inventory;
use hooke_control::observe::{Observation, SourceObservation};
use hooke_control::queue::Missing;
use hooke_sources::Source;
use tokio::time::timeout;

use crate::driver::Sources;
use crate::shelf::chain;

/// How long a list of machines may take; clouds page through thousands.
const LIST_DEADLINE: Duration = Duration::from_secs(60);

/// How long a source may take on top of its own deadline, should that fail it.
const READ_DEADLINE: Duration = Duration::from_secs(330);

/// One pass over everything a site knows.
pub(crate) async fn observe(cloud: &impl Inventory, sources: &Sources) -> Observation {
    let sources = join_all(sources.iter().map(|(name, source, queues)| async move {
        let reading = match timeout(READ_DEADLINE, source.read(queues)).await {
            Ok(Ok(reading)) => Ok(reading),
            Ok(Err(error)) => Err(Missing(format!("source {name}: {}", chain(&error)))),
            Err(_) => {
                Err(Missing(format!("source {name} did not answer within {READ_DEADLINE:?}")))
            }
        };
        SourceObservation { queues: queues.clone(), reading }
    }));
    let (cloud, sources) = tokio::join!(timeout(LIST_DEADLINE, cloud.list()), sources);
    let cloud = match cloud {
        Ok(Ok(seen)) => Ok(seen),
        Ok(Err(error)) => Err(Missing(chain(&error))),
        Err(_) => {
            Err(Missing(format!("the cloud did not list its machines within {LIST_DEADLINE:?}")))
        }
    };
    Observation { cloud, sources }
}
