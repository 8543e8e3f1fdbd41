//! Policy files of every kind in the policies directory of a running host:
//! what cannot be used is refused with the reason, and the rest goes on.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;
use hooke_bundled::BUNDLED;
use hooke_tests::broker::Broker;
use hooke_tests::site_file::Profile;
use serde_json::Value;

use crate::guests;
use crate::stage::Stage;

/// Files that are no usable policy, each with words of its refusal.
const REFUSED: [(&str, &str); 4] = [
    ("text", "it is text"),
    ("core", "core module"),
    ("world", "it exports nothing"),
    ("greedy", "hooke:policy/cloud@0.1.0, which this binding does not grant"),
];

pub(crate) fn bundled(name: &str) -> &'static [u8] {
    BUNDLED.iter().find(|policy| policy.name == name).expect("it is bundled").wasm
}

/// A stage with a profile for each bad policy, and `ocr` under a good one that
/// was dropped in too.
async fn stage(name: &str) -> Result<Stage> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new(name, broker, "10ms").await?;
    let directory = stage.home.join("policies");
    fs::create_dir(&directory)?;
    let files: [(&str, Vec<u8>); 5] = [
        ("text", b"<html>404 not found</html>\n".to_vec()),
        ("core", wat::parse_str("(module)")?),
        ("world", wat::parse_str("(component)")?),
        // A good policy, but this site does not grant what it imports.
        ("greedy", bundled("threshold").to_vec()),
        ("keeper", bundled("min-instance").to_vec()),
    ];
    for (name, bytes) in files {
        fs::write(directory.join(format!("{name}.wasm")), bytes)?;
    }
    fs::write(directory.join("notes.txt"), "no policy, and nobody minds")?;
    stage.file.policies = Some(directory);
    let ocr = stage.first().profiles.pop().expect("a stage has a profile");
    let good = Profile { policy: Some("keeper".to_owned()), workers: (2, 2), ..ocr };
    for (policy, _) in REFUSED {
        broker.declare(name, policy).await?;
        let profile = Profile {
            name: policy.to_owned(),
            queue: policy.to_owned(),
            policy: Some(policy.to_owned()),
            workers: (0, 4),
            ..good.clone()
        };
        stage.first().profiles.push(profile);
    }
    stage.first().profiles.push(good);
    stage.file.write(&stage.home)?;
    Ok(stage)
}

#[tokio::test]
async fn the_host_holds_their_profiles_and_goes_on_with_the_rest() -> Result<()> {
    let stage = stage("bad-policies").await?;
    let host = stage.run(None)?;
    stage.settles(&host, 2).await?;
    host.ticks(&stage.site, 3, |_| ()).await?;
    let log = host.log();
    for (policy, why) in REFUSED {
        let lines = log.lines().filter(|line| line.contains(policy) && line.contains(why));
        assert!(lines.count() > 0, "the log says why {policy} is refused:\n{log}");
        let (code, told) = stage.json(&["why", policy]).await?;
        assert_eq!(code, 0);
        let chain = &told["decisions"][0]["chain"];
        let answer = &chain["answers"][0];
        assert_eq!(chain["verdict"], "hold", "{told:#}");
        assert!(answer["said"].as_str().unwrap().contains("failed"), "{told:#}");
        assert!(answer["reason"].as_str().unwrap().contains(why), "{told:#}");
    }
    Ok(())
}

#[tokio::test]
async fn check_names_each_of_them() -> Result<()> {
    let stage = stage("checked-policies").await?;
    let (code, lines) = stage.json(&["check"]).await?;
    assert_eq!(code, 1, "{lines:#}");
    let lines: BTreeMap<&str, &Value> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["what"].as_str().unwrap(), line))
        .collect();
    for (policy, why) in REFUSED {
        let line = lines[format!("policy {policy}").as_str()];
        assert_eq!(line["ok"], false, "{line:#}");
        assert!(line["text"].as_str().unwrap().contains(why), "{line:#}");
    }
    assert_eq!(lines["policy keeper"]["ok"], true);
    assert_eq!(lines["cloud process"]["ok"], true);
    assert_eq!(lines["source rabbitmq-1"]["ok"], true);
    Ok(())
}

#[tokio::test]
async fn list_and_inspect_tell_them_apart() -> Result<()> {
    let stage = stage("listed-policies").await?;
    let (code, list) = stage.json(&["policy", "list", "--config", "hooke.toml"]).await?;
    assert_eq!(code, 0);
    let usable: BTreeMap<&str, bool> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| (policy["name"].as_str().unwrap(), policy["usable"].as_bool().unwrap()))
        .collect();
    // What is granted is a site's choice: as a file, `greedy` is fine.
    for good in ["threshold", "min-instance", "keeper", "greedy"] {
        assert!(usable[good], "{list:#}");
    }
    for bad in ["text", "core", "world"] {
        assert!(!usable[bad], "{list:#}");
    }
    assert!(!usable.contains_key("notes"));

    let (code, inspected) = stage.json(&["policy", "inspect", "policies/greedy.wasm"]).await?;
    assert_eq!(code, 0);
    let details = &inspected["details"];
    assert_eq!(details["grants_needed"], serde_json::json!(["metrics", "cloud"]), "{inspected:#}");
    assert!(details["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(details["settings_schema"]["type"], "object");
    let (code, inspected) = stage.json(&["policy", "inspect", "policies/core.wasm"]).await?;
    assert_eq!((code, &inspected["usable"]), (1, &false.into()), "{inspected:#}");
    assert!(inspected["refused"].as_str().unwrap().contains("core module"));
    Ok(())
}

/// Two sites in one host; every profile of one asks a policy that never ends.
#[tokio::test]
async fn an_endless_policy_holds_its_profiles_and_delays_no_other_site() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("endless", broker, "10ms").await?;
    let directory = stage.home.join("policies");
    fs::create_dir(&directory)?;
    fs::write(directory.join("endless.wasm"), guests::guest("endless-evaluate").build())?;
    stage.file.policies = Some(directory);
    // Else it would not get past the grid, or soon not be asked any more.
    stage.file.rules = "conformance = false\nquarantine = { after = 1000000 }\n\
                        limits = { wall_time = \"5s\" }";
    let mut slow = stage.first().clone();
    slow.name = "slow".to_owned();
    let ocr = slow.profiles.pop().expect("a stage has a profile");
    slow.profiles = (0..8)
        .map(|n| Profile {
            name: format!("p{n}"),
            policy: Some("endless".to_owned()),
            workers: (0, 4),
            ..ocr.clone()
        })
        .collect();
    stage.file.sites.insert(0, slow);
    stage.file.write(&stage.home)?;
    let host = stage.run(None)?;
    host.shows("slow", "its first tick", |site| site["tick"].as_u64() > Some(0)).await;
    let before = host.status().await?;
    host.ticks(&stage.site, 12, |_| ()).await?;
    let after = host.status().await?;
    let ticked = |site: &str| {
        let tick = |status: &Value| status["sites"][site]["tick"].as_u64().unwrap();
        tick(&after) - tick(&before)
    };
    let (slow, lively) = (ticked("slow"), ticked(&stage.site));
    assert!(slow * 2 <= lively, "the slow site ticked {slow} times, the other {lively}");
    let (code, told) = stage.json(&["why", "p0"]).await?;
    assert_eq!(code, 0);
    let answer = &told["decisions"][0]["chain"]["answers"][0];
    assert_eq!(told["decisions"][0]["chain"]["verdict"], "hold", "{told:#}");
    let reason = answer["reason"].as_str().unwrap();
    assert!(reason.contains("policies.limits.wall_time"), "{told:#}");
    Ok(())
}
