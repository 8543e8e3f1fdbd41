//! What an evaluation costs, beside what it is made of: `cargo bench -p hooke-runtime`;
//! with ` -- WORD` only the rows whose name has that word.
//!
//! Every row is the fastest of several rounds, in microseconds, and as a ratio
//! to the first row of the same run: the ratios hold on any machine, the
//! microseconds on a quiet one. It asserts nothing about time.

#[path = "../tests/policies/snapshots.rs"]
mod snapshots;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_bundled::BUNDLED;
use hooke_control::answer::Verdict;
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_history::View;
use hooke_runtime::{
    Allocation, BoundPolicy, Evaluation, Host, HostConfig, Level, Limits, Question, Wasi,
    evaluate_all,
};
use policy_threshold::decide::{Backlog, Quality, Situation, Workers, decide};
use policy_threshold::settings::Settings;

use crate::snapshots::{Fleet, snapshot};

/// What every row but the native one answers with: a suspension asked for by
/// name, so that the longest way through the policy is taken.
const SETTINGS: &str = r#"{"threshold": 50, "vm_idle": "5m"}"#;

fn main() {
    for allocation in [Allocation::for_this_machine(), Allocation::OnDemand] {
        println!("{allocation:?}");
        table(allocation);
    }
}

fn table(allocation: Allocation) {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::allocating(config, allocation).expect("the engine starts");
    let wasm = BUNDLED.iter().find(|bundled| bundled.name == "threshold").expect("bundled").wasm;
    let loading = Instant::now();
    let policy = host.load(PolicyName::from("threshold"), wasm).expect("it loads");
    println!("load {} bytes: {:.1} ms", wasm.len(), loading.elapsed().as_secs_f64() * 1e3);
    let bound = host.bind(&policy, policy.imports(), Limits::default()).expect("it binds");
    let peak = bound.evaluate(&scale_out(5)).spent.memory_peak;
    println!("memory of the policy: {} KiB", peak >> 10);

    let word = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let mut rows = Rows { word: word.unwrap_or_default(), first: None };
    let five = scale_out(5);
    rows.row("threshold, 5 VMs, scale out", || wish(&bound, &five));
    rows.row("the same decision, natively", native);
    rows.row("the sandbox alone (validate {})", || bound.validate_settings("{}"));
    for vms in [5, 100, 10_000] {
        let out = scale_out(vms);
        rows.row(&format!("scale out, {vms} VMs"), || wish(&bound, &out));
        let scale_in = scale_in(vms);
        rows.row(&format!("idle machines of {vms} VMs"), || wish(&bound, &scale_in));
    }
    for threads in [1, 2] {
        rows.batch(&bound, &five, threads);
    }
}

fn scale_out(vms: usize) -> Evaluation {
    evaluation(Fleet { ready: 120, idle: vms.div_ceil(2), busy: vms / 2 })
}

fn scale_in(vms: usize) -> Evaluation {
    evaluation(Fleet { ready: 0, idle: vms, busy: 0 })
}

fn evaluation(fleet: Fleet) -> Evaluation {
    Evaluation {
        snapshot: snapshot(fleet),
        history: View::empty(),
        profile: ProfileName::from("ocr"),
        settings: Arc::from(SETTINGS),
        memory: None,
    }
}

fn wish(bound: &BoundPolicy, evaluation: &Evaluation) -> i32 {
    match bound.evaluate(evaluation).answer.verdict {
        Verdict::Wish(wish) => wish.delta,
        Verdict::Failed(failure) => panic!("{failure:?}"),
    }
}

fn native() -> i32 {
    let settings = Settings::parse(black_box(SETTINGS)).expect("good settings");
    let situation = Situation {
        minimum: 1,
        workers: Workers { capacity: 5, booting: 0, idle_beyond_first: 0 },
        backlog: Backlog {
            quality: Quality::Fresh,
            age_ms: 0,
            ready: Some(black_box(120)),
            unacked: Some(2),
            idle_ms: None,
        },
    };
    decide(&settings, &situation, Vec::new).expect("it decides").delta
}

/// The table, written as it is measured.
struct Rows {
    word: String,
    first: Option<f64>,
}

impl Rows {
    fn row<T>(&mut self, name: &str, mut run: impl FnMut() -> T) {
        if !name.contains(&self.word) {
            return;
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(100) {
            black_box(run());
        }
        let fastest = (0..20).map(|_| round(&mut run)).fold(f64::INFINITY, f64::min);
        self.print(name, fastest);
    }

    fn batch(&mut self, bound: &BoundPolicy, evaluation: &Evaluation, threads: usize) {
        const QUESTIONS: usize = 10_000;
        let name = format!("one of {QUESTIONS}, {threads} threads");
        if !name.contains(&self.word) {
            return;
        }
        let question = Question { policy: bound, evaluation: evaluation.clone() };
        let questions = vec![question; QUESTIONS];
        let threads = NonZeroUsize::new(threads).expect("at least one");
        let fastest = (0..5)
            .map(|_| {
                let started = Instant::now();
                black_box(evaluate_all(&questions, threads));
                started.elapsed().as_secs_f64() * 1e6 / QUESTIONS as f64
            })
            .fold(f64::INFINITY, f64::min);
        self.print(&name, fastest);
    }

    fn print(&mut self, name: &str, micros: f64) {
        let first = *self.first.get_or_insert(micros);
        println!("{name:<34} {micros:>10.2} µs {:>9.3}", micros / first);
    }
}

/// Microseconds of one run, over as many as fill some milliseconds.
fn round<T>(run: &mut impl FnMut() -> T) -> f64 {
    let started = Instant::now();
    let mut runs = 0_u32;
    while runs < 20 || started.elapsed() < Duration::from_millis(10) {
        black_box(run());
        runs += 1;
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
}
