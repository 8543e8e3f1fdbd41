//! `hooke policy import-aws`, on JSON as AWS documents it, and the bundled
//! policy's own table, by the program itself.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, ExpectFile, expect, expect_file};

fn hooke(folder: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    Command::new(env!("CARGO_BIN_EXE_hooke"))
        .args(["policy"])
        .args(arguments)
        .current_dir(folder)
        .env_remove("HOOKE_CONFIG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn check(arguments: &[&str], out: ExpectFile, err: Expect, code: i32) {
    let output = hooke("tests/aws", &[&["import-aws"], arguments].concat());
    out.assert_eq(&text(&output.stdout));
    err.assert_eq(&text(&output.stderr));
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn what_describe_prints_is_linked_and_converted() {
    check(
        &[
            "describe-alarms.json",
            "describe-policies.json",
            "describe-scheduled-actions.json",
            "--profile",
            "ocr",
        ],
        expect_file!["aws/described.toml"],
        expect![[r#"
            not converted: composite alarm both of describe-alarms.json: a composite alarm cannot call for scaling: name its alarms' policies in their own AlarmActions
            left out: alarm TargetTracking-my-asg-AlarmLow-d1c2 of describe-alarms.json: its target tracking policy keeps it, here as there
            not converted: alarm odd of describe-alarms.json: anomaly detection is not known here: give it a Threshold
            not converted: alarm Step-Scaling-AlarmHigh-AddCapacity of describe-alarms.json: its AlarmActions: arn:aws:sns:us-west-2:123456789012:my-topic is no scaling policy
            not converted: alarm network of describe-alarms.json: MetricName: no metric NetworkIn is measured here: write one of ready, unacked, consumers, arrival-rate, service-rate, capacity, serving, booting, draining, idle, busy, unknown, load, utilization, or its name at AWS
            not converted: scaling policy alb1000-target-tracking-scaling-policy of describe-policies.json: TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType: found "ALBRequestCountPerTarget": write one of "ASGAverageCPUUtilization"; TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel: unknown setting: write one of PredefinedMetricType
        "#]],
        1,
    );
}

#[test]
fn what_put_takes_is_converted_and_is_the_section_of_a_site_file() {
    check(&["put-scaling-policy.json"], expect_file!["aws/put.toml"], expect![""], 0);
    let printed = text(
        &hooke("tests/aws", &["import-aws", "put-scaling-policy.json", "--profile", "o c\"r"])
            .stdout,
    );
    let read: toml::Table = printed.parse().unwrap();
    assert_eq!(read["site"]["profile"][0]["name"].as_str(), Some("o c\"r"));
}

#[test]
fn programs_get_json() {
    let output = hooke("tests/aws", &["import-aws", "describe-alarms.json", "--format", "json"]);
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let left = read["left_out"].as_array().unwrap();
    assert_eq!(left.iter().filter(|left| left["lost"] == false).count(), 1, "{left:?}");
    assert_eq!(read["settings"]["MetricAlarms"].as_array().unwrap().len(), 1);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_is_no_file_or_no_json_is_said() {
    check(
        &["nowhere.json"],
        expect_file!["aws/nothing.toml"],
        expect![[r#"
        hooke: cannot read nowhere.json: No such file or directory (os error 2)
    "#]],
        1,
    );
    check(
        &["../import_aws.rs"],
        expect_file!["aws/nothing.toml"],
        expect![[r#"
        hooke: ../import_aws.rs is not JSON: expected value at line 1 column 1
    "#]],
        1,
    );
}

#[test]
fn the_bundled_policys_own_table_is_as_expected() {
    let output = hooke("../../policies/cloudwatch/tests", &["test", ".", "--policy", "cloudwatch"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_profile_is_one_group_and_the_whole_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let policy = |name: &str, group: &str| {
        format!(
            r#"{{"PolicyName": "{name}", "AutoScalingGroupName": "{group}", "PolicyType": "TargetTrackingScaling",
                "TargetTrackingConfiguration": {{"TargetValue": 50, "PredefinedMetricSpecification":
                    {{"PredefinedMetricType": "ASGAverageCPUUtilization"}}}}}}"#
        )
    };
    let (web, ocr) = (policy("web-cpu", "web"), policy("ocr-cpu", "ocr"));
    let file = folder.path().join("all.json");
    let both = format!(r#"{{"ScalingPolicies": [{web}, {ocr}], "NextToken": "more"}}"#);
    std::fs::write(&file, both).unwrap();
    let run = |more: &[&str]| {
        let output = hooke("tests/aws", &[&["import-aws", file.to_str().unwrap()], more].concat());
        let err = text(&output.stderr).replace(&folder.path().display().to_string(), "DIR");
        let names = text(&output.stdout);
        let names: Vec<&str> = names.lines().filter(|line| line.contains("PolicyName")).collect();
        format!("{:?}\n{}\n{err}", output.status.code(), names.join("\n"))
    };
    expect![[r#"
        Some(2)

        hooke: the files are of several Auto Scaling groups (ocr, web), and a profile is one: say which with --group NAME
    "#]].assert_eq(&run(&[]));
    expect![[r#"
        Some(1)
        PolicyName = "ocr-cpu"
        not converted: the rest of DIR/all.json: it has a NextToken, so there is more: ask without --max-items
    "#]].assert_eq(&run(&["--group", "ocr"]));
    expect![[r#"
        Some(2)

        hooke: no group faces is in the files; there are: ocr, web
    "#]]
    .assert_eq(&run(&["--group", "faces"]));
}
