//! SIGKILL at any moment neither loses nor doubles a machine.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use hooke_control::ids::SiteName;
use hooke_store::Store;
use rusqlite::Connection;

use crate::scene::{Scene, at, east};

const ROUNDS: u64 = 20;
const INTENTS_PER_TICK: u64 = 3;
const SIGKILL: i32 = 9;

#[test]
fn a_killed_host_loses_and_doubles_nothing() {
    let seed = std::env::var("SEED").map_or(42, |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut chance = Chance(seed);
    let scene = Scene::new();
    let cloud = scene.dir.path().join("cloud");
    fs::create_dir(&cloud).unwrap();
    let mut said = Said::default();
    for round in 0..ROUNDS {
        let known = said.recorded.len();
        // Every fourth host dies while it starts, or soon after.
        let lines = if round % 4 == 0 { 0 } else { chance.below(80) };
        said.add(&killed_host(&scene.path(), &cloud, lines, chance.below(8000)));
        let ticked = (said.recorded.len() > known).then_some(round);
        println!("round {round}: {lines} lines, {} recorded, {ticked:?}", said.recorded.len());
        check_journal(&scene.path(), &said);
    }
    assert!(said.recorded.len() > 100, "the hosts got nowhere");
    check_machines(&scene.path(), &cloud, &said);
}

/// Everything that any host said it had done.
#[derive(Default)]
struct Said {
    recorded: BTreeSet<String>,
    closed: BTreeSet<String>,
}

impl Said {
    fn add(&mut self, output: &str) {
        // A line without its end was cut by the kill: not said.
        for line in output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            match line.split_once(' ') {
                Some(("recorded", key)) => {
                    assert!(self.recorded.insert(key.to_owned()), "{key} was recorded twice");
                }
                Some(("closed", key)) => {
                    assert!(self.closed.insert(key.to_owned()), "{key} was closed twice");
                }
                _ => panic!("a line that no host writes: {line}"),
            }
        }
    }
}

/// Starts a host, kills it some time after it said so many lines, and returns
/// all that it said.
fn killed_host(store: &Path, cloud: &Path, lines: u64, then_micros: u64) -> String {
    let mut host = Command::new(env!("CARGO_BIN_EXE_store-crash-writer"))
        .args([store, cloud])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(host.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..lines {
        output.read_line(&mut said).unwrap();
    }
    // Waits for nothing: it spreads the kills over the phases of a tick.
    thread::sleep(Duration::from_micros(then_micros));
    host.kill().unwrap();
    let status = host.wait().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL), "the host ended by itself: {status}");
    output.read_to_string(&mut said).unwrap();
    said
}

/// What was said is there, once; ticks are whole; what is open is recovered.
fn check_journal(path: &Path, said: &Said) {
    let site: SiteName = east();
    let recovered = Store::open(path, at(1)).unwrap().recover(&site).unwrap();
    let open: BTreeSet<String> = recovered.open.iter().map(|i| i.key.to_string()).collect();
    assert_eq!(open.len(), recovered.open.len(), "an open intent was recovered twice");

    let conn = Connection::open(path).unwrap();
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let rows = journal(&conn);
    let keys: BTreeSet<String> = rows.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys.len(), rows.len(), "an intent is there twice");
    let lost: Vec<_> = said.recorded.difference(&keys).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert_eq!(rows.len() as u64, recovered.tick * INTENTS_PER_TICK, "a tick is not whole");
    let remembered: Vec<_> = recovered.memory.into_values().collect();
    let expected = (recovered.tick > 0).then(|| recovered.tick.to_string().into_bytes());
    assert_eq!(remembered, Vec::from_iter(expected), "memory of another tick");
    let changes = recovered.guards.into_values().flat_map(|memory| memory.changes);
    let ticks: Vec<i64> = changes.map(|change| change.by).collect();
    let expected = (recovered.tick > 0).then(|| i64::try_from(recovered.tick).unwrap());
    assert_eq!(ticks, Vec::from_iter(expected), "guards remember another tick");

    let left: BTreeSet<String> =
        rows.iter().filter(|row| !row.1).map(|row| row.0.clone()).collect();
    assert_eq!(open, left, "recovered is not what is open");
    assert!(said.closed.is_disjoint(&open), "a closed intent is open again");
}

/// After one more start, every intent has its one machine.
fn check_machines(path: &Path, cloud: &Path, said: &Said) {
    let status = Command::new(env!("CARGO_BIN_EXE_store-crash-writer"))
        .args([path, cloud, Path::new("0")])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    let rows = journal(&Connection::open(path).unwrap());
    let intents: BTreeSet<PathBuf> = rows.iter().map(|row| PathBuf::from(&row.0)).collect();
    let machines: BTreeSet<PathBuf> = fs::read_dir(cloud)
        .unwrap()
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .filter(|name| !name.to_string_lossy().starts_with('.'))
        .collect();
    assert_eq!(machines, intents);
    assert!(said.recorded.iter().all(|key| machines.contains(Path::new(key))));
    assert!(rows.iter().all(|(_, closed)| *closed), "left open: {rows:?}");
}

/// Every intent, and whether it is closed.
fn journal(conn: &Connection) -> Vec<(String, bool)> {
    let mut query = conn.prepare("SELECT key, closed_at IS NOT NULL FROM intent").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(|row| row.unwrap()).collect()
}

/// SplitMix64: the same moments for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}
