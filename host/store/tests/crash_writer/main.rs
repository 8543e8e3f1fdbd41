//! A host that is there to be killed: recovers, then ticks as fast as it can,
//! and says on its output what is done as soon as it is. Its cloud is a
//! directory in which a machine is a file named by the intent's key.
//!
//! `store-crash-writer STORE CLOUD [TICKS]`

use std::error::Error;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

use hooke_control::action::{Action, Intent, Outcome};
use hooke_control::guard::memory::{Change, Memory};
use hooke_control::ids::SiteName;
use hooke_control::units::Timestamp;
use hooke_store::{Closing, DecisionRow, MemoryRow, Store, TickRecord, Verdict};

const INTENTS_PER_TICK: u64 = 3;

/// Enough that one commit is many pages and a kill often falls into one.
const PROFILES: u64 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let (Some(store), Some(cloud)) = (args.next(), args.next()) else {
        return Err("usage: store-crash-writer STORE CLOUD [TICKS]".into());
    };
    let ticks = match args.next() {
        Some(text) => text.to_string_lossy().parse()?,
        None => u64::MAX,
    };
    run(&store, &cloud, ticks)
}

fn run(path: &Path, cloud: &Path, ticks: u64) -> Result<(), Box<dyn Error>> {
    let site = SiteName::from("east");
    let mut store = Store::open(path, now()?)?;
    let recovered = store.recover(&site)?;
    for intent in &recovered.open {
        finish(&mut store, &site, cloud, intent)?;
    }
    let end = recovered.tick.saturating_add(ticks);
    for tick in recovered.tick + 1..=end {
        let record = record(&site, tick, store.generation(), now()?);
        store.record_tick(&record)?;
        for intent in &record.intents {
            println!("recorded {}", intent.key);
        }
        for intent in &record.intents {
            finish(&mut store, &site, cloud, intent)?;
        }
    }
    Ok(())
}

/// Calls the cloud and closes the intent.
fn finish(
    store: &mut Store,
    site: &SiteName,
    cloud: &Path,
    intent: &Intent,
) -> Result<(), Box<dyn Error>> {
    let closing = Closing::Done(launch(cloud, intent)?);
    store.close_intent(site, &intent.key, &closing, now()?)?;
    println!("closed {}", intent.key);
    Ok(())
}

/// Makes the machine of that key, at most once. A key that was given out twice
/// is an error: the machine there belongs to another intent.
fn launch(cloud: &Path, intent: &Intent) -> Result<Outcome, Box<dyn Error>> {
    let key = intent.key.as_str();
    let draft = cloud.join(format!(".{key}-{}", process::id()));
    fs::write(&draft, &intent.reason)?;
    let vm = cloud.join(key);
    let linked = fs::hard_link(&draft, &vm);
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(Outcome::Applied { vm: key.into() }),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if fs::read_to_string(&vm)? != intent.reason {
                return Err(format!("the key {key} was used by two intents").into());
            }
            Ok(Outcome::AlreadyTrue { vm: Some(key.into()) })
        }
        Err(error) => Err(error.into()),
    }
}

fn record(site: &SiteName, tick: u64, generation: &str, at: Timestamp) -> TickRecord {
    let intents: Vec<_> = (0..INTENTS_PER_TICK)
        .map(|n| Intent {
            key: format!("{generation}-{tick}-{n}").into(),
            action: Action::Launch { image: "small".into() },
            profile: Some("p0".into()),
            reason: format!("asked by process {} in tick {tick}", process::id()),
            at,
        })
        .collect();
    let decisions = (0..PROFILES).map(|n| DecisionRow {
        profile: format!("p{n}").into(),
        verdict: Verdict::ScaleOut,
        headline: format!("tick {tick}"),
        chain: format!("{{\"tick\":{tick},\"filler\":\"{}\"}}", "x".repeat(1000)),
        fingerprint: tick / 4,
        intents: if n == 0 { intents.iter().map(|i| i.key.clone()).collect() } else { vec![] },
    });
    TickRecord {
        site: site.clone(),
        tick,
        at,
        decisions: decisions.collect(),
        memory: vec![MemoryRow {
            profile: "p0".into(),
            policy: "threshold".into(),
            bytes: tick.to_string().into_bytes(),
        }],
        guards: vec![("p0".into(), change(at, tick))],
        intents,
        history: None,
    }
}

/// What guards remember of a tick: its number.
fn change(at: Timestamp, tick: u64) -> Memory {
    let by = i64::try_from(tick).unwrap_or(i64::MAX);
    Memory { changes: vec![Change { at, by, key: None }], ..Memory::EMPTY }
}

fn now() -> Result<Timestamp, Box<dyn Error>> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(Timestamp::from_millis(u64::try_from(millis)?))
}
