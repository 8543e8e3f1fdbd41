//! From objects of the API to settings: what says nothing here is dropped,
//! actions become the names of policies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::LeftOut;
use super::document::{Document, Kind};

/// What the API adds that the settings have no use for.
const DROPPED: [&str; 17] = [
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "Alarms",
    "AutoScalingGroupARN",
    "AutoScalingGroupName",
    "EvaluationState",
    "PolicyARN",
    "ScheduledActionARN",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    "Tags",
    "Time",
    "Unit",
    "AlarmDescription",
];

const ACTIONS: [&str; 3] = ["AlarmActions", "OKActions", "InsufficientDataActions"];

/// The settings as they grow, and where each part is from.
#[derive(Debug)]
pub(super) struct Converted {
    documents: Vec<Document>,
}

impl Converted {
    pub(super) fn new(mut documents: Vec<Document>, left_out: &mut Vec<LeftOut>) -> Self {
        documents.sort_by_key(|document| document.kind);
        let names = |kind: Kind| -> Vec<String> {
            documents.iter().filter(|d| d.kind == kind).map(|d| d.name.clone()).collect()
        };
        let policies = names(Kind::Policy);
        documents.retain(|document| {
            let why = unknown_here(document);
            if let Some((why, lost)) = why {
                left_out.push(LeftOut { what: document.what(), why: why.to_owned(), lost });
            }
            why.is_none()
        });
        for document in &mut documents {
            if document.kind == Kind::Alarm {
                link(document, &policies, left_out);
            }
        }
        Self { documents }
    }

    /// The settings.
    pub(super) fn settings(&self) -> Value {
        let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for document in &self.documents {
            lists.entry(document.kind.list()).or_default().push(cleaned(&document.fields));
        }
        json!(lists)
    }

    /// Every object of the settings, with its list.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&Document, Value)> {
        self.documents.iter().map(|document| (document, cleaned(&document.fields)))
    }

    /// Leaves out what the problems are about: an action where it is one, else
    /// the whole object. False where a problem is about nothing of it.
    pub(super) fn drop_refused<'a>(
        &mut self,
        problems: impl Iterator<Item = (&'a str, &'a str)>,
        left_out: &mut Vec<LeftOut>,
    ) -> bool {
        let mut whole: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut actions: Vec<(usize, String, usize)> = Vec::new();
        for (path, message) in problems {
            let mut keys = path.split('.');
            let (list, nth) = (keys.next().unwrap_or_default(), keys.next().unwrap_or_default());
            let Some(place) = nth.parse().ok().and_then(|nth| self.place(list, nth)) else {
                return false;
            };
            let rest: Vec<&str> = keys.collect();
            match (rest.first(), rest.get(1).and_then(|nth| nth.parse().ok())) {
                (Some(key), Some(nth)) if ACTIONS.contains(key) => {
                    let what = self.documents[place].what();
                    let why = format!("its {key}: {message}");
                    left_out.push(LeftOut { what, why, lost: true });
                    actions.push((place, (*key).to_owned(), nth));
                }
                _ => whole.entry(place).or_default().push(format!("{}: {message}", rest.join("."))),
            }
        }
        // From the last on, so that the places before them stay.
        actions.sort();
        for (place, key, nth) in actions.into_iter().rev() {
            if let Some(Value::Array(named)) = self.documents[place].fields.get_mut(&key)
                && nth < named.len()
            {
                named.remove(nth);
            }
        }
        for (place, why) in whole.into_iter().rev() {
            let document = self.documents.remove(place);
            left_out.push(LeftOut { what: document.what(), why: why.join("; "), lost: true });
        }
        true
    }

    /// The place of the nth object of a list.
    fn place(&self, list: &str, nth: usize) -> Option<usize> {
        let of_list = |(_, document): &(usize, &Document)| document.kind.list() == list;
        self.documents.iter().enumerate().filter(of_list).nth(nth).map(|(place, _)| place)
    }
}

/// Why an object has no counterpart, and whether anything is lost by it.
fn unknown_here(document: &Document) -> Option<(&'static str, bool)> {
    let text = |key: &str| document.fields.get(key).and_then(Value::as_str).unwrap_or_default();
    match document.kind {
        Kind::Alarm if document.name.starts_with("TargetTracking-") => {
            Some(("its target tracking policy keeps it, here as there", false))
        }
        Kind::Alarm
            if document.fields.contains_key("ThresholdMetricId")
                || text("ComparisonOperator").contains("UpperThreshold")
                || text("ComparisonOperator").contains("LowerThreshold")
                || text("ComparisonOperator").contains("LowerOrGreater") =>
        {
            Some(("anomaly detection is not known here: give it a Threshold", true))
        }
        Kind::Alarm | Kind::Policy | Kind::Action => None,
    }
}

/// Makes names of policies of an alarm's actions; others are left out.
fn link(alarm: &mut Document, policies: &[String], left_out: &mut Vec<LeftOut>) {
    let what = alarm.what();
    for key in ACTIONS {
        let Some(Value::Array(actions)) = alarm.fields.get_mut(key) else { continue };
        actions.retain_mut(|action| {
            let arn = action.as_str().unwrap_or_default().to_owned();
            let mut drop = |why: String| {
                left_out.push(LeftOut { what: what.clone(), why, lost: true });
                false
            };
            let name = match arn.split_once(":policyName/") {
                Some((_, name)) => name.split_once(":createdBy/").map_or(name, |(name, _)| name),
                None if arn.starts_with("arn:") => {
                    return drop(format!("its {key}: {arn} is no scaling policy"));
                }
                None => &arn,
            };
            if !policies.iter().any(|policy| policy == name) {
                return drop(format!("its {key}: policy {name} is in none of the files"));
            }
            *action = Value::from(name);
            true
        });
        if actions.is_empty() {
            alarm.fields.remove(key);
        }
    }
}

/// An object without what says nothing here: nulls and empty lists, too.
fn cleaned(fields: &Map<String, Value>) -> Value {
    let kept = fields.iter().filter(|(key, _)| !DROPPED.contains(&key.as_str()));
    kept.filter_map(|(key, value)| Some((key.clone(), known(value)?))).collect()
}

fn known(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        // As `describe-policies` prints what a policy does not have.
        Value::Array(items) if items.is_empty() => None,
        Value::Object(fields) => Some(cleaned(fields)),
        Value::Array(items) => Some(items.iter().filter_map(known).collect()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
    }
}
