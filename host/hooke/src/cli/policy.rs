//! `hooke policy`: everything around policies that needs no running host.

mod bench;
mod build;
mod check;
mod import_aws;
mod inspect;
mod install;
mod list;
mod new;
mod test;
mod view;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Limits};
use hooke_shelf::Entry;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Ended, Format, Print, wrong_usage};
use crate::clock;
use crate::config::{self, PoliciesConfig};
use crate::shelf::{self, CacheUse, Shelf};

/// The site file, unless another is named.
const SITE_FILE: &str = "hooke.toml";

/// Lists, inspects, writes, builds, checks, tests, measures and installs policies.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Every policy at hand: bundled, and in the policies directory.
    List(list::List),
    /// One policy, by name or file: what it says of itself, its settings, what it imports.
    Inspect(inspect::Inspect),
    /// Writes a new project: a small policy that builds and passes its tests.
    New(new::New),
    /// Builds a project into a component, with tools from the package registries.
    Build(build::Build),
    /// Checks a file: imports, exports, limits, a grid of situations; each problem with its cure.
    Check(check::Check),
    /// Asks a policy the situations of tables and compares its answers.
    Test(test::Test),
    /// Measures what an evaluation costs: median, p99, memory, use of each limit.
    Bench(bench::Bench),
    /// Puts a policy file into the policies directory, whole or not at all.
    Install(install::Install),
    /// Makes settings of the policy cloudwatch out of alarms and scaling policies of AWS.
    ImportAws(import_aws::ImportAws),
}

/// Where to look for policies, and how to print.
#[derive(Debug, Args)]
struct Place {
    /// The site file that names the policies directory and the limits; `hooke.toml`
    /// if it is here. Bundled policies are known without one.
    #[arg(long, short, env = "HOOKE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The policies directory, if not the site file's.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    print: Print,
}

impl Policy {
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::List(command) => command.place.print.format,
            Self::Inspect(command) => command.place.print.format,
            Self::New(command) => command.print.format,
            Self::Build(command) => command.print.format,
            Self::Check(command) => command.place.print.format,
            Self::Test(command) => command.place.print.format,
            Self::Bench(command) => command.place.print.format,
            Self::Install(command) => command.place.print.format,
            Self::ImportAws(command) => command.place.print.format,
        }
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        match self {
            Self::List(command) => command.run(),
            Self::Inspect(command) => command.run(),
            Self::New(command) => command.run(),
            Self::Build(command) => command.run(),
            Self::Check(command) => command.run(),
            Self::Test(command) => command.run(),
            Self::Bench(command) => command.run(),
            Self::Install(command) => command.run(),
            Self::ImportAws(command) => command.run(),
        }
    }
}

impl Place {
    fn config(&self) -> anyhow::Result<PoliciesConfig> {
        let mut policies = match &self.config {
            Some(file) => config::read(file)?.finish()?.policies,
            // As every other command, the site file that is here.
            None if Path::new(SITE_FILE).is_file() => {
                config::read(Path::new(SITE_FILE))?.finish()?.policies
            }
            None => PoliciesConfig::bundled(shelf::users_cache()),
        };
        policies.directory = self.directory.clone().or(policies.directory);
        Ok(policies)
    }

    fn shelf(&self) -> anyhow::Result<Shelf> {
        Ok(shelf::open(&self.config()?, CacheUse::IfThere, None)?)
    }

    /// A policy by its name or file, with all that it imports.
    fn bound(&self, policy: &Path) -> anyhow::Result<BoundPolicy> {
        let config = self.config()?;
        let shelf = shelf::open(&config, CacheUse::IfThere, None)?;
        let entry = entry(&shelf, policy)?;
        let policy = usable(&entry)?;
        let limits: &Limits =
            config.named.get(policy.name()).map_or(&config.limits, |named| &named.limits);
        Ok(shelf.host().bind(policy, policy.imports(), limits.clone())?)
    }
}

/// What is under a policy's name, or in a file.
pub(super) fn entry(shelf: &Shelf, policy: &Path) -> anyhow::Result<Arc<Entry>> {
    match policy.to_str().and_then(|name| shelf.get(name)) {
        Some(entry) => Ok(entry),
        None if policy.symlink_metadata().is_ok() => {
            Ok(Arc::new(shelf.inspect(name_of(policy), policy, clock::wall())))
        }
        None => {
            let known: Vec<String> =
                shelf.entries().iter().map(|entry| entry.name.to_string()).collect();
            Err(wrong_usage(format!(
                "there is no policy and no file {:?}; the policies are {}",
                policy.display().to_string(),
                known.join(", ")
            )))
        }
    }
}

/// The name that a file has as a policy: that of the file.
fn name_of(file: &Path) -> PolicyName {
    PolicyName::from(file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("policy"))
}

/// The policy of an entry; an error where it cannot be used.
pub(super) fn usable(entry: &Entry) -> anyhow::Result<&hooke_runtime::Policy> {
    entry.policy().map_err(|why| anyhow::anyhow!("{} cannot be used: {why}", entry.name))
}

/// Settings as they are given on the command line: one JSON object.
fn settings(text: &str) -> Result<String, String> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            Err(format!("this is no JSON object ({error}): write such as '{{\"minimum\": 1}}'"))
        }
    }
}

/// Says what takes a while, on a terminal.
fn spinner(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
