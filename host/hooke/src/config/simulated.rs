//! The simulated site: `driver = "sim"` and `kind = "sim"` together make one
//! world of queues and machines.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_sim::chance::{Between, Probability, ServiceTime};
use hooke_sim::workload::{Pattern, Rate, Workload};
use hooke_sim::{ImageModel, QueueModel, WorldParts, WorldSpec};
use toml::Spanned;
use toml::de::DeValue;

use super::cloud::Around;
use super::names::{Declared, near};
use super::profile::Profile;
use super::section::Section;
use super::source::{SourceConfig, SourceKind};
use super::value::{Expected, FromZero, Name, Wrong};
use hooke_places::Problems;

/// What a virtual machine takes when the file does not say: what a small VM on
/// a private cloud takes.
const BOOT: Duration = Duration::from_secs(60);
const RESUME: Duration = Duration::from_secs(8);
const SERVICE: Duration = Duration::from_secs(20);

/// When a simulated day is busiest.
const NOON: Duration = Duration::from_secs(12 * 3600);

/// The queues of a simulated source.
#[derive(Debug, Clone)]
pub(crate) struct SimSourceConfig {
    queues: BTreeMap<QueueName, QueueModel>,
    names: Arc<Declared>,
    lag: Duration,
}

pub(super) fn source(table: &mut Section<'_>, problems: &mut Problems) -> SimSourceConfig {
    let lag = table.optional("lag", problems).map_or(Duration::ZERO, |Lag(lag)| lag);
    let mut names = Declared::default();
    let tables = table.some_tables("queue", ", so it simulates nothing", problems);
    let queues = tables.into_iter().filter_map(|queue| queue_model(queue, &mut names, problems));
    let queues = queues.collect();
    names.unique("queue", problems);
    SimSourceConfig { queues, names: Arc::new(names), lag }
}

fn queue_model(
    mut table: Section<'_>,
    names: &mut Declared,
    problems: &mut Problems,
) -> Option<(QueueName, QueueModel)> {
    let name = table.required::<&str>("name", problems);
    names.add(name.map(|name| Name(name.to_owned())).as_ref(), table.place("name"));
    let service = table.optional("service_time", problems).unwrap_or(SERVICE);
    let mut workload = Workload::none();
    if let Some(PerHour(rate)) = table.optional("per_hour", problems) {
        workload = workload.and(Pattern::constant(rate));
    }
    let parts = [day(&mut table, problems)].into_iter().chain(bursts(&mut table, problems));
    for pattern in parts.flatten() {
        workload = workload.and(pattern);
    }
    table.finish(problems);
    let model = QueueModel { workload, service_time: ServiceTime::fixed(service) };
    Some((QueueName::from(name?), model))
}

fn day(table: &mut Section<'_>, problems: &mut Problems) -> Option<Pattern> {
    let mut day = table.table("day", problems)?;
    let mean = day.required::<PerHour>("per_hour", problems);
    let swing = day.optional("swing", problems).map_or(Probability::ALWAYS, |Share(swing)| swing);
    let peak = day.optional("peak", problems).map_or(NOON, |FromZero(peak)| peak);
    day.finish(problems);
    mean.map(|PerHour(mean)| Pattern::sine_day(mean, swing, peak))
}

fn bursts(table: &mut Section<'_>, problems: &mut Problems) -> Vec<Option<Pattern>> {
    let tables = table.tables("burst", problems);
    let read = |mut burst: Section<'_>| {
        let at = burst.optional("at", problems).map_or(Duration::ZERO, |FromZero(at)| at);
        let over = burst.optional("over", problems).unwrap_or(Duration::from_secs(1));
        let messages = burst.required::<u32>("messages", problems);
        burst.finish(problems);
        messages.map(|messages| Pattern::burst(at, over, messages))
    };
    tables.into_iter().map(read).collect()
}

pub(super) fn world(
    table: &mut Section<'_>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<WorldSpec> {
    let seed = table.optional("seed", problems).unwrap_or(1);
    let boot = between(table, "boot", problems).unwrap_or(Between::exactly(BOOT));
    let resume = table.optional("resume", problems).unwrap_or(RESUME);
    let failures = table.optional("launch_failures", problems);
    let failures = failures.map_or(Probability::NEVER, |Share(failures)| failures);
    let quota_vms = table.optional("quota_vms", problems);
    let source = only_source(table, around.sources, problems)?;
    not_simulated(source, around.profiles, problems);
    // A world is made of what is right; the rest is told already.
    if !problems.is_empty() {
        return None;
    }
    let mut parts = WorldParts::new(around.site.clone(), seed);
    parts.quota_vms = quota_vms;
    parts.source_lag = source.lag;
    parts.queues = source.queues.clone();
    for spec in around.profiles.iter().filter_map(|profile| profile.spec.as_ref()) {
        parts.profiles.insert(spec.name.clone(), spec.queues.clone());
    }
    for spec in around.images.iter().filter_map(|image| image.spec.as_ref()) {
        let mut model = ImageModel::of(spec, boot, resume);
        model.launch_failure_rate = failures;
        parts.images.insert(spec.name.clone(), model);
    }
    match WorldSpec::new(parts) {
        Ok(world) => Some(world),
        Err(error) => {
            for problem in error.problems {
                let instead = "mend what it names, in [site.cloud] or the simulated source";
                problems.add(
                    table.at.clone(),
                    format!("the site cannot be simulated: {problem}"),
                    instead,
                );
            }
            None
        }
    }
}

/// The one source whose queues the simulated machines work on.
fn only_source<'a>(
    table: &Section<'_>,
    sources: &'a [SourceConfig],
    problems: &mut Problems,
) -> Option<&'a SimSourceConfig> {
    let mut simulated = sources.iter().filter_map(|source| match &source.kind {
        SourceKind::Sim(config) => Some((config, &source.at)),
        SourceKind::RabbitMq(_) => None,
    });
    let Some((first, _)) = simulated.next() else {
        let what = "a simulated cloud needs the queues of a simulated source";
        problems.add(table.at.clone(), what, "write a [[site.source]] with kind = \"sim\"");
        return None;
    };
    for (_, at) in simulated {
        let what = "a simulated site has one simulated source, and this is one more";
        problems.add(at.clone(), what, "write its [[site.source.queue]] under the first one");
    }
    Some(first)
}

fn not_simulated(source: &SimSourceConfig, profiles: &[Profile], problems: &mut Problems) {
    for (queue, at) in profiles.iter().flat_map(|profile| &profile.queues) {
        if source.names.lacks(queue.as_str()) {
            let what = format!("queue `{queue}` is not simulated");
            let instead = format!("write a [[site.source.queue]] with name = \"{queue}\"");
            let near = near(queue.as_str(), source.names.iter());
            problems.add(at.clone(), what, near.unwrap_or(instead));
        }
    }
}

/// One duration, or the shortest and the longest.
fn between(table: &mut Section<'_>, key: &'static str, problems: &mut Problems) -> Option<Between> {
    let spans = table.list::<Duration>(key, problems).right()?;
    let spans: Vec<Duration> = spans.into_iter().map(|(span, _)| span).collect();
    let (what, between) = match spans[..] {
        [one] => return Some(Between::exactly(one)),
        [least, most] => ("the shortest is above the longest", Between::new(least, most)),
        _ => ("one duration or two are expected", None),
    };
    if between.is_none() {
        let instead = format!(
            "write one duration, or the shortest and the longest: {key} = [\"40s\", \"90s\"]"
        );
        problems.add(table.place(key), format!("{}: {what}", table.path_of(key)), instead);
    }
    between
}

/// How far a source lags behind: not at all, or by a second at least, which is
/// how finely the world samples its queues.
struct Lag(Duration);

impl<'a> Expected<'a> for Lag {
    const EXAMPLE: &'static str = "\"5s\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let FromZero(lag) = FromZero::read(value)?;
        if lag.is_zero() || lag >= Duration::from_secs(1) {
            return Ok(Self(lag));
        }
        Err(Wrong {
            what: format!("{lag:?} is less than a simulated source can lag"),
            instead: "write \"0s\", or \"1s\" or more".to_owned(),
        })
    }
}

/// Messages an hour.
struct PerHour(Rate);

impl<'a> Expected<'a> for PerHour {
    const EXAMPLE: &'static str = "120";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let number = f64::read(value)?;
        Rate::per_hour(number).map(Self).ok_or_else(|| Wrong {
            what: "so many messages an hour cannot be simulated".to_owned(),
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
