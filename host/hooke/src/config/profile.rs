//! One `[[site.profile]]`.

use std::ops::Range;
use std::sync::Arc;

use hooke_control::ids::{PolicyName, ProfileName, QueueName};
use hooke_control::spec::{Binding, Bounds, ProfileSpec};

use super::names::nearest;
use super::problem::Problems;
use super::section::Section;
use super::settings::{self, SettingsPlace};
use super::site::BindingConfig;
use super::source::SourceConfig;
use super::value::{Name, OneOrMany};

/// One profile, with what only its edges understand.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) spec: Arc<ProfileSpec>,
    pub(super) at: Range<usize>,
    /// The source that knows its queues, by its place in the list.
    pub(super) source: usize,
    /// How a worker of it is started, for drivers that start processes.
    pub(super) command: Option<Vec<String>>,
    pub(super) bindings: Vec<BindingConfig>,
}

/// What the site says for all its profiles.
struct Common<'a> {
    policies: Option<OneOrMany<Name>>,
    settings: Option<Section<'a>>,
    sources: Vec<&'a str>,
}

pub(super) fn read_all<'a>(
    site: &mut Section<'a>,
    policies: Option<OneOrMany<Name>>,
    settings: Option<Section<'a>>,
    sources: &[SourceConfig],
    problems: &mut Problems,
) -> Vec<Profile> {
    let tables = site.tables("profile", problems);
    if tables.is_empty() {
        let what = format!("{} has no profile, so there is nothing to scale", site.path);
        problems.add(site.at.clone(), what, format!("write at least one [[{}.profile]]", site.path));
    }
    let sources: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let common = Common { policies, settings, sources: sources.iter().map(String::as_str).collect() };
    tables.into_iter().filter_map(|table| read(table, &common, problems)).collect()
}

fn read(mut table: Section<'_>, common: &Common<'_>, problems: &mut Problems) -> Option<Profile> {
    let name = table.required::<Name>("name", problems);
    let queues = queues(&mut table, problems);
    let workers = workers(&mut table, problems);
    let source = source(&mut table, common, problems);
    let command = table.optional::<OneOrMany<&str>>("command", problems);
    let command = command.map(|OneOrMany(words)| words.into_iter().map(|(w, _)| w.to_owned()).collect());
    let own = table.optional::<OneOrMany<Name>>("policy", problems);
    let own_settings = table.table("settings", problems);
    let at = table.at.clone();
    if own.is_none() && common.policies.is_none() && table.raw("policy").is_none() {
        problems.add(at.clone(), format!("{}: no policy is named for it", table.path), "write policy = \"threshold\" here or in the [[site]]");
    }
    table.finish(problems);
    let name = ProfileName::from(name?.0);
    let chosen = own.as_ref().or(common.policies.as_ref());
    let bindings = chosen.map_or_else(Vec::new, |chosen| {
        bindings(&name, chosen, common.settings.as_ref(), own_settings.as_ref(), problems)
    });
    let spec = ProfileSpec {
        name,
        queues: queues?,
        workers: workers?,
        policies: bindings
            .iter()
            .map(|b| Binding { policy: b.policy.clone(), settings: b.settings.json() })
            .collect(),
    };
    Some(Profile { spec: Arc::new(spec), at, source, command, bindings })
}

fn queues(table: &mut Section<'_>, problems: &mut Problems) -> Option<Vec<QueueName>> {
    let one = table.optional::<OneOrMany<&str>>("queue", problems);
    let many = table.optional::<OneOrMany<&str>>("queues", problems);
    let (OneOrMany(names), both) = match (one, many) {
        (Some(one), None) => (one, false),
        (None, Some(many)) => (many, false),
        (Some(one), Some(_)) => (one, true),
        (None, None) if table.raw("queue").is_none() && table.raw("queues").is_none() => {
            problems.add(table.at.clone(), format!("{}: `queue` is missing", table.path), "write queue = \"NAME\", or queues = [\"A\", \"B\"]");
            return None;
        }
        (None, None) => return None,
    };
    if both {
        problems.add(table.place("queues"), "both `queue` and `queues` are given", "keep one of them");
    }
    for (name, at) in names.iter().filter(|(name, _)| name.is_empty()) {
        problems.add(at.clone(), format!("{name:?} cannot be a queue"), "write the name of a queue");
    }
    Some(names.into_iter().map(|(name, _)| QueueName::from(name)).collect())
}

fn workers(table: &mut Section<'_>, problems: &mut Problems) -> Option<Bounds> {
    let Some(mut section) = table.table("workers", problems) else {
        if table.raw("workers").is_none() {
            problems.add(table.at.clone(), format!("{}: `workers` is missing", table.path), "write workers = { min = 0, max = 10 }");
        }
        return None;
    };
    let min = section.optional("min", problems).unwrap_or(0);
    let max = section.required::<u32>("max", problems);
    let at = section.at.clone();
    let path = section.path.clone();
    section.finish(problems);
    let max = max?;
    let bounds = Bounds::new(min, max);
    if bounds.is_none() {
        problems.add(at, format!("{path}: min {min} is above max {max}"), format!("write min = {max} or less, or max = {min} or more"));
    }
    bounds
}

fn source(table: &mut Section<'_>, common: &Common<'_>, problems: &mut Problems) -> usize {
    let Some(name) = table.optional::<&str>("source", problems) else { return 0 };
    let found = common.sources.iter().position(|source| *source == name);
    if found.is_none() {
        problems.add(table.place("source"), format!("there is no source `{name}`"), nearest(name, common.sources.iter().copied()));
    }
    found.unwrap_or(0)
}

fn bindings(
    profile: &ProfileName,
    OneOrMany(policies): &OneOrMany<Name>,
    site: Option<&Section<'_>>,
    own: Option<&Section<'_>>,
    problems: &mut Problems,
) -> Vec<BindingConfig> {
    let alone = policies.len() == 1;
    if let Some(section) = own.filter(|_| !alone) {
        strangers(section, policies, problems);
    }
    let bind = |(policy, at): &(Name, Range<usize>)| {
        let mut place = SettingsPlace::none(at.clone());
        if let Some((at, table)) = site.and_then(|section| settings::part(section, &policy.0, false)) {
            place.lay(at, table);
        }
        if let Some((at, table)) = own.and_then(|section| settings::part(section, &policy.0, alone)) {
            place.lay(at, table);
        }
        BindingConfig {
            profile: profile.clone(),
            policy: PolicyName::from(policy.0.as_str()),
            at: at.clone(),
            settings: place,
        }
    };
    policies.iter().map(bind).collect()
}

/// With several policies, settings that belong to none of them.
fn strangers(settings: &Section<'_>, policies: &[(Name, Range<usize>)], problems: &mut Problems) {
    for (key, at, _) in settings.entries() {
        if policies.iter().all(|(policy, _)| policy.0 != key) {
            let names = policies.iter().map(|(policy, _)| policy.0.as_str());
            let first = policies.first().map_or("POLICY", |(policy, _)| policy.0.as_str());
            problems.add(
                at,
                format!("{}: `{key}` is none of the profile's policies", settings.path),
                format!(
                    "with several policies write a table for each, such as [{}.{first}]; {}",
                    settings.path,
                    nearest(key, names)
                ),
            );
        }
    }
}
