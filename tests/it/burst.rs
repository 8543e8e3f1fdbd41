//! A burst on a real queue: out to the profile's maximum, drained, back to the
//! minimum, nothing lost, and every step explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;
use hooke_tests::broker::Broker;
use hooke_tests::poll;
use hooke_tests::program::Host;
use rustix::process::Signal;
use serde_json::Value;

use crate::rabbitmq_source::workers::load;
use crate::stage::Stage;

const MESSAGES: u64 = 1000;
const MAX: u32 = 8;

#[tokio::test]
async fn a_burst_is_drained_at_the_maximum_and_the_fleet_returns() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("burst", broker, "60ms").await?;
    let site = stage.first();
    site.policies = vec!["threshold".to_owned(), "min-instance".to_owned()];
    site.threshold = "threshold = 20\nadd = \"ratio\"\nmessages_per_worker = 50\n\
                      queue_idle = \"2s\"\nvm_idle = \"3s\"\n"
        .to_owned();
    (site.vcpus, site.buffer) = (2, 1);
    stage.bound(1, MAX)?;
    let mut host = stage.run(None)?;
    stage.settles(&host, 1).await?;

    let count = MESSAGES.to_string();
    load(&stage.vhost, "ocr", &["--count", &count]).await?;
    let most = host
        .shows(&stage.site, "the profile's maximum serves", |site| {
            site["profiles"]["ocr"]["serving"] == MAX
        })
        .await;
    assert!(most["vms"].as_array().is_some_and(|vms| vms.len() > 1), "{most:#}");
    let done = everything_is_done(&stage).await;
    assert_eq!(done.len() as u64, MESSAGES, "{MESSAGES} numbers and no other");
    let again: Vec<_> = done.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "nobody was interrupted, so nothing is done twice: {again:?}");

    back_to_the_minimum(&stage, &host).await?;
    explained(&stage).await?;
    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success());
    Ok(())
}

/// How often each message was finished.
async fn everything_is_done(stage: &Stage) -> BTreeMap<u64, u32> {
    poll::until("every message is done", async || {
        let text = fs::read_to_string(stage.home.join("done")).map_err(|e| e.to_string())?;
        let mut done = BTreeMap::new();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            *done.entry(line.trim_end().parse::<u64>().unwrap()).or_insert(0) += 1;
        }
        let lost = (1..=MESSAGES).filter(|number| !done.contains_key(number)).count();
        if lost == 0 { Ok(done) } else { Err(format!("{lost} are not done yet")) }
    })
    .await
}

async fn back_to_the_minimum(stage: &Stage, host: &Host) -> Result<()> {
    stage.settles(host, 1).await?;
    host.shows(&stage.site, "one machine runs, the others are suspended", |site| {
        let vms = site["vms"].as_array().map_or(&[][..], Vec::as_slice);
        let running = vms.iter().filter(|vm| vm["state"] == "running").count();
        running == 1 && vms.iter().all(|vm| vm["state"] == "running" || vm["state"] == "suspended")
    })
    .await;
    poll::until("the processes say the same", async || {
        let fleet = stage.fleet().map_err(|error| error.to_string())?;
        let damage = fleet.damage();
        if fleet.running() == 1 && damage.is_empty() { Ok(()) } else { Err(format!("{fleet:#?}")) }
    })
    .await;
    Ok(())
}

/// `hooke why` tells of every step: each that changed something has its
/// readings, a policy's reason, and actions that ended; out to the maximum,
/// in to the minimum.
async fn explained(stage: &Stage) -> Result<()> {
    let (code, told) = stage.json(&["why", "ocr", "--last", "500"]).await?;
    assert_eq!(code, 0, "{told:#}");
    let decisions = told["decisions"].as_array().unwrap();
    let mut kinds = BTreeSet::new();
    let mut vms = BTreeSet::new();
    for decision in decisions {
        let chain = &decision["chain"];
        assert!(!chain["readings"].as_array().unwrap().is_empty(), "{decision:#}");
        let mut answers = chain["answers"].as_array().unwrap().iter();
        assert!(answers.all(|answer| !text(&answer["reason"]).is_empty()), "{decision:#}");
        for action in decision["actions"].as_array().unwrap() {
            assert!(!text(&action["reason"]).is_empty(), "{action:#}");
            let outcome = text(&action["outcome"]);
            assert!(outcome.starts_with("done") || outcome == "already so", "{action:#}");
            kinds.insert(text(&action["action"]).split(' ').next().unwrap());
            vms.extend(action["vm"].as_str());
        }
    }
    let wanted = ["launch", "start", "stop", "suspend"];
    assert!(wanted.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let verdicts: BTreeSet<&str> = decisions.iter().map(|d| text(&d["chain"]["verdict"])).collect();
    assert_eq!(verdicts, BTreeSet::from(["hold", "scale in", "scale out"]));
    for vm in vms {
        let (code, told) = stage.json(&["why", vm]).await?;
        assert_eq!(code, 0, "{told:#}");
        let launches = told["machine"].as_array().unwrap().iter();
        let launches = launches.filter(|action| text(&action["action"]).starts_with("launch"));
        assert_eq!(launches.count(), 1, "{told:#}");
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
