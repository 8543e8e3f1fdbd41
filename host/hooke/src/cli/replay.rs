//! `hooke replay`: recorded evaluations, asked again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hooke_control::ids::PolicyName;
use hooke_runtime::Policy;
use hooke_shelf::Entry;
use hooke_trial::record::Recording;
use hooke_trial::replay::{Against, ReplayConfig, replay};

use super::policy::{entry, usable};
use super::{Ended, Format, Print, wrong_usage};
use crate::config::{self, PoliciesConfig};
use crate::shelf::{self, CacheUse};

/// Asks every evaluation of a recording again and shows where the answers
/// differ: in what is needed, or only in the reason, which is counted apart.
///
/// Exit code 0: all need the same. 1: some need otherwise, or could not be asked;
/// without --against also if anything else differs. 2: FILE is no recording.
///
/// Recordings are made by sites with `record = true`. The policies are found by
/// their content: bundled, in the policies directory, or named with --policy.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The recording: `records/SITE.jsonl`, which is read with its older parts.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this part, without the older ones beside it.
    #[arg(long)]
    only: bool,
    /// Asks this policy, a name or a file, in place of what was recorded of the
    /// policy of the same name.
    #[arg(long, value_name = "OTHER.wasm")]
    against: Option<PathBuf>,
    /// With --against: in place of this policy, whatever the other one's name.
    #[arg(long = "as", value_name = "NAME", requires = "against")]
    in_place_of: Option<String>,
    /// With --against: in place of every policy that was recorded.
    #[arg(long, requires = "against", conflicts_with = "in_place_of")]
    all: bool,
    /// Shows also the answers of which only the reason differs.
    #[arg(long)]
    reasons: bool,
    /// One more policy file to find a recorded one in.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// The site file that names the policies directory; `hooke.toml` if it is here.
    #[arg(long, short, env = "HOOKE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    print: Print,
}

impl Replay {
    pub(super) const fn format(&self) -> Format {
        self.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        self.is_a_recording()?;
        let policies = match &self.config {
            Some(file) => config::read(file)?.finish()?.policies,
            None if Path::new("hooke.toml").is_file() => {
                config::read(Path::new("hooke.toml"))?.finish()?.policies
            }
            None => PoliciesConfig::bundled(shelf::users_cache()),
        };
        let shelf = shelf::open(&policies, CacheUse::IfThere, None)?;
        let mut at_hand: Vec<Arc<Entry>> = shelf.entries();
        for file in &self.policy {
            at_hand.push(entry(&shelf, file)?);
        }
        let against = self.against.as_ref().map(|other| entry(&shelf, other)).transpose()?;
        let against = against.as_deref().map(|entry| self.against(entry)).transpose()?;
        let config = ReplayConfig { against, reasons: self.reasons };
        let recording =
            if self.only { Recording::of_file(&self.file) } else { Recording::open(&self.file) };
        let mut find = |sha256: &str, _: &_| -> Option<Policy> {
            let policies = at_hand.iter().filter_map(|entry| entry.policy().ok());
            policies.into_iter().find(|policy| policy.digest().to_string() == sha256).cloned()
        };
        let report = replay(shelf.host(), recording, &mut find, &config);
        if self.format() == Format::Json {
            super::print_json(&report);
        } else {
            super::print(&report.render());
        }
        Ok(if report.is_same() { Ended::Done } else { Ended::Failed })
    }

    fn against(&self, entry: &Entry) -> anyhow::Result<Against> {
        let own = || self.in_place_of.as_deref().map_or(entry.name.clone(), PolicyName::from);
        let in_place_of = (!self.all).then(own);
        Ok(Against { policy: usable(entry)?.clone(), in_place_of })
    }

    /// Says what the file is, where it is no recording, and what to give.
    fn is_a_recording(&self) -> anyhow::Result<()> {
        let file = self.file.display();
        if self.file.is_dir() {
            let found = Recording::files_in(&self.file);
            let instead = match found.first() {
                Some(first) => format!("give a recording in it, such as {}", first.display()),
                None => "give the SITE.jsonl that a site with record = true writes".to_owned(),
            };
            return Err(wrong_usage(format!("{file} is a folder: {instead}")));
        }
        if !self.file.exists() {
            let what = format!("there is no recording {file}: set record = true at a site");
            return Err(wrong_usage(what));
        }
        match Recording::is_one(&self.file) {
            Ok(true) => Ok(()),
            Ok(false) => Err(wrong_usage(format!(
                "{file} is {}, no recording: give records/SITE.jsonl, which a site with \
                 record = true writes",
                kind(&self.file)
            ))),
            Err(error) => Err(wrong_usage(format!("cannot read {file}: {error}"))),
        }
    }
}

/// What a file is by its ending, as far as people mistake it for a recording.
fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => "a TOML file",
        Some("wasm") => "a policy",
        Some("db") => "a store",
        Some(_) | None => "something else",
    }
}
