//! What was read: kept with the tick, given back from the last whole frame on,
//! forgotten when nothing needs it, and never a reason to refuse a tick.

use expect_test::{Expect, expect};
use hooke_store::{HistoryRow, HistoryWritten, Store, TickRecord};
use rusqlite::Connection;

use crate::scene::{Scene, at, east, tick};

/// A tick at `number * 10` seconds whose frame is its number, one byte.
fn read(number: u64, whole: bool, keep_from: u64) -> TickRecord {
    let bytes = vec![u8::try_from(number).unwrap()];
    TickRecord {
        history: Some(HistoryRow { whole, bytes, keep_from: at(keep_from) }),
        ..tick(number)
    }
}

fn check(store: &Store, from: u64, expected: Expect) {
    let mut text = String::new();
    let given = store.history(&east(), at(from), |frame| match frame {
        Some((at, bytes)) => text.push_str(&format!("{}s {bytes:?}\n", at.as_millis() / 1000)),
        None => text.push_str("lost\n"),
    });
    given.unwrap();
    expected.assert_eq(&text);
}

#[test]
fn it_is_given_from_the_last_whole_frame_on() {
    let scene = Scene::new();
    let mut store = scene.store();
    for number in 1..=6 {
        store.record_tick(&read(number, number == 1 || number == 4, 0)).unwrap();
    }
    check(
        &store,
        0,
        expect![[r#"
        10s [1]
        20s [2]
        30s [3]
        40s [4]
        50s [5]
        60s [6]
    "#]],
    );
    check(
        &store,
        55,
        expect![[r#"
        40s [4]
        50s [5]
        60s [6]
    "#]],
    );
}

#[test]
fn a_reader_beside_the_host_is_told_the_same() {
    let scene = Scene::new();
    let mut store = scene.store();
    for number in 1..=6 {
        store.record_tick(&read(number, number == 1 || number == 4, 0)).unwrap();
    }
    let (mut own, mut beside) = (Vec::new(), Vec::new());
    let owned = |frame: Option<(_, &[u8])>| frame.map(|(at, bytes)| (at, bytes.to_vec()));
    store.history(&east(), at(55), |frame| own.push(owned(frame))).unwrap();
    let reader = scene.reader();
    reader.readings(&east(), at(55), |frame| beside.push(owned(frame))).unwrap();
    assert_eq!((own.len(), &own), (3, &beside));
    assert_eq!(reader.recover(&east()).unwrap(), store.recover(&east()).unwrap());
    assert_eq!(reader.recover(&"west".into()).unwrap().tick, 0);
}

#[test]
fn what_no_question_needs_is_forgotten_some_at_a_time() {
    let scene = Scene::new();
    let mut store = scene.store();
    for number in 1..=30 {
        store.record_tick(&read(number, number % 25 == 1, 0)).unwrap();
    }
    store.record_tick(&read(31, false, 290)).unwrap();
    let frames = |store: &Store| {
        let mut frames = 0;
        store.history(&east(), at(0), |_| frames += 1).unwrap();
        frames
    };
    assert_eq!(frames(&store), 31 - 16);
    store.record_tick(&read(32, false, 300)).unwrap();
    assert_eq!(frames(&store), 7, "from tick 26 on, the last whole one");
}

#[test]
fn a_tick_is_kept_though_its_readings_cannot_be() {
    let scene = Scene::new();
    let mut store = scene.store();
    store.record_tick(&read(1, true, 0)).unwrap();
    let other = Connection::open(scene.path()).unwrap();
    other.execute_batch("DROP TABLE history_frame").unwrap();
    let written = store.record_tick(&read(2, false, 0)).unwrap();
    let HistoryWritten::Lost(error) = written else { panic!("{written:?}") };
    expect!["keeping what was read: SQLite refused, store DIR/hooke.db"]
        .assert_eq(&scene.plain(&error));
    assert_eq!(store.recover(&east()).unwrap().tick, 2);
    assert!(store.history(&east(), at(0), |_| {}).is_err());
}

#[test]
fn a_site_that_is_gone_is_forgotten_like_its_decisions() {
    let scene = Scene::new();
    let mut store = scene.store();
    store.record_tick(&read(1, true, 0)).unwrap();
    store.prune(std::time::Duration::from_secs(100), at(50)).unwrap();
    check(&store, 0, expect![["10s [1]\n"]]);
    store.prune(std::time::Duration::from_secs(100), at(500)).unwrap();
    check(&store, 0, expect![[""]]);
}
