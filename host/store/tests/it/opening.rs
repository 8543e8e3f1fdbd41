//! Opening: whose file, which version, who has it, and what to tell.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use expect_test::{Expect, expect};
use hooke_control::guard::Memory;
use hooke_store::{Store, StoreError};
use rusqlite::Connection;

use crate::scene::{Scene, at, decision, east, launch, memory, show_recovered, tick};

/// What the host and a reader are told of a file that `make` made, which both
/// must leave as it is.
fn check(make: impl FnOnce(&Path), expected: Expect) {
    let scene = Scene::new();
    make(&scene.path());
    let before = fs::read(scene.path()).ok();
    let host = scene.plain(&Store::open(&scene.path(), at(1)).unwrap_err());
    let reader = Store::open_read_only(&scene.path())
        .map_or_else(|error| scene.plain(&error), |_| "no complaint".to_owned());
    assert_eq!(fs::read(scene.path()).ok(), before, "the file was changed");
    expected.assert_eq(&format!("host: {host}\nreader: {reader}\n"));
}

fn sqlite(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_text_file() {
    check(
        |path| fs::write(path, "hello").unwrap(),
        expect![[r#"
        host: DIR/hooke.db is not a store of Hooke, it is no SQLite file: change `store.path`
        reader: DIR/hooke.db is not a store of Hooke, it is no SQLite file: change `store.path`
    "#]],
    );
}

#[test]
fn a_large_file_of_something_else() {
    check(
        |path| fs::write(path, vec![7; 100_000]).unwrap(),
        expect![[r#"
        host: DIR/hooke.db is not a store of Hooke, it is no SQLite file: change `store.path`
        reader: DIR/hooke.db is not a store of Hooke, it is no SQLite file: change `store.path`
    "#]],
    );
}

#[test]
fn a_directory() {
    check(
        |path| fs::create_dir(path).unwrap(),
        expect![[r#"
        host: DIR/hooke.db is not a store of Hooke, it is no regular file: change `store.path`
        reader: DIR/hooke.db is not a store of Hooke, it is no regular file: change `store.path`
    "#]],
    );
}

#[test]
fn a_link_to_nowhere() {
    let make = |path: &Path| std::os::unix::fs::symlink("gone/away.db", path).unwrap();
    check(
        make,
        expect![[r#"
            host: DIR/hooke.db is not a store of Hooke, it is a link that leads nowhere: change `store.path`
            reader: DIR/hooke.db is not a store of Hooke, it is a link that leads nowhere: change `store.path`
        "#]],
    );
}

#[test]
fn the_file_of_another_program() {
    check(
        |path| sqlite(path, "CREATE TABLE notes (text)"),
        expect![[r#"
        host: DIR/hooke.db is not a store of Hooke, it is the SQLite file of another program: change `store.path`
        reader: DIR/hooke.db is not a store of Hooke, it is the SQLite file of another program: change `store.path`
    "#]],
    );
}

#[test]
fn a_newer_version() {
    let make = |path: &Path| {
        drop(Store::open(path, at(1)).unwrap());
        sqlite(path, "PRAGMA user_version = 99");
    };
    check(
        make,
        expect![[r#"
        host: the store DIR/hooke.db has version 99, this program knows versions up to 3: run a newer hooke
        reader: the store DIR/hooke.db has version 99, this program knows versions up to 3: run a newer hooke
    "#]],
    );
}

#[test]
fn a_damaged_journal() {
    check(
        damaged_journal,
        expect![[r#"
        host: the store DIR/hooke.db is damaged (Tree 5 page 5: btreeInitPage() returns error code 11): put a backup in its place, or move it away and begin a new one
        reader: no complaint
    "#]],
    );
    let scene = Scene::new();
    damaged_journal(&scene.path());
    let error = scene.reader().open_intents(&east()).unwrap_err();
    expect!["the store DIR/hooke.db is damaged (database disk image is malformed): put a backup in its place, or move it away and begin a new one"].assert_eq(&scene.plain(&error));
}

/// A store of which one page is lost: the top of the journal.
fn damaged_journal(path: &Path) {
    let mut store = Store::open(path, at(1)).unwrap();
    let mut record = tick(1);
    record.intents = (0..200).map(|n| launch(&format!("k{n}"))).collect();
    store.record_tick(&record).unwrap();
    drop(store);
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'intent'";
    let page = conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    drop(conn);
    let mut bytes = fs::read(path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_missing_directory() {
    let scene = Scene::new();
    let path = scene.dir.path().join("not/there/hooke.db");
    let host = Store::open(&path, at(1)).unwrap_err();
    let reader = Store::open_read_only(&path).unwrap_err();
    assert!(matches!(host, StoreError::NoDirectory { .. }), "{host:?}");
    assert_eq!(host.to_string(), reader.to_string());
    expect![
        "the directory DIR/not/there of the store does not exist: create it, or change `store.path`"
    ]
    .assert_eq(&scene.plain(&host));
}

#[test]
fn nothing_to_read() {
    let scene = Scene::new();
    let error = Store::open_read_only(&scene.path()).unwrap_err();
    expect!["there is no store at DIR/hooke.db: has a host ever run with this file?"]
        .assert_eq(&scene.plain(&error));
    assert_eq!(fs::read_dir(scene.dir.path()).unwrap().count(), 0, "a reader made a file");
}

/// `/sys` lets nobody make files, whoever asks.
#[test]
#[cfg(target_os = "linux")]
fn a_place_that_cannot_be_written() {
    let error = Store::open(Path::new("/sys/hooke.db"), at(1)).unwrap_err();
    assert!(matches!(error, StoreError::NoAccess { .. }), "{error:?}");
    expect!["no access to /sys/hooke.db.lock: the host must be able to write the file and its directory, and so must whoever reads it while no host runs"].assert_eq(&error.to_string());
}

#[test]
fn two_hosts() {
    let scene = Scene::new();
    let link = scene.dir.path().join("link.db");
    std::os::unix::fs::symlink(scene.path(), &link).unwrap();
    let first = scene.store();
    let me = std::process::id();
    let refused = |path: &Path| {
        let error = Store::open(path, at(1)).unwrap_err();
        assert!(matches!(error, StoreError::Locked { holder: Some(id), .. } if id == me));
        scene.plain(&error).replace(&me.to_string(), "PID")
    };
    let told = refused(&scene.path());
    assert_eq!(refused(&link), told);
    expect!["another host (process PID) has the store DIR/hooke.db: stop it, or give this one a store of its own"].assert_eq(&told);
    drop(first);
    scene.store();
}

#[test]
fn a_generation_for_every_file() {
    let scene = Scene::new();
    let first = scene.store().generation().to_owned();
    assert_eq!(scene.store().generation(), first);
    fs::remove_file(scene.path()).unwrap();
    let second = scene.store().generation().to_owned();
    assert_ne!(first, second);
    assert!(first.len() <= 25 && first.starts_with("3e8-"), "{first}");
}

#[test]
fn a_reader_beside_a_writer() {
    let scene = Scene::new();
    let mut store = scene.store();
    let done = AtomicBool::new(false);
    let seen = thread::scope(|threads| {
        let reading = threads.spawn(|| {
            let reader = scene.reader();
            let mut seen = 0;
            while !done.load(Ordering::Acquire) {
                let latest = reader.latest(&east()).unwrap();
                let ticks: Vec<_> = latest.iter().map(|d| d.tick).collect();
                assert!(ticks.iter().all(|&tick| tick == ticks[0]), "half a tick: {ticks:?}");
                let now = ticks.first().copied().unwrap_or(0);
                assert!(now >= seen, "back from {seen} to {now}");
                seen = now;
            }
            let latest = reader.latest_of(&east(), &"p0".into()).unwrap();
            latest.unwrap().tick
        });
        for number in 1..=200 {
            let mut record = tick(number);
            record.decisions =
                (0..20).map(|n| decision(&format!("p{n}"), number / 3, "busy")).collect();
            store.record_tick(&record).unwrap();
        }
        done.store(true, Ordering::Release);
        reading.join().unwrap()
    });
    assert_eq!(seen, 200);
}

/// A file of an older version as it was released becomes one of the newest,
/// and whatever is in it is found.
fn still_read(file: &str, expected: Expect) {
    let scene = Scene::new();
    sqlite(&scene.path(), file);
    let mut store = scene.store();
    let made = Scene::new();
    drop(made.store());
    assert_eq!(tables(&scene.path()), tables(&made.path()));
    assert_eq!(store.generation(), "3e8-0badcafe");
    expected.assert_eq(&show_recovered(&store.recover(&east()).unwrap()));
    let mut record = tick(3);
    record.memory = vec![memory("ocr", &[3])];
    record.guards = vec![("faces".into(), Memory::default())];
    store.record_tick(&record).unwrap();
    let guards = store.recover(&east()).unwrap().guards;
    assert_eq!(guards.get("faces"), Some(&Memory::default()));
}

#[test]
fn version_1_is_still_read() {
    still_read(
        include_str!("../fixtures/version-1.sql"),
        expect![[r#"
        tick 2
        open 3e8-0badcafe-1-1: launch image small
        open 3e8-0badcafe-2-0: start a worker of ocr on vm-1
        threshold remembers of ocr: [1, 2]
    "#]],
    );
}

#[test]
fn version_2_is_still_read() {
    still_read(
        include_str!("../fixtures/version-2.sql"),
        expect![[r#"
        tick 2
        open 3e8-0badcafe-1-1: launch image small
        open 3e8-0badcafe-2-0: start a worker of ocr on vm-1
        the guards remember of ocr: Memory { highest: Trail([Wished { at: Timestamp(10000), workers: 5 }, Wished { at: Timestamp(20000), workers: 3 }]), lowest: Trail([Wished { at: Timestamp(20000), workers: 3 }]), changes: [Change { at: Timestamp(10000), by: 2, key: None }, Change { at: Timestamp(20000), by: 1, key: Some(IntentKey("3e8-0badcafe-2-0")) }] }
        threshold remembers of ocr: [1, 2]
    "#]],
    );
}

#[test]
fn an_older_file_that_nobody_wrote_yet_is_not_for_readers() {
    let scene = Scene::new();
    sqlite(&scene.path(), include_str!("../fixtures/version-1.sql"));
    let error = Store::open_read_only(&scene.path()).unwrap_err();
    expect!["the store DIR/hooke.db has version 1, this program reads version 3: start its host once to bring it up to date"].assert_eq(&scene.plain(&error));
}

fn tables(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name";
    let mut query = conn.prepare(sql).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(|row| row.unwrap()).collect()
}
