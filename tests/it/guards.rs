//! Guards in the whole program: what `why` says of them, what a restart and a
//! reload leave of what they remember.

use anyhow::Result;
use serde_json::Value;

use crate::played::{Played, SITE};
use crate::wishes::wants;

/// The steps of a stage in what `why` says.
fn steps<'a>(chain: &'a Value, stage: &'a str) -> impl Iterator<Item = &'a str> {
    let steps = chain["steps"].as_array().into_iter().flatten();
    steps.filter(move |step| step["stage"] == stage).filter_map(|step| step["text"].as_str())
}

#[tokio::test]
async fn a_cooldown_is_told_and_survives_a_killed_host_and_a_reload() -> Result<()> {
    let mut played = Played::new(r#""grower""#, &[("grower", &wants(1, "one more"))])?;
    played.more = "[site.guards.scale_out]\ncooldown = \"1d\"\n".to_owned();
    let mut host = played.run().await?;
    let held = |chain: &Value| steps(chain, "cooldown").next().is_some();
    let chain = played.decides("the second scale out waits", held).await;
    let said = steps(&chain, "cooldown").collect::<Vec<_>>().join("\n");
    assert!(said.contains("2 wanted, stays at 1"), "{said}");
    assert!(said.contains("1d00h must pass (guards.scale_out.cooldown)"), "{said}");

    host.kill().await?;
    let host = played.run().await?;
    host.ticks(SITE, 3, |_| ()).await?;
    // The played machines went with the host; its memory did not.
    let chain = played.decides("there is nothing and it waits", |c| c["capacity"] == 0).await;
    assert!(held(&chain), "a restart forgot the cooldown: {chain:#}");
    assert_eq!(chain["planned"], 0, "{chain:#}");

    played.more = "[site.guards.scale_out]\nrates = [{ number = 2, window = \"1h\" }]\n".to_owned();
    played.reload(&host).await?;
    let full = |chain: &Value| steps(chain, "rate").next().is_some() && chain["capacity"] == 1;
    let chain = played.decides("one of the two came before the restart", full).await;
    assert_eq!(chain["planned"], 1, "{chain:#}");
    let said = steps(&chain, "rate").collect::<Vec<_>>().join("\n");
    assert!(
        said.contains("at most 2 in 1h, of which 2 came before (guards.scale_out.rates)"),
        "{said}"
    );
    Ok(())
}
