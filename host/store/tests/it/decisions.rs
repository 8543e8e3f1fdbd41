//! Decisions: the newest, the runs, the one in force.

use expect_test::{Expect, expect};
use hooke_store::{DecisionRow, Verdict};

use crate::scene::{Scene, at, decision, east, keys, launch, show_decisions, tick};

/// Records one tick for each row, in order, from tick 1; shows what a reader
/// that was open all the time sees of the profile `ocr`.
fn check(rows: &[DecisionRow], expected: Expect) {
    let scene = Scene::new();
    let mut store = scene.store();
    let reader = scene.reader();
    for (number, row) in (1..).zip(rows) {
        let mut record = tick(number);
        record.intents = row.intents.iter().map(|key| launch(key.as_str())).collect();
        record.decisions = vec![row.clone()];
        store.record_tick(&record).unwrap();
    }
    let ocr = "ocr".into();
    let latest = reader.latest_of(&east(), &ocr).unwrap();
    let history = reader.history(&east(), &ocr, 10).unwrap();
    let text = format!("{}--\n{}", show_decisions(&latest), show_decisions(&history));
    expected.assert_eq(&text);
}

#[test]
fn none() {
    check(
        &[],
        expect![[r#"
        --
    "#]],
    );
}

#[test]
fn the_same_again_is_one_run_with_the_newest_chain() {
    let rows = [decision("ocr", 1, "a"), decision("ocr", 1, "b"), decision("ocr", 1, "c")];
    check(
        &rows,
        expect![[r#"
        ocr 10-30s x3 hold: c (tick 3) ["c"] []
        --
        ocr 10-30s x3 hold: a (tick 1) ["a"] []
    "#]],
    );
}

#[test]
fn something_new_begins_a_run() {
    let rows = [
        decision("ocr", 1, "a"),
        decision("ocr", 1, "b"),
        decision("ocr", u64::MAX, "c"),
        decision("ocr", 1, "d"),
    ];
    check(
        &rows,
        expect![[r#"
        ocr 40-40s x1 hold: d (tick 4) ["d"] []
        --
        ocr 40-40s x1 hold: d (tick 4) ["d"] []
        ocr 30-30s x1 hold: c (tick 3) ["c"] []
        ocr 10-20s x2 hold: a (tick 1) ["a"] []
    "#]],
    );
}

#[test]
fn a_verdict_or_an_intent_is_something_new() {
    let turned = DecisionRow { verdict: Verdict::ScaleOut, ..decision("ocr", 1, "b") };
    let asking = DecisionRow { intents: keys(&["k1", "k2"]), ..turned.clone() };
    let rows = [decision("ocr", 1, "a"), turned.clone(), asking, turned];
    check(
        &rows,
        expect![[r#"
        ocr 30-40s x2 scale-out: b (tick 4) ["b"] ["k1", "k2"]
        --
        ocr 30-40s x2 scale-out: b (tick 3) ["b"] ["k1", "k2"]
        ocr 20-20s x1 scale-out: b (tick 2) ["b"] []
        ocr 10-10s x1 hold: a (tick 1) ["a"] []
    "#]],
    );
}

#[test]
fn the_one_in_force() {
    let scene = Scene::new();
    let mut store = scene.store();
    for (number, headline) in [(1, "a"), (2, "a"), (5, "b")] {
        let mut record = tick(number);
        let fingerprint = u64::from(headline == "b");
        record.decisions = vec![decision("ocr", fingerprint, headline)];
        store.record_tick(&record).unwrap();
    }
    let reader = scene.reader();
    let in_force = |seconds| {
        let found = reader.decision_at(&east(), &"ocr".into(), at(seconds)).unwrap();
        format!("{seconds}: {}", show_decisions(&found).trim())
    };
    let lines = [9, 10, 30, 50, 99].map(in_force).join("\n");
    expect![[r#"
        9: 
        10: ocr 10-20s x2 hold: a (tick 1) ["a"] []
        30: ocr 10-20s x2 hold: a (tick 1) ["a"] []
        50: ocr 50-50s x1 hold: b (tick 5) ["b"] []
        99: ocr 50-50s x1 hold: b (tick 5) ["b"] []"#]]
    .assert_eq(&lines);
}

/// A clock that is set back, or a simulation that begins anew, does not hide
/// what was decided last behind what was decided before.
#[test]
fn the_newest_is_that_of_the_last_tick() {
    let scene = Scene::new();
    let mut store = scene.store();
    for (number, seconds, headline) in [(1, 500, "a"), (2, 600, "b"), (3, 20, "c")] {
        let mut record = tick(number);
        record.at = at(seconds);
        record.decisions = vec![decision("ocr", number, headline)];
        store.record_tick(&record).unwrap();
    }
    let history = scene.reader().history(&east(), &"ocr".into(), 2).unwrap();
    expect![[r#"
        ocr 20-20s x1 hold: c (tick 3) ["c"] []
        ocr 600-600s x1 hold: b (tick 2) ["b"] []
    "#]]
    .assert_eq(&show_decisions(&history));
}

#[test]
fn the_newest_of_all_profiles_and_sites() {
    let scene = Scene::new();
    let mut store = scene.store();
    let mut record = tick(1);
    record.decisions = vec![decision("ocr", 1, "a"), decision("faces", 1, "b")];
    store.record_tick(&record).unwrap();
    record.tick = 2;
    record.decisions.pop();
    store.record_tick(&record).unwrap();
    record.site = "west".into();
    record.at = at(99);
    store.record_tick(&record).unwrap();

    let reader = scene.reader();
    expect![[r#"
        faces 10-10s x1 hold: b (tick 1) ["b"] []
        ocr 10-10s x2 hold: a (tick 2) ["a"] []
    "#]]
    .assert_eq(&show_decisions(&reader.latest(&east()).unwrap()));
    let sites: Vec<_> = reader
        .sites()
        .unwrap()
        .iter()
        .map(|s| format!("{} tick {} at {}ms", s.site, s.tick, s.at.as_millis()))
        .collect();
    expect![[r#"
        east tick 2 at 10000ms
        west tick 2 at 99000ms"#]]
    .assert_eq(&sites.join("\n"));
}
