//! Brokers that are down, die, come back, or keep no statistics.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use hooke_control::queue::{Activity, SourceReading};
use hooke_sources::{Source as _, SourceError};
use hooke_tests::broker::{Broker, Data, Statistics};
use tokio::net::TcpStream;

use super::workers::{Worker, load};
use super::{consumers_of, eventually, facts, queues, reads, shown, source};

#[tokio::test]
async fn a_broker_that_dies_and_returns_is_read_again_by_the_same_source() -> Result<()> {
    let statistics = Statistics::Every(Duration::from_secs(1));
    let mut broker = Broker::start(statistics, Data::Temporary).await?;
    let vhost = broker.vhost("survivor").await?;
    load(&vhost, "tasks", &["--count", "500"]).await?;
    let mut worker = Worker::start(&vhost, "tasks", &["--work", "2s"])?;
    let source = source(&broker, &vhost.name);
    let working = |reading: &SourceReading| {
        consumers_of(reading, "tasks").iter().any(|c| c.activity == Activity::Active)
            && facts(reading, "tasks").ready > Some(0)
    };
    reads(&source, &["tasks"], "a worker at work", working).await;

    broker.kill()?;
    let error = source.read(&queues(&["tasks"])).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error:?}");

    broker.restart().await?;
    reads(&source, &["tasks"], "the worker came back to the broker", working).await;
    assert!(worker.0.try_wait()?.is_none(), "the worker lived through it");

    broker.stop().await?;
    let error = source.read(&queues(&["tasks"])).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_node_ends_with_its_owner() -> Result<()> {
    let statistics = Statistics::Every(Duration::from_secs(1));
    let broker = Broker::start(statistics, Data::Temporary).await?;
    let (pid, port, certificate) = (broker.pid()?, broker.amqp_port(), broker.certificate());
    assert!(certificate.exists());
    drop(broker);
    assert!(!certificate.exists(), "the data is gone");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
    eventually("the Erlang machine is gone", async || {
        let path = format!("/proc/{pid}");
        if Path::new(&path).exists() { Err(path) } else { Ok(()) }
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn disabled_statistics_are_named() -> Result<()> {
    let broker = Broker::start(Statistics::Disabled, Data::Temporary).await?;
    let vhost = broker.vhost("mute").await?;
    broker.declare(&vhost.name, "tasks").await?;
    let error = source(&broker, &vhost.name).read(&queues(&["tasks"])).await.unwrap_err();
    expect_test::expect![[r#"
        stats-disabled: statistics are disabled on URL/; remove management.disable_stats and management_agent.disable_metrics_collector from the broker's configuration
    "#]].assert_eq(&shown(&error, &broker.management_url()));
    Ok(())
}
