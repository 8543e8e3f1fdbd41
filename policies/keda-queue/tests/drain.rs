//! The drain time in a closed loop: jobs of 100 s, one every two seconds, and
//! the workers that the rule asks for.

use std::collections::VecDeque;

use expect_test::{Expect, expect};
use policy_keda_queue::decide::{Situation, decide};
use policy_keda_queue::metric::{Backlog, Quality};
use policy_keda_queue::settings::Settings;

const JOB_S: u64 = 100;
const EVERY_S: u64 = 2;
const TICK_S: u64 = 30;

/// Plays half an hour from a fleet with a job each; so many messages more come
/// after five minutes. Workers come at once, and only idle ones leave.
fn check(burst: u64, expected: Expect) {
    let settings = r#"{"mode": "DrainTime", "value": 60, "maxReplicaCount": 2000}"#;
    let settings = Settings::parse(settings).expect("settings");
    let mut workers = 50;
    let mut ends: VecDeque<u64> = (1..=50).map(|job| job * EVERY_S).collect();
    let (mut ready, mut kept) = (0, None);
    let mut finished = 0;
    let mut said = String::new();
    for now_s in 1..=30 * 60 {
        while ends.front().is_some_and(|end| *end <= now_s) {
            ends.pop_front();
            finished += 1;
        }
        ready += u64::from(now_s % EVERY_S == 0) + if now_s == 300 { burst } else { 0 };
        while ready > 0 && ends.len() < workers {
            ready -= 1;
            ends.push_back(now_s + JOB_S);
        }
        if now_s % TICK_S != 0 {
            continue;
        }
        let [capacity, busy] = [workers, ends.len()].map(|n| u32::try_from(n).expect("few"));
        let backlog = Backlog {
            quality: Quality::Fresh,
            ready: Some(ready),
            unacked: Some(u64::from(busy)),
            arrival_rate: Some(1.0 / EVERY_S as f64),
            service_rate: Some(f64::from(finished) / TICK_S as f64),
        };
        finished = 0;
        let now_ms = now_s * 1_000;
        let serving = capacity;
        let situation = Situation { now_ms, capacity, serving, busy, unknown: 0, backlog, kept };
        let done = decide(&settings, &situation).expect("nothing is missing");
        kept = Some(done.kept);
        workers = workers.saturating_add_signed(done.delta as isize).max(ends.len());
        if now_s % 300 == 0 {
            let minute = now_s / 60;
            said += &format!("minute {minute}: {ready} ready, {busy} busy, {workers} workers\n");
        }
    }
    expected.assert_eq(&said);
}

#[test]
fn a_steady_load_stays_put() {
    check(
        0,
        expect![[r#"
        minute 5: 0 ready, 50 busy, 50 workers
        minute 10: 0 ready, 50 busy, 50 workers
        minute 15: 0 ready, 50 busy, 50 workers
        minute 20: 0 ready, 50 busy, 50 workers
        minute 25: 0 ready, 50 busy, 50 workers
        minute 30: 0 ready, 50 busy, 50 workers
    "#]],
    );
}

#[test]
fn a_burst_is_taken_and_its_workers_leave() {
    check(
        100,
        expect![[r#"
        minute 5: 100 ready, 50 busy, 217 workers
        minute 10: 0 ready, 50 busy, 50 workers
        minute 15: 0 ready, 50 busy, 50 workers
        minute 20: 0 ready, 50 busy, 50 workers
        minute 25: 0 ready, 50 busy, 50 workers
        minute 30: 0 ready, 50 busy, 50 workers
    "#]],
    );
}
