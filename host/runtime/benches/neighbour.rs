//! What an endless policy costs the others: `cargo bench -p hooke-runtime
//! --bench neighbour`. It runs into its deadline again and again, on a thread
//! of its own or in the same batch.
//!
//! Every figure is a ratio within one run, in turns of alone and beside, so that
//! what else the machine does falls on both. It asserts nothing about time.

#[path = "../tests/policies/guests.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests, which use more of it")]
mod guests;
#[path = "../tests/policies/snapshots.rs"]
mod snapshots;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hooke_bundled::BUNDLED;
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_runtime::{
    BoundPolicy, Evaluation, Grants, Host, HostConfig, Level, Limits, Question, Wasi, evaluate_all,
};

use crate::snapshots::{Fleet, snapshot};

/// Turns of alone and beside.
const TURNS: usize = 5;
/// Evaluations in each.
const EVALUATIONS: usize = 4_000;
/// Good questions of a batch.
const GOOD: usize = 100;

fn main() {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::new(config).expect("the engine starts");
    let threshold = BUNDLED.iter().find(|bundled| bundled.name == "threshold").expect("bundled");
    let good = bound(&host, "threshold", threshold.wasm);
    let endless = bound(&host, "endless", &guests::guest("endless-evaluate").build());
    beside(&good, &endless);
    for others in [0, 1, 2, 8] {
        batch(&good, &endless, others);
    }
}

fn bound(host: &Host, name: &str, wasm: &[u8]) -> BoundPolicy {
    let policy = host.load(PolicyName::from(name), wasm).expect("it loads");
    host.bind(&policy, &Grants::all(), Limits::default()).expect("it binds")
}

fn evaluation() -> Evaluation {
    Evaluation {
        snapshot: snapshot(Fleet { ready: 120, idle: 3, busy: 2 }),
        profile: ProfileName::from("ocr"),
        settings: Arc::from("{}"),
        memory: None,
    }
}

/// The good policy alone, and beside an endless one on another thread.
fn beside(good: &BoundPolicy, endless: &BoundPolicy) {
    times(good);
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        alone.extend(times(good));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    endless.evaluate(&evaluation());
                }
            });
            together.extend(times(good));
            done.store(true, Ordering::Relaxed);
        });
    }
    println!("good policy         alone     beside    ratio");
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
        let (alone, together) = (at(&mut alone, share), at(&mut together, share));
        println!("{name:<12} {alone:>9.1} µs {together:>9.1} µs {:>6.2}", together / alone);
    }
}

/// Microseconds of each evaluation.
fn times(policy: &BoundPolicy) -> Vec<f64> {
    let evaluation = evaluation();
    let time = || {
        let started = Instant::now();
        policy.evaluate(&evaluation);
        started.elapsed().as_secs_f64() * 1e6
    };
    (0..EVALUATIONS).map(|_| time()).collect()
}

fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share) as usize]
}

/// How long a batch takes on two threads, and its good answers, when some
/// policies in it are endless.
fn batch(good: &BoundPolicy, endless: &BoundPolicy, others: usize) {
    let question = |policy| Question { policy, evaluation: evaluation() };
    let mut questions = vec![question(good); GOOD];
    for other in 0..others {
        questions.insert(other * GOOD / others.max(1), question(endless));
    }
    let started = Instant::now();
    let threads = NonZeroUsize::new(2).expect("two");
    let answers = evaluate_all(&questions, threads);
    let took = started.elapsed();
    let busy: Duration = answers.iter().map(|evaluated| evaluated.spent.wall).sum();
    println!(
        "batch of {GOOD} good and {others} endless: {took:.1?}; {:.2} of the time of its evaluations",
        took.as_secs_f64() / busy.as_secs_f64()
    );
}
