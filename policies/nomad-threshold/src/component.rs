//! The component: carries readings to [`crate::decide`] and the decision back,
//! and keeps the last scaling. Decides nothing itself.

use hooke_policy_sdk::metric;
use hooke_policy_sdk::metrics::{self, MetricsError};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, kept, log, memory};

use crate::decide::{self, Completeness, Reading, Scaling, Situation, Undecided};
use crate::settings::{Check, SCHEMA, Settings, Window};
use crate::strategy::Workers;

hooke_policy_sdk::export!(NomadThreshold);

struct NomadThreshold;

/// What is kept: when was scaled, from and to how many workers.
const FORM: [u8; 4] = *b"nom1";

impl Policy for NomadThreshold {
    const NAME: &'static str = "nomad-threshold";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Checks with thresholds, targets or fixed values, in groups and with cooldowns, as \
         the Nomad Autoscaler has them.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let workers = metrics::workers(profile)?;
        let kept = memory::load().and_then(|bytes| kept::decode(FORM, &bytes));
        let situation = Situation {
            now_ms: metrics::now_ms(),
            workers: Workers { capacity: workers.capacity, serving: workers.serving },
            quality: metrics::backlog(profile)?.quality,
            kept: kept.and_then(scaling),
        };
        let read = |check| reading(check, profile, situation.now_ms).map_err(told);
        let readings: Vec<_> = settings.checks.iter().map(read).collect();
        let decision = decide::decide(settings, &situation, &readings)
            .map_err(|Undecided(what)| PolicyError::MissingData(what))?;
        if let Some(Scaling { at_ms, from, to }) = decision.keep
            && memory::store(&kept::encode(FORM, [at_ms, from.into(), to.into()])).is_err()
        {
            log::write(log::Level::Warn, "the time of this scaling was not kept");
        }
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

fn scaling([at_ms, from, to]: [u64; 3]) -> Option<Scaling> {
    Some(Scaling { at_ms, from: u32::try_from(from).ok()?, to: u32::try_from(to).ok()? })
}

fn reading(check: &Check, profile: &str, now_ms: u64) -> Result<Reading, MetricsError> {
    let periods = match &check.window {
        Window::Instant => vec![check.query.now(profile)?],
        Window::Past { count, period_ms, offset_ms, statistic } => {
            let end_ms = now_ms.saturating_add(1).saturating_sub(*offset_ms);
            let (count, period_ms, statistic) = (*count, *period_ms, statistic.clone());
            let window = metric::Window { statistic, period_ms, count, end_ms };
            check.query.series(profile, &window)?
        }
    };
    let points: Vec<f64> = periods.iter().copied().flatten().collect();
    let completeness = match points.len() == periods.len() {
        true => Completeness::Complete,
        false => Completeness::Gaps,
    };
    Ok(Reading { points, completeness })
}

fn told(error: MetricsError) -> String {
    match error {
        MetricsError::UnknownProfile(name) => format!("the site has no profile {name}"),
        MetricsError::Other(why) => why,
    }
}
