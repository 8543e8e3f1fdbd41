//! The component: carries facts to [`rule`] and the decision back. Decides
//! nothing itself.

pub mod rule;

use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, metrics};

hooke_policy_sdk::export!(MyPolicy);

struct MyPolicy;

impl Policy for MyPolicy {
    const NAME: &'static str = "my-policy";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Asks for one worker for each so many messages ready.";
    const SCHEMA: Option<&'static str> = Some(include_str!("../settings.schema.json"));
    type Settings = rule::Settings;

    fn settings(table: &mut Table) -> rule::Settings {
        rule::Settings::read(table)
    }

    fn evaluate(settings: &rule::Settings, profile: &str) -> Result<Needs, PolicyError> {
        let backlog = metrics::backlog(profile)?;
        let workers = metrics::workers(profile)?;
        rule::decide(
            settings,
            &rule::Facts {
                quality: backlog.quality,
                ready: backlog.ready,
                capacity: workers.capacity,
            },
        )
    }
}
