//! Evaluations that are written down, and asked again later: the same policy
//! gives the same answers, another one is held against them.

use std::fs;

use anyhow::Result;
use rustix::process::Signal;
use serde_json::Value;

use crate::guests::guest;
use crate::played::{Played, SITE};
use crate::wishes::wants;

const FILE: &str = "records/played.jsonl";

async fn replayed(played: &Played, more: &[&str]) -> Result<(i32, Value)> {
    played.json(&[&["replay", FILE, "--config", "hooke.toml"], more].concat()).await
}

fn count(report: &Value, of: &str) -> u64 {
    report[of].as_u64().unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_answered_again_or_compared() -> Result<()> {
    let grower = wants(1, "one more");
    let asks = r#"["grower", { name = "wild", mode = "shadow" }]"#;
    let mut played = Played::new(asks, &[("grower", &grower), ("wild", &wants(7, "seven more"))])?;
    played.more = "record = true".to_owned();
    let mut host = played.run().await?;
    host.ticks(SITE, 3, |_| ()).await?;

    // While it is written, too.
    let (code, running) = replayed(&played, &[]).await?;
    assert_eq!(code, 0, "{running:#}");
    assert!(count(&running, "asked") > 0, "{running:#}");
    assert_eq!(running["same"], running["asked"], "{running:#}");

    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    let (code, report) = replayed(&played, &[]).await?;
    assert_eq!((code, &report["same"]), (0, &report["asked"]), "{report:#}");
    assert_eq!(report["dropped"], 0, "{report:#}");
    let asked = count(&report, "asked");
    assert!(asked >= count(&running, "asked"), "{running:#}\n{report:#}");

    let (code, against) = replayed(&played, &["--against", "min-instance", "--all"]).await?;
    assert_eq!(code, 1, "{against:#}");
    assert_eq!(count(&against, "asked"), asked, "{against:#}");
    assert_eq!(count(&against, "different"), asked, "{against:#}");
    // By itself it stands in for what has its name, and nothing has.
    let (code, own) = replayed(&played, &["--against", "min-instance"]).await?;
    assert_eq!((code, count(&own, "asked")), (1, 0), "{own:#}");
    let others = own["other_policies"].as_object().unwrap().values();
    assert_eq!(others.filter_map(Value::as_u64).sum::<u64>(), asked, "{own:#}");
    let (_, of_one) = replayed(&played, &["--against", "min-instance", "--as", "wild"]).await?;
    assert_eq!(of_one["other_policies"].as_object().unwrap().len(), 1, "{of_one:#}");
    assert_eq!(of_one["different"], of_one["asked"], "{of_one:#}");

    let differences = against["differences"].as_array().unwrap();
    let of = |policy: &str| {
        let found = differences.iter().find(|difference| difference["policy"] == policy);
        found.unwrap_or_else(|| panic!("{policy} differs: {against:#}"))
    };
    for (policy, mode, delta) in [("grower", "live", "+1"), ("wild", "shadow", "+7")] {
        let difference = of(policy);
        assert_eq!((&difference["site"], &difference["profile"]), (&SITE.into(), &"ocr".into()));
        assert_eq!(difference["mode"], mode, "{difference:#}");
        let changes = difference["changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["part"] == "delta");
        let recorded = change.map(|change| change["recorded"].as_str().unwrap());
        assert_eq!(
            recorded.map(|d| d.trim_start_matches('+')),
            Some(&delta[1..]),
            "{difference:#}"
        );
    }

    // The next host adds to the file.
    let host = played.run().await?;
    host.ticks(SITE, 3, |_| ()).await?;
    let (code, longer) = replayed(&played, &[]).await?;
    assert_eq!((code, &longer["same"]), (0, &longer["asked"]), "{longer:#}");
    assert!(count(&longer, "asked") > asked, "{report:#}\n{longer:#}");
    assert!(!fs::exists(played.home.join("records/played.jsonl.1"))?, "one file, added to");
    Ok(())
}

/// A host that is killed may tear the last line: the next one begins a new
/// line, and nothing else is lost.
#[tokio::test]
async fn a_killed_host_leaves_a_recording_that_goes_on() -> Result<()> {
    let mut played = Played::new(r#""grower""#, &[("grower", &wants(1, "one more"))])?;
    played.more = "record = true".to_owned();
    let mut host = played.run().await?;
    host.ticks(SITE, 2, |_| ()).await?;
    host.kill().await?;
    let (_, before) = replayed(&played, &[]).await?;
    let text = fs::read_to_string(played.home.join(FILE))?;
    let torn = text.trim_end().strip_suffix('}').expect("a line is an object");
    fs::write(played.home.join(FILE), torn)?;

    let host = played.run().await?;
    host.ticks(SITE, 2, |_| ()).await?;
    let (code, report) = replayed(&played, &[]).await?;
    assert_eq!(code, 1, "the torn line is told: {report:#}");
    assert_eq!(report["troubles"].as_array().map(Vec::len), Some(1), "{report:#}");
    assert_eq!(report["same"], report["asked"], "{report:#}");
    assert!(count(&report, "asked") > count(&before, "asked"), "{before:#}\n{report:#}");
    Ok(())
}

/// The past of an evaluation is written down with it, and a host that was
/// killed knows what was read before.
#[tokio::test]
async fn the_past_outlasts_a_host_and_is_answered_from_again() -> Result<()> {
    let mut played = Played::new(r#""counter""#, &[("counter", &guest("counts-past").build())])?;
    played.more = "record = true".to_owned();
    let mut host = played.run().await?;
    let before = played.decides("some ticks are past", |chain| wished(chain) >= 4).await;
    host.signal(Signal::KILL)?;
    host.ended().await?;

    let mut host = played.run().await?;
    let ticks = |chain: &Value| chain["tick"].as_i64().unwrap();
    let chain = played.decides("it decides again", |chain| ticks(chain) > ticks(&before)).await;
    assert!(wished(&chain) >= wished(&before), "{before:#}\n{chain:#}");
    assert!(host.log().contains("readings of the last host are at hand"), "{}", host.log());
    let status = host.status().await?;
    let history = &status["sites"][SITE]["history"];
    assert_eq!(
        (&history["keep_ms"], &history["dropped"]["negative"]),
        (&10_800_000.into(), &0.into())
    );
    let series = played.metric(&format!("hooke_history_series{{site={SITE:?}}}")).await?;
    assert_eq!(history["series"].as_f64(), Some(series), "{history:#}");

    // A reload keeps it too: no tick is missing.
    played.tables = "[history]\nkeep = \"2h\"".to_owned();
    played.reload(&host).await?;
    let later = played.decides("after the reload", |later| ticks(later) > ticks(&chain) + 1).await;
    assert_eq!(wished(&later) - wished(&chain), ticks(&later) - ticks(&chain), "{later:#}");

    host.signal(Signal::TERM)?;
    assert!(host.ended().await?.success(), "{}", host.log());
    let (code, report) = replayed(&played, &[]).await?;
    assert_eq!((code, &report["same"]), (0, &report["asked"]), "{report:#}");
    assert!(count(&report, "asked") > 6, "{report:#}");
    Ok(())
}

/// A plan answers from the same past as the host would, beside it and after it.
#[tokio::test]
async fn a_plan_knows_what_was_read_before() -> Result<()> {
    let mut played = Played::new(r#""counter""#, &[("counter", &guest("counts-past").build())])?;
    played.write()?;
    assert_eq!(planned(&played).await?, (1, Vec::new()), "its own reading alone, without a store");
    let mut host = played.run().await?;
    let before = played.decides("some ticks are past", |chain| wished(chain) >= 3).await;
    let (beside, _) = planned(&played).await?;
    assert!(beside > wished(&before), "{beside} readings, {before:#}");
    host.signal(Signal::KILL)?;
    host.ended().await?;

    let last = played.why(1).await?;
    let chain = &last[0]["chain"];
    assert_eq!(planned(&played).await?, (wished(chain) + 1, Vec::new()), "{chain:#}");
    assert_eq!(planned(&played).await?.0, wished(chain) + 1, "a plan is not written down");

    let damage =
        |sql: &str| rusqlite::Connection::open(played.home.join("hooke.db"))?.execute_batch(sql);
    damage("UPDATE history_frame SET bytes = zeroblob(length(bytes))")?;
    let (readings, warnings) = planned(&played).await?;
    assert_eq!(readings, 1);
    assert!(warnings[0].starts_with("what was read before is damaged: "), "{warnings:?}");
    damage("DROP TABLE history_frame")?;
    let (readings, warnings) = planned(&played).await?;
    assert_eq!(readings, 1);
    assert!(warnings[0].starts_with("what was read before is lost in part: "), "{warnings:?}");
    Ok(())
}

/// What the counter says in a plan, and what the plan warns of.
async fn planned(played: &Played) -> Result<(i64, Vec<String>)> {
    let (code, told) = played.json(&["plan"]).await?;
    assert_eq!(code, 0, "{told:#}");
    let warnings = told[0]["warnings"].as_array().unwrap();
    let warnings = warnings.iter().map(|warning| warning.as_str().unwrap().to_owned()).collect();
    Ok((wished(&told[0]["decisions"][0]), warnings))
}

/// As many workers as the counter wished for.
fn wished(chain: &Value) -> i64 {
    chain["answers"][0]["said"].as_str().and_then(|said| said.parse().ok()).unwrap_or(0)
}

/// No safety rests on what was read before: without it a host starts and ticks,
/// and says so.
#[tokio::test]
async fn a_past_that_is_damaged_holds_up_nothing() -> Result<()> {
    let counter = guest("counts-past").build();
    let mut played = Played::new(r#""counter""#, &[("counter", &counter)])?;
    let mut host = played.run().await?;
    host.ticks(SITE, 3, |_| ()).await?;
    host.signal(Signal::KILL)?;
    host.ended().await?;

    let store = played.home.join("hooke.db");
    let damage = |sql: &str| rusqlite::Connection::open(&store)?.execute_batch(sql);
    damage("UPDATE history_frame SET bytes = zeroblob(length(bytes)) WHERE tick > 1")?;
    let mut host = played.run().await?;
    host.ticks(SITE, 2, |_| ()).await?;
    let told = "readings of the last host are damaged; these ticks are gaps";
    assert!(host.log().contains(told), "{}", host.log());
    host.signal(Signal::KILL)?;
    host.ended().await?;

    damage("DROP TABLE history_frame")?;
    let host = played.run().await?;
    host.ticks(SITE, 2, |_| ()).await?;
    for told in
        ["readings of the last host are lost in part", "a tick's readings were not written down"]
    {
        assert!(host.log().contains(told), "{}", host.log());
    }
    Ok(())
}
