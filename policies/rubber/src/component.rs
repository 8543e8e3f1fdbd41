//! The component: carries facts to [`crate::decide`] and the decision back, and
//! keeps the time of the last evaluation. Decides nothing itself.

use hooke_policy_sdk::metrics;
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, VmState, kept, log, memory};

use crate::decide::{self, Missing, Situation};
use crate::settings::{SCHEMA, Settings};

hooke_policy_sdk::export!(Rubber);

struct Rubber;

/// What is kept: the time of the last evaluation.
const FORM: [u8; 4] = *b"rub1";

impl Policy for Rubber {
    const NAME: &'static str = "rubber";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Asks for a share of the backlog in workers, less those booting, and gives up the idle \
         ones of an empty queue (Rubber).";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let backlog = metrics::backlog(profile)?;
        let workers = metrics::workers(profile)?;
        let now_ms = metrics::now_ms();
        let last = memory::load().and_then(|bytes| kept::decode(FORM, &bytes));
        let situation = Situation {
            now_ms,
            last_ms: last.map(|[at]| at),
            quality: backlog.quality,
            age_ms: backlog.age_ms,
            ready: backlog.ready,
            idle: workers.idle,
            booting: workers.booting,
        };
        let decision = decide::decide(settings, &situation, || late(settings, profile)).map_err(
            |Missing| {
                PolicyError::MissingData(
                    "the backlog is missing: does the source answer?".to_owned(),
                )
            },
        )?;
        if decision.applied && memory::store(&kept::encode(FORM, [now_ms])).is_err() {
            log::write(log::Level::Warn, "the time of this evaluation was not kept");
        }
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

/// Workers to come of machines that have been coming up for too long. No
/// answer credits all that boot, which asks for fewer.
fn late(settings: &Settings, profile: &str) -> u32 {
    let vms = metrics::vms(profile).unwrap_or_default();
    let coming = |vm: &&metrics::Vm| matches!(vm.state, VmState::Pending | VmState::Booting);
    let late = vms.iter().filter(coming).filter(|vm| vm.age_ms >= settings.slacker_threshold_ms);
    late.fold(0, |sum, vm| sum.saturating_add(vm.workers))
}
