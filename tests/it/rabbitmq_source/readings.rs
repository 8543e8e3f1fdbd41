//! What the source says of a broker that works.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use hooke_control::queue::{Activity, SourceReading};
use hooke_sources::Source as _;
use hooke_sources::rabbitmq::{PageSize, RabbitMq, ReadStats};
use hooke_tests::broker::{Broker, Vhost};

use super::workers::{Worker, load};
use super::{config, consumers_of, eventually, facts, queues, reads, source};

/// A vhost with a worker that is busy for an hour and one that has nothing to do.
async fn busy_and_calm(vhost: &Vhost) -> Result<[Worker; 2]> {
    load(vhost, "busy", &["--count", "3"]).await?;
    load(vhost, "calm", &["--count", "0"]).await?;
    Ok([Worker::start(vhost, "busy", &["--work", "1h"])?, Worker::start(vhost, "calm", &[])?])
}

fn settled(reading: &SourceReading) -> bool {
    let activity = |queue| consumers_of(reading, queue).first().map(|c| c.activity);
    activity("busy") == Some(Activity::Active)
        && matches!(activity("calm"), Some(Activity::IdleSince(_)))
        && facts(reading, "busy").unacked == Some(1)
        && matches!(facts(reading, "calm").activity, Activity::IdleSince(_))
}

#[tokio::test]
async fn a_consumer_is_tied_to_its_process_and_busy_is_told_from_idle() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("busy-and-calm").await?;
    let [busy, calm] = busy_and_calm(&vhost).await?;
    let source = source(broker, &vhost.name);
    let reading = reads(&source, &["busy", "calm"], "one busy and one idle worker", settled).await;

    for (worker, queue, unacked) in [(&busy, "busy", 1), (&calm, "calm", 0)] {
        let consumers = consumers_of(&reading, queue);
        assert_eq!(consumers.len(), 1, "{consumers:?}");
        let peer = SocketAddr::new(consumers[0].host, consumers[0].port);
        assert_eq!(worker.endpoints(broker.amqp_port())?, [peer]);
        assert_eq!(consumers[0].unacked, Some(unacked));
    }
    let busy = facts(&reading, "busy");
    assert_eq!((busy.ready, busy.unacked, busy.consumers), (Some(2), Some(1), Some(1)));
    assert_eq!(busy.activity, Activity::Active);
    let calm = facts(&reading, "calm");
    assert_eq!((calm.ready, calm.unacked, calm.consumers), (Some(0), Some(0), Some(1)));
    assert_eq!(calm.arrival_rate, None, "nothing was ever published, so nobody said a rate");
    Ok(())
}

#[tokio::test]
async fn messages_that_wait_without_a_worker_are_work() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("waiting").await?;
    load(&vhost, "waiting", &["--count", "5"]).await?;
    let source = source(broker, &vhost.name);
    let waiting = |reading: &SourceReading| facts(reading, "waiting").ready == Some(5);
    let reading = reads(&source, &["waiting"], "five ready messages", waiting).await;
    assert_eq!(facts(&reading, "waiting").activity, Activity::Active);
    assert_eq!(reading.consumers, Ok(Vec::new()));
    Ok(())
}

#[tokio::test]
async fn rates_show_under_load() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("rates").await?;
    let _worker = Worker::start(&vhost, "flow", &["--work", "1ms"])?;
    let source = source(broker, &vhost.name);
    let flows = |reading: &SourceReading| {
        reading.queues["flow"].as_ref().is_ok_and(|queue| {
            queue.arrival_rate.is_some_and(|rate| rate > 1.0)
                && queue.service_rate.is_some_and(|rate| rate > 1.0)
        })
    };
    let reading = tokio::select! {
        reading = reads(&source, &["flow"], "both rates", flows) => reading,
        ended = load(&vhost, "flow", &["--count", "100000", "--rate", "40"]) => {
            panic!("the load ended first: {ended:?}")
        }
    };
    let flow = facts(&reading, "flow");
    assert!(flow.arrival_rate.is_some_and(|rate| rate < 1000.0), "{flow:?}");
    Ok(())
}

#[tokio::test]
async fn a_queue_that_vanishes_is_missing_alone() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("vanishing").await?;
    for queue in ["stays", "goes"] {
        broker.declare(&vhost.name, queue).await?;
    }
    let source = source(broker, &vhost.name);
    let both = |reading: &SourceReading| reading.queues.values().all(Result::is_ok);
    reads(&source, &["stays", "goes"], "both queues", both).await;

    broker.delete(&vhost.name, "goes").await?;
    let gone = |reading: &SourceReading| reading.queues["goes"].is_err();
    let reading = reads(&source, &["stays", "goes"], "one queue gone", gone).await;
    assert!(reading.queues["stays"].is_ok());
    let why = &reading.queues["goes"].as_ref().unwrap_err().0;
    expect_test::expect![[r#"
        there is no queue "goes" on vhost "vanishing" of URL/; declare it, or correct the profile's queue
    "#]]
    .assert_eq(&format!("{}\n", why.replace(&broker.management_url(), "URL")));
    Ok(())
}

/// The broker filters without regard to case, and by regular expression.
#[tokio::test]
async fn names_are_taken_literally() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("odd/names %2F").await?;
    let odd = ["a+b", "a/b (c)", "^x|y$", r"back\slash", "Grün 日本", "%2F", "-_.~"];
    for queue in odd.into_iter().chain(["A+B", "aab", "x"]) {
        broker.declare(&vhost.name, queue).await?;
    }
    let source = source(broker, &vhost.name);
    let reading = source.read(&queues(&odd)).await?;
    let missing: Vec<_> = reading.queues.iter().filter(|(_, facts)| facts.is_err()).collect();
    assert_eq!(missing, []);
    assert_eq!(source.last_read().requests, 4);

    let reading = source.read(&queues(&["a.b"])).await?;
    assert!(reading.queues["a.b"].is_err(), "a dot stands for itself: {reading:?}");
    Ok(())
}

#[tokio::test]
async fn many_queues_cost_pages_not_requests_each() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("many").await?;
    let names: Vec<String> = (0..60).map(|n| format!("{n:02}-{}", "x".repeat(60))).collect();
    for queue in &names {
        broker.declare(&vhost.name, queue).await?;
    }
    let pages_of = |size| {
        let size = PageSize::new(size).expect("a page of that size");
        RabbitMq::new(&config(&broker.management_url(), &vhost.name).with_page_size(size))
    };
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();

    let source = pages_of(20)?;
    let reading = source.read(&queues(&wanted)).await?;
    assert!(reading.queues.values().all(Result::is_ok), "{reading:?}");
    let ReadStats { requests, bytes } = source.last_read();
    assert_eq!(requests, 3 + 3, "user, consumers, channels, and three pages");
    assert!(bytes > 60 * 60, "{bytes}");

    // One that is not there is asked for once more, by name.
    wanted.push("not-there");
    let reading = source.read(&queues(&wanted)).await?;
    assert_eq!(reading.queues.values().filter(|facts| facts.is_err()).count(), 1);
    assert_eq!(source.last_read().requests, 3 + 3 + 1);

    let source = pages_of(500)?;
    source.read(&queues(&wanted[..60])).await?;
    assert_eq!(source.last_read().requests, 3 + 1);
    Ok(())
}

#[tokio::test]
async fn a_worker_told_to_leave_finishes_what_it_holds() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("leaving").await?;
    load(&vhost, "leaving", &["--count", "2"]).await?;
    let done = tempfile::NamedTempFile::new()?;
    let path = done.path().to_str().expect("a path of ours is text");
    let mut worker = Worker::start(&vhost, "leaving", &["--work", "3s", "--done", path])?;
    let source = source(broker, &vhost.name);
    let held = |reading: &SourceReading| facts(reading, "leaving").unacked == Some(1);
    reads(&source, &["leaving"], "a message in hand", held).await;

    let id = worker.0.id().expect("the worker runs");
    let pid = rustix::process::Pid::from_raw(i32::try_from(id)?).expect("not zero");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    let status = tokio::time::timeout(Duration::from_secs(60), worker.0.wait()).await??;
    assert!(status.success(), "{status}");
    let finished = std::fs::read_to_string(path)?.lines().count() as u64;
    assert!(finished >= 1, "the message in hand was finished");
    eventually("the rest is ready again, and no consumer is left", async || {
        let reading = source.read(&queues(&["leaving"])).await.map_err(|e| e.to_string())?;
        let queue = facts(&reading, "leaving");
        let rest = queue.ready == Some(2 - finished) && queue.unacked == Some(0);
        let nobody = reading.consumers.as_ref().is_ok_and(Vec::is_empty);
        if rest && nobody { Ok(()) } else { Err(format!("{reading:?}")) }
    })
    .await;
    Ok(())
}
