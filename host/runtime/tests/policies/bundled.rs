//! The policies that ship with the program, in their sandboxes.

use std::sync::Arc;

use expect_test::{Expect, expect};
use hooke_bundled::BUNDLED;
use hooke_control::ids::ProfileName;
use hooke_history::View;
use hooke_runtime::{BoundPolicy, Evaluation, Grants, Limits};

use crate::snapshots::{Fleet, snapshot};
use crate::{HOST, named, told};

fn bundled(name: &str) -> BoundPolicy {
    let found = BUNDLED.iter().find(|bundled| bundled.name == name).unwrap();
    let policy = HOST.load(named(name), found.wasm).unwrap();
    let grants = policy.imports().clone();
    HOST.bind(&policy, &grants, Limits::default()).unwrap()
}

#[track_caller]
fn check(name: &str, fleet: Fleet, settings: &str, want: Expect) {
    let evaluation = Evaluation {
        snapshot: snapshot(fleet),
        history: View::empty(),
        profile: ProfileName::from("ocr"),
        settings: Arc::from(settings),
        memory: None,
    };
    want.assert_eq(&format!("{}\n", told(&bundled(name).evaluate(&evaluation))));
}

#[test]
fn they_say_what_they_are_and_need() {
    let mut lines = String::new();
    for bundled in BUNDLED {
        let policy = HOST.load(named(bundled.name), bundled.wasm).unwrap();
        assert!(policy.describe().settings_schema.is_some());
        HOST.bind(&policy, &Grants::none(), Limits::default()).unwrap_err();
        lines += &format!("{} {}: {}\n", bundled.name, policy.imports(), policy.describe().summary);
    }
    expect![[r#"
        cloudwatch ["metrics", "memory"]: CloudWatch alarms with simple, step and target tracking scaling, read from the fields of the AWS API.
        keda-queue ["metrics", "memory"]: Scales on a queue's length, rates or drain time, from and to zero, as KEDA's RabbitMQ scaler does with the HPA.
        latency-goal ["metrics", "memory"]: Keeps as many workers as it takes to start every message within a time, by the measured service time, rate of arrival and boot time.
        min-instance ["metrics"]: Keeps a minimum of workers, whatever the queue says; if asked, at least one for each queue.
        nomad-threshold ["metrics", "memory"]: Checks with thresholds, targets or fixed values, in groups and with cooldowns, as the Nomad Autoscaler has them.
        rubber ["metrics", "memory"]: Asks for a share of the backlog in workers, less those booting, and gives up the idle ones of an empty queue (Rubber).
        schedule ["metrics"]: Keeps the workers between floors and ceilings that windows of time set.
        target-tracking ["metrics"]: Asks for the workers that bring a metric to its target: out after a few periods above it, in after many below it (EC2 target tracking).
        threshold ["metrics", "cloud"]: Asks for workers when the backlog is above a threshold or workers are below the minimum, and gives up idle ones and idle machines (Brown Dog).
    "#]].assert_eq(&lines);
}

#[test]
fn threshold_scales_out() {
    let fleet = Fleet { ready: 120, idle: 2, busy: 3 };
    check(
        "threshold",
        fleet,
        "{}",
        expect![[r#"
        wish +1: backlog 120 > threshold 100: one more worker
    "#]],
    );
    let ratio = r#"{"add": "ratio", "messages_per_worker": 20, "threshold": 50}"#;
    check(
        "threshold",
        fleet,
        ratio,
        expect![[r#"
        wish +6: backlog 120 > threshold 50: 6 more workers (6 at 20 messages each, 0 booting counted)
    "#]],
    );
}

#[test]
fn threshold_holds_and_gives_up_idle_machines() {
    check(
        "threshold",
        Fleet { ready: 50, idle: 2, busy: 3 },
        "{}",
        expect![[r#"
        wish +0: backlog 50 within the threshold 100: hold
    "#]],
    );
    let idle = Fleet { ready: 0, idle: 3, busy: 0 };
    check(
        "threshold",
        idle,
        "{}",
        expect![[r#"
        wish +0: queue idle for 10m >= 5m: hold, 3 workers, minimum 1
    "#]],
    );
    check(
        "threshold",
        idle,
        r#"{"vm_idle": "5m"}"#,
        expect![[r#"
        wish +0: 2 machines idle for 5m or more: suspend, minimum 1
        staged suspend vm-0000: 2 machines idle for 5m or more: suspend, minimum 1
        staged suspend vm-0001: 2 machines idle for 5m or more: suspend, minimum 1
    "#]],
    );
}

#[test]
fn a_small_fleet_is_filled_up() {
    check(
        "min-instance",
        Fleet { ready: 0, idle: 0, busy: 0 },
        "{}",
        expect![[r#"
        wish +1: 0 workers < 1 (minimum 1): 1 more
    "#]],
    );
}

#[test]
fn settings_are_checked_by_the_policy() {
    let policy = bundled("threshold");
    assert_eq!(policy.validate_settings(r#"{"threshold": 5}"#).unwrap(), []);
    let problems = policy.validate_settings(r#"{"treshold": 5, "vm_idle": 7}"#).unwrap();
    let lines: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    expect![[r#"
        vm_idle: found 7: write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
        treshold: unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
    "#]].assert_eq(&lines);
    check(
        "threshold",
        Fleet { ready: 0, idle: 1, busy: 0 },
        r#"{"add": 3}"#,
        expect![[r#"
        failed, invalid-settings: add: found 3: write one of "one", "ratio"
    "#]],
    );
}
