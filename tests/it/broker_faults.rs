//! Brokers that are down, die, talk nonsense or fall silent: the site holds
//! what it has, says what is the matter, and recovers by itself.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use anyhow::Result;
use hooke_tests::broker::{Broker, Data, Statistics};
use hooke_tests::fleet::Fleet;
use hooke_tests::poll;
use hooke_tests::program::Host;
use rustix::process::Signal;
use serde_json::Value;

use crate::go_between::{Does, GoBetween};
use crate::rabbitmq_source::workers::load;
use crate::stage::Stage;

fn trouble(site: &Value) -> String {
    site["trouble"].to_string()
}

/// Lets ticks go by, and finds the same fleet after each.
async fn holds(stage: &Stage, host: &Host, fleet: &Fleet) -> Result<()> {
    host.ticks(&stage.site, 4, |_| assert_eq!(stage.fleet().unwrap(), *fleet)).await
}

async fn is_fresh(stage: &Stage, host: &Host) {
    host.shows(&stage.site, "the broker is read again", |site| {
        site["profiles"]["ocr"]["quality"] == "fresh" && site["trouble"] == Value::Array(vec![])
    })
    .await;
}

/// One node, as each takes seconds to start: not there at first, killed amid a
/// burst, back again.
#[tokio::test]
async fn a_broker_that_is_down_at_first_and_dies_in_the_middle() -> Result<()> {
    let statistics = Statistics::Every(Duration::from_secs(1));
    let mut broker = Broker::start(statistics, Data::Temporary).await?;
    let mut stage = Stage::new("mortal", &broker, "100ms").await?;
    let site = stage.first();
    site.policies = vec!["threshold".to_owned()];
    site.threshold = "threshold = 5\nadd = \"ratio\"\nmessages_per_worker = 50\n\
                      queue_idle = \"2s\"\nvm_idle = \"2s\"\n"
        .to_owned();
    stage.bound(1, 3)?;
    broker.kill()?;

    let host = stage.run(None)?;
    host.shows(&stage.site, "the minimum is kept up without a broker", |site| {
        trouble(site).contains("rabbitmq") && site["vms"].as_array().is_some_and(|v| v.len() == 1)
    })
    .await;
    let fleet = poll::until("its machine is complete", async || {
        let fleet = stage.fleet().map_err(|error| error.to_string())?;
        if fleet.workers().len() == 1 { Ok(fleet) } else { Err(format!("{fleet:#?}")) }
    })
    .await;
    holds(&stage, &host, &fleet).await?;
    assert_eq!(stage.file.get("/healthz").await?.0, 200, "the machines are seen");

    broker.restart().await?;
    stage.settles(&host, 1).await?;
    is_fresh(&stage, &host).await;
    assert_eq!(stage.fleet()?, fleet, "the same machine, and its worker came to the broker");

    load(&stage.vhost, "ocr", &["--count", "300"]).await?;
    host.shows(&stage.site, "three workers serve", |site| site["profiles"]["ocr"]["serving"] == 3)
        .await;
    let fleet = stage.fleet()?;
    broker.kill()?;
    host.shows(&stage.site, "the broker is missed", |site| {
        site["profiles"]["ocr"]["quality"] == "stale"
    })
    .await;
    holds(&stage, &host, &fleet).await?;

    broker.restart().await?;
    poll::until("nothing is lost", async || {
        let text = fs::read_to_string(stage.home.join("done")).map_err(|e| e.to_string())?;
        let done: BTreeSet<&str> = text.lines().collect();
        if done.len() >= 300 { Ok(()) } else { Err(format!("{} done", done.len())) }
    })
    .await;
    stage.settles(&host, 1).await?;
    Ok(())
}

#[tokio::test]
async fn a_broker_that_returns_html() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("html", broker, "10ms").await?;
    let between = GoBetween::start(&stage.first().url).await?;
    stage.first().url = between.url();
    stage.bound(2, 2)?;
    let host = stage.run(None)?;
    stage.settles(&host, 2).await?;
    let fleet = stage.fleet()?;
    // Fewer are wanted now, which needs a broker that can be understood.
    between.does(Does::Html);
    host.shows(&stage.site, "nonsense is told from an answer", |site| {
        trouble(site).contains("management API")
    })
    .await;
    stage.bound(1, 2)?;
    host.signal(Signal::HUP)?;
    host.shows(&stage.site, "the new minimum is known", |site| site["profiles"]["ocr"]["min"] == 1)
        .await;
    holds(&stage, &host, &fleet).await?;
    between.does(Does::Pass);
    stage.settles(&host, 1).await?;
    is_fresh(&stage, &host).await;
    Ok(())
}

#[tokio::test]
async fn a_queue_that_vanishes() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("vanishing", broker, "10ms").await?;
    // Workers that never come to the queue do not declare it anew either.
    stage.first().profiles[0].command = ["sleep", "600"].map(str::to_owned).to_vec();
    stage.bound(1, 2)?;
    let host = stage.run(None)?;
    host.shows(&stage.site, "a worker runs", |site| !site["vms"][0]["workers"][0].is_null()).await;
    is_fresh(&stage, &host).await;
    let fleet = stage.fleet()?;
    broker.delete(&stage.vhost.name, "ocr").await?;
    host.shows(&stage.site, "the queue is missed by name", |site| {
        trouble(site).contains("ocr") && site["profiles"]["ocr"]["quality"] == "stale"
    })
    .await;
    holds(&stage, &host, &fleet).await?;
    broker.declare(&stage.vhost.name, "ocr").await?;
    is_fresh(&stage, &host).await;
    assert_eq!(stage.fleet()?, fleet);
    Ok(())
}

/// Two sites in one host, one of them with a source that never answers.
#[tokio::test]
async fn a_source_that_never_answers_delays_nobody_else() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("lively", broker, "10ms").await?;
    let between = GoBetween::start(&broker.management_url()).await?;
    between.does(Does::Nothing);
    let mut silent = stage.first().clone();
    (silent.name, silent.url, silent.timeout) = ("silent".to_owned(), between.url(), "100s");
    stage.file.sites.insert(0, silent);
    let mut host = stage.run(None)?;
    stage.settles(&host, 1).await?;
    host.ticks(&stage.site, 5, |_| ()).await?;
    assert_eq!(host.status().await?["sites"]["silent"]["tick"], 0, "it waits for its source");
    assert!(between.asked() > 0, "the source was asked");

    // Nor does it hold up a reload, or the end.
    let lively = stage.file.sites[1].clone().bounded("ocr", 2, 2);
    stage.file.sites[1] = lively;
    stage.file.write(&stage.home)?;
    host.signal(Signal::HUP)?;
    stage.settles(&host, 2).await?;
    assert!(host.status().await?["sites"]["silent"]["tick"] == 0);
    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    assert_eq!(between.asked(), 2, "one look before the reload, one after, none given up for time");
    Ok(())
}

/// And when it answers at last, its site goes on as if nothing had been.
#[tokio::test]
async fn a_source_that_falls_silent_and_speaks_again() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("moody", broker, "10ms").await?;
    let between = GoBetween::start(&broker.management_url()).await?;
    stage.first().url = between.url();
    stage.first().timeout = "2s";
    stage.bound(1, 2)?;
    let host = stage.run(None)?;
    stage.settles(&host, 1).await?;
    let fleet = stage.fleet()?;
    between.does(Does::Nothing);
    host.shows(&stage.site, "the silence is told", |site| trouble(site).contains("2s")).await;
    holds(&stage, &host, &fleet).await?;
    between.does(Does::Pass);
    is_fresh(&stage, &host).await;
    assert_eq!(stage.fleet()?, fleet);
    Ok(())
}
