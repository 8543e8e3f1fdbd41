//! One read of a broker with 10,000 queues: how many requests, and our own CPU
//! time beside the broker's. Run with
//! `cargo bench -p hooke-tests --bench rabbitmq_source`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hooke_control::ids::QueueName;
use hooke_sources::Source as _;
use hooke_sources::rabbitmq::{Config, Credentials, RabbitMq};
use hooke_tests::broker::{Broker, Data, PASSWORD, Statistics, USER};
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use procfs::process::Process;

const QUEUES: usize = 10_000;

/// The most that one read may send for that many queues.
const REQUESTS_MAX: u32 = 25;

/// CPU time is counted in ticks of 10 ms: one read alone is too short for it.
const READS: u32 = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let statistics = Statistics::Every(Duration::from_secs(5));
    let broker = Broker::start(statistics, Data::Temporary).await?;
    let vhost = broker.vhost("bench").await?;
    let names: Vec<String> = (0..QUEUES).map(|n| format!("q{n:05}")).collect();
    declare(&vhost.amqp_url, &names).await?;

    let credentials = Credentials::new(USER, PASSWORD)?;
    let url = broker.management_url();
    let config = Config::new(&url, &vhost.name, credentials, Duration::from_secs(120))?;
    let source = RabbitMq::new(&config)?;
    let wait = Instant::now();
    while !all_counted(&source, &names).await? {
        ensure!(wait.elapsed() < Duration::from_secs(120), "the broker never counted all queues");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!("one read of a vhost with {QUEUES} queues, mean of {READS}");
    println!("watched  requests      bytes   wall ms  own CPU ms  broker CPU ms  own/broker");
    for watched in [QUEUES, 1000, 100, 10] {
        measure(&source, &broker, &names[..watched]).await?;
    }
    Ok(())
}

async fn declare(url: &str, names: &[String]) -> Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let begin = Instant::now();
    for name in names {
        let options = QueueDeclareOptions::default();
        channel.queue_declare(name.as_str().into(), options, FieldTable::default()).await?;
    }
    println!("declared {} queues in {:.1} s", names.len(), begin.elapsed().as_secs_f64());
    connection.close(200, "declared".into()).await?;
    Ok(())
}

async fn all_counted(source: &RabbitMq, names: &[String]) -> Result<bool> {
    let reading = source.read(&watch(names)).await?;
    Ok(reading.queues.values().all(|q| q.as_ref().is_ok_and(|facts| facts.ready.is_some())))
}

fn watch(names: &[String]) -> BTreeSet<QueueName> {
    names.iter().map(|name| QueueName::from(name.as_str())).collect()
}

async fn measure(source: &RabbitMq, broker: &Broker, names: &[String]) -> Result<()> {
    let watched = watch(names);
    let beam = Process::new(i32::try_from(broker.pid()?)?)?;
    let own = Process::myself()?;
    let (own_before, beam_before, begin) = (cpu(&own)?, cpu(&beam)?, Instant::now());
    for _ in 0..READS {
        let reading = source.read(&watched).await?;
        ensure!(reading.queues.values().all(Result::is_ok), "a queue is missing");
        ensure!(reading.consumers.is_ok(), "the consumers are missing");
        let requests = source.last_read().requests;
        ensure!(requests <= REQUESTS_MAX, "{requests} requests, at most {REQUESTS_MAX}");
    }
    let wall = begin.elapsed() / READS;
    let own = (cpu(&own)? - own_before) / READS;
    let beam = (cpu(&beam)? - beam_before) / READS;
    let stats = source.last_read();
    let ratio = own.as_secs_f64() / beam.as_secs_f64();
    println!(
        "{:7}  {:8}  {:9}  {:8.1}  {:10.1}  {:13.1}  {ratio:10.3}",
        names.len(),
        stats.requests,
        stats.bytes,
        millis(wall),
        millis(own),
        millis(beam),
    );
    Ok(())
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// CPU time of all threads of a process so far.
fn cpu(process: &Process) -> Result<Duration> {
    let stat = process.stat().context("reading a process's CPU time")?;
    Ok(Duration::from_secs(stat.utime + stat.stime) / u32::try_from(procfs::ticks_per_second())?)
}
