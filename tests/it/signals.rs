//! SIGTERM finishes and leaves the fleet running; SIGHUP reloads the site
//! file, or keeps the old one and says why.

use std::fs;

use anyhow::Result;
use hooke_tests::broker::Broker;
use hooke_tests::fleet::Fleet;
use hooke_tests::poll;
use hooke_tests::program::Host;
use rustix::process::Signal;
use serde_json::Value;

use crate::stage::Stage;

async fn two_workers(name: &str) -> Result<(Stage, Host, Fleet)> {
    let mut stage = Stage::new(name, Broker::shared().await?, "10ms").await?;
    stage.bound(2, 2)?;
    let host = stage.run(None)?;
    stage.settles(&host, 2).await?;
    let fleet = stage.fleet()?;
    Ok((stage, host, fleet))
}

fn machines(site: &Value) -> Vec<&str> {
    site["vms"].as_array().unwrap().iter().map(|vm| vm["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn sigterm_leaves_the_fleet_running_and_the_next_host_adopts_it() -> Result<()> {
    let (stage, mut host, fleet) = two_workers("sigterm").await?;
    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    assert!(host.log().contains("the fleet runs on"), "{}", host.log());
    assert_eq!(stage.fleet()?, fleet, "the very same processes");
    assert_eq!(stage.open_intents()?, Vec::<String>::new());

    let mut host = stage.run(None)?;
    let site = stage.settles(&host, 2).await?;
    assert_eq!(machines(&site), fleet.machines.keys().collect::<Vec<_>>());
    host.ticks(&stage.site, 3, |_| ()).await?;
    assert_eq!(stage.fleet()?, fleet, "adopted, not made anew");
    host.signal(Signal::INT)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    assert_eq!(stage.fleet()?, fleet, "SIGINT is no different");
    Ok(())
}

/// Two stores know nothing of each other's intents, so that the machines
/// themselves have one host. Whoever only looks needs not be it.
#[tokio::test]
async fn a_second_host_with_a_store_of_its_own_is_refused_the_machines() -> Result<()> {
    let (stage, mut host, fleet) = two_workers("two-hosts").await?;
    let text = stage.file.text();
    let listen = text.lines().find(|line| line.starts_with("listen")).unwrap();
    let other = text.replace(listen, "listen = \"127.0.0.1:0\"\n[store]\npath = \"other.db\"");
    fs::write(stage.home.join("other.toml"), other)?;
    let refused = stage.program.ask(&stage.home, &["run", "-c", "other.toml"]).await?;
    assert_eq!(refused.code, 1, "{}", refused.complaint);
    let told = &refused.complaint;
    let holder = format!("are driven by another host (process {})", host.id()?);
    assert!(told.contains("site two-hosts") && told.contains(&holder), "{told}");
    let plan = stage.program.ask(&stage.home, &["plan", "-c", "other.toml"]).await?;
    assert_eq!(plan.code, 0, "{}", plan.complaint);
    assert_eq!(stage.fleet()?, fleet, "nothing was touched");

    // The lock goes with its host, however that ends.
    host.kill().await?;
    let host = stage.run(None)?;
    stage.settles(&host, 2).await?;
    Ok(())
}

/// It comes in the middle of launches: they are finished and written down.
#[tokio::test]
async fn sigterm_finishes_what_is_in_flight() -> Result<()> {
    let mut stage = Stage::new("in-flight", Broker::shared().await?, "10ms").await?;
    stage.bound(4, 4)?;
    let mut host = stage.run(None)?;
    poll::until("a launch is under way", async || {
        let fleet = stage.fleet().map_err(|error| error.to_string())?;
        if fleet.ever() > 0 { Ok(()) } else { Err(host.log()) }
    })
    .await;
    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    let fleet = stage.fleet()?;
    assert!(fleet.damage().is_empty(), "no launch was cut short: {fleet:#?}");

    let host = stage.run(None)?;
    stage.settles(&host, 4).await?;
    assert_eq!(stage.fleet()?.ever(), 4);
    Ok(())
}

#[tokio::test]
async fn sighup_takes_a_right_file_and_refuses_a_wrong_one() -> Result<()> {
    let (mut stage, host, fleet) = two_workers("sighup").await?;
    let toml = stage.home.join("hooke.toml");
    let wrong = stage.file.text().replace("min = 2, max = 2", "min = 5, max = 4, most = 9");
    fs::write(&toml, wrong)?;
    host.signal(Signal::HUP)?;
    let refused = poll::until("the reload is refused", async || {
        let status = host.status().await.map_err(|error| error.to_string())?;
        let refused = status["reload_refused"].as_str().unwrap_or_default().to_owned();
        if refused.is_empty() { Err(format!("{status:#}")) } else { Ok(refused) }
    })
    .await;
    for problem in ["min 5 is above max 4", "most"] {
        assert!(refused.contains(problem), "/status names every problem: {refused}");
        assert!(host.log().contains(problem), "and so does the log: {}", host.log());
    }
    let old = |status: &Value| {
        let ocr = &status["sites"]["sighup"]["profiles"]["ocr"];
        assert_eq!((&ocr["min"], &ocr["max"]), (&2.into(), &2.into()), "the old one is in force");
    };
    host.ticks(&stage.site, 3, old).await?;
    let answer = stage.program.ask(&stage.home, &["check", "--offline"]).await?;
    assert_eq!(answer.code, 2, "{}", answer.complaint);
    assert_eq!(stage.fleet()?, fleet, "nobody was touched");

    stage.bound(3, 3)?;
    host.signal(Signal::HUP)?;
    stage.settles(&host, 3).await?;
    assert_eq!(host.status().await?["reload_refused"], "");
    let now = stage.fleet()?;
    assert!(now.workers().is_superset(&fleet.workers()), "{fleet:#?} {now:#?}");
    assert_eq!((now.machines.len(), now.ever()), (3, 3));
    Ok(())
}

/// A site is taken out of the file and put back: its fleet runs on meanwhile.
#[tokio::test]
async fn sighup_removes_and_adds_sites() -> Result<()> {
    let (mut stage, host, fleet) = two_workers("removed").await?;
    let removed = stage.file.sites.remove(0);
    let mut other = removed.clone();
    other.name = "other".to_owned();
    other.profiles.iter_mut().for_each(|profile| profile.workers = (0, 1));
    stage.file.sites = vec![other];
    stage.file.write(&stage.home)?;
    host.signal(Signal::HUP)?;
    host.shows("other", "the new site ticks", |site| site["tick"].as_u64() > Some(1)).await;
    assert!(host.status().await?["sites"]["removed"].is_null());
    let (_, page) = stage.file.get("/metrics").await?;
    assert!(page.contains(r#"site="other""#), "{page}");
    assert!(!page.contains(r#"site="removed""#), "no series of it stays:\n{page}");
    assert_eq!(stage.fleet()?, fleet, "its fleet runs on");

    stage.file.sites.push(removed);
    stage.file.write(&stage.home)?;
    host.signal(Signal::HUP)?;
    stage.settles(&host, 2).await?;
    assert_eq!(stage.fleet()?, fleet, "adopted");
    Ok(())
}

/// What a running host cannot change is refused by name, not passed over.
#[tokio::test]
async fn sighup_refuses_another_address() -> Result<()> {
    let (stage, host, fleet) = two_workers("address").await?;
    let mut moved = stage.file.clone();
    [moved.port] = hooke_tests::ports::free()?;
    moved.write(&stage.home)?;
    host.signal(Signal::HUP)?;
    poll::until("the reload is refused", async || {
        let status = host.status().await.map_err(|error| error.to_string())?;
        let refused = status["reload_refused"].as_str().unwrap_or_default().to_owned();
        if refused.contains("listen") { Ok(()) } else { Err(format!("{status:#}")) }
    })
    .await;
    assert_eq!(stage.fleet()?, fleet);
    Ok(())
}
