//! The largest questions about the past, asked for ever: what they look at
//! counts, so that they end by the limit on calls; and by the deadline where
//! calls are not limited, although nothing interrupts a call of the host.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_history::{History, Metric, Past, Samples, Source, View};
use hooke_runtime::{Evaluation, Limits};

use crate::component;
use crate::house::{House, evaluation, told};

/// A load of each machine, every second for as long as one question may look back.
fn long_past() -> Evaluation {
    let asked = evaluation("ocr");
    let snapshot = &asked.snapshot;
    let ticks = hooke_history::Query::MOST_READINGS / snapshot.vms.len() as u64;
    let at = |nth: u64| snapshot.now.minus(Duration::from_secs(ticks - nth));
    let samples = |vm: &hooke_control::snapshot::Vm| Samples {
        source: Source::Vm(vm.id.clone()),
        vcpus: 2,
        metric: Metric::Load,
        readings: (0..ticks).map(|nth| (at(nth), (nth % 97) as f64)).collect(),
    };
    let series = snapshot.vms.iter().map(samples).collect();
    let past = Past { keep_ms: ticks * 1000, series, ..Past::default() };
    Evaluation { history: View::of(History::from(&past), snapshot), ..asked }
}

fn check(limits: &Limits, want: Expect) {
    let evaluation = long_past();
    let wasm = component::build("asks-past");
    for house in House::both(limits) {
        let policy = house.admit(&wasm, limits).unwrap();
        let evaluated = policy.evaluate(&evaluation);
        want.assert_eq(&told(&evaluated));
        assert!(!evaluated.asked.is_empty(), "what was asked is noted");
        house.is_as_before("questions about the past");
    }
}

#[test]
fn what_they_look_at_counts() {
    let limits = Limits { wall_time: Duration::from_secs(30), ..Limits::default() };
    check(
        &limits,
        expect![
            "failed, limit: over the limit host-calls: 10040 used, 10000 allowed; the key is policies.limits.host_calls"
        ],
    );
}

#[test]
fn the_deadline_ends_them_between_two_calls() {
    let wall_time = Duration::from_millis(400);
    let limits = Limits { wall_time, host_calls: u32::MAX, ..Limits::default() };
    check(
        &limits,
        expect![
            "failed, limit: over the limit wall-time: … ms used, 400 ms allowed; the key is policies.limits.wall_time"
        ],
    );
}

#[test]
fn a_good_policy_is_told_what_there_was() {
    let limits = Limits::default();
    let house = House::both(&limits).into_iter().next().unwrap();
    let policy = house.admit(&component::build("counts-past"), &limits).unwrap();
    let asked = evaluation("ocr");
    let ago = |minutes: u64| asked.snapshot.now.minus(Duration::from_secs(60 * minutes));
    let ready = Samples {
        source: Source::Queue("ocr".into()),
        vcpus: 1,
        metric: Metric::Ready,
        readings: [90, 59, 30, 2, 0].map(|minutes| (ago(minutes), 1.0)).to_vec(),
    };
    let past = Past { keep_ms: 10_800_000, series: vec![ready], ..Past::default() };
    let history = View::of(History::from(&past), &asked.snapshot);
    let evaluated = policy.evaluate(&Evaluation { history, ..asked });
    expect!["wish +4: so many ticks"].assert_eq(&told(&evaluated));
}
