//! What a site may tell the rule: alarms and scaling policies, in the API's own
//! words. What is wrong is told at once, each with its place. The keys stand a
//! second time in `settings.schema.json`; a test holds them together.

mod alarm;
mod policy;
mod predict;
mod schedule;
mod source;

use hooke_policy_sdk::{Problem, Table};

pub use alarm::Alarm;
pub use policy::{Aggregation, Kind, Policy, Scaling, Track};

use crate::notes;
use crate::schedule::Action;
use crate::statistic;
use crate::watch::Comparison;

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The alarms, in the order given.
    pub alarms: Vec<Alarm>,
    /// The scaling policies, in the order given.
    pub policies: Vec<Policy>,
    /// The scheduled actions, in the order given.
    pub scheduled: Vec<Action>,
}

/// What holds for the group as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    /// `DefaultCooldown`, in seconds.
    cooldown_s: u32,
    /// `DefaultInstanceWarmup`, in seconds.
    warmup_s: Option<u32>,
}

/// `DefaultCooldown` where nothing else is said.
const COOLDOWN_S: u32 = 300;
/// A day: no cooldown is longer.
const COOLDOWN_MAX_S: u64 = 86_400;
/// The points of an alarm span no more than a day.
const DAY_MS: u64 = 86_400_000;
const WARMUP_MAX_S: u64 = 3_600;

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let group = Group::read(table);
        let policies =
            table.tables("ScalingPolicies", |table| policy::read(table, group)).unwrap_or_default();
        let raised = table.tables("MetricAlarms", alarm::read).unwrap_or_default();
        unique(table, "ScalingPolicies", "PolicyName", policies.iter().map(|p| p.name.as_str()));
        unique(table, "MetricAlarms", "AlarmName", raised.iter().map(|a| a.name.as_str()));
        let mut alarms = Vec::new();
        for (nth, raised) in raised.into_iter().enumerate() {
            alarms.extend(raised.link(table, nth, &policies));
        }
        let scheduled = scheduled(table);
        let foretelling = policies.iter().enumerate().filter(|(_, policy)| policy.foretells());
        for (nth, _) in foretelling.skip(1) {
            let message = "a second predictive policy: write one".to_owned();
            table.problem(&format!("ScalingPolicies.{nth}.PolicyType"), message);
        }
        Self { alarms, policies, scheduled }
    }

    /// What is told once, where the settings are new: it is allowed, and seldom
    /// meant.
    pub fn warnings(&self) -> Vec<String> {
        notes::warnings(self)
    }

    /// Every queue that is named.
    pub(crate) fn queues(&self) -> Vec<&str> {
        notes::queues(self)
    }
}

fn scheduled(table: &mut Table) -> Vec<Action> {
    let key = "ScheduledUpdateGroupActions";
    let actions = table.tables(key, schedule::read).unwrap_or_default();
    let names = actions.iter().map(|(name, _)| name.as_str());
    unique(table, key, "ScheduledActionName", names);
    actions.into_iter().filter_map(|(_, action)| action).collect()
}

impl Group {
    fn read(table: &mut Table) -> Self {
        let cooldown = table.whole("DefaultCooldown", 0..=COOLDOWN_MAX_S).map(seconds);
        let warmup_s = match table.number("DefaultInstanceWarmup", -1.0..=WARMUP_MAX_S as f64) {
            None | Some(-1.0) => None,
            Some(number) => {
                whole(table, "DefaultInstanceWarmup", number).and_then(|n| u32::try_from(n).ok())
            }
        };
        table.pass(&["AutoScalingGroupName", "AutoScalingGroupARN"]);
        Self { cooldown_s: cooldown.unwrap_or(COOLDOWN_S), warmup_s }
    }

    /// How long a worker is warming where its policy does not say.
    fn warmup_s(self) -> u32 {
        self.warmup_s.unwrap_or(self.cooldown_s)
    }
}

/// Seconds that were read within a range that fits.
fn seconds(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A number that has to be whole.
fn whole(table: &mut Table, key: &'static str, number: f64) -> Option<i32> {
    let cut = number as i32;
    if f64::from(cut) == number {
        return Some(cut);
    }
    table.problem(key, "found a number that is not whole: write a whole one".to_owned());
    None
}

/// A whole number that may be negative.
fn signed(table: &mut Table, key: &'static str) -> Option<i32> {
    const FAR: f64 = 1e9;
    table.number(key, -FAR..=FAR).and_then(|number| whole(table, key, number))
}

/// A text that must be there and says something.
fn name(table: &mut Table, key: &'static str) -> String {
    const CHARS_MAX: usize = 255;
    if !table.has(key) {
        table.problem(key, "missing: write a name".to_owned());
    }
    let name = table.text(key);
    if let Some(name) = &name
        && (name.is_empty() || name.chars().count() > CHARS_MAX)
    {
        table.problem(key, format!("write a name of 1 to {CHARS_MAX} characters"));
    }
    name.unwrap_or_default()
}

/// Refuses every name that was given before.
fn unique<'a>(table: &mut Table, list: &str, key: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen: Vec<&str> = Vec::new();
    for (nth, name) in names.enumerate() {
        if !name.is_empty() && seen.contains(&name) {
            table.problem(
                &format!("{list}.{nth}.{key}"),
                format!("{name} is given twice: write another name"),
            );
        }
        seen.push(name);
    }
}

const COMPARISONS: &[(&str, Comparison)] = &[
    ("GreaterThanOrEqualToThreshold", Comparison::AtLeast),
    ("GreaterThanThreshold", Comparison::Above),
    ("LessThanThreshold", Comparison::Below),
    ("LessThanOrEqualToThreshold", Comparison::AtMost),
];
