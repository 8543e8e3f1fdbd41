//! Keys of the API that the settings have no use for: those that only name and
//! date things, and those that an operator has to hear of.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What they say is known anyway, or of no consequence.
const HARMLESS: &[&str] = &[
    "AlarmARN",
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "AlarmDescription",
    "Alarms",
    "AutoScalingGroupARN",
    "AutoScalingGroupName",
    "AvailabilityZones",
    "CreatedTime",
    "DesiredCapacityType",
    "EnabledMetrics",
    "EvaluationState",
    "Instances",
    "PlacementGroup",
    "PolicyARN",
    "ScheduledActionARN",
    "ServiceLinkedRoleARN",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    "Status",
    "Tags",
    "Time",
    "VPCZoneIdentifier",
];

/// What becomes of others of a policy, an alarm or an action, wherever they stand.
const DROPPED: &[(&str, &str)] =
    &[("Unit", "readings have one unit here, and it is not looked at")];

/// What of a group is among the settings.
pub(super) const OF_SETTINGS: [&str; 2] = ["DefaultCooldown", "DefaultInstanceWarmup"];

/// What of a group is the site's to say.
pub(super) const SIZES: [&str; 2] = ["MinSize", "MaxSize"];

/// What becomes of others of a group.
const OF_GROUP: &[(&str, &str)] = &[
    ("CapacityRebalance", "no machine is replaced ahead of the end that its cloud foretells"),
    ("DesiredCapacity", "no desired number is kept: policies start from what there is"),
    ("HealthCheckGracePeriod", "a machine is judged by whether its workers reach the broker"),
    ("HealthCheckType", "a machine is judged by whether its workers reach the broker"),
    ("LaunchConfigurationName", "write an [[site.image]]"),
    ("LaunchTemplate", "write an [[site.image]]"),
    ("LoadBalancerNames", "workers take from queues: no load balancer is told of them"),
    ("MaxInstanceLifetime", "no machine is ended for its age"),
    (
        "MixedInstancesPolicy",
        "write an [[site.image]] for each type; a weight is the number of workers in its hosts",
    ),
    ("NewInstancesProtectedFromScaleIn", "a worker that is not proven idle is never taken"),
    ("SuspendedProcesses", "hooke pause holds a site still"),
    ("TargetGroupARNs", "workers take from queues: no load balancer is told of them"),
    ("TerminationPolicies", "of idle machines the longest idle leaves first"),
    ("TrafficSources", "workers take from queues: no load balancer is told of them"),
    ("WarmPoolConfiguration", "an image with when_idle = \"suspend\" keeps its machines"),
];

/// Whether it is nobody's concern that a key is dropped.
pub(super) fn is_harmless(key: &str) -> bool {
    HARMLESS.contains(&key)
}

/// Why a key of a policy, an alarm or an action is dropped, if it is and
/// matters.
pub(super) fn dropped(key: &str) -> Option<&'static str> {
    DROPPED.iter().find(|(told, _)| *told == key).map(|(_, why)| *why)
}

/// What becomes of a key of a group; `None` where nothing is known of it.
pub(super) fn of_group(key: &str) -> Option<&'static str> {
    OF_GROUP.iter().find(|(told, _)| *told == key).map(|(_, why)| *why)
}

/// Whether a value says anything: `describe-*` prints what there is not, too.
pub(super) fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) | Value::Object(_) => true,
    }
}

/// Every key that stands anywhere in an object, with the place it stands at.
pub(super) fn places(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(fields, "", &mut found);
    found
}

fn walk(fields: &Map<String, Value>, place: &str, found: &mut Vec<(String, String)>) {
    for (key, value) in fields.iter().filter(|(_, value)| says(value)) {
        let at = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        found.push((key.clone(), at.clone()));
        match value {
            Value::Object(fields) => walk(fields, &at, found),
            Value::Array(items) => {
                let objects = items.iter().enumerate();
                let objects = objects.filter_map(|(nth, item)| Some((nth, item.as_object()?)));
                objects.for_each(|(nth, fields)| walk(fields, &format!("{at}.{nth}"), found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Every queue that a dimension names.
pub(super) fn queues(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let (Some("QueueName"), Some(queue)) =
                (fields.get("Name").and_then(Value::as_str), fields.get("Value"))
            {
                found.extend(queue.as_str().map(str::to_owned));
            }
            fields.values().for_each(|value| queues(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| queues(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
