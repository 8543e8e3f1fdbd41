//! What the host shows of itself, and what the commands answer to programs.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use hooke_tests::broker::Broker;
use hooke_tests::poll;
use hooke_tests::site_file::STATE;
use serde_json::Value;

use crate::go_between::{Does, GoBetween};
use crate::stage::Stage;

/// One sample of a metric: its name and labels as written, and its value.
pub(crate) type Samples = BTreeMap<String, f64>;

/// Reads OpenMetrics' text form, strictly.
pub(crate) fn samples(text: &str) -> Result<Samples> {
    let body = text.strip_suffix("# EOF\n").context("the text does not end with # EOF")?;
    let mut samples = Samples::new();
    let mut families = Vec::new();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (keyword, family) = (words.next(), words.next());
            ensure!(matches!(keyword, Some("HELP" | "TYPE" | "UNIT")), "{line}");
            families.push(family.context("a comment names its family")?);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').with_context(|| format!("{line:?}"))?;
        let name = series.split('{').next().unwrap_or_default();
        ensure!(families.iter().any(|family| name.starts_with(family)), "no family of {line}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        ensure!(name.chars().all(plain), "{line}");
        ensure!(series == name || series.ends_with('}'), "{line}");
        ensure!(samples.insert(series.to_owned(), value.parse()?).is_none(), "twice: {line}");
    }
    Ok(samples)
}

#[tokio::test]
async fn the_pages_of_a_running_host() -> Result<()> {
    let mut stage = Stage::new("pages", Broker::shared().await?, "10ms").await?;
    stage.bound(2, 3)?;
    let host = stage.run(None)?;
    stage.settles(&host, 2).await?;
    assert_eq!(stage.file.get("/healthz").await?, (200, "ok\n".to_owned()));

    let (code, text) = stage.file.get("/metrics").await?;
    assert_eq!(code, 200);
    let samples = samples(&text)?;
    let of = |series: &str| *samples.get(series).unwrap_or_else(|| panic!("no {series}:\n{text}"));
    assert!(of(r#"hooke_ticks_total{site="pages"}"#) >= 2.0);
    assert_eq!(of(r#"hooke_backlog_ready{site="pages",profile="ocr"}"#), 0.0);
    assert_eq!(of(r#"hooke_backlog_quality{site="pages",profile="ocr"}"#), 0.0);
    assert_eq!(of(r#"hooke_workers{site="pages",profile="ocr",state="serving"}"#), 2.0);
    assert_eq!(of(r#"hooke_workers_desired{site="pages",profile="ocr"}"#), 2.0);
    assert_eq!(of(r#"hooke_vms{site="pages",state="running"}"#), 2.0);
    assert_eq!(of(r#"hooke_actions_total{site="pages",kind="launch",outcome="applied"}"#), 2.0);
    assert!(of(r#"hooke_tick_duration_seconds_count{site="pages"}"#) >= 2.0);
    assert!(of(r#"hooke_policy_duration_seconds_count{site="pages"}"#) >= 2.0);

    let status = host.status().await?;
    let site = &status["sites"]["pages"];
    let ocr = &site["profiles"]["ocr"];
    assert_eq!((&site["cloud"], &site["trouble"]), (&"fresh".into(), &Value::Array(vec![])));
    assert_eq!((&ocr["ready"], &ocr["min"], &ocr["max"]), (&0.into(), &2.into(), &3.into()));
    assert!(ocr["decision"].as_str().is_some_and(|decision| !decision.is_empty()), "{status:#}");
    let (code, told) = stage.json(&["status"]).await?;
    assert_eq!(code, 0);
    assert_eq!(told["started_at_ms"], status["started_at_ms"], "the same host answers");
    Ok(())
}

/// 503 until the machines were seen once, and whenever they cannot be; the
/// process driver cannot list where a file is in the place of its directory.
#[tokio::test]
async fn health_is_seeing_every_machine() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("health", broker, "10ms").await?;
    let between = GoBetween::start(&broker.management_url()).await?;
    between.does(Does::Nothing);
    stage.first().url = between.url();
    stage.first().timeout = "100s";
    let _host = stage.run(None)?;
    // The source does not answer, so that there is no tick yet.
    let health = async |want: u16, words: &str| {
        poll::until(&format!("/healthz answers {want}: {words}"), async || {
            match stage.file.get("/healthz").await {
                Ok((code, text)) if code == want && text.contains(words) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    };
    health(503, "health: no tick yet").await;
    between.does(Does::Pass);
    health(200, "ok").await;
    let machines = stage.home.join(STATE).join("health");
    fs::rename(&machines, stage.home.join("aside"))?;
    fs::write(&machines, "in the way")?;
    health(503, "health: machines:").await;
    fs::remove_file(&machines)?;
    fs::rename(stage.home.join("aside"), &machines)?;
    health(200, "ok").await;
    Ok(())
}

#[tokio::test]
async fn commands_answer_as_json() -> Result<()> {
    let mut stage = Stage::new("commands", Broker::shared().await?, "10ms").await?;
    stage.bound(1, 2)?;
    let (code, told) = stage.json(&["check"]).await?;
    assert_eq!(code, 0, "{told:#}");
    assert!(told.as_array().unwrap().iter().all(|line| line["ok"] == true), "{told:#}");

    // Nothing was ever run: a plan tells what would be done and does nothing.
    let (code, told) = stage.json(&["plan"]).await?;
    assert_eq!(code, 0, "{told:#}");
    assert_eq!(told[0]["actions"][0]["action"], "launch image ocr", "{told:#}");
    assert_eq!(told[0]["decisions"][0]["verdict"], "scale out");
    assert!(!stage.home.join("hooke.db").exists(), "a plan writes nothing");
    assert_eq!(stage.fleet()?.ever(), 0, "a plan starts nothing");
    let (code, told) = stage.json(&["status"]).await?;
    assert_eq!(code, 1, "nobody runs: {told:#}");
    assert!(told["error"].is_string(), "{told:#}");

    let mut host = stage.run(None)?;
    stage.settles(&host, 1).await?;
    let (code, told) = stage.json(&["why", "ocr"]).await?;
    assert_eq!((code, &told["decisions"][0]["site"]), (0, &"commands".into()), "{told:#}");
    let vm = host.status().await?["sites"]["commands"]["vms"][0]["id"].as_str().unwrap().to_owned();
    let (code, told) = stage.json(&["why", &vm]).await?;
    assert_eq!((code, &told["machine"][0]["vm"]), (0, &vm.into()), "{told:#}");
    let (code, told) = stage.json(&["why", "nobody"]).await?;
    assert_eq!(code, 1, "{told:#}");
    let fleet = stage.fleet()?;
    let (code, told) = stage.json(&["plan"]).await?;
    assert_eq!((code, &told[0]["actions"]), (0, &Value::Array(vec![])), "{told:#}");
    assert_eq!(stage.fleet()?, fleet);

    host.kill().await?;
    let (code, told) = stage.json(&["status"]).await?;
    assert_eq!((code, &told["running"]), (1, &false.into()), "{told:#}");
    assert_eq!(told["last"][0]["profile"], "ocr");
    Ok(())
}
