//! The component: carries facts to [`crate::decide`] and the decision back.
//! Decides nothing itself.

use hooke_policy_sdk::metrics::{self, MetricsError, Statistic, StatisticsQuery, Subject};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, log, memory};

use crate::decide::{self, Situation, Undecided};
use crate::learned::Learned;
use crate::past::{BOOT_MINUTES, PEAK_MINUTES, Past, SERVICE_MINUTES, at_work};
use crate::settings::{SCHEMA, Settings};

hooke_policy_sdk::export!(LatencyGoal);

struct LatencyGoal;

impl Policy for LatencyGoal {
    const NAME: &'static str = "latency-goal";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Keeps as many workers as it takes to start every message within a time, by the \
         measured service time, rate of arrival and boot time.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let situation = situation(profile)?;
        if let Err(error) = memory::store(&situation.learned.to_bytes()) {
            let why = match error {
                memory::MemoryError::TooLarge(_) => "no room for 21 bytes",
                memory::MemoryError::Other(_) => "the host refused",
            };
            log::write(log::Level::Warn, &format!("what was learned is not remembered: {why}"));
        }
        let decision = decide::decide(settings, &situation)
            .map_err(|Undecided::MissingData(what)| PolicyError::MissingData(what))?;
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

fn situation(profile: &str) -> Result<Situation, MetricsError> {
    let workers = metrics::workers(profile)?;
    let backlog = metrics::backlog(profile)?;
    let past = past(profile)?;
    let learned = Learned::from_bytes(&memory::load().unwrap_or_default()).with(&past);
    Ok(Situation {
        quality: backlog.quality,
        age_ms: backlog.age_ms,
        ready: backlog.ready,
        arrival_rate: backlog.arrival_rate,
        capacity: workers.capacity,
        idle: workers.idle,
        busy: workers.busy.saturating_add(workers.unknown),
        past,
        learned,
    })
}

fn past(profile: &str) -> Result<Past, MetricsError> {
    let average = |metric: &str, minutes| minutes_of(profile, metric, Statistic::Average, minutes);
    let busy = average("busy", SERVICE_MINUTES)?;
    let unknown = average("unknown", SERVICE_MINUTES)?;
    let unacked = average("unacked", SERVICE_MINUTES)?;
    Ok(Past {
        arrival_rate: average("arrival-rate", PEAK_MINUTES)?,
        ready_most: minutes_of(profile, "ready", Statistic::Maximum, PEAK_MINUTES)?,
        service_rate: average("service-rate", SERVICE_MINUTES)?,
        busy: at_work(&busy, &unknown, &unacked),
        booting: average("booting", BOOT_MINUTES)?,
        serving: average("serving", BOOT_MINUTES)?,
    })
}

/// The last minutes of a metric, this tick in the newest.
fn minutes_of(
    profile: &str,
    metric: &str,
    statistic: Statistic,
    minutes: u32,
) -> Result<Vec<Option<f64>>, MetricsError> {
    let query = StatisticsQuery {
        subject: Subject::Profile(profile.to_owned()),
        metric: metric.to_owned(),
        statistic,
        period_ms: 60_000,
        end_ms: metrics::now_ms().saturating_add(1),
        count: minutes,
    };
    Ok(metrics::statistics(&query)?.into_iter().map(|point| point.value).collect())
}
