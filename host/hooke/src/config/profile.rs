//! One `[[site.profile]]`. Reads as much as it can of a profile that is wrong,
//! so that its policies and settings are checked all the same.

use std::ops::Range;
use std::sync::Arc;

use hooke_control::ids::{PolicyName, ProfileName, QueueName};
use hooke_control::spec::{Binding, Bounds, ProfileSpec};

use super::choice::{self, Choice, Mode};
use super::names::{Declared, nearest, once};
use super::section::Section;
use super::settings::{self, Policies, SettingsPlace};
use super::site::{BindingConfig, FallbackConfig};
use super::source::SourceNames;
use super::value::{Given, Name};
use hooke_places::Problems;

/// The longest name of a queue, as AMQP has it.
const QUEUE_BYTES: usize = 255;

/// One profile, as far as it can be read.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// Its name; `None` if it cannot be read.
    pub(super) name: Option<ProfileName>,
    pub(super) at: Range<usize>,
    /// Its queues, and where each is named.
    pub(super) queues: Vec<(QueueName, Range<usize>)>,
    /// Its bounds; `None` if they cannot be read.
    pub(super) workers: Option<Bounds>,
    /// The source that knows its queues, by its place in the list.
    pub(super) source: usize,
    /// How a worker of it is started, for drivers that start processes.
    pub(super) command: Command,
    pub(super) bindings: Vec<BindingConfig>,
    /// What the core is told; `None` if something of it cannot be read.
    pub(super) spec: Option<Arc<ProfileSpec>>,
}

/// How a worker is started.
#[derive(Debug, Clone)]
pub(super) enum Command {
    /// The file does not say.
    Absent,
    /// It cannot be read.
    Wrong,
    /// A program and its arguments.
    Words(Vec<String>),
}

/// What the site says for all its profiles.
pub(super) struct Common<'a, 's> {
    /// The policies that are asked where a profile names none.
    pub(super) policies: Given<Vec<Choice>>,
    /// Settings of policies, a table for each.
    pub(super) settings: Option<Section<'a>>,
    /// The sources there are.
    pub(super) sources: &'s SourceNames,
}

pub(super) fn read_all(
    site: &mut Section<'_>,
    common: &Common<'_, '_>,
    problems: &mut Problems,
) -> (Vec<Profile>, Declared) {
    let mut names = Declared::default();
    let tables = site.some_tables("profile", ", so there is nothing to scale", problems);
    let profiles =
        tables.into_iter().map(|table| read(table, common, &mut names, problems)).collect();
    names.unique("profile", problems);
    (profiles, names)
}

fn read(
    mut table: Section<'_>,
    common: &Common<'_, '_>,
    names: &mut Declared,
    problems: &mut Problems,
) -> Profile {
    let name = table.required::<Name>("name", problems);
    names.add(name.as_ref(), table.place("name"));
    let name = name.map(|name| ProfileName::from(name.0));
    let queues = queues(&mut table, problems);
    let workers = workers(&mut table, problems);
    let source = source(&mut table, common, problems);
    let command = command(&mut table, problems);
    let bindings = bindings(&mut table, name.as_ref(), common, problems);
    let at = table.at.clone();
    table.finish(problems);
    let spec = name.clone().zip(workers).map(|(name, workers)| {
        let queues = queues.iter().map(|(queue, _)| queue.clone()).collect();
        let told =
            |b: &BindingConfig| Binding { policy: b.policy.clone(), settings: b.settings.json() };
        let live = bindings.iter().filter(|binding| binding.mode == Mode::Live);
        let policies = live.map(told).collect();
        Arc::new(ProfileSpec { name, queues, workers, policies })
    });
    Profile { name, at, queues, workers, source, command, bindings, spec }
}

fn queues(table: &mut Section<'_>, problems: &mut Problems) -> Vec<(QueueName, Range<usize>)> {
    let one = table.list::<&str>("queue", problems);
    let many = table.list::<&str>("queues", problems);
    match (&one, &many) {
        (Given::Absent, Given::Absent) => {
            table.missing("queue", "write queue = \"NAME\", or queues = [\"A\", \"B\"]", problems);
        }
        (Given::Absent, _) | (_, Given::Absent) => {}
        _ => {
            let what = format!("{}: both `queue` and `queues` are given", table.path);
            problems.add(table.place("queues"), what, "keep one of them");
        }
    }
    let names = one.right().or(many.right()).unwrap_or_default();
    once(&table.path_of("queue"), &names, problems);
    for (name, at) in &names {
        if name.is_empty() || name.len() > QUEUE_BYTES || name.contains(char::is_control) {
            let what = format!("{}: {name:?} cannot be a queue", table.path);
            let instead = format!(
                "write the name of a queue: 1 to {QUEUE_BYTES} bytes, no control characters"
            );
            problems.add(at.clone(), what, instead);
        }
    }
    names.into_iter().map(|(name, at)| (QueueName::from(name), at)).collect()
}

fn workers(table: &mut Section<'_>, problems: &mut Problems) -> Option<Bounds> {
    if !table.has("workers") {
        table.raw("workers");
        table.missing("workers", "write workers = { min = 0, max = 10 }", problems);
        return None;
    }
    let mut section = table.table("workers", problems)?;
    let min = section.ask("min", problems);
    let max = section.required::<u32>("max", problems);
    let (at, path) = (section.place("min"), section.path.clone());
    section.finish(problems);
    let (max, min) = match min {
        Given::Absent => (max?, 0),
        Given::Wrong => return None,
        Given::Right(min) => (max?, min),
    };
    let bounds = Bounds::new(min, max);
    if bounds.is_none() {
        let what = format!("{path}: min {min} is above max {max}");
        problems.add(at, what, format!("write min = {max} or less, or max = {min} or more"));
    }
    bounds
}

fn source(table: &mut Section<'_>, common: &Common<'_, '_>, problems: &mut Problems) -> usize {
    let Some(Name(name)) = table.optional("source", problems) else { return 0 };
    let sources = common.sources;
    if sources.declared.lacks(&name) {
        let what = format!("{}: there is no source `{name}`", table.path_of("source"));
        problems.add(table.place("source"), what, nearest(&name, sources.declared.iter()));
    }
    sources.place(&name).unwrap_or(0)
}

fn command(table: &mut Section<'_>, problems: &mut Problems) -> Command {
    const INSTEAD: &str = "write the program and each argument as strings of a list, such as \
                           command = [\"python3\", \"worker.py\"]; no shell reads it";
    let words = match table.list::<&str>("command", problems) {
        Given::Absent => return Command::Absent,
        Given::Wrong => return Command::Wrong,
        Given::Right(words) => words,
    };
    let line = table.raw("command").is_some_and(|value| value.get_ref().is_str());
    let program = words.first().map_or("", |(word, _)| word);
    let what = if program.is_empty() {
        "the program has no name".to_owned()
    } else if line && program.contains(char::is_whitespace) {
        format!("{program:?} is a command line, not a program")
    } else if words.iter().any(|(word, _)| word.contains('\0')) {
        "a command holds no NUL character".to_owned()
    } else {
        return Command::Words(words.into_iter().map(|(word, _)| word.to_owned()).collect());
    };
    problems.add(table.place("command"), format!("{}: {what}", table.path_of("command")), INSTEAD);
    Command::Wrong
}

fn bindings(
    table: &mut Section<'_>,
    profile: Option<&ProfileName>,
    common: &Common<'_, '_>,
    problems: &mut Problems,
) -> Vec<BindingConfig> {
    let own = choice::read_all(table, problems);
    let settings = table.table("settings", problems);
    let policies: &Policies = match (&own, &common.policies) {
        (Given::Right(own), _) => own,
        (Given::Absent, Given::Right(site)) => site,
        (Given::Absent, Given::Absent) => {
            let instead = "write policy = \"threshold\" here or in the [[site]]";
            problems.add(
                table.at.clone(),
                format!("{}: no policy is named for it", table.path),
                instead,
            );
            return Vec::new();
        }
        (Given::Wrong, _) | (Given::Absent, Given::Wrong) => return Vec::new(),
    };
    if let Some(settings) = &settings {
        settings::strangers_of_profile(settings, policies, problems);
    }
    let laid = |policy: &Name, at: &Range<usize>| {
        let mut place = SettingsPlace::none(at.clone());
        let site = common.settings.as_ref().and_then(|site| settings::of_site(site, &policy.0));
        let own = settings.as_ref().and_then(|own| settings::of_profile(own, &policy.0, policies));
        for (at, table) in site.into_iter().chain(own) {
            place.lay(at, table);
        }
        place
    };
    let bind = |choice: &Choice| BindingConfig {
        profile: profile.cloned().unwrap_or_else(|| ProfileName::from("")),
        policy: PolicyName::from(choice.name.0.as_str()),
        at: choice.at.clone(),
        settings: laid(&choice.name, &choice.at),
        mode: choice.mode,
        fallback: choice.fallback.as_ref().map(|(name, at)| FallbackConfig {
            policy: PolicyName::from(name.0.as_str()),
            at: at.clone(),
            settings: laid(name, at),
        }),
    };
    policies.iter().map(bind).collect()
}
