//! Policy files that come, change and go while the host runs: what is good is
//! used without a lost tick, what is not changes nothing and is told.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use anyhow::Result;
use hooke_runtime::Digest;
use hooke_tests::program::Host;
use serde_json::Value;

use crate::guests::guest;
use crate::played::{Played, SITE, of, shown};
use crate::policies::bundled;
use crate::wishes::{breaks_on_ocr, takes_no_settings, wants};

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Digest::of(bytes))
}

fn is_live(bytes: &[u8]) -> impl Fn(&Value) -> bool {
    let digest = digest(bytes);
    move |shown| shown["state"] == "live" && shown["digest"] == *digest
}

fn reason(chain: &Value) -> &str {
    chain["answers"][0]["reason"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_file_that_comes_is_known_within_seconds() -> Result<()> {
    let mut played = Played::new(r#""min-instance""#, &[])?;
    let host = played.run().await?;
    let (installed, copied) = (wants(1, "one more"), wants(2, "two more"));
    fs::write(played.home.join("installed.wasm"), &installed)?;

    let began = Instant::now();
    let args = ["policy", "install", "installed.wasm", "--config", "hooke.toml"];
    let (code, told) = played.json(&args).await?;
    let put = began.elapsed();
    assert_eq!((code, &told["replaced"]), (0, &false.into()), "{told:#}");
    assert_eq!(told["digest"], *digest(&installed));
    shown(&host, "installed", "an installed file is known", is_live(&installed)).await;
    println!("installed in {put:?}, known {:?} later", began.elapsed() - put);

    let began = Instant::now();
    played.copy("copied", &copied)?;
    shown(&host, "copied", "a copied file is known", is_live(&copied)).await;
    println!("a copy was known after {:?}", began.elapsed());
    assert_eq!((played.reloads("loaded").await?, played.reloads("swapped").await?), (2.0, 0.0));
    assert_eq!(host.status().await?["sites"][SITE]["vms"], serde_json::json!([]));

    // Known by name: a site file that names it is taken, and it acts.
    played.asks = r#""installed""#.to_owned();
    played.reload(&host).await?;
    played.decides("it is asked", |chain| reason(chain) == "one more").await;
    // One that came a moment before the signal is waited for.
    played.copy("late", &wants(3, "three more"))?;
    played.asks = r#""late""#.to_owned();
    played.reload(&host).await?;
    assert_eq!(host.status().await?["reload_refused"], "");
    played.decides("the late one is asked", |chain| reason(chain) == "three more").await;
    host.shows(SITE, "three workers", |site| site["profiles"]["ocr"]["serving"] == 3).await;
    Ok(())
}

#[tokio::test]
async fn a_newer_file_takes_over_without_a_lost_tick() -> Result<()> {
    let (first, second) = (wants(0, "the first"), wants(1, "the second"));
    let mut played = Played::new(r#""changing""#, &[("changing", &first)])?;
    let host = played.run().await?;
    host.ticks(SITE, 2, |_| ()).await?;
    let before = host.status().await?;
    assert!(is_live(&first)(&of(&before, "changing")), "{before:#}");
    let swapped = played.reloads("swapped").await?;

    played.copy("changing", &second)?;
    let now = shown(&host, "changing", "the newer one is live", is_live(&second)).await;
    assert!(now["since_ms"].as_u64() > of(&before, "changing")["since_ms"].as_u64(), "{now:#}");
    played.decides("the newer one answers", |chain| reason(chain) == "the second").await;
    host.ticks(SITE, 2, |_| ()).await?;
    assert_eq!(played.reloads("swapped").await?, swapped + 1.0);
    let log = host.log();
    assert!(log.contains("policy swapped"), "{log}");
    assert!(log.contains("answers differently: site played, profile ocr: +1, the second"), "{log}");

    // Every tick since the start was decided, by one or the other, and the
    // profile was never held for want of an answer.
    let latest = played.decides("there is a decision", |_| true).await;
    let decisions = played.why(500).await?;
    let answered: BTreeSet<&str> = decisions.iter().map(|d| reason(&d["chain"])).collect();
    assert_eq!(answered, BTreeSet::from(["the first", "the second"]), "{decisions:#?}");
    let decided: u64 = decisions.iter().filter_map(|decision| decision["times"].as_u64()).sum();
    assert!(Some(decided) >= latest["tick"].as_u64(), "{decided} decisions: {latest:#}");
    Ok(())
}

/// Nothing of a file that is refused is in force, and the site goes on.
async fn refused(
    played: &Played,
    host: &Host,
    live: &[u8],
    bad: &[u8],
    outcome: &str,
) -> Result<()> {
    let before = played.reloads(outcome).await?;
    played.copy("kept", bad)?;
    let told = shown(host, "kept", outcome, |shown| {
        shown["state"] == outcome && shown["newest_digest"] == *digest(bad)
    })
    .await;
    assert_eq!(told["digest"], *digest(live), "the old one stays: {told:#}");
    let why = told["why"].as_str().unwrap();
    assert!(!why.is_empty(), "{told:#}");
    assert_eq!(played.reloads(outcome).await?, before + 1.0, "{outcome}");
    let first = why.lines().next().unwrap();
    let log = host.log();
    assert!(log.lines().any(|l| l.contains(outcome) && l.contains(first)), "{why}\n{log}");
    host.ticks(SITE, 2, |_| ()).await?;
    let chain = played.decides("the old one answers", |_| true).await;
    assert_eq!(reason(&chain), "the good one", "{chain:#}");
    Ok(())
}

#[tokio::test]
async fn a_bad_newer_file_keeps_the_old_one() -> Result<()> {
    let good = wants(0, "the good one");
    let mut played = Played::new(r#""kept""#, &[("kept", &good)])?;
    played.more = "settings.kept.threshold = 3".to_owned();
    let host = played.run().await?;
    host.ticks(SITE, 1, |_| ()).await?;
    let newer = wants(1, "the newer one");
    let torn = newer.get(..newer.len() / 2).expect("half of it is there");
    let cases: [(&[u8], &str); 6] = [
        (b"<html>404 not found</html>\n", "refused-form"),
        (torn, "refused-form"),
        (&guest("panic").build(), "refused-conformance"),
        (&breaks_on_ocr(), "refused-trial"),
        (&takes_no_settings(), "refused-settings"),
        (bundled("threshold"), "refused-grants"),
    ];
    for (bad, outcome) in cases {
        refused(&played, &host, &good, bad, outcome).await?;
    }
    played.copy("kept", &newer)?;
    shown(&host, "kept", "a good one is taken after all", is_live(&newer)).await;
    played.decides("and answers", |chain| reason(chain) == "the newer one").await;
    Ok(())
}

#[tokio::test]
async fn a_policy_whose_file_is_gone_stays_as_long_as_it_is_used() -> Result<()> {
    let gone = wants(1, "still here");
    let mut played = Played::new(r#""gone""#, &[("gone", &gone)])?;
    let host = played.run().await?;
    fs::remove_file(played.home.join("policies").join("gone.wasm"))?;
    let told = shown(&host, "gone", "it is orphaned", |shown| shown["state"] == "orphaned").await;
    assert_eq!(told["digest"], *digest(&gone), "{told:#}");
    assert_eq!(played.reloads("orphaned").await?, 1.0);
    assert!(host.log().contains("its file is gone"), "{}", host.log());
    host.ticks(SITE, 2, |_| ()).await?;
    host.shows(SITE, "it still acts", |site| site["profiles"]["ocr"]["serving"] == 3).await;
    // A site file that names it is still right, and it is still asked.
    played.more = "missing_after = \"1m\"".to_owned();
    played.reload(&host).await?;
    host.ticks(SITE, 2, |_| ()).await?;
    let chain = played.decides("it is still asked", |_| true).await;
    assert_eq!(reason(&chain), "still here", "{chain:#}");

    played.asks = r#""min-instance""#.to_owned();
    played.reload(&host).await?;
    shown(&host, "gone", "nobody names it any more", Value::is_null).await;
    assert_eq!(played.reloads("released").await?, 1.0);
    Ok(())
}

#[tokio::test]
async fn a_pin_lets_one_content_through() -> Result<()> {
    let (pinned, other) = (wants(0, "the pinned one"), wants(0, "the other one"));
    let mut played = Played::new(r#""pinned""#, &[("pinned", &pinned)])?;
    let pin = |bytes: &[u8]| format!("[policy.pinned]\nsha256 = \"{}\"", Digest::of(bytes));
    played.tables = pin(&pinned);
    let host = played.run().await?;
    played.copy("pinned", &other)?;
    let told =
        shown(&host, "pinned", "it is refused", |shown| shown["state"] == "refused-pin").await;
    assert_eq!(told["digest"], *digest(&pinned), "{told:#}");
    assert_eq!(told["newest_digest"], *digest(&other), "{told:#}");
    let why = told["why"].as_str().unwrap();
    assert!(why.contains("policy.pinned.sha256"), "it names the key that the file has: {why}");
    assert_eq!(played.reloads("refused-pin").await?, 1.0);
    host.ticks(SITE, 2, |_| ()).await?;
    let chain = played.decides("the pinned one answers", |_| true).await;
    assert_eq!(reason(&chain), "the pinned one", "{chain:#}");

    played.tables = pin(&other);
    played.reload(&host).await?;
    shown(&host, "pinned", "another pin lets it through", is_live(&other)).await;
    played.decides("and it answers", |chain| reason(chain) == "the other one").await;
    Ok(())
}
