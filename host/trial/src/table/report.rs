//! What came of a table: pass or fail of each case, and of a failed one what
//! was expected, what came, why, and what the policy wrote to its log.

use std::fmt::Write as _;

use hooke_control::answer::Verdict;
use hooke_runtime::Evaluated;
use serde::Serialize;

use super::expect::{Miss, shown};

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// The file.
    pub file: String,
    /// Its cases, in order.
    pub cases: Vec<CaseReport>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// The line where it begins.
    pub line: usize,
    /// Its steps; one, unless it says otherwise.
    pub steps: Vec<StepReport>,
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// What was expected and did not come; empty when the step passed.
    pub misses: Vec<Miss>,
    /// The answer in a line.
    pub answer: String,
    /// What was staged, in order.
    pub staged: Vec<String>,
    /// What was stored.
    pub stored: Option<String>,
    /// What the policy wrote to its log.
    pub log: Vec<String>,
    /// Log lines over the limits.
    pub dropped_lines: u64,
}

impl StepReport {
    pub(super) fn new(misses: Vec<Miss>, evaluated: &Evaluated) -> Self {
        let (answer, staged) = match &evaluated.answer.verdict {
            Verdict::Wish(wish) => {
                let staged = wish.staged.iter().map(|request| request.what.to_string()).collect();
                (format!("{:+}: {}", wish.delta, wish.reason), staged)
            }
            Verdict::Failed(failure) => {
                (format!("failed, {}: {}", failure.kind(), failure.why()), Vec::new())
            }
        };
        Self {
            misses,
            answer,
            staged,
            stored: evaluated.answer.memory.as_deref().map(shown),
            log: evaluated
                .log
                .iter()
                .map(|line| format!("{}: {}", line.level, line.text))
                .collect(),
            dropped_lines: evaluated.dropped_lines,
        }
    }
}

impl CaseReport {
    /// Whether every expectation was met.
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.misses.is_empty())
    }
}

impl TableReport {
    /// Whether every case passed.
    pub fn passed(&self) -> bool {
        self.failed() == 0
    }

    /// Cases that failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.passed()).count()
    }

    /// For people: a line for each case, and all about the failed ones.
    pub fn render(&self) -> String {
        let mut out = format!("{}: {}\n", self.file, self.summary());
        for case in &self.cases {
            if case.passed() {
                line(&mut out, &format!("  ok    {}", case.name));
                continue;
            }
            line(&mut out, &format!("  FAIL  {} (line {})", case.name, case.line));
            for (nth, step) in case.steps.iter().enumerate() {
                if step.misses.is_empty() {
                    continue;
                }
                if case.steps.len() > 1 {
                    line(&mut out, &format!("        step {} of {}", nth + 1, case.steps.len()));
                }
                step.render(&mut out);
            }
        }
        out
    }

    fn summary(&self) -> String {
        let all = self.cases.len();
        let s = if all == 1 { "" } else { "s" };
        match self.failed() {
            0 => format!("{all} case{s} passed"),
            failed => format!("{failed} of {all} case{s} failed"),
        }
    }
}

impl StepReport {
    fn render(&self, out: &mut String) {
        for Miss { expected, got } in &self.misses {
            line(out, &format!("        expected  {expected}"));
            line(out, &format!("        got       {got}"));
        }
        line(out, &format!("        answer    {}", self.answer));
        for staged in &self.staged {
            line(out, &format!("        staged    {staged}"));
        }
        if let Some(stored) = &self.stored {
            line(out, &format!("        stored    {stored}"));
        }
        for text in &self.log {
            line(out, &format!("        log       {text}"));
        }
        if self.dropped_lines > 0 {
            line(out, &format!("        log       {} more lines dropped", self.dropped_lines));
        }
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("text can always be added to");
}
