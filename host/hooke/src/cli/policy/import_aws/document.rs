//! What stands in a file: one object of the API, a list of them, or the wrapper
//! that the command line prints them in. Converts nothing.

use serde_json::{Map, Value};

use super::LeftOut;

/// What kind of object it is, in the order they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Policy,
    Alarm,
    Action,
}

/// One object.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) file: String,
    pub(super) fields: Map<String, Value>,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Policy, Self::Alarm, Self::Action];

    /// The list of the settings that it belongs to, which is also the
    /// wrapper's key.
    pub(super) const fn list(self) -> &'static str {
        match self {
            Self::Policy => "ScalingPolicies",
            Self::Alarm => "MetricAlarms",
            Self::Action => "ScheduledUpdateGroupActions",
        }
    }

    /// The key that holds its name.
    const fn name(self) -> &'static str {
        match self {
            Self::Policy => "PolicyName",
            Self::Alarm => "AlarmName",
            Self::Action => "ScheduledActionName",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Policy => "scaling policy",
            Self::Alarm => "alarm",
            Self::Action => "scheduled action",
        }
    }
}

impl Document {
    /// What it is, for people.
    pub(super) fn what(&self) -> String {
        format!("{} {} of {}", self.kind.word(), self.name, self.file)
    }

    /// The Auto Scaling group that it is of, or that its metric is of.
    pub(super) fn group(&self) -> Option<String> {
        const KEY: &str = "AutoScalingGroupName";
        let dimensions = self.fields.get("Dimensions").and_then(Value::as_array);
        let named = |dimension: &&Value| dimension["Name"] == KEY;
        let measured = dimensions.and_then(|all| all.iter().find(named)).map(|of| &of["Value"]);
        self.fields.get(KEY).or(measured).and_then(Value::as_str).map(str::to_owned)
    }
}

/// Sorts out what a file holds.
pub(super) fn read(
    file: &str,
    json: Value,
    documents: &mut Vec<Document>,
    left_out: &mut Vec<LeftOut>,
) {
    let mut lost = |what: String, why: &str| {
        left_out.push(LeftOut {
            what: format!("{what} of {file}"),
            why: why.to_owned(),
            lost: true,
        });
    };
    match json {
        Value::Array(items) => {
            items.into_iter().for_each(|item| read(file, item, documents, left_out));
        }
        Value::Object(mut fields) => {
            if let Some(Value::Array(composites)) = fields.remove("CompositeAlarms") {
                for composite in composites {
                    let name = composite["AlarmName"].as_str().unwrap_or("without a name");
                    lost(format!("composite alarm {name}"), COMPOSITE);
                }
            }
            if fields.remove("NextToken").is_some_and(|token| !token.is_null()) {
                lost(
                    "the rest".to_owned(),
                    "it has a NextToken, so there is more: ask without --max-items",
                );
            }
            let mut wrapped = false;
            for kind in Kind::ALL {
                if let Some(items @ Value::Array(_)) = fields.remove(kind.list()) {
                    wrapped = true;
                    read(file, items, documents, left_out);
                }
            }
            if !wrapped {
                one(file, fields, documents, left_out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            lost("a value".to_owned(), "neither an object nor a list of them");
        }
    }
}

const COMPOSITE: &str = "a composite alarm cannot call for scaling: name its alarms' policies in \
                         their own AlarmActions";

fn one(
    file: &str,
    mut fields: Map<String, Value>,
    documents: &mut Vec<Document>,
    left_out: &mut Vec<LeftOut>,
) {
    fields.remove("ResponseMetadata");
    if fields.is_empty() {
        return;
    }
    let mut lost = |what: String, why: &str| {
        left_out.push(LeftOut {
            what: format!("{what} of {file}"),
            why: why.to_owned(),
            lost: true,
        });
    };
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    if fields.contains_key("AlarmRule") {
        let name = text("AlarmName").unwrap_or_default();
        return lost(format!("composite alarm {name}"), COMPOSITE);
    }
    let named = Kind::ALL.into_iter().find_map(|kind| Some((kind, text(kind.name())?)));
    match named {
        Some((kind, name)) => {
            documents.push(Document { kind, name, file: file.to_owned(), fields });
        }
        None => {
            let keys: Vec<&str> = fields.keys().map(String::as_str).take(4).collect();
            let why = "neither PolicyName nor AlarmName nor ScheduledActionName is in it";
            lost(format!("an object with {}", keys.join(", ")), why);
        }
    }
}
