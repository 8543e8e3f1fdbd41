//! The site file: TOML in, checked types out. Parsed once; nothing stringly
//! survives it. Finds every problem in one run and starts nothing.

mod choice;
mod cloud;
mod crossed;
mod guards;
mod history;
mod image;
mod limits;
mod names;
mod policies;
mod profile;
mod record;
mod section;
mod settings;
mod share;
mod simulated;
mod site;
mod source;
mod used;
mod value;

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hooke_bundled::BUNDLED;
use toml::de::DeTable;

pub(crate) use choice::Mode;
pub(crate) use cloud::CloudConfig;
pub(crate) use hooke_places::Problems;
pub(crate) use names::nearest;
pub(crate) use policies::PoliciesConfig;
pub(crate) use site::{Asked, BindingConfig, SiteConfig};
pub(crate) use source::SourceKind;
pub(crate) use used::UsedSettings;

use names::Declared;
use policies::Said;
use section::Section;
use value::Loopback;

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
    /// Where policies come from and what holds for them.
    pub(crate) policies: PoliciesConfig,
    /// Where the host answers about itself; always loopback.
    pub(crate) listen: SocketAddr,
    /// The sites, in the order of the file.
    pub(crate) sites: Vec<SiteConfig>,
}

/// A site file that could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// It could not be read at all.
    #[error("cannot read the site file {file} (--config FILE names another)", file = file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// It was read and is wrong.
    #[error("{file} has {}; nothing was started", problems.count(), file = file.display())]
    Wrong { file: PathBuf, problems: Box<Problems> },
}

/// A file that was read, with what is wrong with it so far.
#[derive(Debug)]
pub(crate) struct Read {
    /// What could be read of it. Where something is wrong it has stand-ins, so
    /// that policies and settings are checked all the same; `finish` lets none
    /// of those out.
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
    let bytes = fs::read(file).map_err(unreadable)?;
    let base = fs::canonicalize(file).map_err(unreadable)?;
    let base = base.parent().unwrap_or(Path::new("/"));
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(parse(file, base, &text)),
        Err(error) => error,
    };
    // Up to the fault the repaired text is the file, byte for byte.
    let at = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes());
    let mut read = parse(file, base, &text);
    read.problems = Problems::new(file, &text);
    read.problems.add(at..at, "the file is not UTF-8", "save it as UTF-8");
    Ok(read)
}

/// Reads the text of a site file; relative paths in it start from `base`.
pub(crate) fn parse(file: &Path, base: &Path, text: &str) -> Read {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems = Problems::new(file, text);
    // The table's own span begins behind the file's first comments.
    let root = Section::new("", 0..0, table.get_ref());
    let config = whole(root, file, base, &mut problems);
    if errors.iter().any(|error| !is_key_twice(error, text)) {
        // What was read is guesswork then, and so would be what is said of it.
        problems = Problems::new(file, text);
    }
    let mut stumbled = BTreeSet::new();
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        // One slip makes the parser stumble several times along its line.
        if stumbled.insert(problems.line(&at)) {
            let (what, instead) = syntax(&error, text);
            problems.add(at, what, instead);
        }
    }
    Read { config, problems }
}

/// What the parser says of a key that is there twice.
const DUPLICATE: &str = "duplicate key";

/// Whether a value is there twice, which is wrong, but reads well enough to go
/// on. Of a section that is there twice, all that stands in it is lost.
fn is_key_twice(error: &toml::de::Error, text: &str) -> bool {
    let before = error.span().and_then(|at| text.get(..at.start)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    error.message() == DUPLICATE && !line.trim_start().starts_with('[')
}

fn syntax(error: &toml::de::Error, text: &str) -> (String, &'static str) {
    match error.message() {
        DUPLICATE if is_key_twice(error, text) => {
            ("this key is in its table already".to_owned(), "write it once")
        }
        DUPLICATE => (
            "this section is there already".to_owned(),
            "write it once; one that may be there several times has two brackets, such as \
             [[site]], and stands before all that belongs to it",
        ),
        message => (
            format!("not TOML: {message}"),
            "mend the syntax here; the rest of the file is checked after that",
        ),
    }
}

fn whole(mut root: Section<'_>, file: &Path, base: &Path, problems: &mut Problems) -> Config {
    let (mut store, mut keep) = (None, None);
    if let Some(mut section) = root.table("store", problems) {
        store = section.optional::<PathBuf>("path", problems);
        keep = section.optional("keep", problems);
        section.finish(problems);
    }
    let store = base.join(store.unwrap_or_else(|| "hooke.db".into()));
    let mut listen = None;
    if let Some(mut section) = root.table("http", problems) {
        listen = section.optional::<Loopback>("listen", problems);
        section.finish(problems);
    }
    let Said { mut policies, directory } = policies::read_all(&mut root, base, &store, problems);
    let record = record::read(&mut root, base, &store, problems);
    let history = history::read(&mut root, problems);
    let mut names = Declared::default();
    let tables = root.some_tables("site", "", problems);
    let around = site::Around { base, store: &store, record: &record, history };
    let read = |section| site::read(section, &around, &mut names, problems);
    let mut sites: Vec<SiteConfig> = tables.into_iter().map(read).collect();
    names.unique("site", problems);
    root.finish(problems);
    policies::strangers(&policies, &sites, problems);
    if directory.is_err() {
        // Whether the others exist cannot be told.
        let bundled =
            |binding: &BindingConfig| BUNDLED.iter().any(|b| b.name == binding.policy.as_str());
        sites.iter_mut().for_each(|site| site.bindings.retain(bundled));
    }
    policies.used = UsedSettings::of(&sites);
    let default = || LISTEN.parse().expect("the default address is an address");
    Config {
        file: file.to_owned(),
        policies,
        keep: keep.unwrap_or(KEEP),
        listen: listen.map_or_else(default, |loopback| loopback.0),
        store,
        sites,
    }
}

#[cfg(test)]
mod tests;
