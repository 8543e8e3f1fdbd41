//! One policy of one profile, ready to be asked, and who answers in its place.

use std::collections::BTreeSet;
use std::sync::Arc;

use hooke_control::answer::{Answer, PolicyFailure, Verdict};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_control::planner;
use hooke_control::quarantine::{Admission, Quarantine, QuarantineRule};
use hooke_control::units::Timestamp;
use hooke_history::Unmet;
use hooke_runtime::{BoundPolicy, Digest, Grants};

use super::SeatState;
use crate::config::{Asked, BindingConfig, Mode};
use crate::shelf::Shelf;

/// One policy with what it is told.
#[derive(Debug)]
pub(super) struct Chair {
    pub(super) policy: PolicyName,
    pub(super) settings: Arc<str>,
    pub(super) bound: Result<BoundPolicy, PolicyFailure>,
}

impl Chair {
    fn of(asked: Asked<'_>, shelf: &Shelf, grants: &Grants) -> Self {
        Self {
            policy: asked.policy.clone(),
            settings: asked.settings.json().into(),
            bound: shelf.bind(asked.policy, grants),
        }
    }

    fn digest(&self) -> Option<Digest> {
        self.bound.as_ref().ok().map(|bound| bound.policy().digest())
    }
}

/// How one policy of one profile has fared, whatever desk it is asked at.
#[derive(Debug)]
pub(crate) struct Record {
    profile: ProfileName,
    policy: PolicyName,
    digest: Option<Digest>,
    quarantine: Quarantine,
}

/// One binding of the site file.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) profile: ProfileName,
    pub(super) mode: Mode,
    pub(super) own: Chair,
    pub(super) fallback: Option<Chair>,
    pub(super) quarantine: Quarantine,
    /// What the log told of its questions about the past.
    told: BTreeSet<Unmet>,
}

impl Seat {
    pub(super) fn of(binding: &BindingConfig, shelf: &Shelf, grants: &Grants) -> Self {
        let mut asked = binding.asked().map(|asked| Chair::of(asked, shelf, grants));
        Self {
            profile: binding.profile.clone(),
            mode: binding.mode,
            own: asked.next().expect("a binding names its policy first"),
            fallback: asked.next(),
            quarantine: Quarantine::default(),
            told: BTreeSet::new(),
        }
    }

    /// Takes what is new on the shelf. A new version of a policy starts with a
    /// clean record; says so if that ends a quarantine.
    pub(super) fn follow(&mut self, shelf: &Shelf, grants: &Grants) -> Option<&'static str> {
        let before = self.own.digest();
        for chair in std::iter::once(&mut self.own).chain(&mut self.fallback) {
            chair.bound = shelf.bind(&chair.policy, grants);
        }
        if self.own.digest() == before {
            return None;
        }
        let ended = self.quarantine.succeeded();
        ended.map(|_| "its file changed, and it is asked again")
    }

    /// Whether the log is to tell this of its questions about the past: once,
    /// and not without end, as a policy may ask what it likes.
    pub(super) fn tells(&mut self, unmet: &Unmet) -> bool {
        const MOST: usize = 16;
        self.told.len() < MOST && self.told.insert(unmet.clone())
    }

    /// The policy and who stands in for it.
    pub(super) fn chairs(&self) -> impl Iterator<Item = &Chair> {
        std::iter::once(&self.own).chain(&self.fallback)
    }

    /// How it has fared.
    pub(super) fn record(&self) -> Record {
        Record {
            profile: self.profile.clone(),
            policy: self.own.policy.clone(),
            digest: self.own.digest(),
            quarantine: self.quarantine.clone(),
        }
    }

    /// Goes on where an earlier desk was, if that is the record of this policy.
    pub(super) fn go_on_with(&mut self, record: &Record) {
        let same = self.profile == record.profile && self.own.policy == record.policy;
        if same && self.own.digest() == record.digest {
            self.quarantine = record.quarantine.clone();
        }
    }

    /// How it fares.
    pub(super) fn state(&self, rule: QuarantineRule, now: Timestamp) -> SeatState {
        let quarantined = match self.quarantine.admission(rule, now) {
            Admission::Ask => None,
            Admission::Trial | Admission::Wait(_) => Some(self.quarantine.why(now)),
        };
        SeatState {
            profile: self.profile.clone(),
            policy: self.own.policy.clone(),
            mode: self.mode,
            quarantined,
            fallback: self.fallback.as_ref().map(|chair| chair.policy.clone()),
        }
    }

    /// Where the answers of this seat go.
    pub(super) fn answers<'a>(&self, said: &'a mut planner::Said) -> &'a mut Vec<Answer> {
        let all = match self.mode {
            Mode::Live => &mut said.live,
            Mode::Shadow => &mut said.shadows,
        };
        all.entry(self.profile.clone()).or_default()
    }

    /// The answer of a policy that is not asked, with nobody in its place.
    pub(super) fn quarantined(&self, why: String) -> Answer {
        self.failed(PolicyFailure::Quarantined { why })
    }

    /// The answer of a policy that failed.
    pub(super) fn failed(&self, failure: PolicyFailure) -> Answer {
        Answer::new(self.own.policy.clone(), Verdict::Failed(failure))
    }
}
