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
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hooke_bundled::BUNDLED;
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_history::View;
use hooke_runtime::{
    BoundPolicy, Evaluation, Grants, Host, HostConfig, Level, Limits, Question, Wasi,
    evaluate_telling,
};

use crate::snapshots::{Fleet, snapshot};

/// Turns of alone and beside.
const TURNS: usize = 5;
/// Evaluations in each.
const EVALUATIONS: usize = 4_000;
/// Good questions of a batch.
const GOOD: usize = 500;
/// Batches of each kind.
const BATCHES: usize = 20;
/// Of the endless policies in a batch: so short that many batches are measured.
const DEADLINE: Duration = Duration::from_millis(200);

fn main() {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::new(config).expect("the engine starts");
    let threshold = BUNDLED.iter().find(|bundled| bundled.name == "threshold").expect("bundled");
    let good = bound(&host, "threshold", threshold.wasm);
    let endless = bound(&host, "endless", &guests::guest("endless-evaluate").build());
    beside(&good, &endless);
    batches(&host, &good);
}

fn bound(host: &Host, name: &str, wasm: &[u8]) -> BoundPolicy {
    let policy = host.load(PolicyName::from(name), wasm).expect("it loads");
    host.bind(&policy, &Grants::all(), Limits::default()).expect("it binds")
}

fn evaluation() -> Evaluation {
    Evaluation {
        snapshot: snapshot(Fleet { ready: 120, idle: 3, busy: 2 }),
        history: View::empty(),
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

/// Endless policies, each another content, so that none is known.
fn strangers(host: &Host, count: usize) -> Vec<BoundPolicy> {
    let wasm = guests::guest("endless-evaluate").build();
    let marked = |mark: usize| {
        let mark = u8::try_from(mark).expect("few");
        [wasm.as_slice(), &[0, 6, 4, b'm', b'a', b'r', b'k', mark]].concat()
    };
    let limits = Limits { wall_time: DEADLINE, ..Limits::default() };
    let policy = |mark| host.load(PolicyName::from("endless"), &marked(mark)).expect("it loads");
    let bind = |mark| host.bind(&policy(mark), &Grants::all(), limits.clone()).expect("it binds");
    (0..count).map(bind).collect()
}

/// Batches with endless policies on as many threads as there are processors,
/// beside the same batch without. The wall time of the good evaluations, and when the last of
/// them was answered, as ratios to those alone.
fn batches(host: &Host, good: &BoundPolicy) {
    println!("batch of {GOOD} good     all        last good  ratio      good p50  good p99  ratio");
    let alone = Batch::run(good, &[], BATCHES);
    alone.print("alone", &alone);
    for others in [1, 2, 8, 16] {
        let others = strangers(host, others);
        let told = |known| format!("{} endless, {known}", others.len());
        Batch::run(good, &others, 1).print(&told("unknown"), &alone);
        Batch::run(good, &others, BATCHES).print(&told("known"), &alone);
        let again = Batch::run(good, &[], BATCHES);
        again.print("alone again", &alone);
    }
}

/// What batches took, in milliseconds, and each good evaluation of them.
struct Batch {
    all: f64,
    last_good: f64,
    good: Vec<f64>,
}

impl Batch {
    /// The medians of some batches.
    fn run(good: &BoundPolicy, others: &[BoundPolicy], batches: usize) -> Self {
        let question = |policy| Question { policy, evaluation: evaluation() };
        let mut questions = vec![question(good); GOOD];
        for (at, other) in others.iter().enumerate() {
            questions.insert(at * GOOD / others.len(), question(other));
        }
        let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let (mut all, mut last, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..batches {
            // A tick comes after a rest, whoever was asked in the last one.
            thread::sleep(DEADLINE);
            let last_good = AtomicU64::new(0);
            let started = Instant::now();
            let answers = evaluate_telling(&questions, threads, |_, evaluated| {
                if evaluated.answer.verdict.wish().is_some() {
                    let micros = started.elapsed().as_micros();
                    last_good
                        .fetch_max(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
            });
            all.push(started.elapsed().as_secs_f64() * 1e3);
            last.push(last_good.into_inner() as f64 / 1e3);
            let good = answers.iter().filter(|one| one.answer.verdict.wish().is_some());
            each.extend(good.map(|one| one.spent.wall.as_secs_f64() * 1e6));
        }
        Self { all: at(&mut all, 0.5), last_good: at(&mut last, 0.5), good: each }
    }

    fn print(&self, name: &str, alone: &Self) {
        let p99 = |batch: &Self| at(&mut batch.good.clone(), 0.99);
        println!(
            "{name:<20} {:>8.1} ms {:>8.1} ms {:>6.2} {:>10.1} µs {:>6.1} µs {:>6.2}",
            self.all,
            self.last_good,
            self.last_good / alone.last_good,
            at(&mut self.good.clone(), 0.5),
            p99(self),
            p99(self) / p99(alone),
        );
    }
}
