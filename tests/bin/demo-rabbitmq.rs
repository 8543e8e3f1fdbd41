//! The whole loop before one's eyes: a real RabbitMQ queue, `hooke run`, a
//! burst of messages, workers that come and go as processes of this computer,
//! and at the end what was decided and why. Stops everything it started.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use comfy_table::{ContentArrangement, Table, presets};
use hooke_tests::broker::{Broker, Data, Statistics, Vhost};
use hooke_tests::home::Home;
use hooke_tests::program::{Host, Program, beside};
use hooke_tests::site_file::{Profile, Site, SiteFile};
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use percent_encoding::percent_decode_str;
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::sleep;

const SITE: &str = "demo";
const QUEUE: &str = "hooke-demo-ocr";
const MAX: u32 = 12;

/// What decides. Intervals are those of a demo: a site waits minutes.
const SETTINGS: &str = "threshold = 20\nadd = \"ratio\"\nmessages_per_worker = 60\n\
                        queue_idle = \"4s\"\nvm_idle = \"8s\"\n";

/// Columns and rows of a plot.
const WIDTH: usize = 72;
const HEIGHT: u32 = 8;

/// Shows `hooke run` on a real RabbitMQ queue, which takes about a minute.
#[derive(Debug, Parser)]
#[command(name = "demo-rabbitmq")]
struct Options {
    /// Messages in the burst
    #[arg(long, default_value_t = 1000)]
    messages: u64,
    /// How long a worker takes for one message
    #[arg(long, default_value = "500ms")]
    work: String,
    /// Give up after this long
    #[arg(long, default_value = "4m", value_parser = humantime::parse_duration)]
    within: Duration,
    /// A broker that runs already, such as amqp://guest:guest@127.0.0.1:5672/%2f;
    /// one is started for the demo if not given
    #[arg(long, requires = "management")]
    url: Option<String>,
    /// Where its management API answers, such as http://127.0.0.1:15672
    #[arg(long, requires = "url")]
    management: Option<String>,
}

/// The broker of the demo: who is asked, and how.
struct Place {
    management: String,
    vhost: Vhost,
    credentials: String,
    /// Ours, which ends with the demo.
    _own: Option<Broker>,
}

impl Place {
    async fn new(options: &Options) -> Result<Self> {
        if let (Some(url), Some(management)) = (&options.url, &options.management) {
            return Self::given(url, management);
        }
        say("starting a RabbitMQ of our own, which takes some seconds ...");
        let each = Statistics::Every(Duration::from_secs(1));
        let broker = Broker::start(each, Data::Temporary).await?;
        let (vhost, management) = (broker.vhost(SITE).await?, broker.management_url());
        let credentials =
            format!("{}:{}", hooke_tests::broker::USER, hooke_tests::broker::PASSWORD);
        Ok(Self { management, vhost, credentials, _own: Some(broker) })
    }

    fn given(url: &str, management: &str) -> Result<Self> {
        const SHAPE: &str = "--url looks like amqp://USER:PASSWORD@HOST:PORT/VHOST, / as %2f";
        let rest = url.strip_prefix("amqp://").context(SHAPE)?;
        let (credentials, place) = rest.rsplit_once('@').context(SHAPE)?;
        let vhost = place.split_once('/').map_or("/", |(_, vhost)| vhost);
        let plain =
            |text| Ok::<_, anyhow::Error>(percent_decode_str(text).decode_utf8()?.into_owned());
        Ok(Self {
            management: management.to_owned(),
            vhost: Vhost { name: plain(vhost)?, amqp_url: url.to_owned() },
            credentials: plain(credentials)?,
            _own: None,
        })
    }

    /// Declares the queue; one that holds anything is somebody else's.
    async fn declare(&self) -> Result<()> {
        let connection = self.connect().await?;
        let channel = connection.create_channel().await?;
        let durable = QueueDeclareOptions { durable: true, ..Default::default() };
        let queue = channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await?;
        let (messages, consumers) = (queue.message_count(), queue.consumer_count());
        ensure!(
            messages == 0 && consumers == 0,
            "queue {QUEUE} holds {messages} messages and has {consumers} consumers: delete it first"
        );
        Ok(connection.close(200, "declared".into()).await?)
    }

    async fn delete(&self) -> Result<()> {
        let connection = self.connect().await?;
        let channel = connection.create_channel().await?;
        channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await?;
        Ok(connection.close(200, "deleted".into()).await?)
    }

    async fn connect(&self) -> Result<Connection> {
        let properties = ConnectionProperties::default();
        Connection::connect(&self.vhost.amqp_url, properties)
            .await
            .context("connecting to the broker")
    }
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
    let place = Place::new(&options).await?;
    place.declare().await?;
    let home = Home::new()?;
    let file = site_file(&options, &place, &home)?;
    file.write(&home)?;
    say(&format!("{} answers; starting hooke run for 1 to {MAX} workers ...", place.management));
    let mut host = program.run(&home, &file, None)?;
    play(&host, &options, &place, &program, &home).await?;
    host.signal(Signal::TERM)?;
    ensure!(host.ended().await?.success(), "hooke run did not end well: {}", host.log());
    say(&lost(&home, options.messages)?);
    say("stopping the workers, the machines and the broker ...");
    drop(home);
    place.delete().await
}

async fn play(
    host: &Host,
    options: &Options,
    place: &Place,
    program: &Program,
    home: &Home,
) -> Result<()> {
    let mut show = Show { host, began: Instant::now(), within: options.within, seen: Vec::new() };
    show.until(|now| now.workers == 1 && now.booting == 0).await?;
    say(&format!("publishing {} messages to queue {QUEUE} ...", options.messages));
    publish(&place.vhost, options.messages).await?;
    show.until(|now| now.backlog > options.messages / 2).await?;
    let back = |now: &Sample| {
        (now.backlog, now.unacked, now.workers, now.booting, now.running) == (0, 0, 1, 0, 1)
    };
    show.until(back).await?;
    // Some more, so that the plot shows the end too.
    for _ in 0..8 {
        show.until(|_| true).await?;
    }
    say("\ndrained, and back at the minimum\n");
    let column = |number: fn(&Sample) -> u64| -> Vec<f64> {
        let number = |sample| f64::from(u32::try_from(number(sample)).unwrap_or(u32::MAX));
        show.seen.iter().map(number).collect()
    };
    say(&plot("backlog: messages ready", &column(|sample| sample.backlog)));
    say(&plot("workers that serve", &column(|sample| sample.workers)));
    let args = ["why", "ocr", "--last", "500", "--format", "json"];
    let told = program.ask(home, &args).await?.json()?;
    say("every action, and why, as hooke why tells it (M a machine, W a worker):\n");
    say(&table(&told)?.to_string());
    Ok(())
}

fn site_file(options: &Options, place: &Place, home: &Home) -> Result<SiteFile> {
    let vhost = &place.vhost;
    let profile = Profile::consuming(home, vhost, QUEUE, &options.work);
    let profile = Profile { workers: (1, MAX), ..profile };
    let mut site = Site::new(SITE, place.management.clone(), vhost).with(profile);
    site.policies = vec!["threshold".to_owned(), "min-instance".to_owned()];
    SETTINGS.clone_into(&mut site.threshold);
    (site.vcpus, site.buffer) = (2, 1);
    let mut file = SiteFile::new([site])?;
    file.credentials.clone_from(&place.credentials);
    Ok(file)
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

/// What goes on, line by line.
struct Show<'a> {
    host: &'a Host,
    began: Instant,
    within: Duration,
    seen: Vec<Sample>,
}

impl Show<'_> {
    /// Shows what changes, until it is as `done` says.
    async fn until(&mut self, done: impl Fn(&Sample) -> bool) -> Result<()> {
        loop {
            sleep(Duration::from_millis(500)).await;
            // The host may not listen yet.
            let status = self.host.status().await.unwrap_or_default();
            if let Some(now) = sample(&status["sites"][SITE]) {
                if self.seen.last() != Some(&now) {
                    say(&line(self.began.elapsed(), &now));
                }
                self.seen.push(now.clone());
                if done(&now) {
                    return Ok(());
                }
            }
            if self.began.elapsed() > self.within {
                bail!(
                    "not done within {:?}; the log of the host:\n{}",
                    self.within,
                    self.host.log()
                );
            }
        }
    }
}

fn sample(site: &Value) -> Option<Sample> {
    let profile = &site["profiles"]["ocr"];
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

/// What was done, with the names of machines (M) and workers (W) left out, so
/// that the same is told once.
fn table(told: &Value) -> Result<Table> {
    let mut actions: BTreeSet<(u64, String, [String; 3])> = BTreeSet::new();
    for decision in told["decisions"].as_array().context("hooke why has no decisions")? {
        for action in decision["actions"].as_array().into_iter().flatten() {
            let text = |key: &str| nameless(action[key].as_str().unwrap_or("not yet"));
            let key = action["key"].to_string();
            let row = [text("action"), text("reason"), text("outcome")];
            actions.insert((action["at_ms"].as_u64().unwrap_or(0), key, row));
        }
    }
    let first = actions.first().map_or(0, |(at, ..)| *at);
    let mut rows: Vec<(u64, u32, [String; 3])> = Vec::new();
    for (at, _, row) in actions {
        let after = (at - first) / 1000;
        match rows.iter_mut().find(|(then, _, same)| *then == after && *same == row) {
            Some((_, times, _)) => *times += 1,
            None => rows.push((after, 1, row)),
        }
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(100)
        .set_header(["after", "times", "action", "because", "outcome"]);
    for (after, times, [action, reason, outcome]) in rows {
        table.add_row([format!("{after} s"), times.to_string(), action, reason, outcome]);
    }
    Ok(table)
}

fn nameless(text: &str) -> String {
    let word = |word: &str| match word.trim_start_matches('(') {
        name if name.starts_with("vm-") && name.contains('.') => "W".to_owned(),
        name if name.starts_with("vm-") => "M".to_owned(),
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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
