//! What stands in a file: one object of the API, a list of them, or the wrapper
//! that the command line prints them in. Converts nothing.

use std::path::Path;

use serde_json::{Map, Value};

use super::bare::{self, Bare};
use super::told::Told;

/// What kind of object it is, in the order they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Group,
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
    pub(super) const ALL: [Self; 4] = [Self::Group, Self::Policy, Self::Alarm, Self::Action];

    /// The list of the settings that it belongs to, which is also the wrapper's
    /// key. A group is no list of the settings: what it says stands above them.
    pub(super) const fn list(self) -> &'static str {
        match self {
            Self::Group => "AutoScalingGroups",
            Self::Policy => "ScalingPolicies",
            Self::Alarm => "MetricAlarms",
            Self::Action => "ScheduledUpdateGroupActions",
        }
    }

    /// The key that holds its name. Others have that of their group, too.
    const fn name(self) -> &'static str {
        match self {
            Self::Group => "AutoScalingGroupName",
            Self::Policy => "PolicyName",
            Self::Alarm => "AlarmName",
            Self::Action => "ScheduledActionName",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Policy => "scaling policy",
            Self::Alarm => "alarm",
            Self::Action => "scheduled action",
        }
    }

    /// What an object is, by the key of its name.
    fn of(fields: &Map<String, Value>) -> Option<(Self, String)> {
        let named = |kind: Self| Some((kind, fields.get(kind.name())?.as_str()?.to_owned()));
        let group = || {
            let sized = ["MinSize", "MaxSize"].iter().any(|key| fields.contains_key(*key));
            sized.then(|| named(Self::Group)).flatten()
        };
        [Self::Policy, Self::Alarm, Self::Action].into_iter().find_map(named).or_else(group)
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
pub(super) fn read(file: &str, json: Value, documents: &mut Vec<Document>, told: &mut Vec<Told>) {
    match json {
        Value::Array(items) => match bare::list(&items) {
            Some(part) => take(file, part, documents, told),
            None => items.into_iter().for_each(|item| read(file, item, documents, told)),
        },
        Value::Object(mut fields) => {
            if let Some(Value::Array(composites)) = fields.remove("CompositeAlarms") {
                told.extend(composites.iter().map(|of| composite(file, &of["AlarmName"])));
            }
            if fields.remove("NextToken").is_some_and(|token| !token.is_null()) {
                let why = "it has a NextToken, so there is more: ask without --max-items";
                told.push(Told::lost(format!("the rest of {file}"), why));
            }
            let mut wrapped = false;
            for kind in Kind::ALL {
                if let Some(items @ Value::Array(_)) = fields.remove(kind.list()) {
                    wrapped = true;
                    read(file, items, documents, told);
                }
            }
            if !wrapped {
                one(file, fields, documents, told);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let why = "neither an object nor a list of them";
            told.push(Told::lost(format!("a value of {file}"), why));
        }
    }
}

fn composite(file: &str, name: &Value) -> Told {
    let name = name.as_str().unwrap_or("without a name");
    let why = "a composite alarm cannot call for scaling: name its alarms' policies in their own \
               AlarmActions";
    Told::lost(format!("composite alarm {name} of {file}"), why)
}

fn one(
    file: &str,
    mut fields: Map<String, Value>,
    documents: &mut Vec<Document>,
    told: &mut Vec<Told>,
) {
    fields.remove("ResponseMetadata");
    if fields.is_empty() {
        return;
    }
    if fields.contains_key("AlarmRule") {
        return told.push(composite(file, &fields["AlarmName"]));
    }
    if let Some((kind, name)) = Kind::of(&fields) {
        return documents.push(Document { kind, name, file: file.to_owned(), fields });
    }
    if let Some(part) = bare::object(&fields, &free_name(file, documents)) {
        return take(file, part, documents, told);
    }
    let keys: Vec<&str> = fields.keys().map(String::as_str).take(4).collect();
    let why = "neither PolicyName nor AlarmName nor ScheduledActionName is in it: give what \
               describe-policies, describe-alarms or describe-scheduled-actions prints";
    told.push(Told::lost(format!("an object with {} of {file}", keys.join(", ")), why));
}

/// What was made of a part.
fn take(file: &str, part: Bare, documents: &mut Vec<Document>, told: &mut Vec<Told>) {
    match part {
        Bare::Part(what, why) => told.push(Told::lost(format!("{what} of {file}"), why)),
        Bare::Whole(kind, fields) => {
            let name = fields[kind.name()].as_str().unwrap_or_default().to_owned();
            let document = Document { kind, name, file: file.to_owned(), fields };
            let why = "it has no PolicyName: it is called as its file is";
            told.push(Told::note(document.what(), why));
            documents.push(document);
        }
    }
}

/// A name after the file's that none of these has.
fn free_name(file: &str, documents: &[Document]) -> String {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("policy");
    let is_free = |name: &String| documents.iter().all(|document| document.name != *name);
    let others = (2..).map(|nth: u32| format!("{stem}-{nth}"));
    std::iter::once(stem.to_owned()).chain(others).find(is_free).unwrap_or_default()
}
