//! `hooke why`: the chain of a decision, with how its actions went.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use hooke_control::ids::{IntentKey, ProfileName, SiteName, VmId};
use hooke_control::units::{Span, Timestamp};
use hooke_store::{Decision, JournalEntry, Reader, Store};
use serde::Serialize;

use super::{Ended, Format, Print, wrong_usage};
use crate::clock;
use crate::config::{self, nearest};
use crate::view::{ChainView, moment};

/// Steps of a machine's life that are shown: its launch and a day of changes.
const MACHINE_STEPS: u32 = 100;

/// Explains the latest decision for a profile, or what was done to a machine:
/// readings with their ages, each policy's raw answer, each guard that changed
/// it, the ladder, the actions and their outcomes. Reads the store; the host
/// may be running.
#[derive(Debug, Args)]
pub(super) struct Why {
    /// A profile, or a machine as `hooke status` names it.
    #[arg(value_name = "PROFILE|VM")]
    what: String,
    /// The decision in force at this time: RFC 3339 such as
    /// 2026-01-31T12:00:00Z, or how long ago, such as 10m.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How many decisions to go back, the latest first.
    #[arg(long, default_value_t = 1, value_name = "N")]
    last: u32,
    /// Only this site.
    #[arg(long)]
    site: Option<String>,
    /// The site file, which says where the store is.
    #[arg(long, short, default_value = "hooke.toml", env = "HOOKE_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// The store, if not the site file's.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    #[command(flatten)]
    print: Print,
}

#[derive(Debug, Serialize)]
struct DecisionView {
    site: String,
    since_ms: u64,
    until_ms: u64,
    times: u64,
    headline: String,
    chain: ChainView,
    actions: Vec<ActionView>,
}

#[derive(Debug, Serialize)]
struct ActionView {
    site: String,
    key: String,
    tick: u64,
    at_ms: u64,
    action: String,
    reason: String,
    vm: Option<String>,
    outcome: Option<String>,
    closed_ms: Option<u64>,
}

impl Why {
    pub(super) const fn format(&self) -> Format {
        self.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let at = self.at.as_deref().map(parse_time).transpose()?;
        let (path, times) = match &self.store {
            Some(path) => (path.clone(), BTreeMap::new()),
            None => {
                let config = config::read(&self.config)?.config;
                (config.store.clone(), times(&config))
            }
        };
        if !path.exists() {
            bail!("there is no store at {}: nothing was decided yet", path.display());
        }
        let reader = Store::open_read_only(&path)?;
        let sites = self.sites(&reader)?;
        let mut found = Vec::new();
        let mut about = Vec::new();
        for site in &sites {
            let profile = ProfileName::from(self.what.as_str());
            found.extend(decisions(&reader, site, &profile, at, self.last)?);
            let story = reader.about_vm(site, &VmId::from(self.what.as_str()), MACHINE_STEPS)?;
            about.extend(story.intents.iter().map(|entry| action(site, entry)));
            if !story.intents.is_empty() {
                for decision in story.decisions.into_iter().take(self.last as usize) {
                    found.push(view(&reader, site, decision)?);
                }
            }
        }
        if found.is_empty() && about.is_empty() {
            bail!("{}", self.nothing(&reader, &sites)?);
        }
        if self.format() == Format::Json {
            super::print_json(&serde_json::json!({ "machine": about, "decisions": found }));
        } else {
            super::print(&self.text(&about, &found, &times));
        }
        Ok(Ended::Done)
    }

    /// The sites that the store knows, or the one that is asked for.
    fn sites(&self, reader: &Reader) -> anyhow::Result<Vec<SiteName>> {
        let known: Vec<SiteName> = reader.sites()?.into_iter().map(|site| site.site).collect();
        let Some(name) = self.site.as_deref() else { return Ok(known) };
        if known.iter().any(|site| site.as_str() == name) {
            return Ok(vec![SiteName::from(name)]);
        }
        let instead = nearest(name, known.iter().map(SiteName::as_str));
        Err(wrong_usage(format!("the store knows no site {name:?}: {instead}")))
    }

    fn nothing(&self, reader: &Reader, sites: &[SiteName]) -> anyhow::Result<String> {
        let mut known = Vec::new();
        for site in sites {
            known.extend(
                reader.latest(site)?.into_iter().map(|decision| decision.profile.to_string()),
            );
        }
        let when = if self.at.is_some() { " at that time" } else { "" };
        Ok(format!(
            "nothing was decided about {:?}{when}; the profiles are {}",
            self.what,
            known.join(", ")
        ))
    }

    fn text(
        &self,
        about: &[ActionView],
        found: &[DecisionView],
        times: &BTreeMap<String, String>,
    ) -> String {
        let mut out = String::new();
        if !about.is_empty() {
            out.push_str(&format!("machine {}\n", self.what));
            about.iter().for_each(|action| out.push_str(&line(action)));
            out.push('\n');
        }
        for decision in found {
            out.push_str(&format!("{}/{}", decision.site, decision.chain.text()));
            if let Some(time) = times.get(&decision.site) {
                out.push_str(&format!("    {:<22} {time}\n", "the time is"));
            }
            if decision.times > 1 {
                let since = moment(Timestamp::from_millis(decision.since_ms));
                out.push_str(&format!(
                    "    {:<22} the same since {since}, {} ticks\n",
                    "", decision.times
                ));
            }
            if !decision.actions.is_empty() {
                out.push_str("  actions\n");
            }
            decision.actions.iter().for_each(|action| out.push_str(&line(action)));
            out.push('\n');
        }
        out
    }
}

/// What is to be said of the times of each site, where there is something.
fn times(config: &config::Config) -> BTreeMap<String, String> {
    let sites = config.sites.iter();
    sites.filter_map(|site| Some((site.spec.name.to_string(), site.about_time()?))).collect()
}

fn line(action: &ActionView) -> String {
    let outcome = match (&action.outcome, action.closed_ms) {
        (Some(outcome), Some(closed)) => {
            let took = Span(std::time::Duration::from_millis(closed.saturating_sub(action.at_ms)));
            format!("{outcome}, after {took}")
        }
        _ => "no answer yet".to_owned(),
    };
    let at = moment(Timestamp::from_millis(action.at_ms));
    format!(
        "    {at}  {} ({})\n      because {}\n      outcome {outcome}\n",
        action.action, action.key, action.reason
    )
}

fn decisions(
    reader: &Reader,
    site: &SiteName,
    profile: &ProfileName,
    at: Option<Timestamp>,
    last: u32,
) -> anyhow::Result<Vec<DecisionView>> {
    let decisions = match at {
        Some(at) => reader.decision_at(site, profile, at)?.into_iter().collect(),
        None if last <= 1 => reader.latest_of(site, profile)?.into_iter().collect(),
        None => reader.history(site, profile, last)?,
    };
    decisions.into_iter().map(|decision| view(reader, site, decision)).collect()
}

fn view(reader: &Reader, site: &SiteName, decision: Decision) -> anyhow::Result<DecisionView> {
    let keys: Vec<IntentKey> = decision.intents.clone();
    let entries = reader.intents(site, &keys)?;
    let by_key: BTreeMap<_, _> = entries.iter().map(|entry| (&entry.intent.key, entry)).collect();
    let chain = serde_json::from_str(&decision.chain)
        .context("the store holds a decision of another version")?;
    Ok(DecisionView {
        site: site.to_string(),
        since_ms: decision.since.as_millis(),
        until_ms: decision.seen_until.as_millis(),
        times: decision.times,
        headline: decision.headline,
        chain,
        actions: keys.iter().filter_map(|key| Some(action(site, by_key.get(key)?))).collect(),
    })
}

fn action(site: &SiteName, entry: &JournalEntry) -> ActionView {
    ActionView {
        site: site.to_string(),
        key: entry.intent.key.to_string(),
        tick: entry.tick,
        at_ms: entry.intent.at.as_millis(),
        action: entry.intent.action.to_string(),
        reason: entry.intent.reason.clone(),
        vm: entry.vm.as_ref().map(ToString::to_string),
        outcome: entry.closed.as_ref().map(|(closing, _)| closing.to_string()),
        closed_ms: entry.closed.as_ref().map(|(_, at)| at.as_millis()),
    }
}

fn parse_time(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(clock::wall().minus(ago));
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        wrong_usage(format!(
            "--at {text:?} is no time: write 2026-01-31T12:00:00Z, or 10m for ten minutes ago"
        ))
    })?;
    Ok(Timestamp::from_millis(u64::try_from(moment.as_millisecond()).unwrap_or(0)))
}
