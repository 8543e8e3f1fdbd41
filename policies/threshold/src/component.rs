//! The component: bindings, and the export shim that carries facts to
//! [`crate::decide`] and the decision back. Decides nothing itself.

use policy_settings::Problem;

use crate::decide::{self, Backlog, IdleVm, Quality, Situation, Undecided, Workers};
use crate::settings::{SCHEMA, Settings};

use bindings::exports::hooke::policy::policy::{
    Description, Guest, Needs, PolicyError, SettingProblem,
};
use bindings::hooke::policy::metrics::{self, MetricsError};
use bindings::hooke::policy::{cloud, log, settings, types};

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
            package hooke:threshold;
            world component {
                include hooke:policy/base@0.1.0;
                import hooke:policy/metrics@0.1.0;
                import hooke:policy/cloud@0.1.0;
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
            name: "threshold".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Asks for workers when the backlog is above a threshold or workers are below \
                      the minimum, and gives up idle ones and idle machines (Brown Dog)."
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
        let idle_vms = || idle_vms(&settings, &profile);
        let decision = decide::decide(&settings, &situation, idle_vms)
            .map_err(|Undecided::MissingData(what)| PolicyError::MissingData(what))?;
        for vm in &decision.suspend {
            if let Err(refusal) = cloud::suspend(vm, &decision.reason) {
                log::write(log::Level::Info, &refused(vm, &refusal));
            }
        }
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

fn situation(settings: &Settings, profile: &str) -> Result<Situation, MetricsError> {
    let minimum = match settings.minimum {
        Some(minimum) => minimum,
        None => metrics::bounds(profile)?.minimum,
    };
    let workers = metrics::workers(profile)?;
    let backlog = metrics::backlog(profile)?;
    Ok(Situation {
        minimum,
        workers: Workers {
            capacity: workers.capacity,
            booting: workers.booting,
            idle_beyond_first: workers.idle_beyond_first,
        },
        backlog: Backlog {
            quality: match backlog.quality {
                types::Quality::Fresh => Quality::Fresh,
                types::Quality::Stale => Quality::Stale,
                types::Quality::Missing => Quality::Missing,
            },
            age_ms: backlog.age_ms,
            ready: backlog.ready,
            unacked: backlog.unacked,
            idle_ms: backlog.idle_ms,
        },
    })
}

/// No answer suspends nothing: the host has already said that it has none.
fn idle_vms(settings: &Settings, profile: &str) -> Vec<IdleVm> {
    metrics::idle_vms(profile, settings.vm_idle_ms, decide::IDLE_VMS_ASKED)
        .unwrap_or_default()
        .into_iter()
        .map(|vm| IdleVm { id: vm.id, workers: vm.workers })
        .collect()
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

fn refused(vm: &str, refusal: &cloud::Refusal) -> String {
    let (kind, why) = match refusal {
        cloud::Refusal::UnknownVm(why) => ("unknown machine", why),
        cloud::Refusal::UnknownWorker(why) => ("unknown worker", why),
        cloud::Refusal::UnknownImage(why) => ("unknown image", why),
        cloud::Refusal::WrongState(why) => ("wrong state", why),
        cloud::Refusal::Busy(why) => ("busy", why),
        cloud::Refusal::OverLimit(why) => ("over the limit", why),
        cloud::Refusal::Other(why) => ("other", why),
    };
    format!("suspending {vm} was refused ({kind}): {why}")
}

/// Writes a panic to the host's log: without it a trap has no message.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string())));
}
