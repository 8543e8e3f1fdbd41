//! The site file: TOML in, checked types out. Parsed once; nothing stringly
//! survives it. Finds every problem in one run and starts nothing.

mod cloud;
mod image;
mod names;
mod problem;
mod profile;
mod section;
mod settings;
mod simulated;
mod site;
mod source;
mod value;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

pub(crate) use cloud::CloudConfig;
pub(crate) use problem::Problems;
pub(crate) use site::{BindingConfig, SiteConfig};
pub(crate) use source::SourceKind;

use names::duplicates;
use section::Section;
use value::{Expected, Wrong};

/// Where the host answers about itself, unless the file says otherwise.
/// 9464 is the port OpenTelemetry reserved for Prometheus exporters.
const LISTEN: &str = "127.0.0.1:9464";

/// How long decisions and finished intents are kept, unless the file says
/// otherwise: two weeks, as EC2 keeps an alarm's history.
const KEEP: Duration = Duration::from_secs(14 * 24 * 3600);

/// Everything a site file says.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file itself.
    pub(crate) file: PathBuf,
    /// Where the store is.
    pub(crate) store: PathBuf,
    /// How long history is kept.
    pub(crate) keep: Duration,
    /// Where policies are dropped in, if anywhere.
    pub(crate) policies: Option<PathBuf>,
    /// Where the host answers about itself; always loopback.
    pub(crate) listen: SocketAddr,
    /// The sites, in the order of the file.
    pub(crate) sites: Vec<SiteConfig>,
}

/// A site file that could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// It could not be read at all.
    #[error("cannot read {file}: {source}. Name another file with --config FILE", file = file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// It was read and is wrong.
    #[error("{file} has {} problem(s); nothing was started", problems.len(), file = file.display())]
    Wrong { file: PathBuf, problems: Box<Problems> },
}

/// A file that was read, with what is wrong with it so far.
pub(crate) struct Read {
    /// What could be read of it.
    pub(crate) config: Config,
    /// What is wrong with it.
    pub(crate) problems: Problems,
}

impl Read {
    /// The config, if nothing is wrong with it.
    pub(crate) fn finish(self) -> Result<Config, ConfigError> {
        if self.problems.is_empty() {
            return Ok(self.config);
        }
        Err(ConfigError::Wrong { file: self.config.file, problems: Box::new(self.problems) })
    }
}

/// Reads a site file. Policies are not looked at: the shelf does that next.
pub(crate) fn read(file: &Path) -> Result<Read, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { file: file.to_owned(), source };
    let text = fs::read_to_string(file).map_err(unreadable)?;
    let base = fs::canonicalize(file).map_err(unreadable)?;
    let base = base.parent().unwrap_or(Path::new("/"));
    Ok(parse(file, base, &text))
}

/// Reads the text of a site file; relative paths in it start from `base`.
pub(crate) fn parse(file: &Path, base: &Path, text: &str) -> Read {
    let mut problems = Problems::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        problems.add(at, format!("not TOML: {}", error.message()), "mend the syntax here");
    }
    let span = table.span();
    let root = Section::new("", span.start..span.start, table.get_ref());
    let config = whole(root, file, base, &mut problems);
    Read { config, problems }
}

fn whole(mut root: Section<'_>, file: &Path, base: &Path, problems: &mut Problems) -> Config {
    let (mut store, mut keep) = (None, None);
    if let Some(mut section) = root.table("store", problems) {
        store = section.optional::<PathBuf>("path", problems);
        keep = section.optional("keep", problems);
        section.finish(problems);
    }
    let mut policies = None;
    if let Some(mut section) = root.table("policies", problems) {
        policies = section.required::<PathBuf>("directory", problems);
        section.finish(problems);
    }
    let mut listen = None;
    if let Some(mut section) = root.table("http", problems) {
        listen = section.optional::<Loopback>("listen", problems);
        section.finish(problems);
    }
    let store = base.join(store.unwrap_or_else(|| "hooke.db".into()));
    let tables = root.tables("site", problems);
    if tables.is_empty() {
        problems.add(0..0, "the file has no site", "write at least one [[site]]");
    }
    let mut sites: Vec<(SiteConfig, std::ops::Range<usize>)> = Vec::new();
    for section in tables {
        let at = section.at.clone();
        if let Some(site) = site::read(section, base, &store, problems) {
            sites.push((site, at));
        }
    }
    duplicates("site", sites.iter().map(|(s, at)| (s.spec.name.as_str(), at.clone())), problems);
    root.finish(problems);
    let default = || LISTEN.parse().expect("the default address is an address");
    Config {
        file: file.to_owned(),
        store,
        keep: keep.unwrap_or(KEEP),
        policies: policies.map(|path| base.join(path)),
        listen: listen.map_or_else(default, |loopback| loopback.0),
        sites: sites.into_iter().map(|(site, _)| site).collect(),
    }
}

/// An address that only this machine reaches.
struct Loopback(SocketAddr);

impl<'a> Expected<'a> for Loopback {
    const EXAMPLE: &'static str = SocketAddr::EXAMPLE;
    fn read(value: &'a toml::Spanned<toml::de::DeValue<'a>>) -> Result<Self, Wrong> {
        let address = SocketAddr::read(value)?;
        if address.ip().is_loopback() {
            return Ok(Self(address));
        }
        Err(Wrong {
            what: format!("{} is reachable from other machines", address.ip()),
            instead: "write a loopback address such as \"127.0.0.1:9464\" and put a proxy that \
                      asks for credentials in front of it"
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
