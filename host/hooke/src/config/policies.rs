//! `[policies]`, where policies come from and what holds for all of them, and
//! `[policy.NAME]`, what holds for one. Loads none of them.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hooke_control::ids::PolicyName;
use hooke_control::quarantine::QuarantineRule;
use hooke_runtime::{Digest, Limits, Wasi};
use toml::Spanned;
use toml::de::DeValue;

use super::limits;
use super::names::nearest;
use super::section::Section;
use super::site::SiteConfig;
use super::used::UsedSettings;
use super::value::{Expected, Wrong, text};
use hooke_places::Problems;

/// The compile cache, beside the store, unless the file says otherwise.
const CACHE: &str = "policy-cache";

/// Where policies come from and what holds for them.
#[derive(Debug, Clone)]
pub(crate) struct PoliciesConfig {
    /// Where policies are dropped in, if anywhere.
    pub(crate) directory: Option<PathBuf>,
    /// Where compiled ones are kept.
    pub(crate) cache: PathBuf,
    /// What a component that imports WASI gets.
    pub(crate) wasi: Wasi,
    /// Whether a new policy must pass the conformance grid.
    pub(crate) conformance: bool,
    /// When a policy that keeps failing is not asked any more.
    pub(crate) quarantine: QuarantineRule,
    /// What one evaluation may use.
    pub(crate) limits: Limits,
    /// What holds for single ones.
    pub(crate) named: BTreeMap<PolicyName, NamedPolicy>,
    /// What the sites set.
    pub(crate) used: UsedSettings,
}

impl PoliciesConfig {
    /// Whether a shelf that was opened for `other` serves this one too.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.directory == other.directory
            && self.cache == other.cache
            && self.wasi == other.wasi
            && self.conformance == other.conformance
    }

    /// What holds where no site file says anything: bundled policies only.
    pub(crate) fn bundled(cache: PathBuf) -> Self {
        Self {
            directory: None,
            cache,
            wasi: Wasi::default(),
            conformance: true,
            quarantine: QuarantineRule::default(),
            limits: Limits::DEFAULT,
            named: BTreeMap::new(),
            used: UsedSettings::default(),
        }
    }
}

/// What holds for one policy.
#[derive(Debug, Clone)]
pub(crate) struct NamedPolicy {
    /// Where it is named.
    pub(crate) at: Range<usize>,
    /// The only content that its file may have.
    pub(crate) pin: Option<Digest>,
    /// What one evaluation of it may use.
    pub(crate) limits: Limits,
}

/// Something that is a problem already.
pub(super) struct Unread;

/// What the file says of policies; with it, whether its directory is known.
pub(super) struct Said {
    pub(super) policies: PoliciesConfig,
    /// When it is not, nobody can tell which policies there are.
    pub(super) directory: Result<(), Unread>,
}

pub(super) fn read_all(
    root: &mut Section<'_>,
    base: &Path,
    store: &Path,
    problems: &mut Problems,
) -> Said {
    let beside = store.parent().unwrap_or(base);
    let mut policies = PoliciesConfig::bundled(beside.join(CACHE));
    let there = root.has("policies");
    let directory = match root.table("policies", problems) {
        Some(section) => all(section, base, &mut policies, problems),
        None if there => Err(Unread),
        None => Ok(()),
    };
    if let Some(section) = root.table("policy", problems) {
        for (name, at, value) in section.entries() {
            if let Some((name, policy)) = one(name, at, value, &policies.limits, problems) {
                policies.named.insert(name, policy);
            }
        }
    }
    Said { policies, directory }
}

fn all(
    mut section: Section<'_>,
    base: &Path,
    policies: &mut PoliciesConfig,
    problems: &mut Problems,
) -> Result<(), Unread> {
    let given = section.has("directory");
    let directory = section.optional::<PathBuf>("directory", problems);
    let at = section.place("directory");
    if let Some(cache) = section.optional::<PathBuf>("cache", problems) {
        policies.cache = base.join(cache);
    }
    if section.has("wasi") {
        match section.word("wasi", &["stub", "none"], problems) {
            Some("none") => policies.wasi = Wasi::None,
            Some(_) | None => policies.wasi = Wasi::Stub,
        }
    } else {
        section.raw("wasi");
    }
    policies.conformance = section.optional("conformance", problems).unwrap_or(true);
    if let Some(table) = section.table("limits", problems) {
        policies.limits = limits::read(table, &Limits::DEFAULT, problems);
    }
    if let Some(table) = section.table("quarantine", problems) {
        policies.quarantine = quarantine(table, problems);
    }
    section.finish(problems);
    match directory {
        Some(directory) => {
            policies.directory = Some(readable(base.join(directory), at, problems)?);
            Ok(())
        }
        None if given => Err(Unread),
        None => Ok(()),
    }
}

fn quarantine(mut table: Section<'_>, problems: &mut Problems) -> QuarantineRule {
    let d = QuarantineRule::default();
    let rule = QuarantineRule {
        after: table.optional("after", problems).unwrap_or(d.after),
        first: table.optional::<Duration>("first", problems).unwrap_or(d.first),
        longest: table.optional::<Duration>("longest", problems).unwrap_or(d.longest),
    };
    if rule.after == 0 {
        let what = format!("{}: 0 failures cannot be counted", table.path_of("after"));
        problems.add(table.place("after"), what, "write 1 or more");
    }
    if rule.first > rule.longest {
        let what = format!("{}: longer than `longest`", table.path_of("first"));
        let longest = humantime::format_duration(rule.longest);
        problems.add(table.place("first"), what, format!("write \"{longest}\" or less"));
    }
    table.finish(problems);
    rule
}

fn one(
    name: &str,
    at: Range<usize>,
    value: &Spanned<DeValue<'_>>,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<(PolicyName, NamedPolicy)> {
    let path = format!("policy.{name}");
    let Some(table) = value.get_ref().as_table() else {
        let what = format!("{path}: a table is expected");
        problems.add(value.span(), what, format!("write it as a section, [{path}]"));
        return None;
    };
    let mut section = Section::new(path, value.span(), table);
    let name = PolicyName::from(name);
    let pin = section.optional::<Sha256>("sha256", problems).map(|pin| pin.0);
    let limits = match section.table("limits", problems) {
        Some(table) => limits::read_own(table, name.clone(), limits, problems),
        None => limits.clone(),
    };
    section.finish(problems);
    Some((name, NamedPolicy { at, pin, limits }))
}

/// What is said of a policy that nobody asks is a slip of the pen, and a pin
/// that pins nothing is worse than none.
pub(super) fn strangers(policies: &PoliciesConfig, sites: &[SiteConfig], problems: &mut Problems) {
    let asked =
        || sites.iter().flat_map(|site| &site.bindings).flat_map(|b| b.asked()).map(|a| a.policy);
    for (name, policy) in &policies.named {
        if asked().all(|asked| asked != name) {
            let what = format!("policy.{name}: no site asks a policy `{name}`");
            let instead = nearest(name.as_str(), asked().map(PolicyName::as_str));
            problems.add(policy.at.clone(), what, instead);
        }
    }
}

fn readable(
    directory: PathBuf,
    at: Range<usize>,
    problems: &mut Problems,
) -> Result<PathBuf, Unread> {
    match fs::read_dir(&directory) {
        Ok(_) => Ok(directory),
        Err(error) => {
            let what =
                format!("cannot read the policies directory {}: {error}", directory.display());
            problems.add(at, what, "create it, or remove the key to use the bundled policies only");
            Err(Unread)
        }
    }
}

/// The digest of a file, as `sha256sum` writes it.
struct Sha256(Digest);

impl<'a> Expected<'a> for Sha256 {
    const EXAMPLE: &'static str = "\"64 hex digits, as `sha256sum FILE` prints them\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let written = text::<Self>(value)?;
        let digits = written.strip_prefix("sha256:").unwrap_or(written);
        digits.parse().map(Self).map_err(|_| Wrong {
            what: format!("{written:?} is not the SHA-256 of a file"),
            instead: "write the 64 hex digits that `sha256sum FILE` prints".to_owned(),
        })
    }
}
