//! Judges answers by the rules of the grid. A breach is kept once for each
//! rule, with its first example and how often it came.

use hooke_control::answer::{Answer, PolicyFailure, Verdict, Wish};
use hooke_control::guard;
use hooke_control::ids::PolicyName;
use hooke_control::snapshot::{ProfileView, Quality, Snapshot};
use hooke_runtime::{Evaluated, Evaluation};

use super::is_late;
use super::report::{Finding, Rule, Severity};
use crate::situation::POLICY;

/// More workers than this nobody has, whatever the backlog.
const BEYOND_REASON: i64 = 1_000_000;
/// The backlog from which on a very large answer is only arithmetic.
const HUGE: u64 = 100_000_000;

/// What was found so far.
pub(super) struct Findings {
    scale_in: Severity,
    found: Vec<Finding>,
    answered: usize,
    declined: usize,
}

impl Findings {
    pub(super) const fn new(scale_in: Severity) -> Self {
        Self { scale_in, found: Vec::new(), answered: 0, declined: 0 }
    }

    /// In order of weight.
    pub(super) fn list(mut self) -> Vec<Finding> {
        if self.answered == 0 && self.declined > 0 {
            self.add(Rule::OnlyDeclines, "every situation", "no answer".to_owned());
        }
        self.found.sort_by_key(|finding| (finding.severity, finding.rule));
        self.found
    }

    /// The same question twice, the same answer, bit for bit.
    pub(super) fn compare(&mut self, name: &str, first: &Evaluated, second: &Evaluated) {
        if is_late(first) || is_late(second) {
            return;
        }
        if first.answer != second.answer {
            let said = format!("{}; then {}", said(&first.answer), said(&second.answer));
            self.add(Rule::Unstable, name, said);
        } else if (&first.log, first.dropped_lines) != (&second.log, second.dropped_lines) {
            self.add(Rule::Unstable, name, "the same answer with another log".to_owned());
        }
    }

    /// One answer.
    pub(super) fn judge(&mut self, name: &str, evaluation: &Evaluation, evaluated: &Evaluated) {
        let Some(view) = evaluation.snapshot.profiles.get(&evaluation.profile) else { return };
        match &evaluated.answer.verdict {
            Verdict::Failed(failure) => self.failure(name, failure),
            Verdict::Wish(wish) => {
                self.answered += 1;
                self.wish(name, &evaluation.snapshot, view, wish);
            }
        }
        self.bounds(name, &evaluation.snapshot, view, &evaluated.answer);
        let lines = evaluated.log.iter().map(|line| &line.text);
        if let Some(line) = lines.into_iter().find(|line| !is_finite(line)) {
            self.add(Rule::LogNotFinite, name, format!("log: {line}"));
        }
    }

    fn failure(&mut self, name: &str, failure: &PolicyFailure) {
        let rule = match failure {
            PolicyFailure::Declined { kind: "missing-data" | "unsupported", .. } => {
                self.declined += 1;
                return;
            }
            PolicyFailure::Declined { .. } => Rule::Fault,
            PolicyFailure::Limit { .. } => Rule::OverLimit,
            PolicyFailure::Trap { .. }
            | PolicyFailure::Unavailable { .. }
            | PolicyFailure::Quarantined { .. } => Rule::Broke,
        };
        self.add(rule, name, format!("failed, {}: {}", failure.kind(), failure.why()));
    }

    fn wish(&mut self, name: &str, snapshot: &Snapshot, view: &ProfileView, wish: &Wish) {
        let profile = &view.spec.name;
        let staged: i64 = wish.staged.iter().map(|r| r.what.change(profile, snapshot)).sum();
        let change = i64::from(wish.delta) + staged;
        let capacity = i64::from(view.counts.capacity());
        let said = || wished(wish);
        // What stands above the bounds the host takes away itself.
        let kept = capacity.min(i64::from(view.spec.workers.max()));
        let removes = wish.staged.iter().any(|r| r.what.change(profile, snapshot) < 0);
        if (change < 0 || removes) && capacity + change < kept {
            if view.counts.idle == 0 {
                self.add(Rule::ScaleInBusy, name, said());
            }
            if view.backlog.quality != Quality::Fresh {
                self.add(Rule::ScaleInBlind, name, said());
            }
        }
        let backlog = view.backlog.ready.unwrap_or(0).max(view.backlog.unacked.unwrap_or(0));
        let wild = change > BEYOND_REASON && backlog < HUGE;
        if capacity + change < 0 || wild {
            self.add(Rule::Extreme, name, said());
        }
        let texts = wish.staged.iter().map(|request| &request.why).chain([&wish.reason]);
        if texts.into_iter().any(|text| !is_finite(text)) {
            self.add(Rule::NotFinite, name, said());
        }
        if wish.reason.trim().is_empty() {
            self.add(Rule::NoReason, name, said());
        }
    }

    /// After the host's guards a number within the bounds is left, or what is
    /// there already.
    fn bounds(&mut self, name: &str, snapshot: &Snapshot, view: &ProfileView, answer: &Answer) {
        let (bounds, capacity) = (view.spec.workers, view.counts.capacity());
        let answer = Answer { policy: PolicyName::from(POLICY), ..answer.clone() };
        let desired = guard::bounded(snapshot, view, std::slice::from_ref(&answer)).desired;
        if desired < bounds.min().min(capacity) || desired > bounds.max().max(capacity) {
            self.add(Rule::OutOfBounds, name, format!("{}, bounded to {desired}", said(&answer)));
        }
    }

    fn add(&mut self, rule: Rule, situation: &str, said: String) {
        if let Some(known) = self.found.iter_mut().find(|finding| finding.rule == rule) {
            known.times += 1;
            return;
        }
        let severity = rule.severity(self.scale_in);
        let (problem, cure) = (rule.problem(), rule.cure());
        let situation = situation.to_owned();
        self.found.push(Finding { rule, severity, problem, cure, times: 1, situation, said });
    }
}

fn said(answer: &Answer) -> String {
    match &answer.verdict {
        Verdict::Wish(wish) => wished(wish),
        Verdict::Failed(failure) => format!("failed, {}: {}", failure.kind(), failure.why()),
    }
}

fn wished(wish: &Wish) -> String {
    let mut said = format!("{:+}", wish.delta);
    for request in &wish.staged {
        said += &format!(", {}", request.what);
    }
    if !wish.reason.is_empty() {
        said += &format!(": {}", wish.reason);
    }
    said
}

/// Whether a text has no number that is none, as any of the languages that
/// policies are written in prints one.
fn is_finite(text: &str) -> bool {
    let none = ["NaN", "nan", "NAN", "inf", "Inf", "INF", "Infinity", "infinity"];
    text.split(|c: char| !c.is_alphanumeric()).all(|word| !none.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::situation::Situation;

    fn evaluated(delta: i32) -> Evaluated {
        let host = hooke_runtime::Host::new(hooke_runtime::HostConfig {
            limits: hooke_runtime::Limits::default(),
            log_from: hooke_runtime::Level::Debug,
            wasi: hooke_runtime::Wasi::None,
        });
        let host = host.expect("the engine starts");
        let empty = host.load(PolicyName::from("empty"), crate::bench::EMPTY).expect("it loads");
        let none = hooke_runtime::Grants::none();
        let bound = host.bind(&empty, &none, hooke_runtime::Limits::default()).expect("it binds");
        let mut evaluated = bound.evaluate(&Situation::default().evaluation());
        let Verdict::Wish(wish) = &mut evaluated.answer.verdict else { panic!("{evaluated:?}") };
        wish.delta = delta;
        evaluated
    }

    /// The sandbox leaves a policy nothing to be unstable with, so that the
    /// answers are put together here.
    #[test]
    fn two_answers_to_one_question_are_refused() {
        let mut findings = Findings::new(Severity::Note);
        findings.compare("here", &evaluated(1), &evaluated(1));
        findings.compare("there", &evaluated(1), &evaluated(2));
        let found = findings.list();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule, found[0].severity), (Rule::Unstable, Severity::Refuse));
        assert_eq!(found[0].said, "+1: hold; then +2: hold");
    }

    #[test]
    fn numbers_that_are_none_are_words_of_their_own() {
        for text in ["load NaN", "rate=inf", "-Infinity/s", "nan", "(Inf)"] {
            assert!(!is_finite(text), "{text}");
        }
        for text in ["", "info", "banana 3.5", "INFO x", "finanz-nano", "infra"] {
            assert!(is_finite(text), "{text}");
        }
    }
}
