//! Slips in what a profile serves, asks and may use, and in single values.

use expect_test::expect;

use super::files::shown;
use super::{instead_of, slip};

#[test]
fn queues() {
    slip(
        "queue = \"ocr\"",
        "",
        expect![[r#"
        21:1 site.profile: `queue` is missing | write queue = "NAME", or queues = ["A", "B"]
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queue = \"\"",
        expect![[r#"
        23:9 site.profile: "" cannot be a queue | write the name of a queue: 1 to 255 bytes, no control characters
    "#]],
    );
    slip("queue = \"ocr\"", "queue = \"a queue with blanks\"", expect![[""]]);
    slip(
        "queue = \"ocr\"",
        "queue = \"a,b\"",
        expect![[r#"
        23:9 queue "a,b" holds a comma, and HOOKE_QUEUES separates queues by commas | give the queue another name, or another driver to the cloud
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queue = \"a\\nb\"",
        expect![[r#"
        23:9 site.profile: "a\nb" cannot be a queue | write the name of a queue: 1 to 255 bytes, no control characters
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queues = [\"ocr\", \"x\", \"ocr\"]",
        expect![[r#"
        23:23 site.profile.queue: `ocr` is named twice | name it once
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queues = [\"ocr\", 3, true]",
        expect![[r#"
        23:18 site.profile.queues: a string is expected, not a whole number | write for example "text"
        23:21 site.profile.queues: a string is expected, not true or false | write for example "text"
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queues = []",
        expect![[r#"
        23:10 site.profile.queues: the list is empty | write at least one, such as ["text"], or remove the key
    "#]],
    );
    slip(
        "queue = \"ocr\"",
        "queue = \"ocr\"\nqueues = [\"ocr\"]",
        expect![[r#"
        24:10 site.profile: both `queue` and `queues` are given | keep one of them
    "#]],
    );
}

#[test]
fn policies() {
    slip(
        "policy = [\"threshold\", \"min-instance\"]",
        "policy = [\"threshold\", \"mininstance\"]",
        expect![[r#"
        6:24 there is no policy `mininstance` | did you mean `min-instance`? (or put mininstance.wasm into the directory of [policies])
    "#]],
    );
    slip(
        "policy = \"threshold\"",
        "policy = \"overnight\"",
        expect![[r#"
            32:10 there is no policy `overnight` | write one of cloudwatch, keda-queue, latency-goal, min-instance, nomad-threshold, rubber, schedule, target-tracking, threshold (or put overnight.wasm into the directory of [policies])
        "#]],
    );
    slip(
        "policy = [\"threshold\", \"min-instance\"]",
        "policy = [\"threshold\", \"threshold\"]",
        expect![[r#"
        6:24 site.policy: `threshold` is named twice | name it once
    "#]],
    );
    slip(
        "policy = [\"threshold\", \"min-instance\"]",
        "",
        expect![[r#"
        21:1 site.profile: no policy is named for it | write policy = "threshold" here or in the [[site]]
    "#]],
    );
    slip(
        "policy = [\"threshold\", \"min-instance\"]",
        "policy = 3",
        expect![[r#"
        6:10 site.policy: a string is expected, not a whole number | write for example "a-name"
    "#]],
    );
    slip(
        "policy = \"threshold\"",
        "policy = []",
        expect![[r#"
            32:10 site.profile.policy: the list is empty | write at least one, such as ["threshold"], or remove the key
        "#]],
    );
    slip(
        "[store]",
        "[policies]\ndirectory = \"not-there\"\n[store]",
        expect![[r#"
            2:13 cannot read the policies directory BASE/not-there: No such file or directory (os error 2) | create it, or remove the key to use the bundled policies only
        "#]],
    );
    slip(
        "every = \"30s\"",
        "grants = [\"metrics\", \"clod\", \"x\"]",
        expect![[r#"
        5:22 site.grants: there is no grant "clod" | did you mean `cloud`?
        5:30 site.grants: there is no grant "x" | write one of metrics, cloud, memory
    "#]],
    );
}

#[test]
fn durations() {
    slip(
        "\"30s\"",
        "\"-30s\"",
        expect![[r#"
        5:9 site.every: "-30s" is negative | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "30",
        expect![[r#"
        5:9 site.every: 30 has no unit | write "30s" if seconds are meant
    "#]],
    );
    slip(
        "\"30s\"",
        "-30",
        expect![[r#"
        5:9 site.every: -30 is negative | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"0s\"",
        expect![[r#"
        5:9 site.every: the duration is zero | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"30 parsecs\"",
        expect![[r#"
        5:9 site.every: "30 parsecs" is not a duration: unknown time unit "parsecs", supported units: ns, us/µs, ms, sec, min, hours, days, weeks, months, years (and few variations) | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"\"",
        expect![[r#"
        5:9 site.every: "" is not a duration: value was empty | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"1ns\"",
        expect![[r#"
        5:9 site.every: "1ns" is too short | write at least "1ms"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"100000000000y\"",
        expect![[r#"
        5:9 site.every: "100000000000y" is too long | write at most "3650d"
    "#]],
    );
    slip(
        "\"30s\"",
        "\"99999999999999999999y\"",
        expect![[r#"
        5:9 site.every: "99999999999999999999y" is not a duration: number is too large or cannot be represented without a lack of precision (values below 1ns are not supported) | write a duration above zero, such as "500ms", "90s" or "1h 30m"
    "#]],
    );
    slip(
        "\"30s\"",
        "07:32:00",
        expect![[r#"
        5:9 site.every: a duration is expected, not a date or a time of day | write for example "30s"
    "#]],
    );
    slip(
        "every = \"30s\"",
        "drain_deadline = \"-1h\"\nmissing_after = false",
        expect![[r#"
        5:18 site.drain_deadline: "-1h" is negative | write a duration above zero, such as "500ms", "90s" or "1h 30m"
        6:17 site.missing_after: a duration is expected, not true or false | write for example "30s"
    "#]],
    );
}

#[test]
fn amounts() {
    slip(
        "cost_per_hour = 1.5",
        "cost_per_hour = nan",
        expect![[r#"
        7:37 site.limits.cost_per_hour: nan is not finite | write a plain number, such as 0.5
    "#]],
    );
    slip(
        "cost_per_hour = 1.5",
        "cost_per_hour = inf",
        expect![[r#"
        7:37 site.limits.cost_per_hour: inf is not finite | write a plain number, such as 0.5
    "#]],
    );
    slip(
        "cost_per_hour = 1.5",
        "cost_per_hour = 1e400",
        expect![[r#"
        7:37 site.limits.cost_per_hour: 1e400 is not finite | write a plain number, such as 0.5
    "#]],
    );
    slip(
        "cost_per_hour = 1.5",
        "cost_per_hour = -0.5",
        expect![[r#"
        7:37 site.limits.cost_per_hour: -0.5 is negative | write 0 or more
    "#]],
    );
    slip(
        "cost_per_hour = 1.5",
        "cost_per_hour = \"1.5\"",
        expect![[r#"
        7:37 site.limits.cost_per_hour: a number is expected, not a string | write for example 0.5
    "#]],
    );
    slip("cost_per_hour = 1.5", "cost_per_hour = 0x10", expect![[""]]);
    slip("vms = 5", "vms = 1_000", expect![[""]]);
    slip(
        "vms = 5",
        "vms = 5.5",
        expect![[r#"
        7:18 site.limits.vms: a whole number is expected, not a number with a fraction | write for example 10
    "#]],
    );
    slip(
        "vms = 5",
        "vms = 1979-05-27",
        expect![[r#"
        7:18 site.limits.vms: a whole number is expected, not a date or a time of day | write for example 10
    "#]],
    );
}

#[test]
fn weights_and_combinations() {
    let weight = |weight: &str, expect| {
        slip("queue = \"ocr\"", &format!("queue = \"ocr\"\nweight = {weight}"), expect);
    };
    weight("1", expect![[""]]);
    weight("1000", expect![[""]]);
    weight(
        "0",
        expect![[r#"
        24:10 site.profile.weight: 0 cannot be a weight | write a whole number from 1 to 1000
    "#]],
    );
    weight(
        "1001",
        expect![[r#"
        24:10 site.profile.weight: 1001 cannot be a weight | write a whole number from 1 to 1000
    "#]],
    );
    weight(
        "-1",
        expect![[r#"
            24:10 site.profile.weight: -1 is negative | write a whole number from 1 to 1000
        "#]],
    );
    weight(
        "0.5",
        expect![[r#"
            24:10 site.profile.weight: a whole number is expected, not a number with a fraction | write a whole number from 1 to 1000
        "#]],
    );
    weight(
        "\"heavy\"",
        expect![[r#"
            24:10 site.profile.weight: a whole number is expected, not a string | write a whole number from 1 to 1000
        "#]],
    );
    let combine = |right: &str, rule: &str, expect| {
        slip(right, &format!("{right}\ncombine = {rule}"), expect);
    };
    combine("queue = \"ocr\"", "\"sum\"", expect![[""]]);
    combine(
        "queue = \"ocr\"",
        "\"average\"",
        expect![[r#"
        24:11 site.profile.combine: there is no combine "average" | write one of max, min, sum, first-ok
    "#]],
    );
    combine(
        "queue = \"ocr\"",
        "\"first_ok\"",
        expect![[r#"
        24:11 site.profile.combine: there is no combine "first_ok" | did you mean `first-ok`?
    "#]],
    );
    combine(
        "queue = \"ocr\"",
        "[\"max\"]",
        expect![[r#"
        24:11 site.profile.combine: a string is expected, not a list | write for example "text"
    "#]],
    );
    combine("name = \"east\"", "\"min\"", expect![[""]]);
    combine(
        "name = \"east\"",
        "3",
        expect![[r#"
        5:11 site.combine: a string is expected, not a whole number | write for example "text"
    "#]],
    );
}

#[test]
fn a_profiles_own_combination_goes_before_the_sites() {
    let text = instead_of("name = \"east\"", "name = \"east\"\ncombine = \"min\"");
    let text = text.replace("queue = \"ocr\"", "queue = \"ocr\"\nweight = 3\ncombine = \"sum\"");
    let understood = shown(&text);
    let profiles: Vec<&str> =
        understood.lines().map(str::trim).filter(|line| line.starts_with("profile")).collect();
    expect![[r#"
          profile faces for faces faces-again Bounds { min: 0, max: 3 } weight 1 combine min
          profile ocr for ocr Bounds { min: 1, max: 4 } weight 3 combine sum"#]]
    .assert_eq(&profiles.join("\n"));
}
