//! The policies that ship with the program, in their sandboxes.

use std::sync::Arc;

use expect_test::{Expect, expect};
use hooke_bundled::BUNDLED;
use hooke_control::ids::ProfileName;
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
    expect![[]].assert_eq(&lines);
}

#[test]
fn threshold_scales_out() {
    let fleet = Fleet { ready: 120, idle: 2, busy: 3 };
    check("threshold", fleet, "{}", expect![[]]);
    let ratio = r#"{"add": "ratio", "messages_per_worker": 20, "threshold": 50}"#;
    check("threshold", fleet, ratio, expect![[]]);
}

#[test]
fn threshold_holds_and_gives_up_idle_machines() {
    check("threshold", Fleet { ready: 50, idle: 2, busy: 3 }, "{}", expect![[]]);
    let idle = Fleet { ready: 0, idle: 3, busy: 0 };
    check("threshold", idle, "{}", expect![[]]);
    check("threshold", idle, r#"{"vm_idle": "5m"}"#, expect![[]]);
}

#[test]
fn a_small_fleet_is_filled_up() {
    check("min-instance", Fleet { ready: 0, idle: 0, busy: 0 }, "{}", expect![[]]);
}

#[test]
fn settings_are_checked_by_the_policy() {
    let policy = bundled("threshold");
    assert_eq!(policy.validate_settings(r#"{"threshold": 5}"#).unwrap(), []);
    let problems = policy.validate_settings(r#"{"treshold": 5, "vm_idle": 7}"#).unwrap();
    let lines: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    expect![[]].assert_eq(&lines);
    check("threshold", Fleet { ready: 0, idle: 1, busy: 0 }, r#"{"add": 3}"#, expect![[]]);
}
