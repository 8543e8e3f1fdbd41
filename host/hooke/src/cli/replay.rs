//! `hooke replay`: recorded evaluations, asked again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use hooke_runtime::Policy;
use hooke_shelf::Entry;
use hooke_trial::record::Recording;
use hooke_trial::replay::replay;

use super::policy::{entry, usable};
use super::{Ended, Format, Print};
use crate::config::{self, PoliciesConfig};
use crate::shelf::{self, CacheUse};

/// Asks every evaluation of a recording again and shows where the answers
/// differ. Exit code 1: some do, or some could not be asked.
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
    /// Asks this policy instead of those that were recorded: a name or a file.
    #[arg(long, value_name = "OTHER.wasm")]
    against: Option<PathBuf>,
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
        if !self.file.is_file() {
            bail!("there is no recording {}: set record = true at a site", self.file.display());
        }
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
        let against = against.as_deref().map(usable).transpose()?;
        let recording =
            if self.only { Recording::of_file(&self.file) } else { Recording::open(&self.file) };
        let mut find = |sha256: &str, _: &_| -> Option<Policy> {
            let policies = at_hand.iter().filter_map(|entry| entry.policy().ok());
            policies.into_iter().find(|policy| policy.digest().to_string() == sha256).cloned()
        };
        let report = replay(shelf.host(), recording, &mut find, against);
        if self.format() == Format::Json {
            super::print_json(&report);
        } else {
            super::print(&report.render());
        }
        Ok(if report.is_same() { Ended::Done } else { Ended::Failed })
    }
}
