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
            lost: composite alarm both of describe-alarms.json: a composite alarm cannot call for scaling: name its alarms' policies in their own AlarmActions
            lost: alarm odd of describe-alarms.json: anomaly detection is not known here: give it a Threshold
            lost: alarm network of describe-alarms.json: MetricName: no metric NetworkIn is measured here: write one of ready, unacked, consumers, arrival-rate, service-rate, capacity, serving, booting, draining, idle, busy, unknown, load, utilization, or its name at AWS
            lost: scaling policy alb1000-target-tracking-scaling-policy of describe-policies.json: TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType: found "ALBRequestCountPerTarget": write one of "ASGAverageCPUUtilization"
            left out: alarm TargetTracking-my-asg-AlarmLow-d1c2 of describe-alarms.json: its target tracking policy keeps it, here as there
            left out: alarm Step-Scaling-AlarmHigh-AddCapacity of describe-alarms.json: its AlarmActions arn:aws:sns:us-west-2:123456789012:my-topic: it notifies, and does not scale
            left out: AlarmARN, AlarmArn, AlarmDescription, Alarms, AutoScalingGroupName, PolicyARN, ScheduledActionARN, StateReason, StateUpdatedTimestamp, StateValue, Time: they name and date things at AWS, and decide nothing
        "#]],
        1,
    );
}

#[test]
fn what_put_takes_is_converted_and_is_the_section_of_a_site_file() {
    check(
        &["put-scaling-policy.json"],
        expect_file!["aws/put.toml"],
        expect![[r#"
            left out: AutoScalingGroupName: they name and date things at AWS, and decide nothing
            note: QueueName my-queue: write the name of a queue of the profile, or leave it out for all of them
        "#]],
        0,
    );
    let printed = text(
        &hooke("tests/aws", &["import-aws", "put-scaling-policy.json", "--profile", "o c\"r"])
            .stdout,
    );
    let read: toml::Table = printed.parse().unwrap();
    assert_eq!(read["site"]["profile"][0]["name"].as_str(), Some("o c\"r"));
}

/// Files as the command line takes them beside its other options.
#[test]
fn a_bare_configuration_is_a_policy_called_as_its_file_is() {
    check(
        &["bare/config.json", "bare/predictive.json", "bare/config.json"],
        expect_file!["aws/bare.toml"],
        expect![[r#"
            note: scaling policy config of bare/config.json: it has no PolicyName: it is called as its file is
            note: scaling policy predictive of bare/predictive.json: it has no PolicyName: it is called as its file is
            note: scaling policy config-2 of bare/config.json: it has no PolicyName: it is called as its file is
        "#]],
        0,
    );
    check(
        &["bare/steps.json", "bare/queries.json", "bare/answer.json", "bare/metric.json"],
        expect_file!["aws/none.toml"],
        expect![[r#"
            lost: steps of bare/steps.json: steps alone say neither AdjustmentType nor which alarm calls for them: put them as StepAdjustments into an object with PolicyName, PolicyType = StepScaling and AdjustmentType, or give what describe-policies prints
            lost: queries of bare/queries.json: queries alone are no alarm: put them as Metrics into an object with AlarmName, EvaluationPeriods, Threshold and ComparisonOperator, or give what describe-alarms prints
            lost: an answer of bare/answer.json: what put-scaling-policy answers is not the policy: give what describe-policies prints
            lost: a metric of bare/metric.json: a metric alone has no target: put it as CustomizedMetricSpecification into an object with TargetValue
        "#]],
        1,
    );
}

/// Every key that is dropped and matters, every action that does not scale, and
/// all that is missing from the files.
#[test]
fn what_is_dropped_is_told_by_key_and_place() {
    check(
        &["whole/group.json", "whole/alarms.json", "whole/policies.json", "--profile", "ocr"],
        expect_file!["aws/whole.toml"],
        expect![[r#"
            lost: alarm TargetTracking-my-asg-AlarmHigh-1 of whole/alarms.json: its target tracking policy cpu40 is in none of the files: give what describe-policies prints, too
            lost: scaling policy more of whole/policies.json: its alarm quiet is in none of the files, so it never acts: give what describe-alarms prints, too
            lost: scaling policy forgotten of whole/policies.json: no alarm of the files calls for it, so it never acts: give what describe-alarms prints, too, or write an alarm
            lost: group my-asg of whole/group.json: its QuantumState is not known here, and is left out
            lost: alarm mail of whole/alarms.json: its Metrics.0.AccountId is not known here, and is left out
            lost: scaling policy track of whole/policies.json: its TargetTrackingConfiguration.ScaleOutCooldown is not known here, and is left out
            left out: alarm TargetTracking-my-asg-AlarmHigh-2 of whole/alarms.json: its target tracking policy keeps it, here as there
            left out: alarm busy of whole/alarms.json: its AlarmActions arn:aws:sns:us-west-2:123456789012:mail: it notifies, and does not scale
            left out: alarm busy of whole/alarms.json: its AlarmActions arn:aws:lambda:us-west-2:123456789012:function:f: it calls a function, and does not scale
            left out: alarm mail of whole/alarms.json: its AlarmActions arn:aws:sns:us-west-2:123456789012:mail: it notifies, and does not scale
            left out: group my-asg of whole/group.json: its CapacityRebalance: no machine is replaced ahead of the end that its cloud foretells
            left out: group my-asg of whole/group.json: its DesiredCapacity: no desired number is kept: policies start from what there is
            left out: group my-asg of whole/group.json: its HealthCheckType: a machine is judged by whether its workers reach the broker
            left out: group my-asg of whole/group.json: its MixedInstancesPolicy: write an [[site.image]] for each type; a weight is the number of workers in its hosts
            left out: group my-asg of whole/group.json: its TerminationPolicies: of idle machines the longest idle leaves first
            left out: alarm busy of whole/alarms.json: its Unit: readings have one unit here, and it is not looked at
            left out: alarm mail of whole/alarms.json: its Metrics.0.MetricStat.Unit: readings have one unit here, and it is not looked at
            left out: AlarmARN, AlarmArn, Alarms, AutoScalingGroupARN, AutoScalingGroupName, AvailabilityZones, CreatedTime, ServiceLinkedRoleARN: they name and date things at AWS, and decide nothing
            note: alarm mail of whole/alarms.json: it calls for no policy of the files: it is watched, and changes nothing
            note: alarm silent of whole/alarms.json: its TreatMissingData = "breaching" makes silence a reason for fewer workers, which is held back here: write "missing"
        "#]],
        1,
    );
}

#[test]
fn programs_get_json() {
    let output = hooke("tests/aws", &["import-aws", "describe-alarms.json", "--format", "json"]);
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = read["told"].as_array().unwrap();
    assert_eq!(told.iter().filter(|told| told["weight"] == "lost").count(), 5, "{told:?}");
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
        lost: the rest of DIR/all.json: it has a NextToken, so there is more: ask without --max-items
        left out: AutoScalingGroupName: they name and date things at AWS, and decide nothing
    "#]].assert_eq(&run(&["--group", "ocr"]));
    expect![[r#"
        Some(2)

        hooke: no group faces is in the files; there are: ocr, web
    "#]]
    .assert_eq(&run(&["--group", "faces"]));
}
