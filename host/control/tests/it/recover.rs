//! What becomes of an intent that a crash left open, by what the list shows.

use expect_test::{Expect, expect};
use hooke_control::action::Intent;
use hooke_control::recover::{Repair, judge};

use crate::situation::{START, situation};

fn check(action: &str, expected: Expect) {
    let lists = [
        "",
        "vm a small pending",
        "vm a small booting",
        "vm a small running ocr=idle",
        "vm a small running ocr=draining",
        "vm a small running hidden",
        "vm a small running",
        "vm a small suspending ocr=draining",
        "vm a small suspended",
        "vm a small stopped",
        "vm a small terminating ocr=draining",
        "vm a small failed",
    ];
    let mut out = String::new();
    for list in lists {
        // The machine was launched by the very intent, if that is a launch.
        let list = if list.is_empty() { String::new() } else { format!("{list} key=before-0") };
        let read = situation(&format!("under-way {action}\n{list}"), START);
        let intent: Intent = read.ledger.open().next().unwrap().clone();
        let seen = read.observation.cloud.unwrap();
        let repair = match judge(&intent, &seen) {
            Repair::Redo => "redo".to_owned(),
            Repair::Close(closing) => closing.to_string(),
        };
        let list = list.strip_prefix("vm a small ").unwrap_or("gone");
        let list = list.trim_end_matches(" key=before-0");
        out.push_str(&format!("{list}: {}\n", repair.split(',').next().unwrap_or_default()));
    }
    expected.assert_eq(&out);
}

#[test]
fn launch() {
    check(
        "launch small",
        expect![[r#"
        gone: redo
        pending: redo
        booting: done (a)
        running ocr=idle: done (a)
        running ocr=draining: done (a)
        running hidden: done (a)
        running: done (a)
        suspending ocr=draining: done (a)
        suspended: done (a)
        stopped: done (a)
        terminating ocr=draining: done (a)
        failed: done (a)
    "#]],
    );
}

#[test]
fn resume() {
    check(
        "resume a",
        expect![[r#"
        gone: abandoned
        pending: abandoned
        booting: done (a)
        running ocr=idle: done (a)
        running ocr=draining: done (a)
        running hidden: done (a)
        running: done (a)
        suspending ocr=draining: abandoned
        suspended: abandoned
        stopped: abandoned
        terminating ocr=draining: abandoned
        failed: abandoned
    "#]],
    );
}

#[test]
fn suspend() {
    check(
        "suspend a",
        expect![[r#"
        gone: abandoned
        pending: abandoned
        booting: abandoned
        running ocr=idle: abandoned
        running ocr=draining: abandoned
        running hidden: abandoned
        running: abandoned
        suspending ocr=draining: done (a)
        suspended: done (a)
        stopped: abandoned
        terminating ocr=draining: abandoned
        failed: abandoned
    "#]],
    );
}

#[test]
fn terminate() {
    check(
        "terminate a",
        expect![[r#"
        gone: done (a)
        pending: abandoned
        booting: abandoned
        running ocr=idle: abandoned
        running ocr=draining: abandoned
        running hidden: abandoned
        running: abandoned
        suspending ocr=draining: abandoned
        suspended: abandoned
        stopped: abandoned
        terminating ocr=draining: done (a)
        failed: abandoned
    "#]],
    );
}

#[test]
fn start_worker() {
    check(
        "start a ocr",
        expect![[r#"
        gone: abandoned
        pending: abandoned
        booting: abandoned
        running ocr=idle: abandoned
        running ocr=draining: abandoned
        running hidden: abandoned
        running: abandoned
        suspending ocr=draining: abandoned
        suspended: abandoned
        stopped: abandoned
        terminating ocr=draining: abandoned
        failed: abandoned
    "#]],
    );
}

#[test]
fn stop_worker() {
    check(
        "stop a a.1",
        expect![[r#"
        gone: abandoned
        pending: done (a)
        booting: done (a)
        running ocr=idle: abandoned
        running ocr=draining: done (a)
        running hidden: abandoned
        running: done (a)
        suspending ocr=draining: done (a)
        suspended: done (a)
        stopped: done (a)
        terminating ocr=draining: done (a)
        failed: done (a)
    "#]],
    );
}
