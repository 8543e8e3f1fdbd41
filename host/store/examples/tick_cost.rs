//! What one tick costs to keep: `cargo run --release -p hooke-store --example
//! tick_cost [DIRECTORY]`. Prints milliseconds; the directory says which disk.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use hooke_control::action::{Action, Intent, Outcome};
use hooke_control::ids::SiteName;
use hooke_control::units::Timestamp;
use hooke_store::{Closing, DecisionRow, HistoryRow, Store, TickRecord, Verdict};

const PROFILES: usize = 10_000;
const CHAIN_BYTES: usize = 1024;
const TICKS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = match std::env::args_os().nth(1) {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    let path = dir.path().join("hooke.db");
    let mut store = Store::open(&path, Timestamp::from_millis(1))?;
    let mut tick = 0;
    println!("{PROFILES} decisions of {CHAIN_BYTES} bytes a tick, {TICKS} ticks each");
    for (name, changed) in
        [("first tick", 0), ("all unchanged", 0), ("1% new", 100), ("all new", PROFILES)]
    {
        let mut costs = Vec::new();
        for _ in 0..if tick == 0 { 1 } else { TICKS } {
            tick += 1;
            let record = record(tick, changed);
            let begun = Instant::now();
            store.record_tick(&record)?;
            costs.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        report(name, costs);
    }
    for (name, bytes) in [("with a quiet fleet's readings", 20), ("with a busy fleet's", 300_000)] {
        let mut costs = Vec::new();
        for _ in 0..TICKS {
            tick += 1;
            let mut record = record(tick, 0);
            let keep_from = Timestamp::from_millis(0);
            let bytes = vec![7; bytes];
            record.history = Some(HistoryRow { whole: false, bytes, keep_from });
            let begun = Instant::now();
            store.record_tick(&record)?;
            costs.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        report(name, costs);
    }
    intents(&mut store, tick + 1)?;
    drop(store);
    recovery(&path)
}

/// The first `changed` profiles decide something new in every tick.
fn record(tick: u64, changed: usize) -> TickRecord {
    let decisions = (0..PROFILES).map(|n| DecisionRow {
        profile: format!("profile-{n}").into(),
        verdict: Verdict::Hold,
        headline: format!("holds at 3: backlog {tick}"),
        chain: format!("{tick:08}{}", "x".repeat(CHAIN_BYTES - 8)),
        fingerprint: if n < changed { tick } else { 0 },
        intents: Vec::new(),
    });
    TickRecord {
        site: "east".into(),
        tick,
        at: Timestamp::from_millis(tick * 30_000),
        intents: Vec::new(),
        decisions: decisions.collect(),
        memory: Vec::new(),
        guards: Vec::new(),
        history: None,
    }
}

fn intents(store: &mut Store, tick: u64) -> Result<(), Box<dyn Error>> {
    let mut record = record(tick, 0);
    let site: SiteName = record.site.clone();
    record.decisions.clear();
    record.intents = (0..100)
        .map(|n| Intent {
            key: format!("{}-{tick}-{n}", store.generation()).into(),
            action: Action::Launch { image: "small".into() },
            profile: None,
            reason: "to be timed".to_owned(),
            at: record.at,
        })
        .collect();
    store.record_tick(&record)?;
    let mut costs = Vec::new();
    for intent in record.intents.iter().skip(1) {
        let vm = intent.key.as_str().into();
        let begun = Instant::now();
        let closing = Closing::Done(Outcome::Applied { vm });
        store.close_intent(&site, &intent.key, &closing, record.at)?;
        costs.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    report("close one intent", costs);
    Ok(())
}

fn recovery(path: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let store = Store::open(path, Timestamp::from_millis(1))?;
    let recovered = store.recover(&"east".into())?;
    let cost = begun.elapsed().as_secs_f64() * 1000.0;
    let megabytes = std::fs::metadata(path)?.len() / 1_000_000;
    println!("open and recover: {cost:.1} ms ({megabytes} MB, {} open)", recovered.open.len());
    let begun = Instant::now();
    let latest = Store::open_read_only(path)?.latest(&"east".into())?;
    let cost = begun.elapsed().as_secs_f64() * 1000.0;
    println!("read the newest of all: {cost:.1} ms ({} decisions)", latest.len());
    Ok(())
}

fn report(name: &str, mut costs: Vec<f64>) {
    costs.sort_by(f64::total_cmp);
    let median = costs[costs.len() / 2];
    let (least, most) = (costs[0], costs[costs.len() - 1]);
    println!("{name}: median {median:.1} ms, from {least:.1} to {most:.1}");
}
