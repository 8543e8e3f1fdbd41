//! Reads machines that a case names one by one.

use std::collections::BTreeMap;

use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, ProfileName, VmId};

use super::facts::few;
use super::layers::Place;
use super::value::nearest;
use super::value::{self, Value, Wrong};
use crate::situation::{Crew, Doing, Image, Machine, Situation, measured};
use hooke_places::Problems;

const KEYS: [&str; 9] =
    ["id", "count", "image", "state", "vcpus", "load", "age", "idle", "workers"];

const STATES: [(&str, VmState); 9] = [
    ("pending", VmState::Pending),
    ("booting", VmState::Booting),
    ("running", VmState::Running),
    ("draining", VmState::Draining),
    ("suspending", VmState::Suspending),
    ("suspended", VmState::Suspended),
    ("stopped", VmState::Stopped),
    ("terminating", VmState::Terminating),
    ("failed", VmState::Failed),
];

/// Adds the machines of one table, `count` of them.
pub(super) fn add(situation: &mut Situation, place: &Place<'_>, problems: &mut Problems) {
    place.only(&KEYS, problems);
    let state = place.ask("state", |v| value::word(v, &STATES), problems);
    let state = state.unwrap_or(VmState::Running);
    let workers = workers(situation, place, state, problems);
    let doing = place.ask("idle", doing, problems).unwrap_or(Doing::Busy);
    let comes_up = matches!(state, VmState::Pending | VmState::Booting);
    let crew: Vec<Crew> = workers
        .iter()
        .filter(|(_, workers)| **workers > 0 && !comes_up)
        .map(|(profile, workers)| Crew { profile: profile.clone(), workers: *workers, doing })
        .collect();
    let image = image(situation, place, &workers, comes_up, problems);
    let load = place.ask("load", value::or_absent(value::rate), problems);
    let age = place.ask("age", value::span, problems).unwrap_or(Situation::AGE);
    for _ in 0..place.ask("count", few, problems).unwrap_or(1) {
        let nth = situation.machines.len() + 1;
        let id = match place.ask("id", value::name, problems) {
            Some(id) => VmId::from(id),
            None => VmId::from(format!("vm-{nth:04}")),
        };
        if situation.machines.iter().any(|known| known.id == id) {
            let what = format!("{}: there is a machine {id} already", place.path);
            problems.add(place.at.clone(), what, "give each another id, or leave `id` out");
            return;
        }
        let (image, crew) = (image.clone(), crew.clone());
        let load = load.unwrap_or_else(|| measured(state, &crew));
        situation.machines.push(Machine { id, image, state, age, load, crew });
    }
}

/// Workers by profile: one of the asked profile on a machine that serves or
/// will, none on any other, unless the table says so.
fn workers(
    situation: &Situation,
    place: &Place<'_>,
    state: VmState,
    problems: &mut Problems,
) -> BTreeMap<ProfileName, u32> {
    let asked = situation.asked().name.clone();
    let assumed = match state {
        VmState::Pending | VmState::Booting | VmState::Running => 1,
        VmState::Draining
        | VmState::Suspending
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Terminating
        | VmState::Failed => 0,
    };
    let path = format!("{}: workers", place.path);
    let Some(given) = place.get("workers") else { return BTreeMap::from([(asked, assumed)]) };
    if given.get_ref().as_table().is_none() {
        let number = value::read(&path, given, few, problems).unwrap_or(assumed);
        return BTreeMap::from([(asked, number)]);
    }
    let Some(table) = Place::of(path, given, problems) else { return BTreeMap::new() };
    let mut workers = BTreeMap::new();
    for (name, at, number) in table.entries() {
        if situation.profiles.iter().all(|profile| profile.name.as_str() != name) {
            let known = situation.profiles.iter().map(|profile| profile.name.as_str());
            let what = format!("{}: there is no profile `{name}`", table.path);
            problems.add(at, what, nearest(name, known));
        }
        let path = format!("{}: {name}", table.path);
        let number = value::read(&path, number, few, problems).unwrap_or(0);
        workers.insert(ProfileName::from(name), number);
    }
    workers
}

fn doing(value: Value<'_>) -> Result<Doing, Wrong> {
    match value.get_ref().as_str() {
        Some("no") => Ok(Doing::Busy),
        Some("unknown") => Ok(Doing::Unknown),
        Some(_) | None => value::span(value).map(Doing::Idle),
    }
}

/// The image of such machines: one that is there already and fits, or a new one.
fn image(
    situation: &mut Situation,
    place: &Place<'_>,
    workers: &BTreeMap<ProfileName, u32>,
    comes_up: bool,
    problems: &mut Problems,
) -> ImageName {
    let vcpus = place.ask("vcpus", value::number::<u32>, problems).unwrap_or(2);
    let boots = |n: u32| if comes_up { n } else { 1 };
    let mut hosts: BTreeMap<ProfileName, u32> =
        workers.iter().map(|(profile, n)| (profile.clone(), boots(*n))).collect();
    hosts.entry(situation.asked().name.clone()).or_insert(if comes_up { 0 } else { 1 });
    let fits = |image: &&Image| image.vcpus == vcpus && image.hosts == hosts;
    let name = match place.ask("image", value::name, problems) {
        Some(name) => ImageName::from(name),
        None => match situation.images.iter().find(fits) {
            Some(image) => return image.name.clone(),
            None if situation.images.is_empty() => ImageName::from("small"),
            None => ImageName::from(format!("small-{}", situation.images.len() + 1)),
        },
    };
    let same = |image: &&Image| image.name == name;
    match situation.images.iter().find(same) {
        Some(known) if known.vcpus != vcpus || (known.hosts != hosts && comes_up) => {
            let what = format!("{}: image {name} is another already", place.path);
            let instead = "machines of one image have the same vcpus, and the same workers at boot";
            problems.add(place.at.clone(), what, instead);
        }
        Some(_) => {}
        None => situation.images.push(Image { name: name.clone(), vcpus, hosts }),
    }
    name
}
