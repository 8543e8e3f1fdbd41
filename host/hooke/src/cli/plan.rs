//! `hooke plan`: one tick, as far as the plan. Holds nothing that could act.

use std::sync::Arc;

use clap::Args;
use hooke_control::controller::{Beginning, Controller, Effect, Event, Record};
use hooke_control::units::Timestamp;
use hooke_history::{History, Restored, Restoring};
use hooke_store::{Recovered, Store};
use serde::Serialize;

use super::{Common, Ended, Format, wrong_usage};
use crate::config::{Config, SiteConfig, nearest};
use crate::desk::{Chronicle, Desk, Memory, Policies};
use crate::driver::{Drivers, LookOnly};
use crate::observer::observe;
use crate::shell::load;
use crate::view::ChainView;

/// Observes, asks the policies and prints what the next tick would do, with what
/// the store has of the ticks before. Nothing is written and nothing is started
/// or stopped.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    common: Common,
    /// Only this site.
    #[arg(long)]
    site: Option<String>,
}

#[derive(Debug, Serialize)]
struct SitePlan {
    site: String,
    actions: Vec<ActionView>,
    decisions: Vec<ChainView>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ActionView {
    profile: Option<String>,
    action: String,
    reason: String,
}

impl Plan {
    pub(super) const fn format(&self) -> Format {
        self.common.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let (config, policies) = load(&self.common.config)?;
        let wanted = |site: &&SiteConfig| {
            self.site.as_deref().is_none_or(|name| site.spec.name.as_str() == name)
        };
        let sites: Vec<&SiteConfig> = config.sites.iter().filter(wanted).collect();
        if sites.is_empty() {
            let known = config.sites.iter().map(|site| site.spec.name.as_str());
            let name = self.site.as_deref().unwrap_or_default();
            return Err(wrong_usage(format!(
                "{} has no site {name:?}: {}",
                self.common.config.display(),
                nearest(name, known)
            )));
        }
        let runtime = super::runtime()?;
        let mut plans = Vec::new();
        for site in sites {
            plans.push(runtime.block_on(one(site, &config, &policies))?);
        }
        if self.format() == Format::Json {
            super::print_json(&plans);
        } else {
            plans.iter().for_each(show);
        }
        Ok(Ended::Done)
    }
}

async fn one(site: &SiteConfig, config: &Config, policies: &Policies) -> anyhow::Result<SitePlan> {
    let clock = site.clock();
    let drivers = Drivers::new(site, clock)?;
    let cloud = LookOnly::new(drivers.cloud);
    // A plan is nobody's evaluation: it is not recorded.
    let site = &SiteConfig { record: None, ..site.clone() };
    let Left { recovered, past, warnings } = left(site, config, clock.now())?;
    let Recovered { tick, open, memory, guards } = recovered;
    let memory: Memory = memory.into_iter().map(|(key, bytes)| (key, bytes.into())).collect();
    let desk = Desk::new(site, policies, memory, Arc::new(Chronicle::new(past)));
    let beginning = Beginning { generation: "plan".to_owned(), tick, open, guards };
    let mut controller = Controller::new(Arc::clone(&site.spec), beginning, clock.now());
    let mut plan = SitePlan {
        site: site.spec.name.to_string(),
        actions: Vec::new(),
        decisions: Vec::new(),
        warnings,
    };
    let mut events = vec![Event::Wake];
    while let Some(event) = events.pop() {
        for effect in controller.handle(event, clock.now()) {
            match effect {
                Effect::Observe => {
                    events.push(Event::Observed(observe(&cloud, &drivers.sources).await))
                }
                Effect::Evaluate(snapshot) => {
                    events.push(Event::Evaluated(desk.ask(&snapshot).answers))
                }
                Effect::Record(record) => plan.take(&record),
                Effect::Warn(text) => plan.warnings.push(text),
                Effect::Act(intent) => {
                    plan.warnings.push(format!("the next start finishes: {}", intent.action))
                }
                Effect::Close(key, closing) => {
                    plan.warnings.push(format!("the next start closes {key}: {closing}"))
                }
            }
        }
    }
    Ok(plan)
}

/// What the last host left, or the one that runs has written so far.
struct Left {
    recovered: Recovered,
    past: History,
    /// What of the past could not be read.
    warnings: Vec<String>,
}

/// All that a host that started now would go on from, if there is a store.
fn left(site: &SiteConfig, config: &Config, now: Timestamp) -> anyhow::Result<Left> {
    let (name, keep) = (&site.spec.name, site.history);
    let mut restoring = Restoring::new(keep, now);
    let mut warnings = Vec::new();
    let mut recovered = Recovered::default();
    if config.store.exists() {
        let reader = Store::open_read_only(&config.store)?;
        recovered = reader.recover(name)?;
        let from = now.minus(keep.time);
        // As at a start: without all of its past, a site is planned all the same.
        if let Err(error) = reader.readings(name, from, |frame| restoring.take(frame)) {
            warnings.push(format!("what was read before is lost in part: {error}"));
        }
    }
    let Restored { history: past, lost, .. } = restoring.finish();
    if lost > 0 {
        warnings.push(format!("what was read before is damaged: {lost} tick(s) of it are gaps"));
    }
    Ok(Left { recovered, past, warnings })
}

impl SitePlan {
    fn take(&mut self, record: &Record) {
        self.decisions.extend(record.chains.iter().map(ChainView::from));
        self.actions.extend(record.intents.iter().map(|intent| ActionView {
            profile: intent.profile.as_ref().map(ToString::to_string),
            action: intent.action.to_string(),
            reason: intent.reason.clone(),
        }));
    }
}

fn show(plan: &SitePlan) {
    super::print(&format!("site {}\n", plan.site));
    for decision in &plan.decisions {
        super::print(&format!("\n{}", decision.text()));
    }
    for warning in &plan.warnings {
        super::print(&format!("\nnote: {warning}\n"));
    }
    super::print(&format!(
        "\n{} action(s) would be taken{}\n",
        plan.actions.len(),
        if plan.actions.is_empty() { "" } else { ":" }
    ));
    for action in &plan.actions {
        let profile = action.profile.as_deref().unwrap_or("-");
        super::print(&format!("  {profile}: {} ({})\n", action.action, action.reason));
    }
}
