//! The RabbitMQ source against a real broker, and against what is no broker.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use hooke_control::ids::QueueName;
use hooke_control::queue::{Consumer, QueueFacts, SourceReading};
use hooke_sources::rabbitmq::{Config, Credentials, RabbitMq, Trust};
use hooke_sources::{Source as _, SourceError};
use hooke_tests::broker::{Broker, PASSWORD, USER};
use tokio::time::{Instant, sleep};

mod failures;
mod impostor;
mod outages;
mod readings;
pub(crate) mod workers;

/// Long enough for a loaded machine; nothing waits for it when all is well.
const WITHIN: Duration = Duration::from_secs(60);

fn config(url: &str, vhost: &str) -> Config {
    let credentials = Credentials::new(USER, PASSWORD).unwrap();
    Config::new(url, vhost, credentials, WITHIN).unwrap()
}

fn source(broker: &Broker, vhost: &str) -> RabbitMq {
    RabbitMq::new(&config(&broker.management_url(), vhost)).unwrap()
}

fn trusting(broker: &Broker, vhost: &str, certificate: &Path) -> RabbitMq {
    let trust = Trust::Authorities(certificate.to_owned());
    RabbitMq::new(&config(&broker.management_tls_url(), vhost).with_trust(trust)).unwrap()
}

fn queues(names: &[&str]) -> BTreeSet<QueueName> {
    names.iter().copied().map(QueueName::from).collect()
}

fn facts(reading: &SourceReading, queue: &str) -> QueueFacts {
    reading.queues.get(queue).expect("the queue was asked for").clone().expect("the queue is there")
}

fn consumers_of<'a>(reading: &'a SourceReading, queue: &str) -> Vec<&'a Consumer> {
    let all = reading.consumers.as_ref().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|consumer| consumer.queue.as_str() == queue).collect()
}

/// Reads until the reading is as `want` says; the broker's numbers lag.
async fn reads(
    source: &RabbitMq,
    names: &[&str],
    what: &str,
    want: impl Fn(&SourceReading) -> bool,
) -> SourceReading {
    eventually(what, async || {
        let reading = source.read(&queues(names)).await;
        match reading {
            Ok(reading) if want(&reading) => Ok(reading),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

/// Tries until it succeeds; panics with the last failure when time is up.
async fn eventually<T, F: Future<Output = Result<T, String>>>(
    what: &str,
    mut attempt: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + WITHIN;
    loop {
        let failure = match attempt().await {
            Ok(value) => return value,
            Err(failure) => failure,
        };
        assert!(Instant::now() < deadline, "not within {WITHIN:?}: {what}; last: {failure}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// The error of one read, as `kind: message`, with the place taken out.
fn shown(error: &SourceError, url: &str) -> String {
    format!("{}: {}\n", error.kind(), error.to_string().replace(url, "URL"))
}
