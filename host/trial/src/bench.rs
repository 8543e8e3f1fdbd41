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
    /// How many times the empty one's median the policy's is; `None` where every
    /// evaluation failed, as that says nothing of what an answer costs.
    pub ratio: Option<f64>,
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

/// Measures a policy, as [`side_by_side`] does several.
pub fn bench(
    host: &Host,
    policy: &BoundPolicy,
    evaluation: &Evaluation,
    config: BenchConfig,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<BenchReport, LoadError> {
    let questions = [(policy.clone(), evaluation.clone())];
    let mut reports = side_by_side(host, &questions, config, progress)?;
    Ok(reports.pop().expect("one was asked for"))
}

/// Measures policies, each with its question, in turns with an empty one, so
/// that what else the machine does meets all of them. `progress` is told after
/// each round how many of all are done, as the whole may take seconds; the time
/// is for all together. Fails only if this host cannot load the empty policy.
pub fn side_by_side(
    host: &Host,
    questions: &[(BoundPolicy, Evaluation)],
    config: BenchConfig,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<Vec<BenchReport>, LoadError> {
    let Some((first, evaluation)) = questions.first() else { return Ok(Vec::new()) };
    let empty = host.load(PolicyName::from("empty"), EMPTY)?;
    let empty = host.bind(&empty, &Grants::none(), first.limits().clone())?;
    let mut all: Vec<(&BoundPolicy, &Evaluation)> = questions.iter().map(|(p, e)| (p, e)).collect();
    all.push((&empty, evaluation));
    // The first calls find nothing in the caches, and are not counted.
    for _ in 0..if config.time.is_zero() { 1 } else { config.evaluations } {
        for (policy, evaluation) in &all {
            policy.evaluate(evaluation);
        }
    }
    let mut measured: Vec<Measured> = all.iter().map(|_| Measured::new()).collect();
    let started = Instant::now();
    for round in 1..=config.rounds.max(1) {
        for ((policy, evaluation), measured) in all.iter().zip(&mut measured) {
            for _ in 0..config.evaluations.max(1) {
                measured.measure(policy, evaluation);
            }
        }
        progress(round, config.rounds);
        if started.elapsed() >= config.time {
            break;
        }
    }
    let empty = measured.pop().expect("the empty one is the last").cost(&empty);
    let report = |((policy, _), own): (&(BoundPolicy, Evaluation), Measured)| {
        let cost = own.cost(policy);
        let ratio = cost.median_ns as f64 / empty.median_ns.max(1) as f64;
        BenchReport {
            ratio: (own.failed < cost.evaluations).then_some(ratio),
            uses: most(&own.spent, policy.limits()),
            failed: own.failed,
            policy: cost,
            empty: empty.clone(),
            failure: own.failure,
        }
    };
    Ok(questions.iter().zip(measured).map(report).collect())
}

/// Several policies of one run as one table, for people: each beside the empty
/// one.
pub fn render_all(reports: &[BenchReport]) -> String {
    let Some(first) = reports.first() else { return String::new() };
    let names = reports.iter().map(|report| report.policy.name.chars().count());
    let width = names.max().unwrap_or(0).max(9);
    let mut out = format!(
        "{:<width$} {:>12} {:>12} {:>12} {:>12} {:>12} {:>14}\n",
        "", "evaluations", "median", "p99", "longest", "memory", "times an empty"
    );
    let mut row = |cost: &Cost, ratio: Option<f64>| {
        let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}"));
        let figures = format!("{} {ratio:>14}", cost.figures());
        writeln!(out, "{:<width$} {figures}", cost.name).expect("text can always be added to");
    };
    reports.iter().for_each(|report| row(&report.policy, report.ratio));
    row(&first.empty, Some(1.0));
    for report in reports {
        if let Some(why) = report.failures() {
            writeln!(out, "{}: {why}", report.policy.name).expect("text can always be added to");
        }
    }
    out
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

impl Cost {
    /// The columns of a table, after the name.
    fn figures(&self) -> String {
        format!(
            "{:>12} {:>12} {:>12} {:>12} {:>12}",
            self.evaluations,
            micros(self.median_ns),
            micros(self.p99_ns),
            micros(self.max_ns),
            format!("{} KiB", self.memory_peak.div_ceil(1024)),
        )
    }
}

impl BenchReport {
    fn failures(&self) -> Option<String> {
        let why = self.failure.as_ref()?;
        let (failed, all) = (self.failed, self.policy.evaluations);
        Some(match self.ratio {
            Some(_) => format!("{failed} of {all} failed; the first: {why}"),
            None => format!(
                "every evaluation failed, so that this is no measure of an answer; the first: {why}"
            ),
        })
    }

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
            line(format!("{:<width$} {}", cost.name, cost.figures()));
        }
        if let Some(ratio) = self.ratio {
            let name = &self.policy.name;
            line(format!("{name} takes {ratio:.1} times as long as the empty policy"));
        }
        if let Some(why) = self.failures() {
            line(why);
        }
        line(String::new());
        line("The most that was used of each limit:".to_owned());
        out + &table(&self.uses)
    }
}

fn micros(nanos: u64) -> String {
    format!("{:.1} µs", nanos as f64 / 1e3)
}
