//! The component: carries facts to [`crate::decide`], the decision and what to
//! remember back. Decides nothing itself.

use hooke_policy_sdk::metrics::{self, MetricsError, StatisticsQuery};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table, delta, log, memory};

use crate::decide::{self, Situation};
use crate::memory::{Memory, hash};
use crate::metric::Subject;
use crate::settings::{SCHEMA, Settings};
use crate::watch::{Point, Query};

hooke_policy_sdk::export!(CloudWatch);

struct CloudWatch;

impl Policy for CloudWatch {
    const NAME: &'static str = "cloudwatch";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "CloudWatch alarms with simple, step and target tracking scaling, read from the \
         fields of the AWS API.";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let situation = situation(settings, profile)?;
        let before = memory::load();
        let ask = |query: &Query<'_>| ask(query, profile);
        let decided =
            decide::decide(settings, &situation, remembered(settings, before.as_deref()), ask)?;
        let bytes = decided.memory.encode().unwrap_or_default();
        if before.is_none_or(|before| before != bytes)
            && let Err(why) = memory::store(&bytes)
        {
            let why = match why {
                memory::MemoryError::TooLarge(most) => format!("more than {most} bytes"),
                memory::MemoryError::Other(why) => why,
            };
            return Err(PolicyError::Internal(format!("the alarms were not kept: {why}")));
        }
        Ok(Needs {
            delta: delta(decided.wanted.into(), situation.capacity),
            reason: decided.reason,
        })
    }
}

/// What is remembered. Where it was lost, and where the settings are new, the
/// operator is told what to look at.
fn remembered(settings: &Settings, bytes: Option<&[u8]>) -> Memory {
    let warn = |line: &str| log::write(log::Level::Warn, line);
    let memory = bytes.and_then(Memory::decode);
    if bytes.is_some() && memory.is_none() {
        warn("what was remembered cannot be read: every alarm begins with insufficient data");
    }
    let mut memory = memory.unwrap_or_default();
    let warnings = settings.warnings();
    let hash = if warnings.is_empty() { 0 } else { hash(warnings.concat().as_bytes()) };
    if memory.warned != hash {
        warnings.iter().for_each(|line| warn(line));
        memory.warned = hash;
    }
    memory
}

fn situation(settings: &Settings, profile: &str) -> Result<Situation, MetricsError> {
    let workers = metrics::workers(profile)?;
    let bounds = metrics::bounds(profile)?;
    let queues = match settings.queues().is_empty() {
        true => Vec::new(),
        false => metrics::queues(profile)?.into_iter().map(|queue| queue.name).collect(),
    };
    Ok(Situation {
        now_ms: metrics::now_ms(),
        minimum: bounds.minimum,
        maximum: bounds.maximum,
        capacity: workers.capacity,
        serving: workers.serving,
        booting: workers.booting,
        draining: workers.draining,
        queues,
        kept_ms: metrics::history_ms(),
    })
}

fn ask(query: &Query<'_>, profile: &str) -> Result<Vec<Point>, MetricsError> {
    let points = metrics::statistics(&StatisticsQuery {
        subject: match query.subject {
            Subject::Profile => metrics::Subject::Profile(profile.to_owned()),
            Subject::Queue(queue) => metrics::Subject::Queue(queue.clone()),
            Subject::Machines => metrics::Subject::VmsOf(profile.to_owned()),
        },
        metric: query.metric.to_owned(),
        statistic: query.statistic.clone(),
        period_ms: query.period_ms,
        end_ms: query.end_ms,
        count: query.count,
    })?;
    let point = |point: metrics::Datapoint| Point { value: point.value, samples: point.samples };
    Ok(points.into_iter().map(point).collect())
}
