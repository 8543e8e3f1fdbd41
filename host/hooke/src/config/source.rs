//! One `[[site.source]]`.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_sources::rabbitmq;

use super::names::nearest;
use super::problem::Problems;
use super::profile::Profile;
use super::section::Section;
use super::simulated::{self, SimSourceConfig};

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

impl SourceConfig {
    /// The same, with the queues of the profiles that name it.
    pub(super) fn with_queues_of(mut self, profiles: &[Profile]) -> Self {
        let mine = profiles.iter().filter(|profile| profile.source == self.place);
        self.queues = mine.flat_map(|profile| profile.spec.queues.iter().cloned()).collect();
        self
    }
}

pub(super) fn read_all(
    site: &mut Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Vec<SourceConfig> {
    let tables = site.tables("source", problems);
    if tables.is_empty() {
        let what = format!("{} has no source to read backlogs from", site.path);
        problems.add(site.at.clone(), what, format!("write at least one [[{}.source]]", site.path));
    }
    let read = |(place, table)| read(table, place, base, problems);
    let sources: Vec<SourceConfig> = tables.into_iter().enumerate().filter_map(read).collect();
    sources
}

fn read(
    mut table: Section<'_>,
    place: usize,
    base: &Path,
    problems: &mut Problems,
) -> Option<SourceConfig> {
    let name = table.optional::<&str>("name", problems).map(str::to_owned);
    let kind_name = table.required::<&str>("kind", problems);
    let kind = match kind_name {
        Some("rabbitmq") => {
            broker(&mut table, base, problems).map(|config| SourceKind::RabbitMq(Box::new(config)))
        }
        Some("sim") => Some(SourceKind::Sim(simulated::source(&mut table, problems))),
        Some(other) => {
            let known = ["rabbitmq", "sim"];
            problems.add(table.place("kind"), format!("there is no kind of source {other:?}"), nearest(other, known.into_iter()));
            return None;
        }
        None => return None,
    };
    table.finish(problems);
    let name = name.unwrap_or_else(|| format!("{}-{}", kind_name.unwrap_or("source"), place + 1));
    Some(SourceConfig { name, queues: BTreeSet::new(), kind: kind?, place })
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
    let credentials = credentials(table, base, problems);
    let (url, credentials) = (url?, credentials?);
    match rabbitmq::Config::new(url, vhost, credentials, timeout) {
        Ok(config) => Some(match trust {
            Some(trust) => config.with_trust(trust),
            None => config,
        }),
        Err(error) => {
            let key = match &error {
                rabbitmq::ConfigError::Vhost { .. } => "vhost",
                rabbitmq::ConfigError::Timeout { .. } => "timeout",
                rabbitmq::ConfigError::AuthoritiesFile { .. }
                | rabbitmq::ConfigError::AuthoritiesContent { .. } => "ca_file",
                rabbitmq::ConfigError::UrlSyntax { .. }
                | rabbitmq::ConfigError::UrlCredentials
                | rabbitmq::ConfigError::UrlKind { .. }
                | rabbitmq::ConfigError::User
                | rabbitmq::ConfigError::TlsSetup { .. } => "url",
            };
            let what = format!("{}.{key}: {error}", table.path);
            let instead = "write for example url = \"http://rabbit:15672\", vhost = \"/\", timeout = \"15s\"";
            problems.add(table.place(key), what, instead);
            None
        }
    }
}

fn trust(table: &mut Section<'_>, base: &Path, problems: &mut Problems) -> Option<rabbitmq::Trust> {
    let authority = table.optional::<PathBuf>("ca_file", problems).map(|path| base.join(path));
    let insecure = table.optional::<bool>("insecure", problems).unwrap_or(false);
    match (authority, insecure) {
        (Some(_), true) => {
            problems.add(table.place("insecure"), "both `ca_file` and `insecure` are given", "keep ca_file, and remove insecure");
            None
        }
        (Some(path), false) => Some(rabbitmq::Trust::Authorities(path)),
        (None, true) => Some(rabbitmq::Trust::AnyCertificate),
        (None, false) => None,
    }
}

/// Secrets come from the environment or a file, never from the site file.
fn credentials(
    table: &mut Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Option<rabbitmq::Credentials> {
    const INSTEAD: &str = "write credentials = { env = \"RABBIT_AUTH\" } or { file = \"rabbit.auth\" }, \
                           which holds user:password";
    if let Some(value) = table.raw("credentials")
        && value.get_ref().is_str()
    {
        let what = format!("{}.credentials: a secret does not belong into this file", table.path);
        problems.add(value.span(), what, INSTEAD);
        return None;
    }
    let Some(mut section) = table.table("credentials", problems) else {
        problems.add(table.at.clone(), format!("{}: `credentials` is missing", table.path), INSTEAD);
        return None;
    };
    let variable = section.optional::<&str>("env", problems);
    let file = section.optional::<PathBuf>("file", problems);
    let at = section.at.clone();
    section.finish(problems);
    let text = match (variable, file) {
        (Some(variable), None) => env::var(variable).map_err(|_| {
            (format!("the environment variable {variable} is not set"), format!("set {variable} to user:password before you start hooke"))
        }),
        (None, Some(file)) => {
            let file = base.join(file);
            fs::read_to_string(&file).map_err(|error| {
                (format!("cannot read {}: {error}", file.display()), "write user:password into it".to_owned())
            })
        }
        (Some(_), Some(_)) => Err(("both `env` and `file` are given".to_owned(), "keep one of them".to_owned())),
        (None, None) => Err(("it names no place to read from".to_owned(), INSTEAD.to_owned())),
    };
    let credentials = text.and_then(|text| {
        rabbitmq::Credentials::parse(&text)
            .map_err(|error| (error.to_string(), "it holds one line, user:password".to_owned()))
    });
    match credentials {
        Ok(credentials) => Some(credentials),
        Err((what, instead)) => {
            problems.add(at, format!("{}.credentials: {what}", table.path), instead);
            None
        }
    }
}
