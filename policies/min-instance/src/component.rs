//! The component: bindings, and the export shim that carries facts to
//! [`crate::decide`] and the decision back. Decides nothing itself.

use policy_settings::Problem;

use crate::decide::{self, Queue, Situation};
use crate::settings::{Coverage, SCHEMA, Settings};

use bindings::exports::hooke::policy::policy::{
    Description, Guest, Needs, PolicyError, SettingProblem,
};
use bindings::hooke::policy::metrics::{self, MetricsError};
use bindings::hooke::policy::{log, settings};

#[allow(
    unsafe_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::all,
    reason = "generated"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package hooke:min-instance;
            world component {
                include hooke:policy/base@0.1.0;
                import hooke:policy/metrics@0.1.0;
            }
        ",
        generate_all,
    });
    export!(Component with_types_in self);
    use super::Component;
}

struct Component;

impl Guest for Component {
    fn describe() -> Description {
        tell_panics();
        Description {
            name: "min-instance".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Keeps a minimum of workers, whatever the queue says; if asked, at least one \
                      for each queue."
                .to_owned(),
            settings_schema: Some(SCHEMA.to_owned()),
        }
    }

    fn validate_settings(settings: String) -> Result<(), Vec<SettingProblem>> {
        tell_panics();
        let problem = |Problem { path, message }| SettingProblem { path, message };
        match Settings::parse(&settings) {
            Ok(_) => Ok(()),
            Err(problems) => Err(problems.into_iter().map(problem).collect()),
        }
    }

    fn evaluate_needs(profile: String) -> Result<Needs, PolicyError> {
        tell_panics();
        let settings = Settings::parse(&settings::json()).map_err(invalid)?;
        let situation = situation(&settings, &profile).map_err(unanswered)?;
        let decision = decide::decide(&situation);
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

fn invalid(problems: Vec<Problem>) -> PolicyError {
    let lines: Vec<String> =
        problems.iter().map(|Problem { path, message }| format!("{path}: {message}")).collect();
    PolicyError::InvalidSettings(lines.join("; "))
}

fn unanswered(error: MetricsError) -> PolicyError {
    match error {
        MetricsError::UnknownProfile(name) => {
            PolicyError::MissingData(format!("the site has no profile {name}"))
        }
        MetricsError::Other(why) => PolicyError::MissingData(why),
    }
}

/// Writes a panic to the host's log: without it a trap has no message.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string())));
}
