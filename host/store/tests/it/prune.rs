//! Forgetting.

use std::time::Duration;

use expect_test::expect;
use hooke_control::action::Outcome;
use hooke_store::{Closing, Rest};

use crate::scene::{Scene, at, decision, east, keys, launch, show_decisions, show_entries, tick};

const KEEP: Duration = Duration::from_secs(100);

#[test]
fn open_intents_and_decisions_in_force_stay() {
    let scene = Scene::new();
    let mut store = scene.store();
    for number in 1..=4 {
        let mut record = tick(number);
        let key = format!("k{number}");
        record.intents = vec![launch(&key)];
        record.decisions = vec![decision("ocr", number, "moving"), decision("faces", 1, "still")];
        record.decisions[0].intents = keys(&[&key]);
        if number == 1 {
            record.decisions.push(decision("removed", 1, "only once"));
        }
        store.record_tick(&record).unwrap();
    }
    let closing = Closing::Done(Outcome::AlreadyTrue { vm: None });
    for (key, when) in [("k1", 15), ("k3", 120)] {
        store.close_intent(&east(), &key.into(), &closing, at(when)).unwrap();
    }

    // Forgets what ended before second 35.
    let pruned = store.prune(KEEP, at(135)).unwrap();
    expect!["Pruned { decisions: 4, intents: 1, rest: None }"].assert_eq(&format!("{pruned:?}"));
    let reader = scene.reader();
    let mut text =
        show_entries(&reader.intents(&east(), &keys(&["k1", "k2", "k3", "k4"])).unwrap());
    for profile in ["ocr", "faces", "removed"] {
        text += &show_decisions(&reader.history(&east(), &profile.into(), 10).unwrap());
    }
    text += &show_decisions(&reader.latest(&east()).unwrap());
    expect![[r#"
        k2 of tick 2, machine ?: launch image small, open
        k3 of tick 3, machine ?: launch image small, Done(AlreadyTrue { vm: None }) at 120s
        k4 of tick 4, machine ?: launch image small, open
        ocr 40-40s x1 hold: moving (tick 4) ["moving"] ["k4"]
        faces 10-40s x4 hold: still (tick 1) ["still"] []
        faces 10-40s x4 hold: still (tick 4) ["still"] []
        ocr 40-40s x1 hold: moving (tick 4) ["moving"] ["k4"]
    "#]]
    .assert_eq(&text);
    let again = store.prune(KEEP, at(135)).unwrap();
    assert_eq!((again.decisions, again.intents), (0, 0));
}

#[test]
fn a_host_that_slept_long_forgets_and_goes_on() {
    let scene = Scene::new();
    let mut store = scene.store();
    let mut record = tick(1);
    record.intents = vec![launch("a")];
    record.decisions = vec![decision("ocr", 1, "before")];
    record.decisions[0].intents = keys(&["a"]);
    store.record_tick(&record).unwrap();
    store.prune(KEEP, at(9999)).unwrap();
    let mut record = tick(1000);
    record.decisions = vec![decision("ocr", 1, "after")];
    store.record_tick(&record).unwrap();

    let reader = scene.reader();
    let history = reader.history(&east(), &"ocr".into(), 10).unwrap();
    let text = show_entries(&reader.open_intents(&east()).unwrap()) + &show_decisions(&history);
    expect![[r#"
        a of tick 1, machine ?: launch image small, open
        ocr 10000-10000s x1 hold: after (tick 1000) ["after"] []
    "#]]
    .assert_eq(&text);
}

#[test]
fn one_call_is_one_batch() {
    let scene = Scene::new();
    let mut store = scene.store();
    let profiles = 2500;
    for number in 1..=2 {
        let mut record = tick(number);
        record.decisions =
            (0..profiles).map(|n| decision(&format!("p{n}"), number, "moving")).collect();
        store.record_tick(&record).unwrap();
    }
    let mut calls = Vec::new();
    loop {
        // Second 15: the first run of each profile is old, the second is not.
        let pruned = store.prune(KEEP, at(115)).unwrap();
        calls.push(pruned.decisions);
        if pruned.rest == Rest::None {
            break;
        }
    }
    assert_eq!(calls, [2000, 500]);
    assert_eq!(scene.reader().latest(&east()).unwrap().len(), profiles);
}
