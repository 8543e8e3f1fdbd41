//! That a policy written with the Rust SDK lives in the memory it starts with,
//! unless it asks for a list of the whole fleet.
//! Growing costs each evaluation two system calls that threads cannot make at
//! once.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hooke_bundled::BUNDLED;
use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_control::snapshot::Snapshot;
use hooke_history::{History, Keep, View};
use hooke_runtime::Evaluation;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::guest;
use crate::snapshots::scenes;

/// What the host's pool keeps of a sandbox from one evaluation to the next.
const RESIDENT_BYTES: u64 = 256 << 10;
const PAGE_BYTES: u64 = 64 << 10;

/// Those that look at the machines one by one, which is as much as there are:
/// Rubber's rule knows the age of each that boots.
const LISTS_MACHINES: [&str; 1] = ["rubber"];
/// What such a list may come to in these scenes: a thousand machines, or few
/// whose names are longer than any site file allows.
const LIST_BYTES: u64 = 1 << 20;

fn initial_bytes(wasm: &[u8]) -> u64 {
    let component = Component::from_binary(&Engine::default(), wasm).unwrap();
    let pages = component.resources_required().unwrap().max_initial_memory_size.unwrap();
    pages * PAGE_BYTES
}

/// Settings as a site would write them, for those that say so.
fn typical(name: &str) -> Arc<str> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies").join(name);
    let file = folder.join("tests/typical.json");
    if file.exists() { fs::read_to_string(file).unwrap().into() } else { Arc::from("{}") }
}

/// The same, an hour later, in which every tick read the same.
fn after_an_hour(snapshot: &Snapshot) -> (Arc<Snapshot>, View) {
    const TICKS: u32 = 240;
    let tick = Duration::from_secs(15);
    let mut now = snapshot.clone();
    let keep = Keep { time: tick * TICKS, series: usize::MAX };
    let mut history = History::new(keep);
    for _ in 0..TICKS {
        now.now = now.now.plus(tick);
        history.observe(&now);
    }
    let now = Arc::new(now);
    (Arc::clone(&now), View::of(history, &now))
}

#[test]
fn no_evaluation_of_a_bundled_policy_grows_its_memory() {
    for bundled in BUNDLED {
        let initial = initial_bytes(bundled.wasm);
        assert!(initial <= RESIDENT_BYTES, "{bundled:?} starts with {initial} bytes");
        let bound = guest::build(bundled.name, |_| Ok(bundled.wasm.to_vec())).bound();
        let settings = typical(bundled.name);
        assert_eq!(bound.validate_settings(&settings).unwrap(), [], "{bundled:?}");
        for scene in scenes() {
            let (snapshot, history) = after_an_hour(&scene.snapshot);
            let evaluated = bound.evaluate(&Evaluation {
                snapshot,
                history,
                profile: scene.profile,
                settings: Arc::clone(&settings),
                memory: None,
            });
            match evaluated.answer.verdict {
                Verdict::Wish(_) | Verdict::Failed(PolicyFailure::Declined { .. }) => {}
                Verdict::Failed(failure) => panic!("{bundled:?}, {}: {failure:?}", scene.name),
            }
            let peak = evaluated.spent.memory_peak as u64;
            let more = if LISTS_MACHINES.contains(&bundled.name) { LIST_BYTES } else { 0 };
            assert!(peak <= initial + more, "{bundled:?}: {peak} bytes when {}", scene.name);
        }
    }
}
