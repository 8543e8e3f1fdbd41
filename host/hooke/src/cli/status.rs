//! `hooke status`: asks the running host; if none runs, the store.

mod policies;

use clap::Args;
use comfy_table::Table;
use hooke_control::units::{Span, Timestamp};
use hooke_store::Store;
use serde::Serialize;
use std::time::Duration;

use super::{Common, Ended, Format};
use crate::board::{SiteView, StatusView};
use crate::clock;
use crate::config;
use crate::view::moment;

/// How long the host may take to answer; it answers from memory.
const DEADLINE: Duration = Duration::from_secs(5);

/// Shows profiles and machines of the running host. If none runs, shows the
/// last decisions in the store and exits with 1.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Serialize)]
struct Last {
    site: String,
    profile: String,
    at_ms: u64,
    decision: String,
}

impl Status {
    pub(super) const fn format(&self) -> Format {
        self.common.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        // Only where the host answers is needed: not the credentials, nor a file without a slip.
        let config = config::read(&self.common.config)?.config;
        let url = format!("http://{}/status", config.listen);
        match super::runtime()?.block_on(ask(&url)) {
            Ok(status) => {
                if self.format() == Format::Json {
                    super::print_json(&status);
                } else {
                    super::print(&show(&status, &config));
                }
                Ok(Ended::Done)
            }
            Err(error) => self.last(
                &config,
                &format!("no host answers at {url} ({})", crate::shelf::chain(&error)),
            ),
        }
    }

    fn last(&self, config: &config::Config, why: &str) -> anyhow::Result<Ended> {
        if !config.store.exists() {
            anyhow::bail!(
                "{why}, and there is no store at {}: start one with `hooke run`",
                config.store.display()
            );
        }
        let reader = Store::open_read_only(&config.store)?;
        let mut last = Vec::new();
        for site in reader.sites()? {
            last.extend(reader.latest(&site.site)?.into_iter().map(|decision| Last {
                site: site.site.to_string(),
                profile: decision.profile.to_string(),
                at_ms: decision.seen_until.as_millis(),
                decision: decision.headline,
            }));
        }
        if self.format() == Format::Json {
            super::print_json(&serde_json::json!({ "running": false, "why": why, "last": last }));
            return Ok(Ended::Failed);
        }
        super::print(&format!("{why}; the last decisions in {}:\n", config.store.display()));
        for line in last {
            let at = moment(Timestamp::from_millis(line.at_ms));
            super::print(&format!("  {at}  {}/{}: {}\n", line.site, line.profile, line.decision));
        }
        Ok(Ended::Failed)
    }
}

async fn ask(url: &str) -> Result<StatusView, reqwest::Error> {
    let client = reqwest::Client::builder().timeout(DEADLINE).no_proxy().build()?;
    client.get(url).send().await?.error_for_status()?.json().await
}

fn show(status: &StatusView, config: &config::Config) -> String {
    let mut out = String::new();
    if !status.reload_refused.is_empty() {
        out.push_str(&format!(
            "the last reload was refused, the old site file is in force:\n{}\n\n",
            status.reload_refused
        ));
    }
    out.push_str(&policies::text(&status.policies, clock::wall()));
    for (name, site) in &status.sites {
        let at = moment(Timestamp::from_millis(site.at_ms));
        let every = Span(Duration::from_millis(site.every_ms));
        out.push_str(&format!("site {name}: tick {} at {at}, every {every}", site.tick));
        let time = config.sites.iter().find(|known| known.spec.name.as_str() == name);
        match time.and_then(config::SiteConfig::about_time) {
            Some(time) => out.push_str(&format!(" ({time})\n")),
            None => out.push('\n'),
        }
        let mut notes = super::table(&[]);
        for trouble in &site.trouble {
            notes.add_row(["  trouble", trouble]);
        }
        for seat in &site.policies {
            let Some(why) = &seat.quarantined else { continue };
            let (policy, profile) = (&seat.policy, &seat.profile);
            let meanwhile = match &seat.fallback {
                Some(by) => format!("{by} answers in its place"),
                None => "the profile holds".to_owned(),
            };
            let text = format!("{policy} of {profile}: {why}; {meanwhile}");
            notes.add_row(["  quarantine", text.as_str()]);
        }
        if !notes.is_empty() {
            out.push_str(&format!("{notes}\n"));
        }
        out.push_str(&format!("{}\n", profiles(site, &policies::whys(&status.policies, site))));
        if !site.vms.is_empty() {
            out.push_str(&format!("{}\n", machines(site)));
        }
    }
    out
}

/// Why a policy is not asked is said once, above the table.
const SAID: &str = "as said above";

fn profiles(site: &SiteView, said: &[&str]) -> Table {
    let mut rows = super::table(&[
        "profile", "ready", "unacked", "workers", "busy", "idle", "booting", "min..max", "weight",
        "combine", "decision",
    ]);
    for (name, p) in &site.profiles {
        let decision = said.iter().fold(p.decision.clone(), |text, why| text.replace(why, SAID));
        let count = |n: Option<u64>| n.map_or(p.quality.clone(), |n| n.to_string());
        rows.add_row([
            name.clone(),
            count(p.ready),
            count(p.unacked),
            p.serving.to_string(),
            p.busy.to_string(),
            p.idle.to_string(),
            p.booting.to_string(),
            format!("{}..{}", p.min, p.max),
            p.weight.to_string(),
            p.combine.clone().unwrap_or_else(|| "-".to_owned()),
            decision,
        ]);
    }
    rows
}

fn machines(site: &SiteView) -> Table {
    let mut rows = super::table(&["machine", "image", "state", "age", "idle", "load", "workers"]);
    for vm in &site.vms {
        let span = |ms: u64| Span(Duration::from_millis(ms)).to_string();
        let workers: Vec<String> = vm
            .workers
            .iter()
            .map(|w| {
                format!(
                    "{} {}",
                    w.profile,
                    if w.stage == "serving" { &w.occupancy } else { &w.stage }
                )
            })
            .collect();
        rows.add_row([
            vm.id.clone(),
            vm.image.clone(),
            vm.state.clone(),
            span(vm.age_ms),
            vm.idle_ms.map_or("-".to_owned(), span),
            vm.load.map_or("-".to_owned(), |load| format!("{load:.2}")),
            workers.join(", "),
        ]);
    }
    rows
}
