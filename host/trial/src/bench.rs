//! What an evaluation costs, beside an empty policy in the same run: times are
//! those of this machine now, the ratio is much the same on any. A fresh
//! sandbox each time, as in a tick.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use hooke_control::answer::Verdict;
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Evaluation, Grants, Host, LoadError, Spent};
use serde::Serialize;

use crate::usage::{UseView, most, table};

/// The policy that does nothing.
pub(crate) const EMPTY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/empty.wasm"));

/// How long the bench runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchConfig {
    /// No further round is begun after this time.
    pub time: Duration,
    /// Rounds at the most; at least 1. In each the policy and the empty one take turns.
    pub rounds: u32,
    /// Evaluations of each in a round; at least 1.
    pub evaluations: u32,
}

/// 2,000 evaluations, or as many as 3 seconds allow.
impl Default for BenchConfig {
    fn default() -> Self {
        Self { time: Duration::from_secs(3), rounds: 40, evaluations: 50 }
    }
}

/// What came of a bench.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchReport {
    /// The policy.
    pub policy: Cost,
    /// The empty one, in the same run.
    pub empty: Cost,
    /// How many times the empty one's median the policy's is.
    pub ratio: f64,
    /// The most that any evaluation used of each limit.
    pub uses: Vec<UseView>,
    /// Evaluations that failed.
    pub failed: u64,
    /// Why the first of them did.
    pub failure: Option<String>,
}

/// What evaluations of one policy cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Its name.
    pub name: String,
    /// How many evaluations.
    pub evaluations: u64,
    /// Half of them took no longer, in nanoseconds.
    pub median_ns: u64,
    /// 99 of 100 took no longer.
    pub p99_ns: u64,
    /// None took longer.
    pub max_ns: u64,
    /// Bytes of linear memory at the most.
    pub memory_peak: usize,
}

/// Measures a policy. `progress` is told after each round how many of all are
/// done, as the whole may take seconds. Fails only if this host cannot load the
/// empty policy.
pub fn bench(
    host: &Host,
    policy: &BoundPolicy,
    evaluation: &Evaluation,
    config: BenchConfig,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<BenchReport, LoadError> {
    let empty = host.load(PolicyName::from("empty"), EMPTY)?;
    let empty = host.bind(&empty, &Grants::none(), policy.limits().clone())?;
    let (mut own, mut other) = (Measured::new(), Measured::new());
    // The first calls find nothing in the caches, and are not counted.
    for _ in 0..config.evaluations {
        policy.evaluate(evaluation);
        empty.evaluate(evaluation);
        if config.time.is_zero() {
            break;
        }
    }
    let started = Instant::now();
    for round in 1..=config.rounds.max(1) {
        for _ in 0..config.evaluations.max(1) {
            own.measure(policy, evaluation);
        }
        for _ in 0..config.evaluations.max(1) {
            other.measure(&empty, evaluation);
        }
        progress(round, config.rounds);
        if started.elapsed() >= config.time {
            break;
        }
    }
    let uses = most(&own.spent, policy.limits());
    let (failed, failure) = (own.failed, own.failure.clone());
    let (policy, empty) = (own.cost(policy), other.cost(&empty));
    let ratio = policy.median_ns as f64 / empty.median_ns.max(1) as f64;
    Ok(BenchReport { policy, empty, ratio, uses, failed, failure })
}

/// What was measured so far.
struct Measured {
    times: Histogram<u64>,
    spent: Vec<Spent>,
    failed: u64,
    failure: Option<String>,
}

impl Measured {
    fn new() -> Self {
        // Up to an hour; what takes longer counts as that.
        let times = Histogram::new_with_bounds(1, 3_600_000_000_000, 3);
        let times = times.expect("three digits and these bounds are within what it can do");
        Self { times, spent: Vec::new(), failed: 0, failure: None }
    }

    fn measure(&mut self, policy: &BoundPolicy, evaluation: &Evaluation) {
        let evaluated = policy.evaluate(evaluation);
        let nanos = u64::try_from(evaluated.spent.wall.as_nanos()).unwrap_or(u64::MAX);
        self.times.saturating_record(nanos.max(1));
        self.spent.push(evaluated.spent);
        if let Verdict::Failed(failure) = &evaluated.answer.verdict {
            self.failed += 1;
            let why = || format!("{}: {}", failure.kind(), failure.why());
            self.failure.get_or_insert_with(why);
        }
    }

    fn cost(&self, policy: &BoundPolicy) -> Cost {
        Cost {
            name: policy.policy().name().as_str().to_owned(),
            evaluations: self.times.len(),
            median_ns: self.times.value_at_quantile(0.5),
            p99_ns: self.times.value_at_quantile(0.99),
            max_ns: self.times.max(),
            memory_peak: self.spent.iter().map(|spent| spent.memory_peak).max().unwrap_or(0),
        }
    }
}

impl BenchReport {
    /// For people.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let width = self.policy.name.chars().count().max(9);
        let mut line = |text: String| {
            writeln!(out, "{}", text.trim_end()).expect("text can always be added to");
        };
        line(format!(
            "{:<width$} {:>12} {:>12} {:>12} {:>12} {:>12}",
            "", "evaluations", "median", "p99", "longest", "memory"
        ));
        for cost in [&self.policy, &self.empty] {
            line(format!(
                "{:<width$} {:>12} {:>12} {:>12} {:>12} {:>12}",
                cost.name,
                cost.evaluations,
                micros(cost.median_ns),
                micros(cost.p99_ns),
                micros(cost.max_ns),
                format!("{} KiB", cost.memory_peak.div_ceil(1024)),
            ));
        }
        line(format!(
            "{} takes {:.1} times as long as the empty policy",
            self.policy.name, self.ratio
        ));
        if let Some(why) = &self.failure {
            line(format!(
                "{} of {} failed; the first: {why}",
                self.failed, self.policy.evaluations
            ));
        }
        line(String::new());
        line("The most that was used of each limit:".to_owned());
        out + &table(&self.uses)
    }
}

fn micros(nanos: u64) -> String {
    format!("{:.1} µs", nanos as f64 / 1e3)
}
