//! From objects of the API to settings: what says nothing here is dropped, and
//! told where it matters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::document::{Document, Kind};
use super::keys;
use super::link::{ACTIONS, link};
use super::told::{Told, Weight};

/// How the policy begins to say that it does not know a key.
const UNKNOWN: &str = "unknown setting";

/// The settings as they grow, and where each part is from.
#[derive(Debug)]
pub(super) struct Converted {
    documents: Vec<Document>,
}

impl Converted {
    pub(super) fn new(mut documents: Vec<Document>, told: &mut Vec<Told>) -> Self {
        documents.sort_by_key(|document| document.kind);
        link(&mut documents, told);
        let mut harmless = BTreeSet::new();
        for document in &documents {
            tell(document, &mut harmless, told);
        }
        if !harmless.is_empty() {
            let keys = Vec::from_iter(harmless).join(", ");
            told.push(Told::left_out(keys, "they name and date things at AWS, and decide nothing"));
        }
        Self { documents }
    }

    /// The settings.
    pub(super) fn settings(&self) -> Value {
        let mut settings = Map::new();
        let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (document, fields) in self.parts() {
            match (document.kind, fields) {
                (Kind::Group, Value::Object(fields)) => settings.extend(fields),
                (_, fields) => lists.entry(document.kind.list()).or_default().push(fields),
            }
        }
        settings.extend(lists.into_iter().map(|(list, items)| (list.to_owned(), json!(items))));
        Value::Object(settings)
    }

    /// Every object of the settings, with its list.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&Document, Value)> {
        self.documents.iter().map(|document| (document, cleaned(document)))
    }

    /// What is told of the settings as they have become: of an object that is no
    /// more among them only what it is lost for.
    pub(super) fn tell(&self, told: &mut Vec<Told>) {
        let has = |what: &str| self.documents.iter().any(|document| document.what() == what);
        told.retain(|told| told.weight != Weight::Note || has(&told.what));
        let mut queues = BTreeSet::new();
        keys::queues(&self.settings(), &mut queues);
        told.extend(queues.into_iter().map(|queue| {
            let why = "write the name of a queue of the profile, or leave it out for all of them";
            Told::note(format!("QueueName {queue}"), why)
        }));
        // What is lost comes first: it is what there is to do.
        told.sort_by_key(|told| told.weight);
    }

    /// The fewest and the most workers that the group may have.
    pub(super) fn sizes(&self) -> Option<(u64, u64)> {
        let group = self.documents.iter().find(|document| document.kind == Kind::Group)?;
        let size = |key: &str| group.fields.get(key).and_then(Value::as_u64);
        Some((size("MinSize").unwrap_or(0), size("MaxSize")?))
    }

    /// Leaves out what the problems are about: a key or an action where it is
    /// one, else the whole object. False where a problem is about nothing of it.
    pub(super) fn drop_refused<'a>(
        &mut self,
        problems: impl Iterator<Item = (&'a str, &'a str)>,
        told: &mut Vec<Told>,
    ) -> bool {
        let mut refused: BTreeMap<usize, Vec<(Vec<&str>, &str)>> = BTreeMap::new();
        for (path, message) in problems {
            let Some((place, rest)) = self.place(path) else { return false };
            refused.entry(place).or_default().push((rest, message));
        }
        // From the last on, so that the places before them stay.
        for (place, problems) in refused.into_iter().rev() {
            let (small, large): (Vec<_>, Vec<_>) =
                problems.into_iter().partition(|(at, message)| is_part(at, message));
            if large.is_empty() {
                drop_parts(&mut self.documents[place], small, told);
                continue;
            }
            let document = self.documents.remove(place);
            let why = large.iter().map(|(at, message)| format!("{}: {message}", at.join(".")));
            told.push(Told::lost(document.what(), why.collect::<Vec<_>>().join("; ")));
        }
        true
    }

    /// The object that a problem is about, and where in it.
    fn place<'a>(&self, path: &'a str) -> Option<(usize, Vec<&'a str>)> {
        let mut keys = path.split('.');
        let list = keys.next()?;
        if keys::OF_SETTINGS.contains(&list) {
            let group = self.documents.iter().position(|document| document.kind == Kind::Group)?;
            return Some((group, path.split('.').collect()));
        }
        let nth = keys.next()?.parse().ok()?;
        let of_list = |(_, document): &(usize, &Document)| document.kind.list() == list;
        let place = self.documents.iter().enumerate().filter(of_list).nth(nth)?.0;
        Some((place, keys.collect()))
    }
}

/// Whether a problem is about a part that its object can do without.
fn is_part(at: &[&str], message: &str) -> bool {
    let is_action = |key: &&str| ACTIONS.contains(key);
    message.starts_with(UNKNOWN) || (at.len() == 2 && at.first().is_some_and(is_action))
}

fn drop_parts(document: &mut Document, parts: Vec<(Vec<&str>, &str)>, told: &mut Vec<Told>) {
    let what = document.what();
    for (at, message) in parts.into_iter().rev() {
        let place = at.join(".");
        let why = match message.starts_with(UNKNOWN) {
            true => format!("its {place} is not known here, and is left out"),
            false => format!("its {place}: {message}"),
        };
        told.push(Told::lost(what.clone(), why));
        remove(&mut document.fields, &at);
    }
}

fn remove(fields: &mut Map<String, Value>, at: &[&str]) {
    let Some((last, path)) = at.split_last() else { return };
    let Some((first, path)) = path.split_first() else {
        fields.remove(*last);
        return;
    };
    let inside = path.iter().try_fold(fields.get_mut(*first), |value, key| {
        let value = value?;
        Some(match key.parse::<usize>() {
            Ok(nth) => value.get_mut(nth),
            Err(_) => value.get_mut(*key),
        })
    });
    match (inside.flatten(), last.parse::<usize>()) {
        (Some(Value::Object(fields)), _) => drop(fields.remove(*last)),
        (Some(Value::Array(items)), Ok(nth)) if nth < items.len() => drop(items.remove(nth)),
        _ => {}
    }
}

/// Tells of every key that is dropped; of those that are of no consequence only
/// which there are.
fn tell(document: &Document, harmless: &mut BTreeSet<String>, told: &mut Vec<Told>) {
    if document.kind == Kind::Group {
        return tell_group(document, harmless, told);
    }
    if shrinks_by_silence(document) {
        let why = "its TreatMissingData = \"breaching\" makes silence a reason for fewer workers, \
                   which is held back here: write \"missing\"";
        told.push(Told::note(document.what(), why));
    }
    for (key, place) in keys::places(&document.fields) {
        if keys::is_harmless(&key) {
            harmless.insert(key);
        } else if let Some(why) = keys::dropped(&key) {
            told.push(Told::left_out(document.what(), format!("its {place}: {why}")));
        }
    }
}

/// Whether an alarm takes silence for little to do.
fn shrinks_by_silence(document: &Document) -> bool {
    let text = |key: &str| document.fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let is_below = text("ComparisonOperator").starts_with("LessThan");
    document.kind == Kind::Alarm && is_below && text("TreatMissingData") == "breaching"
}

fn tell_group(group: &Document, harmless: &mut BTreeSet<String>, told: &mut Vec<Told>) {
    for (key, _) in group.fields.iter().filter(|(_, value)| keys::says(value)) {
        let is_taken = [keys::OF_SETTINGS, keys::SIZES].concat().contains(&key.as_str());
        if keys::is_harmless(key) {
            harmless.insert(key.clone());
        } else if let Some(why) = keys::of_group(key) {
            told.push(Told::left_out(group.what(), format!("its {key}: {why}")));
        } else if !is_taken {
            let why = format!("its {key} is not known here, and is left out");
            told.push(Told::lost(group.what(), why));
        }
    }
}

/// An object without what says nothing here: nulls and empty lists, too. Of a
/// group, only what is the policy's.
fn cleaned(document: &Document) -> Value {
    match document.kind {
        Kind::Group => {
            let kept = document.fields.iter();
            let kept = kept.filter(|(key, _)| keys::OF_SETTINGS.contains(&key.as_str()));
            kept.filter_map(|(key, value)| Some((key.clone(), known(value)?))).collect()
        }
        Kind::Policy | Kind::Alarm | Kind::Action => object(&document.fields),
    }
}

fn object(fields: &Map<String, Value>) -> Value {
    let kept = fields.iter();
    let kept = kept.filter(|(key, _)| !keys::is_harmless(key) && keys::dropped(key).is_none());
    kept.filter_map(|(key, value)| Some((key.clone(), known(value)?))).collect()
}

fn known(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        // As `describe-policies` prints what a policy does not have.
        Value::Array(items) if items.is_empty() => None,
        Value::Object(fields) => Some(object(fields)),
        Value::Array(items) => Some(items.iter().filter_map(known).collect()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
    }
}
