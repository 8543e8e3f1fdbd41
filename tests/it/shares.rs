//! Weights and combination as an operator writes and reads them: a site file,
//! `check` and `plan`.

use anyhow::Result;
use expect_test::expect;

use crate::played::Played;
use crate::wishes::wants;

/// A second profile beside the played site's own, and room for three machines.
const OTHER: &str = "
    combine = \"min\"
    limits = { vms = 3 }
    [[site.image]]
    name = \"other\"
    hosts = { faces = 1 }
    [[site.profile]]
    name = \"faces\"
    queue = \"ocr\"
    workers = { max = 9 }
    weight = 2
    combine = \"sum\"
";

#[tokio::test]
async fn who_gets_what_and_why_is_told() -> Result<()> {
    let (few, many) = (wants(2, "two would do"), wants(3, "three are better"));
    let mut played = Played::new("[\"few\", \"many\"]", &[("few", &few), ("many", &many)])?;
    OTHER.clone_into(&mut played.more);
    played.write()?;

    let (code, lines) = played.json(&["check"]).await?;
    assert_eq!(code, 0, "{lines:#}");
    let told: Vec<String> = lines
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["what"].as_str().unwrap().starts_with("profile"))
        .map(|line| {
            format!("{}: {}", line["what"].as_str().unwrap(), line["text"].as_str().unwrap())
        })
        .collect();
    expect![[r#"
        profile faces: combine = sum of few, many
        profile ocr: combine = min of few, many"#]]
    .assert_eq(&told.join("\n"));

    let (code, plans) = played.json(&["plan"]).await?;
    assert_eq!(code, 0, "{plans:#}");
    let mut told = String::new();
    for chain in plans[0]["decisions"].as_array().unwrap() {
        let (profile, combine) = (&chain["profile"], &chain["combine"]);
        told.push_str(&format!("{profile} by {combine} -> {}\n", chain["planned"]));
        for step in chain["steps"].as_array().unwrap() {
            let stage = step["stage"].as_str().unwrap();
            if ["combine", "share"].contains(&stage) {
                told.push_str(&format!("  {stage}: {}\n", step["text"].as_str().unwrap()));
            }
        }
    }
    expect![[r#"
        "faces" by "sum" -> 2
          combine: few wants 2, many wants 3: the changes are added up, 5
          share: holds 2 of 3 vms, fair share 2 (weight 2 of 3); ocr holds 1
        "ocr" by "min" -> 1
          combine: few wants 2, many wants 3: the smallest counts, 2
          share: holds 1 of 3 vms, fair share 1 (weight 1 of 3); faces holds 2
    "#]]
    .assert_eq(&told);
    Ok(())
}
