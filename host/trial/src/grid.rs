//! The conformance grid: a few hundred generated situations that every policy
//! must come through, whatever it decides. It judges no decision, only that
//! answers are the same each time, finite, and no scale in without cause.

mod judge;
mod report;
mod settings;
mod situations;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_runtime::{BoundPolicy, Evaluated, Evaluation};

pub use report::{Finding, GridReport, Outcome, Rule, Severity};
pub use settings::{Chosen, Source, choose};

use judge::Findings;
use settings::refused;

/// How far the grid goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridConfig {
    /// No further situation is begun after this time.
    pub time: Duration,
    /// Situations at the most.
    pub situations: usize,
    /// What a scale in that the host's guards make harmless is worth: a delta
    /// below zero while nothing is idle, or on data that are not fresh.
    pub scale_in: Severity,
}

/// A second: 370 situations of a Rust policy take a small part of it, and of a
/// Python policy that needs 2 ms for each about two hundred are run.
impl Default for GridConfig {
    fn default() -> Self {
        Self { time: Duration::from_secs(1), situations: 500, scale_in: Severity::Note }
    }
}

/// Asks a policy all situations of the grid, with these settings (`{}` for the
/// defaults), within [`GridConfig::default`].
pub fn check(policy: &BoundPolicy, settings: &str) -> GridReport {
    check_within(policy, settings, GridConfig::default())
}

/// As [`check`], with every settings that were chosen, within the time of
/// `config` for all of them together.
pub fn check_chosen(policy: &BoundPolicy, chosen: &Chosen, config: GridConfig) -> Vec<GridReport> {
    let share = u32::try_from(chosen.settings.len()).unwrap_or(u32::MAX).max(1);
    let each = GridConfig { time: config.time / share, ..config };
    chosen.settings.iter().map(|settings| check_within(policy, settings, each)).collect()
}

/// As [`check`], as far as `config` goes.
pub fn check_within(policy: &BoundPolicy, settings: &str, config: GridConfig) -> GridReport {
    let all = situations::all();
    let most = all.len().min(config.situations);
    if let Some(why) = refused(policy, settings) {
        return GridReport {
            situations: most,
            settings: settings.to_owned(),
            outcome: Outcome::Skipped { why },
            findings: Vec::new(),
        };
    }
    let settings: Arc<str> = Arc::from(settings);
    let started = Instant::now();
    let mut findings = Findings::new(config.scale_in);
    let mut ran = 0;
    for (name, mut situation) in all.into_iter().take(most) {
        if ran > 0 && started.elapsed() >= config.time {
            break;
        }
        situation.settings = Arc::clone(&settings);
        let evaluation = situation.evaluation();
        let stored = ask(policy, &name, &evaluation, &mut findings);
        // What it stored itself it has to be able to read.
        if let Some(memory) = stored {
            let name = format!("{name}; with the memory it stored");
            let again = Evaluation { memory: Some(memory), ..evaluation };
            ask(policy, &name, &again, &mut findings);
        }
        ran += 1;
    }
    GridReport {
        situations: most,
        settings: settings.to_string(),
        outcome: Outcome::Ran { situations: ran },
        findings: findings.list(),
    }
}

/// Asks twice, and judges; gives what the policy stored.
fn ask(
    policy: &BoundPolicy,
    name: &str,
    evaluation: &Evaluation,
    findings: &mut Findings,
) -> Option<Arc<[u8]>> {
    let (first, second) = (patiently(policy, evaluation), patiently(policy, evaluation));
    findings.compare(name, &first, &second);
    findings.judge(name, evaluation, &first);
    first.answer.memory.map(Arc::from)
}

/// A machine that is busy with other things may make a policy late, once.
fn patiently(policy: &BoundPolicy, evaluation: &Evaluation) -> Evaluated {
    let evaluated = policy.evaluate(evaluation);
    if is_late(&evaluated) { policy.evaluate(evaluation) } else { evaluated }
}

/// Whether it ran into the one limit that depends on the machine.
pub(crate) fn is_late(evaluated: &Evaluated) -> bool {
    matches!(
        evaluated.answer.verdict,
        Verdict::Failed(PolicyFailure::Limit { what: "wall-time", .. })
    )
}
