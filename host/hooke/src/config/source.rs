//! One `[[site.source]]`. Contacts nobody. A secret is read from where the file
//! says, and never shown.

use std::collections::BTreeSet;
use std::env::{self, VarError};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_sources::rabbitmq::{self, RabbitMq};

use super::names::Declared;
use super::profile::Profile;
use super::section::Section;
use super::simulated::{self, SimSourceConfig};
use super::value::{Given, Name};
use crate::shelf::chain;
use hooke_places::Problems;

/// How long one read may take: a broker of 10,000 queues answers in 4 s.
const TIMEOUT: Duration = Duration::from_secs(15);

/// One source and the queues that are asked of it.
#[derive(Debug, Clone)]
pub(crate) struct SourceConfig {
    /// Its name; its kind and place in the list if the file gives none.
    pub(crate) name: String,
    /// The queues of the profiles that name it.
    pub(crate) queues: BTreeSet<QueueName>,
    /// How it is read.
    pub(crate) kind: SourceKind,
    pub(super) at: Range<usize>,
    place: usize,
}

/// The kinds of source there are.
#[derive(Debug, Clone)]
pub(crate) enum SourceKind {
    /// A RabbitMQ broker, through its management API.
    RabbitMq(Box<rabbitmq::Config>),
    /// The queues of the simulated site.
    Sim(SimSourceConfig),
}

/// The sources that a site's profiles may name, those included that are wrong.
#[derive(Debug, Default)]
pub(super) struct SourceNames {
    pub(super) declared: Declared,
    places: Vec<Option<String>>,
}

impl SourceNames {
    /// The place in the list of the source with this name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.iter().position(|known| known.as_deref() == Some(name))
    }

    fn add(&mut self, name: Option<&Name>, at: Range<usize>) {
        self.declared.add(name, at);
        self.places.push(name.map(|name| name.0.clone()));
    }
}

impl SourceConfig {
    /// The same, with the queues of the profiles that name it.
    pub(super) fn with_queues_of(mut self, profiles: &[Profile]) -> Self {
        let mine = profiles.iter().filter(|profile| profile.source == self.place);
        let queues = mine.flat_map(|profile| profile.queues.iter());
        self.queues = queues.map(|(queue, _)| queue.clone()).collect();
        self
    }
}

pub(super) fn read_all(
    site: &mut Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> (Vec<SourceConfig>, SourceNames) {
    let mut names = SourceNames::default();
    let tables = site.some_tables("source", " to read backlogs from", problems);
    let read = |table| read(table, base, &mut names, problems);
    let sources = tables.into_iter().filter_map(read).collect();
    names.declared.unique("source", problems);
    (sources, names)
}

fn read(
    mut table: Section<'_>,
    base: &Path,
    names: &mut SourceNames,
    problems: &mut Problems,
) -> Option<SourceConfig> {
    let place = names.places.len();
    let name = table.ask::<Name>("name", problems);
    let kind = table.word("kind", &["rabbitmq", "sim"], problems);
    let name = match (name, kind) {
        (Given::Right(name), _) => Some(name),
        (Given::Absent, Some(kind)) => Some(Name(format!("{kind}-{}", place + 1))),
        (Given::Absent, None) | (Given::Wrong, _) => None,
    };
    names.add(name.as_ref(), table.place("name"));
    let at = table.at.clone();
    let kind = match kind? {
        "sim" => Some(SourceKind::Sim(simulated::source(&mut table, problems))),
        _rabbitmq => {
            broker(&mut table, base, problems).map(|config| SourceKind::RabbitMq(Box::new(config)))
        }
    };
    table.finish(problems);
    // A name that is wrong is a problem already; the source is needed for what
    // else is checked.
    let name = name.map_or_else(String::new, |name| name.0);
    Some(SourceConfig { name, queues: BTreeSet::new(), kind: kind?, at, place })
}

fn broker(
    table: &mut Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Option<rabbitmq::Config> {
    let url = table.required::<&str>("url", problems);
    let vhost = table.optional::<&str>("vhost", problems).unwrap_or("/");
    let timeout = table.optional("timeout", problems).unwrap_or(TIMEOUT);
    let trust = trust(table, base, problems);
    // The rest is checked with any credentials, should those be wrong.
    let credentials = credentials(table, base, problems)
        .or_else(|| rabbitmq::Credentials::new("nobody", "").ok())?;
    if trust.is_some() && url.is_some_and(|url| url.starts_with("http://")) {
        let key = if table.has("ca_file") { "ca_file" } else { "insecure" };
        let what = format!("{}: over http:// nobody looks at certificates", table.path_of(key));
        problems.add(table.place(key), what, format!("write url = \"https://…\", or remove {key}"));
    }
    let made = rabbitmq::Config::new(url?, vhost, credentials, timeout).and_then(|config| {
        let Some(trust) = trust else { return Ok(config) };
        let config = config.with_trust(trust);
        // Only a client reads the authorities' file.
        RabbitMq::new(&config).map(|_| config)
    });
    made.map_err(|error| refused(table, &error, problems)).ok()
}

/// Makes a problem of what the client refuses, at the key that it is about.
fn refused(table: &Section<'_>, error: &rabbitmq::ConfigError, problems: &mut Problems) {
    let (key, instead) = match error {
        rabbitmq::ConfigError::Vhost { .. } => ("vhost", "write vhost = \"/\" for the default one"),
        rabbitmq::ConfigError::Timeout { .. } => ("timeout", "write for example timeout = \"15s\""),
        rabbitmq::ConfigError::AuthoritiesFile { .. }
        | rabbitmq::ConfigError::AuthoritiesContent { .. } => (
            "ca_file",
            "name a file with certificates in PEM, or remove the key to trust what this system trusts",
        ),
        rabbitmq::ConfigError::User => ("credentials", CREDENTIALS),
        rabbitmq::ConfigError::UrlCredentials => (
            "url",
            "write url = \"http://HOST:15672\" and credentials = { env = \"VARIABLE\" } beside it",
        ),
        rabbitmq::ConfigError::UrlSyntax { .. }
        | rabbitmq::ConfigError::UrlKind
        | rabbitmq::ConfigError::TlsSetup { .. } => {
            ("url", "write for example url = \"http://rabbit:15672\"")
        }
    };
    // What the parser of URLs says of it helps no operator.
    let why = if key == "url" { error.to_string() } else { chain(error) };
    let (_, why) = why.split_once(": ").unwrap_or(("", &why));
    let what = format!("{}: {why}", table.path_of(key));
    problems.add(table.place(key), what, instead);
}

fn trust(table: &mut Section<'_>, base: &Path, problems: &mut Problems) -> Option<rabbitmq::Trust> {
    let authority = table.optional::<PathBuf>("ca_file", problems).map(|path| base.join(path));
    let insecure = table.optional::<bool>("insecure", problems).unwrap_or(false);
    match (authority, insecure) {
        (Some(_), true) => {
            let what = format!("{}: both `ca_file` and `insecure` are given", table.path);
            problems.add(table.place("insecure"), what, "keep ca_file, and remove insecure");
            None
        }
        (Some(path), false) => Some(rabbitmq::Trust::Authorities(path)),
        (None, true) => Some(rabbitmq::Trust::AnyCertificate),
        (None, false) => None,
    }
}

const CREDENTIALS: &str = "write credentials = { env = \"RABBIT_AUTH\" } or { file = \"rabbit.auth\" }, \
                           which holds user:password";

/// Secrets come from the environment or a file, never from the site file.
fn credentials(
    table: &mut Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Option<rabbitmq::Credentials> {
    let path = table.path_of("credentials");
    let Some(value) = table.raw("credentials") else {
        table.missing("credentials", CREDENTIALS, problems);
        return None;
    };
    let Some(contents) = value.get_ref().as_table() else {
        problems.hide(value.span());
        let what = format!("{path}: a secret does not belong into this file");
        problems.add(value.span(), what, CREDENTIALS);
        return None;
    };
    let mut section = Section::new(path.as_str(), value.span(), contents);
    let variable = section.ask::<&str>("env", problems);
    let file = section.ask::<PathBuf>("file", problems);
    let (at, read) = match (variable, file) {
        (Given::Right(variable), Given::Absent) => (section.place("env"), from_variable(variable)),
        (Given::Absent, Given::Right(file)) => (section.place("file"), from_file(&base.join(file))),
        (Given::Absent, Given::Absent) if contents.is_empty() => (
            value.span(),
            Err(("it names no place to read from".to_owned(), CREDENTIALS.to_owned())),
        ),
        (Given::Right(_), Given::Right(_)) => (
            section.place("file"),
            Err(("both `env` and `file` are given".to_owned(), "keep one of them".to_owned())),
        ),
        // What is in there is a problem already.
        _ => {
            strange(&section, problems);
            return None;
        }
    };
    strange(&section, problems);
    let problem =
        |(what, instead): (String, String)| problems.add(at, format!("{path}: {what}"), instead);
    read.map_err(problem).ok()
}

/// Whatever else stands beside `env` and `file` is a secret, most likely.
fn strange(section: &Section<'_>, problems: &mut Problems) {
    let mut strange =
        section.entries().filter(|(key, ..)| !matches!(*key, "env" | "file")).peekable();
    if strange.peek().is_some() {
        let what = format!("{}: only `env` or `file` can stand here, and no secret", section.path);
        problems.add(section.at.clone(), what, CREDENTIALS);
    }
    strange.for_each(|(_, _, value)| problems.hide(value.span()));
}

fn from_variable(variable: &str) -> Result<rabbitmq::Credentials, (String, String)> {
    let instead = || format!("set {variable} to user:password before hooke starts");
    let text = env::var(variable).map_err(|error| {
        let what = match error {
            VarError::NotPresent => format!("the environment variable {variable} is not set"),
            VarError::NotUnicode(_) => format!("the environment variable {variable} is not UTF-8"),
        };
        (what, instead())
    })?;
    one_line(&text).ok_or_else(|| {
        (format!("the environment variable {variable} does not hold user:password"), instead())
    })
}

fn from_file(file: &Path) -> Result<rabbitmq::Credentials, (String, String)> {
    const INSTEAD: &str = "write one line into it, user:password";
    let shown = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| (format!("cannot read {shown}: {error}"), INSTEAD.to_owned()))?;
    one_line(&text)
        .ok_or_else(|| (format!("{shown} does not hold user:password"), INSTEAD.to_owned()))
}

/// A file of several lines is another file than the one that was meant.
fn one_line(text: &str) -> Option<rabbitmq::Credentials> {
    let text = text.trim_end();
    if text.contains(char::is_control) { None } else { rabbitmq::Credentials::parse(text).ok() }
}
