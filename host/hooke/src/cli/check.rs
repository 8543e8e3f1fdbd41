//! `hooke check`.

mod past;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use futures::future::join_all;
use hooke_control::ids::ProfileName;
use hooke_control::spec::ProfileSpec;
use hooke_sources::Source;
use serde::Serialize;

use super::{Common, Ended, Format};
use crate::clock::Clock;
use crate::config::{BindingConfig, CloudConfig, SiteConfig};
use crate::driver::{Drivers, LookOnly, Sources};
use crate::shelf::{Shelf, chain};
use crate::shell::load;
use hooke_clouds::Inventory;

/// Checks the site file, the policies and whether brokers and clouds answer.
/// Tells of policies that can never be answered in full, as the site reads too
/// seldom or keeps too little. Starts nothing. Exit code 2: the site file is wrong; 1: something that it
/// names does not answer or cannot be used.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    common: Common,
    /// Do not contact brokers and clouds.
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    site: String,
    what: String,
    ok: bool,
    /// Whether it works, and not as one would expect.
    warning: bool,
    text: String,
}

impl Line {
    fn new(site: &SiteConfig, what: String, ok: bool, text: String) -> Self {
        Self { site: site.spec.name.to_string(), what, ok, warning: false, text }
    }

    const fn mark(&self) -> &'static str {
        match (self.ok, self.warning) {
            (false, _) => "FAILED",
            (true, true) => "warn  ",
            (true, false) => "ok    ",
        }
    }
}

impl Check {
    pub(super) const fn format(&self) -> Format {
        self.common.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let (config, at_hand) = load(&self.common.config)?;
        let mut lines = Vec::new();
        let runtime = super::runtime()?;
        for site in &config.sites {
            lines.extend(policies(site, &at_hand.shelf));
            lines.extend(combined(site));
            lines.extend(programs(site));
            lines.push(past::memory(site));
            lines.extend(past::outlooks(site, &at_hand.shelf));
            if !self.offline {
                runtime.block_on(reach(site, &mut lines));
            }
        }
        let broken = lines.iter().any(|line| !line.ok);
        let warned = lines.iter().any(|line| line.warning);
        if self.format() == Format::Json {
            super::print_json(&lines);
        } else {
            for line in &lines {
                let (mark, Line { site, what, text, .. }) = (line.mark(), line);
                super::print(&format!("{mark}  {site}  {what}: {text}\n"));
            }
            let (sites, file) = (config.sites.len(), self.common.config.display());
            let verdict = if broken {
                "the site file is right, but not everything it names can be used"
            } else if warned {
                "it can be used, and not all of it works as one would expect: see the warnings"
            } else {
                "all is well"
            };
            super::print(&format!("{file}: {sites} site(s); {verdict}\n"));
        }
        Ok(if broken { Ended::Failed } else { Ended::Done })
    }
}

fn policies(site: &SiteConfig, shelf: &Shelf) -> Vec<Line> {
    let asked = site.bindings.iter().flat_map(BindingConfig::asked);
    let mut names: Vec<_> = asked.map(|asked| asked.policy).collect();
    names.sort();
    names.dedup();
    let check = |name| {
        let (ok, text) = match shelf.bind(name, &site.grants) {
            Ok(bound) => (true, bound.policy().describe().summary.clone()),
            Err(failure) => (false, failure.why().to_owned()),
        };
        Line::new(site, format!("policy {name}"), ok, text)
    };
    names.into_iter().map(check).collect()
}

/// How the wishes of several policies become one.
fn combined(site: &SiteConfig) -> Vec<Line> {
    let several = site.spec.profiles.values().filter(|profile| profile.policies.len() > 1);
    let line = |profile: &Arc<ProfileSpec>| {
        let names: Vec<&str> =
            profile.policies.iter().map(|binding| binding.policy.as_str()).collect();
        let text = format!("combine = {} of {}", profile.combine.as_str(), names.join(", "));
        Line::new(site, format!("profile {}", profile.name), true, text)
    };
    several.map(line).collect()
}

/// Whether the programs of the workers are there: a machine whose workers
/// cannot start serves nothing, and only its log says why.
fn programs(site: &SiteConfig) -> Vec<Line> {
    let CloudConfig::Process(config) = &site.cloud else { return Vec::new() };
    let check = |(profile, command): (&ProfileName, &Vec<String>)| {
        let program = command.first().map_or("", String::as_str);
        let (ok, text) = match which(program) {
            Some(path) => (true, path.display().to_string()),
            None => (
                false,
                format!("there is no program {program:?}; write its whole path, or install it"),
            ),
        };
        Line::new(site, format!("command of {profile}"), ok, text)
    };
    config.commands.iter().map(check).collect()
}

/// Where a program is: at its path, or in one of the folders of PATH.
fn which(program: &str) -> Option<PathBuf> {
    let runs = |path: &PathBuf| {
        path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(runs);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(runs)
}

async fn reach(site: &SiteConfig, lines: &mut Vec<Line>) {
    let line = |what, ok, text| Line::new(site, what, ok, text);
    let drivers = match Drivers::new(site, Clock::System) {
        Ok(drivers) => drivers,
        Err(error) => return lines.push(line("drivers".to_owned(), false, chain(&error))),
    };
    let cloud = LookOnly::new(drivers.cloud);
    let kind = match site.cloud {
        CloudConfig::Process(_) => "process",
        CloudConfig::Sim { .. } => "sim",
    };
    lines.push(match cloud.list().await {
        Ok(vms) => line(format!("cloud {kind}"), true, format!("{} machines", vms.len())),
        Err(error) => line(format!("cloud {kind}"), false, chain(&error)),
    });
    lines.extend(
        read(&drivers.sources).await.into_iter().map(|(what, ok, text)| line(what, ok, text)),
    );
}

async fn read(sources: &Sources) -> Vec<(String, bool, String)> {
    let read = sources.iter().map(|(name, source, queues)| async move {
        let what = format!("source {name}");
        let reading = match source.read(queues).await {
            Ok(reading) => reading,
            Err(error) => return (what, false, chain(&error)),
        };
        let missing: Vec<&str> = reading
            .queues
            .values()
            .filter_map(|q| q.as_ref().err())
            .map(|why| why.0.as_str())
            .collect();
        let consumers = reading.consumers.as_ref().err().map(|why| why.0.as_str());
        let trouble: Vec<&str> = missing.into_iter().chain(consumers).collect();
        if trouble.is_empty() {
            (what, true, format!("{} queues read", reading.queues.len()))
        } else {
            (what, false, trouble.join("; "))
        }
    });
    join_all(read).await
}
