//! The simulated site: `driver = "sim"` and `kind = "sim"` together make one
//! world of queues and machines.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::ids::{QueueName, SiteName};
use hooke_sim::chance::{Between, Probability, ServiceTime};
use hooke_sim::workload::{Pattern, Rate, Workload};
use hooke_sim::{ImageModel, QueueModel, WorldParts, WorldSpec};
use toml::Spanned;
use toml::de::DeValue;

use super::cloud::Around;
use super::problem::Problems;
use super::section::Section;
use super::value::{Expected, OneOrMany, Wrong};

/// What a virtual machine takes when the file does not say: what a small VM on
/// a private cloud takes.
const BOOT: Duration = Duration::from_secs(60);
const RESUME: Duration = Duration::from_secs(8);
const SERVICE: Duration = Duration::from_secs(20);

/// The queues of a simulated source.
#[derive(Debug, Clone)]
pub(crate) struct SimSourceConfig {
    queues: BTreeMap<QueueName, QueueModel>,
    lag: Duration,
}

pub(super) fn source(table: &mut Section<'_>, problems: &mut Problems) -> SimSourceConfig {
    let lag = table.optional("lag", problems).unwrap_or(Duration::ZERO);
    let queues = table.tables("queue", problems);
    if queues.is_empty() {
        problems.add(table.at.clone(), format!("{}: it simulates no queue", table.path), format!("write at least one [[{}.queue]]", table.path));
    }
    let queues = queues.into_iter().filter_map(|queue| queue_model(queue, problems)).collect();
    SimSourceConfig { queues, lag }
}

fn queue_model(mut table: Section<'_>, problems: &mut Problems) -> Option<(QueueName, QueueModel)> {
    let name = table.required::<&str>("name", problems);
    let service = table.optional("service_time", problems).unwrap_or(SERVICE);
    let mut workload = Workload::none();
    if let Some(PerHour(rate)) = table.optional("per_hour", problems) {
        workload = workload.and(Pattern::constant(rate));
    }
    if let Some(mut day) = table.table("day", problems) {
        let mean = day.required::<PerHour>("per_hour", problems);
        let swing = day.optional("swing", problems).unwrap_or(Share(Probability::ALWAYS));
        let peak = day.optional("peak", problems).unwrap_or(Duration::from_secs(12 * 3600));
        day.finish(problems);
        if let Some(PerHour(mean)) = mean {
            workload = workload.and(Pattern::sine_day(mean, swing.0, peak));
        }
    }
    for mut burst in table.tables("burst", problems) {
        let at = burst.optional("at", problems).unwrap_or(Duration::ZERO);
        let over = burst.optional("over", problems).unwrap_or(Duration::from_secs(1));
        let messages = burst.required::<u32>("messages", problems);
        burst.finish(problems);
        if let Some(messages) = messages {
            workload = workload.and(Pattern::burst(at, over, messages));
        }
    }
    table.finish(problems);
    let model = QueueModel { workload, service_time: ServiceTime::fixed(service) };
    Some((QueueName::from(name?), model))
}

pub(super) fn world(
    table: &mut Section<'_>,
    site: SiteName,
    source: Option<&SimSourceConfig>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<WorldSpec> {
    let seed = table.optional("seed", problems).unwrap_or(1);
    let boot = table.optional::<Span>("boot", problems).map_or(Between::exactly(BOOT), |span| span.0);
    let resume = table.optional("resume", problems).unwrap_or(RESUME);
    let failures = table.optional("launch_failures", problems).unwrap_or(Share(Probability::NEVER));
    let quota_vms = table.optional("quota_vms", problems);
    let Some(source) = source else {
        problems.add(table.at.clone(), "a simulated cloud needs the queues of a simulated source", "write a [[site.source]] with kind = \"sim\"");
        return None;
    };
    let mut parts = WorldParts::new(site, seed);
    parts.quota_vms = quota_vms;
    parts.source_lag = source.lag;
    parts.queues = source.queues.clone();
    for profile in around.profiles {
        for queue in profile.spec.queues.iter().filter(|queue| !parts.queues.contains_key(*queue)) {
            problems.add(
                profile.at.clone(),
                format!("profile `{}` serves queue `{queue}`, which is not simulated", profile.spec.name),
                format!("write a [[site.source.queue]] with name = \"{queue}\""),
            );
        }
        parts.profiles.insert(profile.spec.name.clone(), profile.spec.queues.clone());
    }
    for image in around.images {
        let mut model = ImageModel::of(&image.spec, boot, resume);
        model.launch_failure_rate = failures.0;
        parts.images.insert(image.spec.name.clone(), model);
    }
    if !problems.is_empty() {
        return None;
    }
    match WorldSpec::new(parts) {
        Ok(world) => Some(world),
        Err(error) => {
            for problem in error.problems {
                problems.add(table.at.clone(), problem, "see the simulated site in the documentation");
            }
            None
        }
    }
}

/// Messages an hour.
struct PerHour(Rate);

impl<'a> Expected<'a> for PerHour {
    const EXAMPLE: &'static str = "120";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let number = f64::read(value)?;
        Rate::per_hour(number).map(Self).ok_or_else(|| Wrong {
            what: format!("{number} messages an hour cannot be simulated"),
            instead: "write a smaller number".to_owned(),
        })
    }
}

/// A share between 0 and 1.
struct Share(Probability);

impl<'a> Expected<'a> for Share {
    const EXAMPLE: &'static str = "0.1";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let number = f64::read(value)?;
        Probability::new(number).map(Self).ok_or_else(|| Wrong {
            what: format!("{number} is not between 0 and 1"),
            instead: "write a share such as 0.1".to_owned(),
        })
    }
}

/// One duration, or the shortest and the longest.
struct Span(Between);

impl<'a> Expected<'a> for Span {
    const EXAMPLE: &'static str = "[\"40s\", \"90s\"]";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let OneOrMany(spans) = OneOrMany::<Duration>::read(value)?;
        let spans: Vec<Duration> = spans.into_iter().map(|(span, _)| span).collect();
        let between = match spans[..] {
            [one] => Some(Between::exactly(one)),
            [least, most] => Between::new(least, most),
            _ => None,
        };
        between.map(Self).ok_or_else(|| Wrong {
            what: "this is no range of durations".to_owned(),
            instead: format!("write one duration, or the shortest and the longest: {}", Self::EXAMPLE),
        })
    }
}
