//! The whole loop before one's eyes: a real RabbitMQ queue, `hooke run`, a
//! burst of messages, workers that come and go as processes of this computer,
//! and at the end what was decided and why. Stops everything it started.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use hooke_tests::broker::{Broker, Data, Statistics, Vhost};
use hooke_tests::home::Home;
use hooke_tests::program::{Host, Program, beside};
use hooke_tests::site_file::{Profile, Site, SiteFile};
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::sleep;

const SITE: &str = "demo";
const QUEUE: &str = "ocr";
const MAX: u32 = 12;

/// What decides. Intervals are those of a demo: a site waits minutes.
const SETTINGS: &str = "threshold = 20\nadd = \"ratio\"\nmessages_per_worker = 60\n\
                        queue_idle = \"4s\"\nvm_idle = \"8s\"\n";

/// Columns and rows of a plot.
const WIDTH: usize = 72;
const HEIGHT: u32 = 8;

/// Rows of the table.
const ROWS: usize = 24;

/// Shows `hooke run` on a real RabbitMQ queue.
#[derive(Debug, Parser)]
#[command(name = "demo-rabbitmq")]
struct Options {
    /// Messages in the burst
    #[arg(long, default_value_t = 1000)]
    messages: u64,
    /// How long a worker takes for one message
    #[arg(long, default_value = "400ms")]
    work: String,
    /// Give up after this long
    #[arg(long, default_value = "4m", value_parser = humantime::parse_duration)]
    within: Duration,
}

/// What was seen at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sample {
    backlog: u64,
    unacked: u64,
    workers: u64,
    booting: u64,
    running: usize,
    suspended: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let program = Program::find();
    say("starting a RabbitMQ of our own, which takes some seconds ...");
    let broker = Broker::start(Statistics::Every(Duration::from_secs(1)), Data::Temporary).await?;
    let vhost = broker.vhost(SITE).await?;
    broker.declare(SITE, QUEUE).await?;
    let home = Home::new()?;
    let file = site_file(&options, &broker, &vhost, &home)?;
    file.write(&home)?;
    say(&format!(
        "{} answers; starting hooke run for 1 to {MAX} workers ...",
        broker.management_url()
    ));
    let mut host = program.run(&home, &file, None)?;
    let began = Instant::now();
    let mut seen = Vec::new();
    follow(&host, began, &options, &mut seen, |now| now.workers == 1 && now.booting == 0).await?;

    say(&format!("publishing {} messages to queue {QUEUE} ...", options.messages));
    publish(&vhost, options.messages).await?;
    let half = |now: &Sample| now.backlog > options.messages / 2;
    follow(&host, began, &options, &mut seen, half).await?;
    let back = |now: &Sample| {
        (now.backlog, now.unacked, now.workers, now.booting, now.running) == (0, 0, 1, 0, 1)
    };
    follow(&host, began, &options, &mut seen, back).await?;
    say("\ndrained, and back at the minimum\n");
    report(&program, &home, &seen).await?;
    host.signal(Signal::TERM)?;
    ensure!(host.ended().await?.success(), "hooke run did not end well: {}", host.log());
    let told = lost(&home, options.messages)?;
    say(&told);
    say("stopping the workers, the machines and the broker ...");
    Ok(())
}

fn site_file(options: &Options, broker: &Broker, vhost: &Vhost, home: &Home) -> Result<SiteFile> {
    let profile =
        Profile { workers: (1, MAX), ..Profile::consuming(home, vhost, QUEUE, &options.work) };
    let mut site = Site::new(SITE, broker, vhost).with(profile);
    site.policies = vec!["threshold".to_owned(), "min-instance".to_owned()];
    SETTINGS.clone_into(&mut site.threshold);
    (site.vcpus, site.buffer) = (2, 1);
    SiteFile::new([site])
}

async fn publish(vhost: &Vhost, messages: u64) -> Result<()> {
    let status = Command::new(beside("queue-load"))
        .args(["--url", &vhost.amqp_url, "--queue", QUEUE, "--count", &messages.to_string()])
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(status.success(), "queue-load ended with {status}");
    Ok(())
}

/// Shows what changes, until it is as `done` says.
async fn follow(
    host: &Host,
    began: Instant,
    options: &Options,
    seen: &mut Vec<Sample>,
    done: impl Fn(&Sample) -> bool,
) -> Result<()> {
    let mut shown = None;
    loop {
        // The host may not listen yet.
        if let Ok(status) = host.status().await
            && let Some(now) = sample(&status["sites"][SITE])
        {
            if shown.as_ref() != Some(&now) {
                say(&line(began.elapsed(), &now));
                shown = Some(now.clone());
            }
            seen.push(now.clone());
            if done(&now) {
                return Ok(());
            }
        }
        if began.elapsed() > options.within {
            bail!("not done within {:?}; the log of the host:\n{}", options.within, host.log());
        }
        sleep(Duration::from_millis(500)).await;
    }
}

fn sample(site: &Value) -> Option<Sample> {
    let profile = &site["profiles"][QUEUE];
    let vms = site["vms"].as_array()?;
    let count = |state: &str| vms.iter().filter(|vm| vm["state"] == state).count();
    Some(Sample {
        backlog: profile["ready"].as_u64()?,
        unacked: profile["unacked"].as_u64()?,
        workers: profile["serving"].as_u64()?,
        booting: profile["booting"].as_u64()?,
        running: count("running"),
        suspended: count("suspended"),
    })
}

fn line(elapsed: Duration, now: &Sample) -> String {
    let Sample { backlog, unacked, workers, booting, running, suspended } = now;
    let bar = "#".repeat(usize::try_from(*workers).unwrap_or(0));
    format!(
        "{:>3} s  backlog {backlog:>4}  in work {unacked:>2}  workers {workers:>2} {bar:<12} \
         ({booting} starting)  machines {running} running, {suspended} suspended",
        elapsed.as_secs()
    )
}

async fn report(program: &Program, home: &Home, seen: &[Sample]) -> Result<()> {
    let of = |number: fn(&Sample) -> u64| -> Vec<f64> {
        let number = |sample| f64::from(u32::try_from(number(sample)).unwrap_or(u32::MAX));
        seen.iter().map(number).collect()
    };
    say(&plot("backlog: messages ready", &of(|sample| sample.backlog)));
    say(&plot("workers that serve", &of(|sample| sample.workers)));
    let args = ["why", QUEUE, "--last", "500", "--format", "json"];
    let told = program.ask(home, &args).await?.json()?;
    let mut actions: Vec<(u64, [String; 3])> = Vec::new();
    for decision in told["decisions"].as_array().context("hooke why has no decisions")? {
        for action in decision["actions"].as_array().into_iter().flatten() {
            let text = |key: &str| action[key].as_str().unwrap_or("not yet").to_owned();
            let row = [text("action"), text("reason"), text("outcome")];
            actions.push((action["at_ms"].as_u64().unwrap_or(0), row));
        }
    }
    actions.sort();
    actions.dedup();
    let first = actions.first().map_or(0, |(at, _)| *at);
    say("every action, why, and how it went (hooke why ocr):\n");
    for (at, [action, reason, outcome]) in actions.iter().take(ROWS) {
        say(&format!(
            "{:>3} s  {action}\n         because {reason}; {outcome}",
            (at - first) / 1000
        ));
    }
    if actions.len() > ROWS {
        say(&format!("... and {} more", actions.len() - ROWS));
    }
    Ok(())
}

fn plot(title: &str, values: &[f64]) -> String {
    let column = |at: usize| {
        let (from, to) = (at * values.len() / WIDTH, (at + 1) * values.len() / WIDTH);
        let part = values.get(from..to.max(from + 1)).unwrap_or_default();
        part.iter().copied().fold(0.0, f64::max)
    };
    let columns = (0..WIDTH).map(column).collect();
    let config = rasciigraph::Config::default().with_height(HEIGHT).with_offset(2);
    format!("{}\n", rasciigraph::plot(columns, config.with_caption(title.to_owned())))
}

/// What the workers wrote down, against what was published.
fn lost(home: &Home, messages: u64) -> Result<String> {
    let text = fs::read_to_string(home.join("done"))?;
    let lines = text.lines().count();
    let done: BTreeSet<u64> = text.lines().filter_map(|line| line.parse().ok()).collect();
    let lost = (1..=messages).filter(|number| !done.contains(number)).count();
    ensure!(lost == 0, "{lost} of {messages} messages were never finished");
    let again = lines - done.len();
    Ok(format!(
        "\n{messages} messages published, {} finished, 0 lost, {again} finished twice",
        done.len()
    ))
}

/// Prints a line at once. A reader that went away is no reason to leave a
/// fleet behind.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _gone = writeln!(out, "{text}").and_then(|()| out.flush());
}
