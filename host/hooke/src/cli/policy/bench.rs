//! `hooke policy bench`: what an evaluation costs, beside that of a policy that
//! does nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hooke_runtime::Evaluation;
use hooke_trial::bench::{BenchConfig, render_all, side_by_side};
use hooke_trial::situation::{Counts, Situation};
use hooke_trial::table::Table;

use super::super::{Ended, Format, print, print_json, wrong_usage};
use super::{Place, entry, usable};
use crate::shelf::{self, CacheUse};

/// Time between two ticks of the hour before.
const TICK: Duration = Duration::from_secs(15);

/// As many of them as an hour has.
const TICKS: u32 = 240;

#[derive(Debug, Args)]
pub(in crate::cli) struct Bench {
    /// A policy's file, or its name; several are measured side by side in one
    /// run, and JSON is then a list.
    #[arg(value_name = "FILE|NAME", required = true)]
    policies: Vec<PathBuf>,
    /// Machines of the situation that it is asked about, each with a busy worker;
    /// it has been so for an hour.
    #[arg(long, default_value_t = 5, value_name = "N", conflicts_with = "case",
        value_parser = clap::value_parser!(u32).range(..=100_000))]
    machines: u32,
    /// The situation of a case, as TABLE:NAME, with the past that it says.
    #[arg(long, value_name = "TABLE:NAME")]
    case: Option<String>,
    /// The settings, one JSON object.
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = super::settings)]
    settings: String,
    /// How long to measure, all together.
    #[arg(long, default_value = "3s", value_name = "TIME", value_parser = humantime::parse_duration)]
    time: Duration,
    #[command(flatten)]
    pub(super) place: Place,
}

impl Bench {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let config = self.place.config()?;
        let shelf = shelf::open(&config, CacheUse::IfThere, None)?;
        let waiting = super::spinner("measuring");
        let evaluation = self.evaluation()?;
        let mut questions = Vec::new();
        for named in &self.policies {
            let entry = entry(&shelf, named)?;
            let policy = usable(&entry)?;
            let own = config.named.get(policy.name());
            let limits = own.map_or(&config.limits, |named| &named.limits);
            let bound = shelf.host().bind(policy, policy.imports(), limits.clone())?;
            questions.push((bound, evaluation.clone()));
        }
        let measured = BenchConfig { time: self.time, ..BenchConfig::default() };
        let mut progress = |done, of| waiting.set_message(format!("round {done} of {of}"));
        let reports = side_by_side(shelf.host(), &questions, measured, &mut progress)?;
        waiting.finish_and_clear();
        match (self.place.print.format, reports.as_slice()) {
            (Format::Json, [report]) => print_json(report),
            (Format::Json, reports) => print_json(&reports),
            (Format::Text, [report]) => print(&report.render()),
            (Format::Text, reports) => print(&render_all(reports)),
        }
        let failed = reports.iter().any(|report| report.failed > 0);
        Ok(if failed { Ended::Failed } else { Ended::Done })
    }

    fn evaluation(&self) -> anyhow::Result<Evaluation> {
        let settings = |situation: &mut Situation| {
            if self.settings != "{}" {
                situation.settings = Arc::from(self.settings.as_str());
            }
        };
        let Some(case) = &self.case else {
            let mut situation = busy(self.machines);
            settings(&mut situation);
            // Those who read statistics would have no answer without a past.
            return Ok(situation.evaluation_after_ticks(TICKS, TICK));
        };
        let mut situation = of_case(case)?;
        settings(&mut situation);
        Ok(situation.evaluation())
    }
}

/// The situation of a case, as TABLE:NAME.
fn of_case(case: &str) -> anyhow::Result<Situation> {
    let (table, name) = case.rsplit_once(':').ok_or_else(|| {
        wrong_usage(format!(
            "--case {case:?} names no case: write --case TABLE:NAME, such as \
             tests/table.toml:\"nothing to do\""
        ))
    })?;
    let table = Table::read(std::path::Path::new(table))?;
    table.situation(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = table.names().collect();
        wrong_usage(format!("the table has no case {name:?}; its cases are {}", known.join(", ")))
    })
}

/// Machines with a busy worker each that finishes a message a second, as many as
/// come, and more in the queue than they can take.
fn busy(machines: u32) -> Situation {
    let mut situation = Situation::default();
    let profile = situation.asked().name.clone();
    situation.employ(&profile, &Counts { busy: machines, ..Counts::default() });
    for queue in situation.profiles.iter_mut().flat_map(|profile| &mut profile.queues) {
        queue.ready = Some(u64::from(machines) * 100);
        queue.arrival_rate = Some(f64::from(machines));
        queue.service_rate = Some(f64::from(machines));
        queue.quiet = hooke_trial::situation::Quiet::Active;
    }
    situation
}
