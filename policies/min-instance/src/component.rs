//! The component: carries facts to [`crate::decide`] and the decision back.
//! Decides nothing itself.

use hooke_policy_sdk::metrics::{self, MetricsError};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table};

use crate::decide::{self, Queue, Situation};
use crate::settings::{Coverage, SCHEMA, Settings};

hooke_policy_sdk::export!(MinInstance);

struct MinInstance;

impl Policy for MinInstance {
    const NAME: &'static str = "min-instance";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Keeps a minimum of workers, whatever the queue says; if asked, at least one for each \
         queue.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let decision = decide::decide(&situation(settings, profile)?);
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

fn situation(settings: &Settings, profile: &str) -> Result<Situation, MetricsError> {
    let queues = match settings.coverage {
        Coverage::Profile => Vec::new(),
        Coverage::EveryQueue => metrics::queues(profile)?,
    };
    let queue = |queue: metrics::Queue| Queue { name: queue.name, own_workers: queue.own_workers };
    Ok(Situation {
        minimum: settings.minimum.unwrap_or(0).max(metrics::bounds(profile)?.minimum),
        capacity: metrics::workers(profile)?.capacity,
        queues: queues.into_iter().map(queue).collect(),
    })
}
