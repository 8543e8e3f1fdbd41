//! Intents: written, closed, recovered.

use expect_test::{Expect, expect};
use hooke_control::action::{Action, Failure, Outcome};
use hooke_store::{Closed, Closing, Store, StoreError};

use crate::scene::{
    Scene, at, decision, east, intent, keys, launch, memory, show_entries, show_recovered, tick,
};

/// What a host finds that starts after `before` was done.
fn check(before: impl FnOnce(&mut Store), expected: Expect) {
    let scene = Scene::new();
    let mut store = scene.store();
    before(&mut store);
    let seen = store.recover(&east()).unwrap();
    drop(store);
    let recovered = scene.store().recover(&east()).unwrap();
    assert_eq!(seen, recovered, "a restart changed what is there");
    expected.assert_eq(&show_recovered(&recovered));
}

fn done(vm: &str) -> Closing {
    Closing::Done(Outcome::Applied { vm: vm.into() })
}

#[test]
fn nothing_yet() {
    check(
        |_| (),
        expect![[r#"
        tick 0
    "#]],
    );
}

#[test]
fn open_intents_and_memory_come_back() {
    let before = |store: &mut Store| {
        let mut first = tick(1);
        first.intents = vec![launch("b"), launch("a")];
        first.memory = vec![memory("ocr", &[1, 2]), memory("faces", &[])];
        store.record_tick(&first).unwrap();
        let mut second = tick(2);
        second.intents = vec![intent("c", Action::Suspend { vm: "vm-9".into() })];
        second.memory = vec![memory("ocr", &[3])];
        store.record_tick(&second).unwrap();
        store.close_intent(&east(), &"b".into(), &done("vm-1"), at(30)).unwrap();
    };
    check(
        before,
        expect![[r#"
        tick 2
        open a: launch image small
        open c: suspend vm-9
        threshold remembers of faces: []
        threshold remembers of ocr: [3]
    "#]],
    );
}

#[test]
fn a_bad_record_leaves_nothing() {
    let before = |store: &mut Store| {
        let mut first = tick(5);
        first.intents = vec![launch("a")];
        store.record_tick(&first).unwrap();

        let mut again = tick(5);
        again.intents = vec![launch("b")];
        let error = store.record_tick(&again).unwrap_err();
        expect!["site east: tick 5 is not after tick 5, the last one recorded"]
            .assert_eq(&error.to_string());

        let mut reused = tick(6);
        reused.intents = vec![launch("c"), launch("a")];
        reused.memory = vec![memory("ocr", &[9])];
        let error = store.record_tick(&reused).unwrap_err();
        expect!["site east: the intent key a was used before"].assert_eq(&error.to_string());

        let mut loose = tick(6);
        loose.intents = vec![launch("d")];
        loose.decisions = vec![decision("ocr", 1, "more")];
        loose.decisions[0].intents = keys(&["d", "never"]);
        let error = store.record_tick(&loose).unwrap_err();
        expect!["site east: no intent never in the journal"].assert_eq(&error.to_string());
    };
    check(
        before,
        expect![[r#"
        tick 5
        open a: launch image small
    "#]],
    );
}

#[test]
fn closing_twice_is_one_closing() {
    let before = |store: &mut Store| {
        let mut first = tick(1);
        first.intents = vec![launch("a")];
        store.record_tick(&first).unwrap();
        let (site, key) = (east(), "a".into());
        let mut close = |vm, when| store.close_intent(&site, &key, &done(vm), at(when));
        assert_eq!(close("vm-1", 20).unwrap(), Closed::Now);
        assert_eq!(close("vm-1", 21).unwrap(), Closed::Already);
        let error = close("vm-2", 22).unwrap_err();
        let StoreError::ClosedOtherwise { before, .. } = error else { panic!("{error:?}") };
        assert_eq!(*before, done("vm-1"));
    };
    check(
        before,
        expect![[r#"
        tick 1
    "#]],
    );
}

#[test]
fn an_unknown_key_cannot_be_closed() {
    let before = |store: &mut Store| {
        let mut first = tick(1);
        first.intents = vec![launch("a")];
        store.record_tick(&first).unwrap();
        let mut refused = |site: &str, key: &str| {
            let error = store.close_intent(&site.into(), &key.into(), &done("vm"), at(2));
            assert!(matches!(error, Err(StoreError::UnknownIntent { .. })), "{error:?}");
        };
        refused("east", "b");
        refused("west", "a");
    };
    check(
        before,
        expect![[r#"
        tick 1
        open a: launch image small
    "#]],
    );
}

#[test]
fn sites_do_not_meet() {
    let before = |store: &mut Store| {
        let mut here = tick(1);
        here.intents = vec![launch("a")];
        store.record_tick(&here).unwrap();
        let mut there = here.clone();
        there.site = "west".into();
        there.memory = vec![memory("ocr", &[1])];
        store.record_tick(&there).unwrap();
        store.close_intent(&"west".into(), &"a".into(), &done("vm-1"), at(3)).unwrap();
    };
    check(
        before,
        expect![[r#"
        tick 1
        open a: launch image small
    "#]],
    );
}

#[test]
fn a_machine_tells_its_story() {
    let scene = Scene::new();
    let mut store = scene.store();
    let mut first = tick(1);
    first.intents = vec![launch("a"), launch("b"), launch("c")];
    first.decisions = vec![decision("ocr", 1, "three more"), decision("faces", 1, "enough")];
    first.decisions[0].intents = keys(&["a", "b", "c"]);
    store.record_tick(&first).unwrap();
    let east = east();
    store.close_intent(&east, &"a".into(), &done("vm-1"), at(11)).unwrap();
    let failed = Closing::Failed(Failure::NoCapacity { why: "zone is full".to_owned() });
    store.close_intent(&east, &"b".into(), &failed, at(12)).unwrap();
    let mut second = tick(2);
    second.intents = vec![intent("d", Action::Terminate { vm: "vm-1".into() })];
    second.decisions = vec![decision("faces", 2, "one less")];
    second.decisions[0].intents = keys(&["d"]);
    store.record_tick(&second).unwrap();

    let reader = scene.reader();
    let story = reader.about_vm(&east, &"vm-1".into(), 10).unwrap();
    let decided: Vec<_> = story.decisions.iter().map(|d| d.headline.as_str()).collect();
    expect![[r#"
        d of tick 2, machine vm-1: terminate vm-1, open
        a of tick 1, machine vm-1: launch image small, Done(Applied { vm: VmId("vm-1") }) at 11s
        ["one less", "three more"]"#]]
    .assert_eq(&format!("{}{decided:?}", show_entries(&story.intents)));
    let newest = reader.about_vm(&east, &"vm-1".into(), 1).unwrap();
    assert_eq!((newest.intents.len(), newest.decisions.len()), (1, 1));

    let asked = reader.intents(&east, &keys(&["c", "nobody", "b"])).unwrap();
    expect![[r#"
        c of tick 1, machine ?: launch image small, open
        b of tick 1, machine ?: launch image small, Failed(NoCapacity { why: "zone is full" }) at 12s
    "#]].assert_eq(&show_entries(&asked));
    expect![[r#"
        c of tick 1, machine ?: launch image small, open
        d of tick 2, machine vm-1: terminate vm-1, open
    "#]]
    .assert_eq(&show_entries(&reader.open_intents(&east).unwrap()));
    assert_eq!(reader.about_vm(&"west".into(), &"vm-1".into(), 10).unwrap(), Default::default());
}
