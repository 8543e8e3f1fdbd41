//! The component: carries facts to [`crate::decide`] and the decision back.
//! Decides nothing itself.

use hooke_policy_sdk::metrics::{self, MetricsError};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, cloud, log};

use crate::decide::{self, Backlog, IdleVm, Situation, Undecided, Workers};
use crate::settings::{SCHEMA, Settings};

hooke_policy_sdk::export!(Threshold);

struct Threshold;

impl Policy for Threshold {
    const NAME: &'static str = "threshold";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Asks for workers when the backlog is above a threshold or workers are below the minimum, \
         and gives up idle ones and idle machines (Brown Dog).";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let situation = situation(settings, profile)?;
        let decision = decide::decide(settings, &situation, || idle_vms(settings, profile))
            .map_err(|Undecided::MissingData(what)| PolicyError::MissingData(what))?;
        for vm in &decision.suspend {
            if let Err(refusal) = cloud::suspend(vm, &decision.reason) {
                let (kind, why) = (refusal.kind(), refusal.why());
                let line = format!("suspending {vm} was refused ({kind}): {why}");
                log::write(log::Level::Info, &line);
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
            quality: backlog.quality,
            age_ms: backlog.age_ms,
            ready: backlog.ready,
            unacked: backlog.unacked,
            idle_ms: backlog.idle_ms,
        },
    })
}

/// No answer suspends nothing: the host has already said that it has none.
fn idle_vms(settings: &Settings, profile: &str) -> Vec<IdleVm> {
    let vms = metrics::idle_vms(profile, settings.vm_idle_ms, decide::IDLE_VMS_ASKED);
    let idle = |vm: metrics::Vm| IdleVm { id: vm.id, workers: vm.workers };
    vms.unwrap_or_default().into_iter().map(idle).collect()
}
