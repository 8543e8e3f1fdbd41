//! A store in a directory of its own, ticks to put into it, and what comes out
//! as text.

use std::fmt::Write as _;
use std::path::PathBuf;

use hooke_control::action::{Action, Intent};
use hooke_control::ids::{IntentKey, SiteName};
use hooke_control::units::Timestamp;
use hooke_store::{
    Decision, DecisionRow, JournalEntry, MemoryRow, Reader, Recovered, Store, TickRecord, Verdict,
};
use tempfile::TempDir;

pub(crate) struct Scene {
    pub(crate) dir: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("hooke.db")
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.path(), at(1)).unwrap()
    }

    pub(crate) fn reader(&self) -> Reader {
        Store::open_read_only(&self.path()).unwrap()
    }

    /// An error of this scene without the directory's name.
    pub(crate) fn plain(&self, error: &dyn std::error::Error) -> String {
        let real = self.dir.path().canonicalize().unwrap();
        error.to_string().replace(&format!("{}", real.display()), "DIR")
    }
}

pub(crate) fn east() -> SiteName {
    SiteName::from("east")
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// An empty tick, at `tick * 10` seconds.
pub(crate) fn tick(tick: u64) -> TickRecord {
    TickRecord {
        site: east(),
        tick,
        at: at(tick * 10),
        intents: Vec::new(),
        decisions: Vec::new(),
        memory: Vec::new(),
        guards: Vec::new(),
        history: None,
    }
}

pub(crate) fn intent(key: &str, action: Action) -> Intent {
    Intent {
        key: key.into(),
        action,
        profile: Some("ocr".into()),
        reason: "backlog".to_owned(),
        at: at(7),
    }
}

pub(crate) fn launch(key: &str) -> Intent {
    intent(key, Action::Launch { image: "small".into() })
}

pub(crate) fn decision(profile: &str, fingerprint: u64, headline: &str) -> DecisionRow {
    DecisionRow {
        profile: profile.into(),
        verdict: Verdict::Hold,
        headline: headline.to_owned(),
        chain: format!("[\"{headline}\"]"),
        fingerprint,
        intents: Vec::new(),
    }
}

pub(crate) fn memory(profile: &str, bytes: &[u8]) -> MemoryRow {
    MemoryRow { profile: profile.into(), policy: "threshold".into(), bytes: bytes.to_vec() }
}

pub(crate) fn keys(names: &[&str]) -> Vec<IntentKey> {
    names.iter().map(|&name| name.into()).collect()
}

pub(crate) fn show_recovered(recovered: &Recovered) -> String {
    let mut text = format!("tick {}\n", recovered.tick);
    for intent in &recovered.open {
        writeln!(text, "open {}: {}", intent.key, intent.action).unwrap();
    }
    for (profile, memory) in &recovered.guards {
        writeln!(text, "the guards remember of {profile}: {memory:?}").unwrap();
    }
    for ((profile, policy), bytes) in &recovered.memory {
        writeln!(text, "{policy} remembers of {profile}: {bytes:?}").unwrap();
    }
    text
}

pub(crate) fn show_entries(entries: &[JournalEntry]) -> String {
    let mut text = String::new();
    for JournalEntry { tick, intent, vm, closed } in entries {
        let vm = vm.as_ref().map_or("?", |vm| vm.as_str());
        write!(text, "{} of tick {tick}, machine {vm}: {}", intent.key, intent.action).unwrap();
        match closed {
            None => writeln!(text, ", open").unwrap(),
            Some((closing, when)) => {
                writeln!(text, ", {closing:?} at {}s", when.as_millis() / 1000).unwrap();
            }
        }
    }
    text
}

pub(crate) fn show_decisions<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> String {
    let mut text = String::new();
    for d in decisions {
        let seconds = |moment: Timestamp| moment.as_millis() / 1000;
        let keys: Vec<_> = d.intents.iter().map(|key| key.as_str()).collect();
        writeln!(
            text,
            "{} {}-{}s x{} {}: {} (tick {}) {} {:?}",
            d.profile,
            seconds(d.since),
            seconds(d.seen_until),
            d.times,
            d.verdict.as_str(),
            d.headline,
            d.tick,
            d.chain,
            keys,
        )
        .unwrap();
    }
    text
}
