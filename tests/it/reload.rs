//! Policy files that come, change and go while the host runs: what is good is
//! used without a lost tick, what is not changes nothing and is told.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use anyhow::Result;
use hooke_runtime::Digest;
use hooke_tests::program::Host;
use rustix::process::Signal;
use serde_json::Value;

use crate::guests::guest;
use crate::played::{Played, SITE, of, shown};
use crate::policies::bundled;
use crate::wishes::{breaks_on_ocr, large, takes_no_settings, wants};

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

    assert!(played.page().await?.contains(r#"policy="gone""#));
    played.asks = r#""min-instance""#.to_owned();
    played.reload(&host).await?;
    shown(&host, "gone", "nobody names it any more", Value::is_null).await;
    assert_eq!(played.reloads("released").await?, 1.0);
    host.ticks(SITE, 2, |_| ()).await?;
    let page = played.page().await?;
    assert!(!page.contains(r#"policy="gone""#), "its series are gone too:\n{page}");
    assert!(page.contains(r#"policy="min-instance""#), "{page}");
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

/// The operator's pin is an order: what runs against it is not asked any more,
/// and its profile holds until the pinned file comes.
#[tokio::test]
async fn a_new_pin_stops_what_runs_against_it() -> Result<()> {
    let (bad, good) = (wants(1, "the bad one"), wants(0, "the good one"));
    let mut played = Played::new(r#""pinned""#, &[("pinned", &bad)])?;
    let host = played.run().await?;
    host.shows(SITE, "it acts", |site| site["profiles"]["ocr"]["serving"] == 1).await;
    played.tables = format!("[policy.pinned]\nsha256 = \"{}\"", Digest::of(&good));
    played.reload(&host).await?;
    let told = shown(&host, "pinned", "it is evicted", |it| it["state"] == "refused-pin").await;
    assert!(told["digest"].is_null(), "nothing is live: {told:#}");
    assert_eq!(told["newest_digest"], *digest(&bad), "{told:#}");
    let why = told["why"].as_str().unwrap();
    assert!(why.contains(&Digest::of(&good).to_string()), "{why}");
    assert!(why.contains("policy.pinned.sha256"), "{why}");
    assert!(host.log().contains("policy refused-pin"), "{}", host.log());
    let held = played.decides("its profile holds", |chain| chain["verdict"] == "hold").await;
    assert!(reason(&held).contains("policy.pinned.sha256"), "{held:#}");
    let kept = host.status().await?["sites"][SITE]["profiles"]["ocr"]["desired"].as_u64();
    assert!(kept >= Some(1), "nobody was sent away: {kept:?}");
    played.copy("pinned", &good)?;
    shown(&host, "pinned", "the pinned one is taken", is_live(&good)).await;
    played.decides("and it answers", |chain| reason(chain) == "the good one").await;
    Ok(())
}

/// Each has too little of one thing to be compiled; the next one has enough.
#[tokio::test]
async fn a_compile_that_takes_too_much_is_stopped_and_told() -> Result<()> {
    let small = wants(0, "the small one");
    let mut played = Played::new(r#"["big", "slow"]"#, &[("big", &small), ("slow", &small)])?;
    played.tables = "[policy.big.limits]\ncompile_memory = \"64 MiB\"\n\
                     [policy.slow.limits]\ncompile_time = \"300ms\""
        .to_owned();
    let host = played.run().await?;
    for (policy, limit) in [("big", "compile-memory"), ("slow", "compile-time")] {
        let large = large(if policy == "big" { 1 } else { 2 });
        played.copy(policy, &large)?;
        let told = shown(&host, policy, "it is refused", |it| it["state"] == "refused-limit").await;
        assert_eq!(told["newest_digest"], *digest(&large), "{told:#}");
        assert_eq!(told["digest"], *digest(&small), "the old one stays: {told:#}");
        let why = told["why"].as_str().unwrap();
        let key = format!("policy.{policy}.limits.{}", limit.replace('-', "_"));
        assert!(why.contains(limit) && why.contains(&key), "{why}");
    }
    let next = wants(1, "the next one");
    played.copy("slow", &next)?;
    shown(&host, "slow", "the next one is compiled", is_live(&next)).await;
    host.ticks(SITE, 2, |_| ()).await?;
    Ok(())
}

/// The compile is given up: nobody would use what came of it.
#[tokio::test]
async fn sigterm_does_not_wait_behind_a_compile() -> Result<()> {
    let small = wants(0, "the small one");
    let mut played = Played::new(r#""big""#, &[("big", &small)])?;
    let mut host = played.run().await?;
    let large = large(10);
    let cache = played.home.join("policy-cache");
    let cached = || -> Result<usize> { Ok(fs::read_dir(&cache)?.count()) };
    let before = cached()?;
    played.copy("big", &large)?;
    shown(&host, "big", "it is being compiled", |it| it["state"] == "compiling").await;
    // Nor does a reload, behind which the signal would wait.
    played.reload(&host).await?;
    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    assert_eq!(cached()?, before, "it ended before the compile did: {}", host.log());
    Ok(())
}
