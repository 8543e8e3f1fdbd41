//! Who calls for whom: actions of alarms become the names of policies; what
//! calls for nobody, and whom nobody calls for, is told.

use serde_json::Value;

use super::document::{Document, Kind};
use super::told::Told;

pub(super) const ACTIONS: [&str; 3] = ["AlarmActions", "OKActions", "InsufficientDataActions"];

/// What the alarms of target tracking are called at AWS.
const TRACKING: &str = "TargetTracking-";

/// Links what is in the files, and leaves out the alarms that are not for here.
pub(super) fn link(documents: &mut Vec<Document>, told: &mut Vec<Told>) {
    let policies: Vec<Document> =
        documents.iter().filter(|d| d.kind == Kind::Policy).cloned().collect();
    documents.retain(|document| match elsewhere(document, &policies) {
        Some(line) => {
            told.push(line);
            false
        }
        None => true,
    });
    for alarm in documents.iter_mut().filter(|document| document.kind == Kind::Alarm) {
        name_policies(alarm, &policies, told);
    }
    for policy in &policies {
        told.extend(uncalled(policy, documents));
    }
}

/// An alarm that has no counterpart, and why.
fn elsewhere(document: &Document, policies: &[Document]) -> Option<Told> {
    if document.kind != Kind::Alarm {
        return None;
    }
    if document.name.starts_with(TRACKING) {
        return Some(managed(document, policies));
    }
    let comparison = document.fields.get("ComparisonOperator").and_then(Value::as_str);
    let is_band = ["UpperThreshold", "LowerThreshold", "LowerOrGreater"];
    let banded = comparison.is_some_and(|name| is_band.iter().any(|band| name.contains(band)));
    if banded || document.fields.contains_key("ThresholdMetricId") {
        let why = "anomaly detection is not known here: give it a Threshold";
        return Some(Told::lost(document.what(), why));
    }
    None
}

/// An alarm that target tracking keeps for itself: its policy has to be there.
fn managed(alarm: &Document, policies: &[Document]) -> Told {
    let named: Vec<String> = ACTIONS
        .iter()
        .filter_map(|key| alarm.fields.get(*key)?.as_array())
        .flatten()
        .filter_map(|action| policy_name(action.as_str()?).map(str::to_owned))
        .collect();
    let missing = named.iter().find(|name| policies.iter().all(|policy| policy.name != **name));
    if let Some(name) = missing {
        let why = format!(
            "its target tracking policy {name} is in none of the files: give what \
             describe-policies prints, too"
        );
        return Told::lost(alarm.what(), why);
    }
    let tracks = |policy: &&Document| policy.fields.contains_key("TargetTrackingConfiguration");
    if named.is_empty() && policies.iter().find(tracks).is_none() {
        let why = "its target tracking policy is in none of the files: give what \
                   describe-policies prints, too";
        return Told::lost(alarm.what(), why);
    }
    Told::left_out(alarm.what(), "its target tracking policy keeps it, here as there")
}

/// Makes names of policies of an alarm's actions; others are left out.
fn name_policies(alarm: &mut Document, policies: &[Document], told: &mut Vec<Told>) {
    let what = alarm.what();
    let mut left = 0;
    for key in ACTIONS {
        let Some(Value::Array(actions)) = alarm.fields.get_mut(key) else { continue };
        actions.retain_mut(|action| {
            let arn = action.as_str().unwrap_or_default().to_owned();
            let Some(name) = policy_name(&arn) else {
                let why = format!("its {key} {arn}: {}, and does not scale", does(&arn));
                told.push(Told::left_out(what.clone(), why));
                return false;
            };
            if policies.iter().all(|policy| policy.name != name) {
                let why = format!(
                    "its {key}: policy {name} is in none of the files: give what \
                     describe-policies prints, too"
                );
                told.push(Told::lost(what.clone(), why));
                return false;
            }
            *action = Value::from(name);
            true
        });
        left += actions.len();
        if actions.is_empty() {
            alarm.fields.remove(key);
        }
    }
    if left == 0 {
        let why = "it calls for no policy of the files: it is watched, and changes nothing";
        told.push(Told::note(what, why));
    }
}

/// The policy that an action is: by its ARN, or its name alone.
fn policy_name(action: &str) -> Option<&str> {
    match action.split_once(":policyName/") {
        Some((_, name)) => Some(name.split_once(":createdBy/").map_or(name, |(name, _)| name)),
        None if action.starts_with("arn:") => None,
        None => Some(action),
    }
}

/// What an action does that is no policy, by the service in its ARN.
fn does(arn: &str) -> &'static str {
    match arn.split(':').nth(2) {
        Some("sns") => "it notifies",
        Some("lambda") => "it calls a function",
        Some("automate" | "swf") => "it stops, ends or starts one instance",
        Some("ssm" | "ssm-incidents") => "it opens a case for people",
        Some(_) | None => "it is no scaling policy",
    }
}

/// Why a policy never acts: nothing calls for it.
fn uncalled(policy: &Document, documents: &[Document]) -> Option<Told> {
    let has = |key: &str| policy.fields.get(key).is_some_and(|value| !value.is_null());
    if has("TargetTrackingConfiguration") || has("PredictiveScalingConfiguration") {
        return None;
    }
    let calls = |alarm: &Document| {
        let actions = ACTIONS.iter().filter_map(|key| alarm.fields.get(*key)?.as_array());
        actions.flatten().any(|action| action.as_str() == Some(&policy.name))
    };
    if documents.iter().any(|document| document.kind == Kind::Alarm && calls(document)) {
        return None;
    }
    let alarms = policy.fields.get("Alarms").and_then(Value::as_array);
    let names: Vec<&str> =
        alarms.into_iter().flatten().filter_map(|alarm| alarm["AlarmName"].as_str()).collect();
    if names.is_empty() {
        let why = "no alarm of the files calls for it, so it never acts: give what \
                   describe-alarms prints, too, or write an alarm";
        return Some(Told::lost(policy.what(), why));
    }
    let why = format!(
        "its alarm {} is in none of the files, so it never acts: give what describe-alarms prints, \
         too",
        names.join(", ")
    );
    Some(Told::lost(policy.what(), why))
}
