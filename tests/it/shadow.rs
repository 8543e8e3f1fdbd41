//! A shadow is asked and written down beside what counts, and never acts.

use std::fs;

use anyhow::Result;
use hooke_tests::broker::Broker;

use crate::pages::samples;
use crate::played::{Played, SITE};
use crate::stage::Stage;
use crate::wishes::{breaks_on_ocr, copied, wants};

#[tokio::test]
async fn a_shadow_that_wants_far_more_changes_nothing() -> Result<()> {
    let mut stage = Stage::new("shadow", Broker::shared().await?, "10ms").await?;
    let directory = stage.home.join("policies");
    fs::create_dir(&directory)?;
    copied(&directory, "wild", &wants(100, "a hundred more"))?;
    stage.file.policies = Some(directory);
    let asks = "policy = [\"min-instance\", { name = \"wild\", mode = \"shadow\" }]";
    asks.clone_into(&mut stage.first().profiles.first_mut().expect("it has one").more);
    stage.bound(1, 4)?;
    let host = stage.run(None)?;
    stage.settles(&host, 1).await?;
    let fleet = stage.fleet()?;
    host.ticks("shadow", 5, |status| {
        let ocr = &status["sites"]["shadow"]["profiles"]["ocr"];
        assert_eq!((&ocr["desired"], &ocr["serving"]), (&1.into(), &1.into()), "{status:#}");
    })
    .await?;
    assert_eq!(stage.fleet()?, fleet, "the very same processes");
    assert_eq!(stage.fleet()?.ever(), 1, "and never any other");

    let (code, told) = stage.json(&["why", "ocr"]).await?;
    assert_eq!(code, 0);
    let chain = &told["decisions"][0]["chain"];
    assert_eq!((&chain["desired"], &chain["planned"]), (&1.into(), &1.into()), "{told:#}");
    let shadow = &chain["shadows"][0];
    assert_eq!((&shadow["policy"], &shadow["would_want"]), (&"wild".into(), &4.into()), "{told:#}");
    assert_eq!(shadow["reason"], "a hundred more", "{told:#}");
    let answers = chain["answers"].as_array().unwrap();
    assert!(answers.iter().all(|answer| answer["policy"] == "min-instance"), "{told:#}");
    let (_, told) = stage.json(&["why", "ocr", "--last", "100"]).await?;
    let decisions = told["decisions"].as_array().unwrap();
    let actions: Vec<_> =
        decisions.iter().flat_map(|decision| decision["actions"].as_array().unwrap()).collect();
    assert_eq!(actions.len(), 1, "the launch of the minimum: {actions:#?}");

    let page = samples(&stage.file.get("/metrics").await?.1)?;
    let of = |policy: &str| {
        let labels = format!("{{site=\"shadow\",profile=\"ocr\",policy={policy:?}}}");
        page.get(&format!("hooke_policy_shadow_differences_total{labels}")).copied()
    };
    assert!(of("wild") >= Some(5.0), "{page:#?}");
    assert_eq!(of("min-instance"), None, "what counts is no shadow");
    let seats = &host.status().await?["sites"]["shadow"]["policies"];
    let modes: Vec<_> = seats.as_array().unwrap().iter().map(|seat| &seat["mode"]).collect();
    assert_eq!(modes, ["live", "shadow"], "{seats:#}");
    Ok(())
}

#[tokio::test]
async fn a_shadow_that_breaks_holds_nobody() -> Result<()> {
    let asks = r#"["grower", { name = "breaking", mode = "shadow" }]"#;
    let grower = wants(1, "one more");
    let mut played = Played::new(asks, &[("grower", &grower), ("breaking", &breaks_on_ocr())])?;
    let host = played.run().await?;
    host.shows(SITE, "the profile grows", |site| site["profiles"]["ocr"]["serving"] == 3).await;
    let chain = played
        .decides("the shadow is written down", |chain| chain["shadows"][0]["policy"] == "breaking")
        .await;
    assert_eq!(chain["answers"][0]["reason"], "one more", "{chain:#}");
    host.shows(SITE, "the shadow is in quarantine", |site| {
        let mut seats = site["policies"].as_array().into_iter().flatten();
        seats.any(|seat| seat["policy"] == "breaking" && seat["quarantined"].is_string())
    })
    .await;
    assert!(host.log().contains("nothing depends on it"), "{}", host.log());
    Ok(())
}
