//! From lists and readings to facts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::observe::SourceObservation;
use hooke_control::queue::Missing;
use hooke_control::snapshot::{Occupancy, Quality, Snapshot, Stage};

use crate::situation::{START, situation};

fn show(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for vm in &snapshot.vms {
        text.push_str(&format!("{} {}", vm.id, vm.state.as_str()));
        for worker in &vm.workers {
            let stage = match worker.stage {
                Stage::Booting => "booting",
                Stage::Serving => "serving",
                Stage::Draining => "draining",
            };
            let doing = match worker.occupancy {
                Occupancy::Busy => "busy".to_owned(),
                Occupancy::Idle { since } => format!("idle {:?}", snapshot.now.since(since)),
                Occupancy::Unknown => "unknown".to_owned(),
            };
            text.push_str(&format!(", {} {} {stage} {doing}", worker.id, worker.profile));
        }
        text.push('\n');
    }
    for (name, view) in &snapshot.profiles {
        let c = view.counts;
        text.push_str(&format!(
            "{name}: {} serving ({} busy, {} idle, {} unknown, {} spare), {} booting, {} draining; backlog {} {:?}\n",
            c.serving,
            c.busy,
            c.idle,
            c.unknown,
            c.idle_beyond_first,
            c.booting,
            c.draining,
            view.backlog.quality.as_str(),
            view.backlog.ready,
        ));
    }
    text
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&show(&situation(text, START).snapshot()));
}

#[test]
fn workers_are_joined_to_consumers() {
    check(
        "image small vcpus=4 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         vm a small running ocr=idle:5m ocr=busy ocr=unknown ocr=booting ocr=silent ocr=draining
         vm b small booting ocr=idle:1m
         vm c small suspended ocr=idle
         vm d small failed ocr=busy",
        expect![[r#"
            a running, a.1 ocr serving idle 300s, a.2 ocr serving busy, a.3 ocr serving unknown, a.4 ocr booting unknown, a.5 ocr serving unknown, a.6 ocr draining busy
            b booting, b.1 ocr serving idle 60s
            c suspended, c.1 ocr draining idle 3600s
            d failed, d.1 ocr draining busy
            faces: 0 serving (0 busy, 0 idle, 0 unknown, 0 spare), 1 booting, 0 draining; backlog fresh Some(0)
            ocr: 5 serving (1 busy, 2 idle, 2 unknown, 1 spare), 1 booting, 3 draining; backlog fresh Some(0)
        "#]],
    );
}

#[test]
fn with_one_source_out_nobody_is_proven_idle_and_nobody_is_booting() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         consumers missing
         vm a small running ocr=idle:5m ocr=busy ocr=booting",
        expect![[r#"
            a running, a.1 ocr serving unknown, a.2 ocr serving unknown, a.3 ocr serving unknown
            ocr: 3 serving (0 busy, 0 idle, 3 unknown, 0 spare), 0 booting, 0 draining; backlog fresh Some(0)
        "#]],
    );
}

#[test]
fn intents_under_way_are_laid_over_the_list() {
    check(
        "image small vcpus=4 hosts=ocr:2
         profile ocr 0..99
         vm a small running ocr=idle ocr=idle
         vm b small running ocr=idle ocr=idle
         vm c small running ocr=idle ocr=idle
         vm d small suspended
         vm e small suspending ocr=draining
         under-way suspend a
         under-way terminate b
         under-way stop c c.1
         under-way resume d
         under-way resume e
         under-way launch small
         under-way start gone ocr",
        expect![[r#"
            a suspending, a.1 ocr draining idle 3600s, a.2 ocr draining idle 3600s
            b terminating, b.1 ocr draining idle 3600s, b.2 ocr draining idle 3600s
            before-5 pending
            c running, c.1 ocr draining idle 3600s, c.2 ocr serving idle 3600s
            d booting
            e booting, e.1 ocr draining busy
            ocr: 1 serving (0 busy, 1 idle, 0 unknown, 0 spare), 6 booting, 6 draining; backlog fresh Some(0)
        "#]],
    );
}

#[test]
fn machines_that_cannot_be_looked_into() {
    check(
        "image small vcpus=4 hosts=faces:1,ocr:2
         profile faces 0..9
         profile ocr 0..9
         vm a small running hidden ocr=idle:5m faces=busy
         vm b small running hidden age=1m
         vm c small suspended hidden
         vm d small booting hidden",
        expect![[r#"
            a running, a/ocr/1 ocr serving unknown, a:1 ocr serving idle 300s, a:2 faces serving busy
            b running, b/faces/0 faces booting unknown, b/ocr/0 ocr booting unknown, b/ocr/1 ocr booting unknown
            c suspended
            d booting
            faces: 1 serving (1 busy, 0 idle, 0 unknown, 0 spare), 2 booting, 0 draining; backlog fresh Some(0)
            ocr: 2 serving (0 busy, 1 idle, 1 unknown, 1 spare), 4 booting, 0 draining; backlog fresh Some(0)
        "#]],
    );
}

#[test]
fn a_machine_that_is_listed_twice_counts_once() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm a small running ocr=idle:5m
         vm a small running",
        expect![[r#"
            a running, a.1 ocr serving idle 300s
            ocr: 1 serving (0 busy, 1 idle, 0 unknown, 0 spare), 0 booting, 0 draining; backlog fresh Some(0)
        "#]],
    );
}

#[test]
fn readings_grow_stale_and_then_missing() {
    let text = "image small vcpus=4 hosts=ocr:1\n profile ocr 0..9";
    let mut read = situation(text, START);
    let mut qualities = Vec::new();
    for (minutes, out) in [(0, false), (1, true), (5, true), (6, true), (7, false)] {
        read.now = START.plus(Duration::from_secs(60 * minutes));
        let sources = read.observation.sources.clone();
        if out {
            read.observation.sources[0].reading = Err(Missing("out".into()));
        }
        let view = read.snapshot().profiles["ocr"].backlog.clone();
        qualities.push((minutes, view.quality.as_str(), view.age.as_secs()));
        read.observation.sources = sources;
    }
    let expected =
        [(0, "fresh", 0), (1, "stale", 60), (5, "stale", 300), (6, "missing", 0), (7, "fresh", 0)];
    assert_eq!(qualities, expected);
}

#[test]
fn one_source_out_of_two_leaves_the_idle_unproven_and_the_busy_busy() {
    let text = "image small vcpus=4 hosts=ocr:1
        profile ocr 0..9
        vm a small running ocr=idle:5m ocr=busy ocr=booting";
    let mut read = situation(text, START);
    let out = SourceObservation { queues: BTreeSet::new(), reading: Err(Missing("out".into())) };
    read.observation.sources.push(out);
    expect![[r#"
        a running, a.1 ocr serving unknown, a.2 ocr serving busy, a.3 ocr serving unknown
        ocr: 3 serving (1 busy, 0 idle, 2 unknown, 0 spare), 0 booting, 0 draining; backlog fresh Some(0)
    "#]]
    .assert_eq(&show(&read.snapshot()));
}

#[test]
fn a_queue_that_a_source_leaves_out_is_not_fresh() {
    let mut read = situation("profile ocr 0..9", START);
    if let Ok(reading) = &mut read.observation.sources[0].reading {
        reading.queues = BTreeMap::new();
    }
    let snapshot = read.snapshot();
    assert_eq!(snapshot.profiles["ocr"].backlog.quality, Quality::Missing);
    assert_eq!(snapshot.profiles["ocr"].backlog.ready, None);
}

/// Nothing acts on what is no number, and it is not lost without a count.
#[test]
fn what_is_no_number_is_counted_and_taken_away() {
    let check = |load: f64, arrival: f64, service: f64, expected: Expect| {
        let mut situation = situation(
            "image small vcpus=2 hosts=ocr:1
             profile ocr 0..9
             vm a small running ocr=busy",
            START,
        );
        for vm in situation.observation.cloud.iter_mut().flatten() {
            vm.load = Some(load);
        }
        let readings = situation.observation.sources.iter_mut().flat_map(|s| &mut s.reading);
        for facts in readings.flat_map(|reading| reading.queues.values_mut().flatten()) {
            (facts.arrival_rate, facts.service_rate) = (Some(arrival), Some(service));
        }
        let snapshot = situation.snapshot();
        let backlog = &snapshot.profiles["ocr"].backlog;
        expected.assert_eq(&format!(
            "load {:?}, {:?}/s in, {:?}/s out; {:?}",
            snapshot.vms[0].load, backlog.arrival_rate, backlog.service_rate, snapshot.refused
        ));
    };
    check(
        0.5,
        1.0,
        2.0,
        expect![
            "load Some(0.5), Some(1.0)/s in, Some(2.0)/s out; Refused { not_finite: 0, negative: 0 }"
        ],
    );
    check(
        f64::NAN,
        f64::INFINITY,
        2.0,
        expect!["load None, None/s in, Some(2.0)/s out; Refused { not_finite: 2, negative: 0 }"],
    );
    check(
        -0.1,
        -3.5,
        f64::NEG_INFINITY,
        expect!["load None, None/s in, None/s out; Refused { not_finite: 1, negative: 2 }"],
    );
}
