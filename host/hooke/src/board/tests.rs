//! What the page says of machines that serve nothing.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::fleet::{SeenVm, SeenWorker, WorkerPhase};
use hooke_control::ledger::Ledger;
use hooke_control::observe::{self, Observation};

use super::*;
use crate::config::{self, SiteConfig};

const NOW: Timestamp = Timestamp::from_millis(10_000_000_000);

/// The demo's site: any will do.
fn site() -> SiteConfig {
    let text = include_str!("../../demo/site.toml");
    let read = config::parse("demo.toml".as_ref(), "/".as_ref(), text);
    read.finish().expect("the demo's site is right").sites.remove(0)
}

/// A machine of that age with that many workers; what is told of it.
fn check(age: Duration, state: VmState, workers: u64, expected: Expect) {
    let worker = |n: u64| SeenWorker {
        id: format!("vm.{n}").into(),
        profile: "ocr".into(),
        phase: WorkerPhase::Running,
        started_at: NOW.minus(age),
        endpoints: Vec::new(),
    };
    let vm = SeenVm {
        id: "vm".into(),
        key: "key".into(),
        image: "small".into(),
        state,
        launched_at: NOW.minus(age),
        address: None,
        load: None,
        workers: Some((0..workers).map(worker).collect()),
    };
    let observation = Observation { cloud: Ok(vec![vm]), sources: Vec::new() };
    let spec = Arc::clone(&site().spec);
    let mut ledger = Ledger::default();
    // It was seen so from the beginning.
    ledger.settle(observation.cloud.as_deref().unwrap_or_default(), NOW.minus(age));
    let snapshot = observe::snapshot(&spec, &mut ledger, observation, 1, NOW);
    let told: Vec<String> =
        facts(&snapshot).trouble.into_iter().filter(|line| line.contains("machine")).collect();
    expected.assert_eq(&told.join("\n"));
}

#[test]
fn a_machine_without_workers_is_told_of_once_they_are_overdue() {
    let long = Duration::from_secs(600);
    check(
        long,
        VmState::Running,
        0,
        expect!["machine vm runs since 10m and has no worker: its log says why"],
    );
    check(long, VmState::Running, 1, expect![""]);
    check(long, VmState::Suspended, 0, expect![""]);
    check(Duration::from_secs(20), VmState::Running, 0, expect![""]);
}

#[test]
fn a_machine_that_does_not_go_is_told_of() {
    check(
        Duration::from_secs(8 * 3600),
        VmState::Terminating,
        1,
        expect![
            "machine vm has been terminating for 8h, longer than drain_deadline (1h): look at it, nobody counts on its room"
        ],
    );
    check(Duration::from_secs(600), VmState::Terminating, 1, expect![""]);
}
