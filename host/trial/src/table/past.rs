//! Reads `[[case.history]]`: what was read before a case begins. Places it on
//! the clock; makes up nothing between two values.

use std::time::Duration;

use hooke_control::ids::{ProfileName, QueueName, VmId};
use hooke_control::units::Timestamp;
use hooke_history::{Metric, Past, Samples, Source};
use toml::de::DeValue;

use super::layers::Place;
use super::value::{self, Value, Wrong, nearest, wrong};
use crate::situation::Situation;
use hooke_places::Problems;

/// As many values as a day of 15 seconds has.
const MOST: usize = 5760;

/// Time between two readings, where nothing is said.
const EVERY: Duration = Duration::from_secs(60);

/// Reads what was read before; `situation` is that of the first step.
pub(super) fn read(case: &Place<'_>, situation: &Situation, problems: &mut Problems) -> Past {
    let mut past = Situation::nothing_read();
    let Some(given) = case.get("history") else { return past };
    for place in Place::all_of(&format!("{}: history", case.path), given, problems) {
        past.series.extend(series(&place, situation, problems));
    }
    past
}

fn series(place: &Place<'_>, situation: &Situation, problems: &mut Problems) -> Option<Samples> {
    place.only(&["metric", "queue", "profile", "vm", "every", "values", "ends"], problems);
    let metric = required(place, "metric", "\"ready\"", metric, problems);
    let every = match place.get("every") {
        Some(_) => place.ask("every", every, problems),
        None => Some(EVERY),
    };
    let values = required(place, "values", "[1, 2, \"-\", 4]", values, problems);
    let ends = place.ask("ends", value::span, problems).unwrap_or(Duration::ZERO);
    let (metric, every, values) = (metric?, every?, values?);
    let (source, vcpus) = source(place, metric, situation, problems)?;
    let back = u32::try_from(values.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let reach = every.saturating_mul(back).saturating_add(ends);
    if reach > Situation::KEEP {
        let what = format!(
            "{}: it reaches {} back, and readings are kept for {}",
            place.path,
            humantime::format_duration(reach),
            humantime::format_duration(Situation::KEEP)
        );
        problems.add(place.at.clone(), what, "write fewer values, or a smaller `every`");
    }
    let newest = situation.now.minus(ends);
    let at = |nth: usize| newest.minus(every.saturating_mul(back - nth as u32));
    let readings: Vec<(Timestamp, f64)> =
        values.into_iter().enumerate().filter_map(|(nth, value)| Some((at(nth), value?))).collect();
    let percent = metric != metric.kept();
    let kept = |value: f64| if percent { value * f64::from(vcpus) / 100.0 } else { value };
    let readings = readings.into_iter().map(|(at, value)| (at, kept(value))).collect();
    Some(Samples { source, vcpus, metric: metric.kept(), readings })
}

fn required<'a, T>(
    place: &Place<'a>,
    key: &str,
    example: &str,
    reader: impl FnOnce(Value<'a>) -> Result<T, Wrong>,
    problems: &mut Problems,
) -> Option<T> {
    if place.get(key).is_none() {
        let what = format!("{}: `{key}` is missing", place.path);
        problems.add(place.at.clone(), what, format!("write for example {key} = {example}"));
    }
    place.ask(key, reader, problems)
}

fn metric(value: Value<'_>) -> Result<Metric, Wrong> {
    let name = value::text(value)?;
    let known = Metric::ALL.into_iter().map(Metric::as_str);
    Metric::from_name(name)
        .map_or_else(|| wrong(format!("there is no metric {name:?}"), nearest(name, known)), Ok)
}

fn every(value: Value<'_>) -> Result<Duration, Wrong> {
    match value::span(value)? {
        Duration::ZERO => wrong("two readings cannot be of one moment", "write \"15s\" or so"),
        every => Ok(every),
    }
}

fn values(value: Value<'_>) -> Result<Vec<Option<f64>>, Wrong> {
    let DeValue::Array(items) = value.get_ref() else {
        return value::not(value, "a list of numbers", "[1, 2, \"-\", 4]");
    };
    if items.len() > MOST {
        return wrong(
            format!("{} values are too many", items.len()),
            format!("write up to {MOST}"),
        );
    }
    let gap = |item: Value<'_>| matches!(item.get_ref().as_str(), Some("-" | "absent"));
    items
        .iter()
        .map(|item| if gap(item) { Ok(None) } else { value::rate(item).map(Some) })
        .collect()
}

/// Whose readings they are, and the vCPUs of a machine.
fn source(
    place: &Place<'_>,
    metric: Metric,
    situation: &Situation,
    problems: &mut Problems,
) -> Option<(Source, u32)> {
    let given: Vec<&str> =
        ["queue", "profile", "vm"].into_iter().filter(|key| place.get(key).is_some()).collect();
    let name = |key, problems: &mut Problems| place.ask(key, value::name, problems);
    let wanted = match (metric.is_of_queue(), metric.is_of_vm()) {
        (true, _) => "queue",
        (_, true) => "vm",
        (false, false) => "profile",
    };
    match given.as_slice() {
        [] | ["profile"] if wanted == "queue" => only_queue(place, situation, problems),
        [] if wanted == "profile" => Some((Source::Profile(situation.asked().name.clone()), 1)),
        ["queue"] if wanted == "queue" => {
            Some((Source::Queue(QueueName::from(name("queue", problems)?)), 1))
        }
        ["profile"] if wanted == "profile" => {
            Some((Source::Profile(ProfileName::from(name("profile", problems)?)), 1))
        }
        ["vm"] if wanted == "vm" => {
            let vm = VmId::from(name("vm", problems)?);
            let machine = situation.machines.iter().find(|machine| machine.id == vm);
            let image = machine.and_then(|m| situation.images.iter().find(|i| i.name == m.image));
            let vcpus = image.map_or(1, |image| image.vcpus.max(1));
            Some((Source::Vm(vm), vcpus))
        }
        _ => {
            let what = format!("{}: {metric} is a reading of a {wanted}", place.path);
            problems.add(place.at.clone(), what, format!("name the {wanted}, and nothing else"));
            None
        }
    }
}

/// The queue of a profile that has one.
fn only_queue(
    place: &Place<'_>,
    situation: &Situation,
    problems: &mut Problems,
) -> Option<(Source, u32)> {
    let named = match place.get("profile") {
        Some(_) => ProfileName::from(place.ask("profile", value::name, problems)?),
        None => situation.asked().name.clone(),
    };
    let profile = situation.profiles.iter().find(|profile| profile.name == named);
    match profile.map(|profile| profile.queues.as_slice()) {
        Some([queue]) => Some((Source::Queue(queue.name.clone()), 1)),
        Some(_) | None => {
            let what = format!("{}: {named} is no profile with one queue", place.path);
            problems.add(
                place.at.clone(),
                what,
                "write queue = \"...\": which queue it was read of",
            );
            None
        }
    }
}
