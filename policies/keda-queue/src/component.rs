//! The component: carries facts to [`crate::decide`] and the decision back, and
//! keeps what it says to keep. Decides nothing itself.

use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, kept, log, memory, metrics};

use crate::decide::{self, Kept, Situation, Undecided};
use crate::metric::Backlog;
use crate::settings::{SCHEMA, Settings};

hooke_policy_sdk::export!(KedaQueue);

struct KedaQueue;

/// What is kept: the first evaluation, the last activity, failures in a row,
/// since when about as many have been at work, and how many.
const FORM: [u8; 4] = *b"ked2";

impl Policy for KedaQueue {
    const NAME: &'static str = "keda-queue";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Scales on a queue's length, rates or drain time, from and to zero, as KEDA's RabbitMQ \
         scaler does with the HPA.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let backlog = metrics::backlog(profile)?;
        let workers = metrics::workers(profile)?;
        let kept = memory::load().and_then(|bytes| kept::decode(FORM, &bytes));
        let situation = Situation {
            now_ms: metrics::now_ms(),
            capacity: workers.capacity,
            serving: workers.serving,
            busy: workers.busy,
            unknown: workers.unknown,
            backlog: Backlog {
                quality: backlog.quality,
                ready: backlog.ready,
                unacked: backlog.unacked,
                arrival_rate: backlog.arrival_rate,
                service_rate: backlog.service_rate,
            },
            kept: kept.map(|[first_ms, active_ms, failures, steady_ms, at_work]| Kept {
                first_ms,
                active_ms,
                failures,
                steady_ms,
                at_work,
            }),
        };
        let decision = decide::decide(settings, &situation)
            .map_err(|Undecided(what)| PolicyError::MissingData(what))?;
        let Kept { first_ms, active_ms, failures, steady_ms, at_work } = decision.kept;
        let kept = [first_ms, active_ms, failures, steady_ms, at_work];
        if memory::store(&kept::encode(FORM, kept)).is_err() {
            log::write(log::Level::Warn, "the time of the last activity was not kept");
        }
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}
