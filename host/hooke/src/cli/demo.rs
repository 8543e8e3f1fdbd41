//! `hooke demo`: a simulated site, played in front of the reader.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use hooke_control::explain::Direction;
use hooke_control::units::{Span, Timestamp};
use hooke_sim::report::{Sample, Totals};
use hooke_store::Store;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Ended, Format, Print, plot};
use crate::clock;
use crate::config::{self, CloudConfig};
use crate::desk::Policies;
use crate::rehearsal::{Played, Rehearsal};
use crate::shelf::{self, CacheUse};

/// The site that is played unless another is given.
const SITE: &str = include_str!("../../demo/site.toml");

/// Decisions shown in the table; more would scroll the plot away.
const ROWS: usize = 24;

/// Plays a simulated site with the bundled policies: some hours in half a
/// minute, at the end a plot of backlog against workers and a table of
/// decisions with their reasons.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Wall time it takes.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    seconds: u64,
    /// Simulated time it stands for.
    #[arg(long, default_value_t = 7, value_name = "HOURS")]
    hours: u64,
    /// Another site file, whose first site is simulated.
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Keep the decisions in this file, for `hooke why --store FILE`; it is
    /// written anew.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    #[command(flatten)]
    print: Print,
}

/// One decision that changed something.
#[derive(Debug, Serialize)]
struct Row {
    at_ms: u64,
    elapsed_s: u64,
    profile: String,
    verdict: String,
    from: u32,
    to: u32,
    reason: String,
    actions: usize,
}

#[derive(Debug, Serialize)]
struct Outcome {
    simulated_s: u64,
    ticks: u64,
    published: u64,
    finished: u64,
    vm_hours: f64,
    cost: f64,
    wait_p50_s: f64,
    wait_p95_s: f64,
    launched: u32,
    refused_launches: u32,
    peak_vms: u32,
}

impl Demo {
    pub(super) const fn format(&self) -> Format {
        self.print.format
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let scratch = tempfile::tempdir()?;
        let (site, policies) = self.load()?;
        let CloudConfig::Sim { world, .. } = &site.cloud else {
            bail!("site {} is not simulated; the demo plays driver = \"sim\" only", site.spec.name);
        };
        let path = self.store.clone().unwrap_or_else(|| scratch.path().join("demo.db"));
        remove(&path)?;
        let start = clock::wall();
        let mut rehearsal =
            Rehearsal::new(&site, world, &policies, Store::open(&path, start)?, start)?;
        self.introduce();
        let (rows, ticks) = self.play(&mut rehearsal, start)?;
        let (samples, totals): (Vec<Sample>, Totals) =
            rehearsal.world().with(|world| (world.series().cloned().collect(), world.totals()));
        let outcome = outcome(&totals, ticks);
        if self.format() == Format::Json {
            super::print_json(&serde_json::json!({ "outcome": outcome, "decisions": rows }));
        } else {
            self.show(&samples, &rows, &outcome);
        }
        Ok(Ended::Done)
    }

    fn load(&self) -> anyhow::Result<(config::SiteConfig, Policies)> {
        let mut read = match &self.site {
            Some(file) => config::read(file)?,
            None => config::parse(Path::new("demo/site.toml"), Path::new("."), SITE),
        };
        // The demo plays with what is in the program.
        read.config.policies.directory = None;
        let shelf = shelf::open(&read.config.policies, CacheUse::IfThere, None)?;
        for site in &read.config.sites {
            shelf::check(&shelf, site, &mut read.problems);
        }
        let config = read.finish()?;
        let Some(site) = config.sites.into_iter().next() else {
            bail!("the site file has no site")
        };
        let rule = config.policies.quarantine;
        Ok((site, Policies { shelf: Arc::new(shelf), rule }))
    }

    fn introduce(&self) {
        if self.format() == Format::Text {
            super::print(&format!(
                "{} hours of a simulated site in {} s, decided by the bundled policies threshold and min-instance\n",
                self.hours, self.seconds
            ));
        }
    }

    fn play(&self, rehearsal: &mut Rehearsal, start: Timestamp) -> anyhow::Result<(Vec<Row>, u64)> {
        let span = Duration::from_secs(self.hours * 3600);
        let wall = Duration::from_secs(self.seconds);
        let began = Instant::now();
        let progress = Progress::new(span);
        let (mut rows, mut ticks) = (Vec::new(), 0);
        while rehearsal.now().since(start) < span {
            let played = rehearsal.tick()?;
            ticks += 1;
            let elapsed = rehearsal.now().since(start);
            rows.extend(changed(&played, elapsed));
            progress.show(elapsed, rehearsal, &played);
            let due = wall.mul_f64(elapsed.as_secs_f64() / span.as_secs_f64());
            thread::sleep(due.saturating_sub(began.elapsed()));
        }
        progress.end();
        Ok((rows, ticks))
    }

    fn show(&self, samples: &[Sample], rows: &[Row], outcome: &Outcome) {
        let backlog: Vec<f64> = samples.iter().map(|s| as_f64(s.ready.values().sum())).collect();
        let workers: Vec<f64> =
            samples.iter().map(|s| f64::from(s.workers.values().sum::<u32>())).collect();
        let span = Duration::from_secs(self.hours * 3600);
        super::print(&format!("\n{}", plot::line("backlog: messages ready, all queues", &backlog)));
        super::print(&plot::hours(span, 8));
        super::print(&format!("\n{}", plot::line("workers registered, all profiles", &workers)));
        super::print(&plot::hours(span, 8));
        super::print(&format!("\n{}\n", table(rows)));
        if rows.len() > ROWS {
            super::print(&format!(
                "({} of {} decisions that changed something; --format json prints all)\n",
                ROWS,
                rows.len()
            ));
        }
        super::print(&format!(
            "\n{} messages in, {} finished; half waited less than {:.0} s, 19 of 20 less than {:.0} s\n\
             {} machines launched ({} launches refused by the cloud), {} at most at once; {:.1} machine hours, cost {:.2}\n",
            outcome.published,
            outcome.finished,
            outcome.wait_p50_s,
            outcome.wait_p95_s,
            outcome.launched,
            outcome.refused_launches,
            outcome.peak_vms,
            outcome.vm_hours,
            outcome.cost
        ));
        if let Some(store) = &self.store {
            super::print(&format!("\nwhy? hooke why ocr --store {}\n", store.display()));
        }
    }
}

/// SQLite keeps up to four files side by side.
fn remove(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(PathBuf::from(name)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn changed(played: &Played, elapsed: Duration) -> Vec<Row> {
    let decided = played.chains.iter().filter(|chain| chain.direction() != Direction::Hold);
    decided
        .map(|chain| {
            let winner = chain.answers.iter().rev().max_by_key(|answer| answer.desired);
            Row {
                at_ms: chain.at.as_millis(),
                elapsed_s: elapsed.as_secs(),
                profile: chain.profile.to_string(),
                verdict: chain.direction().as_str().to_owned(),
                from: chain.capacity,
                to: chain.desired,
                reason: winner.map_or(String::new(), |answer| answer.reason.clone()),
                actions: chain.intents.len(),
            }
        })
        .collect()
}

fn outcome(totals: &Totals, ticks: u64) -> Outcome {
    Outcome {
        simulated_s: totals.elapsed.as_secs(),
        ticks,
        published: totals.published(),
        finished: totals.finished(),
        vm_hours: totals.money.vm_hours,
        cost: totals.money.cost,
        wait_p50_s: totals.wait.p50.as_secs_f64(),
        wait_p95_s: totals.wait.p95.as_secs_f64(),
        launched: totals.counts.launched,
        refused_launches: totals.counts.refused_launches,
        peak_vms: totals.counts.peak.vms,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(100)
        .set_header(["after", "profile", "decision", "actions", "reason"]);
    // The first ones show the beginning; the rest are spread over the whole.
    let shown = (0..ROWS.min(rows.len())).map(|at| at * rows.len() / ROWS.min(rows.len()));
    for row in shown.filter_map(|at| rows.get(at)) {
        table.add_row([
            if row.elapsed_s == 0 {
                "start".to_owned()
            } else {
                Span(Duration::from_secs(row.elapsed_s)).to_string()
            },
            row.profile.clone(),
            format!("{} {} -> {}", row.verdict, row.from, row.to),
            row.actions.to_string(),
            row.reason.clone(),
        ]);
    }
    table
}

/// A bar on a terminal, a line every tenth elsewhere; on standard error.
struct Progress {
    bar: ProgressBar,
    lines: std::cell::Cell<u64>,
    span: Duration,
}

impl Progress {
    fn new(span: Duration) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {msg}").expect("the template is right");
        let bar = ProgressBar::new(span.as_secs()).with_style(style);
        Self { bar, lines: std::cell::Cell::new(0), span }
    }

    fn show(&self, elapsed: Duration, rehearsal: &Rehearsal, played: &Played) {
        let (backlog, vms) = rehearsal.world().with(|world| {
            let last = world.series().last().cloned();
            last.map_or((0, 0), |sample| (sample.ready.values().sum::<u64>(), sample.vms))
        });
        let workers: u32 = played.chains.iter().map(|chain| chain.capacity).sum();
        let text = format!(
            "{:>6}  backlog {backlog:>4}  workers {workers:>2}  machines {vms:>2}",
            Span(elapsed).to_string()
        );
        self.bar.set_position(elapsed.as_secs().min(self.span.as_secs()));
        self.bar.set_message(text.clone());
        let tenth = elapsed.as_secs() * 10 / self.span.as_secs().max(1);
        if !std::io::stderr().is_terminal() && tenth > self.lines.get() {
            self.lines.set(tenth);
            eprintln!("{text}");
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
