//! A policy that keeps failing is left alone for a while, and another answers
//! in its place: until a new file comes, or it answers a trial.

use std::fs;

use anyhow::Result;
use hooke_tests::broker::Broker;
use hooke_tests::poll;
use hooke_tests::program::Host;
use serde_json::Value;

use crate::pages::samples;
use crate::played::{Played, SITE};
use crate::stage::Stage;
use crate::wishes::{breaks_on_ocr, breaks_without_workers, copied, wants};

/// As the metrics name the one policy that breaks here.
fn labels(site: &str) -> String {
    format!("{{site={site:?},profile=\"ocr\",policy=\"breaking\"}}")
}

/// What `why` says of the fallback's answers.
const IN_ITS_PLACE: &str = "+1 by stands-in in its place";

async fn quarantined(host: &Host, site: &str) -> String {
    let shown = host
        .shows(site, "it is in quarantine", |site| site["policies"][0]["quarantined"].is_string())
        .await;
    shown["policies"][0]["quarantined"].as_str().unwrap().to_owned()
}

async fn logged(host: &Host, words: &str) {
    poll::until(&format!("the log says {words:?}"), async || {
        if host.log().contains(words) { Ok(()) } else { Err(host.log()) }
    })
    .await;
}

/// A real fleet, which grows by the fallback alone.
#[tokio::test]
async fn the_fallback_acts_until_a_good_file_comes() -> Result<()> {
    let mut stage = Stage::new("quarantine", Broker::shared().await?, "10ms").await?;
    let directory = stage.home.join("policies");
    fs::create_dir(&directory)?;
    copied(&directory, "breaking", &breaks_on_ocr())?;
    copied(&directory, "stands-in", &wants(1, "one more, in its place"))?;
    stage.file.policies = Some(directory.clone());
    "[policies.quarantine]\nafter = 3\nfirst = \"1h\"\nlongest = \"2h\""
        .clone_into(&mut stage.file.more);
    let asks = "policy = [{ name = \"breaking\", fallback = \"stands-in\" }]";
    asks.clone_into(&mut stage.first().profiles.first_mut().expect("it has one").more);
    stage.bound(0, 2)?;
    let host = stage.run(None)?;
    let why = quarantined(&host, "quarantine").await;
    assert!(why.contains("it failed 3 times in a row"), "{why}");
    logged(&host, "in quarantine: it failed 3 times in a row, and is not asked for 1h").await;
    logged(&host, "stands-in is asked in its place").await;

    stage.settles(&host, 2).await?;
    let (_, told) = stage.json(&["why", "ocr"]).await?;
    let answer = &told["decisions"][0]["chain"]["answers"][0];
    assert_eq!((&answer["policy"], &answer["said"]), (&"breaking".into(), &IN_ITS_PLACE.into()));
    let reason = answer["reason"].as_str().unwrap();
    assert!(reason.starts_with("one more, in its place (breaking is not asked: it failed 3 times"));
    let page = samples(&stage.file.get("/metrics").await?.1)?;
    assert_eq!(page[&format!("hooke_policy_quarantined{}", labels("quarantine"))], 1.0);
    let failures =
        r#"hooke_policy_failures_total{site="quarantine",policy="breaking",kind="trap"}"#;
    assert_eq!(page[failures], 3.0, "it is not asked any more");
    // Nobody stood in for the first failures: the profile held.
    let (_, told) = stage.json(&["why", "ocr", "--last", "100"]).await?;
    let failed: Vec<&Value> = told["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|decision| decision["chain"]["answers"][0]["said"] != IN_ITS_PLACE)
        .collect();
    assert!(!failed.is_empty(), "{told:#}");
    assert!(failed.iter().all(|decision| decision["chain"]["verdict"] == "hold"), "{failed:#?}");

    // Long before the hour is over.
    copied(&directory, "breaking", &wants(0, "mended"))?;
    host.shows("quarantine", "the good file ends it", |site| {
        site["policies"][0]["quarantined"].is_null()
    })
    .await;
    logged(&host, "out of quarantine").await;
    poll::until("the mended one answers", async || {
        let (_, told) = stage.json(&["why", "ocr"]).await.map_err(|error| format!("{error:#}"))?;
        let answer = &told["decisions"][0]["chain"]["answers"][0];
        if answer["reason"] == "mended" { Ok(()) } else { Err(format!("{told:#}")) }
    })
    .await;
    let page = samples(&stage.file.get("/metrics").await?.1)?;
    assert_eq!(page[&format!("hooke_policy_quarantined{}", labels("quarantine"))], 0.0);
    Ok(())
}

#[tokio::test]
async fn a_trial_that_is_answered_ends_it() -> Result<()> {
    let asks = r#"[{ name = "breaking", fallback = "stands-in" }]"#;
    let stands_in = wants(1, "one more, in its place");
    let files = [("breaking", &*breaks_without_workers()), ("stands-in", &*stands_in)];
    let mut played = Played::new(asks, &files)?;
    "[policies.quarantine]\nafter = 2\nfirst = \"2s\"\nlongest = \"3s\""
        .clone_into(&mut played.tables);
    let host = played.run().await?;
    logged(&host, "in quarantine: it failed 2 times in a row, and is not asked for 2s").await;
    // The fallback makes the worker without which the policy breaks.
    logged(&host, "out of quarantine: it answered its trial").await;
    let shown = host
        .shows(SITE, "it is asked again", |site| site["policies"][0]["quarantined"].is_null())
        .await;
    assert!(shown["profiles"]["ocr"]["serving"].as_u64() > Some(0), "{shown:#}");
    let chain = played
        .decides("it answers itself", |chain| {
            chain["answers"][0]["reason"] == "enough work for each"
        })
        .await;
    assert_eq!(chain["answers"][0]["policy"], "breaking", "{chain:#}");
    let quarantined = format!("hooke_policy_quarantined{}", labels(SITE));
    assert_eq!(played.metric(&quarantined).await?, 0.0);
    Ok(())
}

/// With nobody to stand in the profile holds; every trial that fails doubles
/// the pause, up to the longest.
#[tokio::test]
async fn pauses_are_as_the_site_file_says() -> Result<()> {
    let mut played = Played::new(r#""breaking""#, &[("breaking", &breaks_on_ocr())])?;
    "[policies.quarantine]\nafter = 1\nfirst = \"1s\"\nlongest = \"3s\""
        .clone_into(&mut played.tables);
    let host = played.run().await?;
    for (failures, pause) in [(1, "1s"), (2, "2s"), (3, "3s"), (4, "3s")] {
        let words = format!("it failed {failures} times in a row, and is not asked for {pause}");
        logged(&host, &words).await;
    }
    let quarantined = format!("hooke_policy_quarantined{}", labels(SITE));
    assert_eq!(played.metric(&quarantined).await?, 1.0);
    let told = played.why(100).await?;
    assert!(told.iter().all(|d| d["chain"]["verdict"] == "hold"), "{told:#?}");
    let waits = |d: &Value| {
        let reason = d["chain"]["answers"][0]["reason"].as_str().unwrap_or_default();
        reason.contains("times in a row and is tried again in")
    };
    assert!(told.iter().any(waits), "why says that it is not asked: {told:#?}");

    // A site that does not name it any more has nobody in quarantine.
    played.asks = r#""min-instance""#.to_owned();
    played.reload(&host).await?;
    host.ticks(SITE, 2, |_| ()).await?;
    assert_eq!(played.metric(&quarantined).await?, 0.0);
    Ok(())
}

/// A file that is no policy, as after a copy that broke off before a restart.
#[tokio::test]
async fn who_cannot_be_asked_at_all_is_stood_in_for() -> Result<()> {
    let asks = "[{ name = \"breaking\", fallback = \"stands-in\" }]";
    let stands_in = wants(1, "one more, in its place");
    let files = [("breaking", b"cut short".as_slice()), ("stands-in", &stands_in)];
    let mut played = Played::new(asks, &files)?;
    let _host = played.run().await?;
    let chain = played
        .decides("the fallback answers", |chain| chain["answers"][0]["said"] == IN_ITS_PLACE)
        .await;
    let reason = chain["answers"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("breaking is not asked: ") && reason.contains("it is text"),
        "{reason}"
    );
    Ok(())
}

/// Else a host that is reloaded every few minutes would never leave it alone.
#[tokio::test]
async fn a_quarantine_goes_on_over_a_reload() -> Result<()> {
    let mut played = Played::new("\"breaking\"", &[("breaking", &breaks_on_ocr())])?;
    "[policies.quarantine]\nafter = 3\nfirst = \"1h\"\nlongest = \"2h\""
        .clone_into(&mut played.tables);
    let host = played.run().await?;
    quarantined(&host, SITE).await;
    "missing_after = \"2m\"".clone_into(&mut played.more);
    played.reload(&host).await?;
    host.ticks(SITE, 3, |_| ()).await?;
    let why = quarantined(&host, SITE).await;
    assert!(why.contains("it failed 3 times in a row"), "{why}");
    let failures =
        format!("hooke_policy_failures_total{{site={SITE:?},policy=\"breaking\",kind=\"trap\"}}");
    assert_eq!(played.metric(&failures).await?, 3.0, "nobody asked it again");
    Ok(())
}
