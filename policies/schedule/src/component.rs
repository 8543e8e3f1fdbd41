//! The component: carries facts to [`crate::decide`] and the decision back.
//! Decides nothing itself.

use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, metrics};
use hooke_timetable::Moment;

use crate::decide;
use crate::settings::{SCHEMA, Settings};

hooke_policy_sdk::export!(Schedule);

struct Schedule;

impl Policy for Schedule {
    const NAME: &'static str = "schedule";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str =
        "Keeps the workers between floors and ceilings that windows of time set.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let capacity = metrics::workers(profile)?.capacity;
        let decision = decide::decide(settings, Moment::from_ms(metrics::now_ms()), capacity);
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}
