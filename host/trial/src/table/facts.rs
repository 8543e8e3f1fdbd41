//! Reads the situation of a case: queues, workers, machines, other profiles.
//! What is not said has a default; what is said twice over is a problem.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::ids::{ProfileName, QueueName, SiteName};
use hooke_control::spec::Bounds;
use hooke_control::units::Timestamp;

use super::layers::{Layers, Place};
use super::machines;
use super::value::{self, Value, Wrong, wrong};
use crate::situation::{Counts, Doing, Profile, Queue, Quiet, Situation, Trust};
use hooke_places::Problems;

/// The keys of a situation, in a case, a step and in `[defaults]`.
pub(super) const KEYS: [&str; 10] = [
    "settings", "site", "now", "profile", "bounds", "queue", "workers", "machine", "other",
    "memory",
];

/// How old a stale reading is, where nothing is said.
const STALE: Duration = Duration::from_secs(60);

/// The situation of a case. Its memory is read apart, as it may be another's.
pub(super) fn situation(layers: &Layers<'_>, problems: &mut Problems) -> Situation {
    let mut situation = Situation::default();
    if let Some(settings) = layers.ask("settings", settings, problems) {
        situation.settings = settings;
    }
    if let Some(site) = layers.ask("site", value::name, problems) {
        situation.site = SiteName::from(site);
    }
    if let Some(now) = layers.ask("now", value::moment, problems) {
        situation.now = Timestamp::from_millis(now);
    }
    let name = layers.ask("profile", value::name, problems);
    let mut asked = Profile::named(name.as_deref().unwrap_or("work"));
    asked.bounds = layers.table("bounds", problems).map_or(asked.bounds, |t| bounds(&t, problems));
    situation.profiles = vec![asked];
    let others = layers.tables("other", problems);
    let others: Vec<_> = others.iter().filter_map(|o| Some((other(o, problems)?, o))).collect();
    for (profile, place) in &others {
        if situation.profiles.iter().any(|known| known.name == profile.name) {
            let what = format!("{}: there is a profile {} already", place.path, profile.name);
            problems.add(place.at.clone(), what, "give it another name");
            continue;
        }
        situation.profiles.push(profile.clone());
    }
    staff(&mut situation, layers, &others, problems);
    let queues = layers.tables("queue", problems);
    read_queues(&mut situation, 0, &queues, problems);
    for (profile, place) in &others {
        let at = situation.profiles.iter().position(|known| known.name == profile.name);
        let given = place.get("queue");
        let path = format!("{}: queue", place.path);
        let queues = given.map(|given| Place::all_of(&path, given, problems)).unwrap_or_default();
        read_queues(&mut situation, at.unwrap_or(0), &queues, problems);
    }
    situation
}

fn settings(value: Value<'_>) -> Result<Arc<str>, Wrong> {
    match value.get_ref().as_table() {
        Some(_) => Ok(Arc::from(hooke_places::json(value.get_ref()).to_string())),
        None => value::not(value, "a table", "{ threshold = 100 }"),
    }
}

fn bounds(place: &Place<'_>, problems: &mut Problems) -> Bounds {
    place.only(&["min", "max"], problems);
    let min = place.ask("min", value::number::<u32>, problems).unwrap_or(0);
    let max = place.ask("max", value::number::<u32>, problems).unwrap_or(min.max(100));
    Bounds::new(min, max).unwrap_or_else(|| {
        let what = format!("{}: min {min} is above max {max}", place.path);
        problems.add(place.at.clone(), what, format!("write max = {min} or more"));
        Bounds::new(min, min).expect("a number is not above itself")
    })
}

fn other(place: &Place<'_>, problems: &mut Problems) -> Option<Profile> {
    place.only(&["name", "bounds", "queue", "workers"], problems);
    let Some(given) = place.get("name") else {
        let what = format!("{}: `name` is missing", place.path);
        problems.add(place.at.clone(), what, "write name = \"another-profile\"");
        return None;
    };
    let path = format!("{}: name", place.path);
    let mut profile = Profile::named(&value::read(&path, given, value::name, problems)?);
    if let Some(given) = place.get("bounds")
        && let Some(table) = Place::of(format!("{}: bounds", place.path), given, problems)
    {
        profile.bounds = bounds(&table, problems);
    }
    Some(profile)
}

/// The machines: those that workers are spread over, then those named one by one.
fn staff(
    situation: &mut Situation,
    layers: &Layers<'_>,
    others: &[(Profile, &Place<'_>)],
    problems: &mut Problems,
) {
    let asked = situation.asked().name.clone();
    if let Some(table) = layers.table("workers", problems) {
        situation.employ(&asked, &counts(&table, problems));
    }
    for (profile, place) in others {
        if let Some(given) = place.get("workers")
            && let Some(table) = Place::of(format!("{}: workers", place.path), given, problems)
        {
            situation.employ(&profile.name, &counts(&table, problems));
        }
    }
    for place in layers.tables("machine", problems) {
        machines::add(situation, &place, problems);
    }
    situation.machines.sort_by(|a, b| a.id.cmp(&b.id));
}

fn counts(place: &Place<'_>, problems: &mut Problems) -> Counts {
    let keys =
        ["serving", "idle", "busy", "unknown", "booting", "draining", "per_machine", "idle_for"];
    place.only(&keys, problems);
    let mut number = |key| place.ask(key, few, problems);
    let (idle, busy, unknown) = (number("idle"), number("busy"), number("unknown"));
    let (serving, booting, draining) = (number("serving"), number("booting"), number("draining"));
    let per_machine = number("per_machine").unwrap_or(1);
    let said = idle.unwrap_or(0) + busy.unwrap_or(0) + unknown.unwrap_or(0);
    let rest = match serving {
        Some(serving) if serving < said => {
            let what = format!("{}: {said} are idle, busy or unknown, of {serving}", place.path);
            problems.add(place.at.clone(), what, format!("write serving = {said} or leave it out"));
            0
        }
        Some(serving) => serving - said,
        None => 0,
    };
    if rest > 0 && busy.is_some() && idle.is_some() {
        let what = format!("{}: of {rest} workers it does not say what they do", place.path);
        problems.add(place.at.clone(), what, "leave out one of serving, idle and busy");
    }
    if per_machine == 0 {
        let what = format!("{}: a machine has one worker at the least", place.path);
        problems.add(place.at.clone(), what, "write per_machine = 1 or more");
    }
    // Those that nothing is said of are what the case does not name: busy, or
    // idle when the busy ones are named.
    let rest_idle = busy.is_some() && idle.is_none();
    Counts {
        idle: idle.unwrap_or(0) + if rest_idle { rest } else { 0 },
        busy: busy.unwrap_or(0) + if rest_idle { 0 } else { rest },
        unknown: unknown.unwrap_or(0),
        booting: booting.unwrap_or(0),
        draining: draining.unwrap_or(0),
        per_machine,
        idle_for: place.ask("idle_for", value::span, problems).unwrap_or(Situation::IDLE),
    }
}

/// As many as a trial has time to make.
pub(super) fn few(value: Value<'_>) -> Result<u32, Wrong> {
    const MOST: u32 = 100_000;
    match value::number::<u32>(value)? {
        number if number > MOST => {
            wrong(format!("{number} are too many for a trial"), format!("write at most {MOST}"))
        }
        number => Ok(number),
    }
}

fn read_queues(
    situation: &mut Situation,
    profile: usize,
    places: &[Place<'_>],
    problems: &mut Problems,
) {
    let Some(name) = situation.profiles.get(profile).map(|p| p.name.clone()) else { return };
    let (serving, busy) = at_work(situation, &name);
    let unnamed = Place::new(String::new(), 0..0, super::empty());
    let given: Vec<&Place<'_>> =
        if places.is_empty() { vec![&unnamed] } else { places.iter().collect() };
    let mut queues: Vec<Queue> = Vec::new();
    for (nth, place) in given.into_iter().enumerate() {
        let assumed = match nth {
            0 => Queue { name: QueueName::from(name.as_str()), ..Queue::empty("") },
            _ => Queue::empty(&format!("{name}-{}", nth + 1)),
        };
        let unacked = Some(if nth == 0 { busy } else { 0 });
        let assumed = Queue { unacked, consumers: Some(serving), ..assumed };
        let queue = queue(place, assumed, problems);
        if queues.iter().any(|known| known.name == queue.name) {
            let what = format!("{}: there is a queue {} already", place.path, queue.name);
            problems.add(place.at.clone(), what, "give it another name, name = \"…\"");
        }
        queues.push(queue);
    }
    if let Some(profile) = situation.profiles.get_mut(profile) {
        profile.queues = queues;
    }
}

/// Workers of a profile that the broker knows, and those that hold a message.
fn at_work(situation: &Situation, profile: &ProfileName) -> (u32, u64) {
    let crews = situation.machines.iter().flat_map(|machine| &machine.crew);
    let mut known: BTreeMap<bool, u32> = BTreeMap::new();
    for crew in crews.filter(|crew| crew.profile == *profile && crew.doing != Doing::Booting) {
        *known.entry(matches!(crew.doing, Doing::Busy | Doing::Draining)).or_default() +=
            crew.workers;
    }
    (known.values().sum(), u64::from(known.get(&true).copied().unwrap_or(0)))
}

fn queue(place: &Place<'_>, assumed: Queue, problems: &mut Problems) -> Queue {
    const VALUES: [&str; 6] =
        ["ready", "unacked", "consumers", "arrival_rate", "service_rate", "idle"];
    let known: Vec<&str> = ["name", "quality", "age"].into_iter().chain(VALUES).collect();
    place.only(&known, problems);
    let trust = trust(place, problems);
    if trust == Trust::Missing
        && let Some((key, at, _)) = place.entries().find(|(key, ..)| VALUES.contains(key))
    {
        let what = format!("{}: a queue that is missing has no `{key}`", place.path);
        problems.add(at, what, "remove it, or write quality = \"stale\"");
    }
    let count = value::or_absent(value::number::<u64>);
    let ready = place.ask("ready", &count, problems).unwrap_or(assumed.ready);
    let unacked = place.ask("unacked", &count, problems).unwrap_or(assumed.unacked);
    let few = value::or_absent(value::number::<u32>);
    let rate = value::or_absent(value::rate);
    Queue {
        name: place.ask("name", value::name, problems).map_or(assumed.name, QueueName::from),
        trust,
        ready,
        unacked,
        consumers: place.ask("consumers", few, problems).unwrap_or(assumed.consumers),
        arrival_rate: place.ask("arrival_rate", &rate, problems).unwrap_or(None),
        service_rate: place.ask("service_rate", &rate, problems).unwrap_or(None),
        quiet: place.ask("idle", quiet, problems).unwrap_or_else(|| likely_quiet(ready, unacked)),
    }
}

fn trust(place: &Place<'_>, problems: &mut Problems) -> Trust {
    let words =
        [("fresh", Trust::Fresh), ("stale", Trust::Stale(STALE)), ("missing", Trust::Missing)];
    let trust = place.ask("quality", |v| value::word(v, &words), problems).unwrap_or(Trust::Fresh);
    match (trust, place.ask("age", value::span, problems)) {
        (Trust::Stale(_), Some(age)) => Trust::Stale(age),
        (Trust::Fresh | Trust::Missing, Some(_)) => {
            let what = format!("{}: only a stale reading has an age", place.path);
            problems.add(place.at.clone(), what, "write quality = \"stale\", or remove `age`");
            trust
        }
        (trust, None) => trust,
    }
}

fn quiet(value: Value<'_>) -> Result<Quiet, Wrong> {
    match value.get_ref().as_str() {
        Some("active") => Ok(Quiet::Active),
        Some("unknown") => Ok(Quiet::Unknown),
        Some(_) | None => value::span(value).map(Quiet::For),
    }
}

/// A queue that holds anything is active; one of which nobody knows is not
/// known to be idle.
const fn likely_quiet(ready: Option<u64>, unacked: Option<u64>) -> Quiet {
    match (ready, unacked) {
        (Some(1..), _) | (_, Some(1..)) => Quiet::Active,
        (Some(0), Some(0)) => Quiet::For(Situation::IDLE),
        (None, _) | (_, None) => Quiet::Unknown,
    }
}
