//! Many evaluations at once, spread over threads. Each is independent of the
//! others; the order of the results is that of the questions.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::bound::BoundPolicy;
use crate::evaluation::{Evaluated, Evaluation};

/// Questions a thread takes at a time: enough that threads seldom meet, few
/// enough that one slow policy does not hold many others back.
const TAKEN_AT_ONCE: usize = 8;

/// One question to one bound policy.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who is asked.
    pub policy: &'a BoundPolicy,
    /// What is asked.
    pub evaluation: Evaluation,
}

impl Question<'_> {
    fn ask(&self) -> Evaluated {
        self.policy.evaluate(&self.evaluation)
    }
}

/// Asks all questions, on up to `threads` threads; blocks until the last is
/// answered. The calling thread is one of them.
pub fn evaluate_all(questions: &[Question<'_>], threads: NonZeroUsize) -> Vec<Evaluated> {
    let next = AtomicUsize::new(0);
    let helpers = questions.len().div_ceil(TAKEN_AT_ONCE).min(threads.get()).saturating_sub(1);
    let mut runs = thread::scope(|scope| {
        let started: Vec<_> =
            (0..helpers).map(|_| scope.spawn(|| work(questions, &next))).collect();
        let mut runs = work(questions, &next);
        for helper in started {
            runs.extend(helper.join().expect("evaluating turns every failure into a value"));
        }
        runs
    });
    runs.sort_unstable_by_key(|(at, _)| *at);
    runs.into_iter().flat_map(|(_, answers)| answers).collect()
}

/// Takes runs of questions until none are left; gives each with its position.
fn work(questions: &[Question<'_>], next: &AtomicUsize) -> Vec<(usize, Vec<Evaluated>)> {
    let mut runs = Vec::new();
    loop {
        let at = next.fetch_add(TAKEN_AT_ONCE, Ordering::Relaxed);
        let Some(rest) = questions.get(at..).filter(|rest| !rest.is_empty()) else { return runs };
        runs.push((at, rest.iter().take(TAKEN_AT_ONCE).map(Question::ask).collect()));
    }
}
