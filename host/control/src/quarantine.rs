//! Whether a policy that keeps failing is asked again yet. It counts failures
//! and time; what is done meanwhile is decided elsewhere.

use std::time::Duration;

use crate::answer::PolicyFailure;
use crate::units::{Span, Timestamp};

/// When a policy goes into quarantine, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarantineRule {
    /// Failures in a row that bring it there; at least one.
    pub after: u32,
    /// How long the first one lasts; doubled with each trial that fails.
    pub first: Duration,
    /// How long one lasts at the most.
    pub longest: Duration,
}

impl Default for QuarantineRule {
    /// Three in a row, as one may be chance and two a bad neighbour; then a
    /// minute, two, four and so on up to an hour, in which a new version of the
    /// policy is tried at once anyway.
    fn default() -> Self {
        Self { after: 3, first: Duration::from_secs(60), longest: Duration::from_secs(3600) }
    }
}

/// What is to be done with a policy now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is asked.
    Ask,
    /// Its quarantine is over: it is asked, and one failure brings it back.
    Trial,
    /// It is not asked before this moment.
    Wait(Timestamp),
}

/// How one policy of one profile has fared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quarantine {
    /// Failures in a row.
    failures: u32,
    /// Quarantines in a row.
    served: u32,
    /// The one it is in, or whose trial it faces.
    until: Option<Timestamp>,
    why: String,
}

impl Quarantine {
    /// What is to be done with the policy at `now`.
    pub fn admission(&self, rule: QuarantineRule, now: Timestamp) -> Admission {
        match self.until {
            None => Admission::Ask,
            // A clock that was set back must not make a minute a year.
            Some(until) if until > now && until.since(now) <= rule.longest => {
                Admission::Wait(until)
            }
            Some(_) => Admission::Trial,
        }
    }

    /// It answered: all is forgotten. Says so if it was in quarantine.
    pub fn succeeded(&mut self) -> Option<String> {
        let was = std::mem::take(self);
        was.until.map(|_| "it answered its trial and is asked again".to_owned())
    }

    /// It failed. Says so if that brings it into quarantine. A failure that is
    /// not the policy's fault neither counts nor clears.
    pub fn failed(
        &mut self,
        failure: &PolicyFailure,
        rule: QuarantineRule,
        now: Timestamp,
    ) -> Option<String> {
        if !failure.is_fault() {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        if self.until.is_none() && self.failures < rule.after {
            return None;
        }
        let doubled = rule.first.saturating_mul(1_u32 << self.served.min(20));
        let pause = doubled.min(rule.longest);
        self.served = self.served.saturating_add(1);
        self.until = Some(now.plus(pause));
        self.why = failure.why().to_owned();
        let (failures, pause) = (self.failures, Span(pause));
        Some(format!("failed {failures} times in a row, and is not asked for {pause}"))
    }

    /// Why it is not asked, for the operator.
    pub fn why(&self, now: Timestamp) -> String {
        let left = Span(self.until.map_or(Duration::ZERO, |until| until.since(now)));
        format!(
            "it failed {} times in a row and is tried again in {left}; last: {}",
            self.failures, self.why
        )
    }
}
