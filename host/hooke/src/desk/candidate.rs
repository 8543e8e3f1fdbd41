//! The sites' say before a policy is replaced: each tries the new one on its
//! settings and on what it saw last. Nothing that is tried here acts, is
//! remembered, or counts against anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use hooke_control::answer::{Answer, Verdict};
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_runtime::{BoundPolicy, Evaluation, Policy};
use hooke_shelf::{Bind, Objection, Users};

use super::Desk;

/// The desks of all sites.
#[derive(Debug, Default)]
pub(crate) struct Desks(RwLock<BTreeMap<SiteName, Weak<Desk>>>);

impl Desks {
    /// Adds a site's desk, or puts it in the place of an older one.
    pub(crate) fn add(&self, site: &SiteName, desk: &Arc<Desk>) {
        let mut desks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        desks.retain(|_, desk| desk.strong_count() > 0);
        desks.insert(site.clone(), Arc::downgrade(desk));
    }

    fn all(&self) -> Vec<(SiteName, Arc<Desk>)> {
        let desks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        desks.iter().filter_map(|(site, desk)| Some((site.clone(), desk.upgrade()?))).collect()
    }
}

impl Users for Desks {
    fn uses(&self, policy: &PolicyName) -> bool {
        self.all().iter().any(|(_, desk)| desk.asks(policy))
    }

    fn accept(&self, candidate: &Policy, bind: &Bind<'_>) -> Result<Vec<String>, Objection> {
        let mut differences = Vec::new();
        for (site, desk) in self.all().iter().filter(|(_, desk)| desk.asks(candidate.name())) {
            let bound =
                bind(&desk.grants).map_err(|e| Objection::Grants(format!("site {site}: {e}")))?;
            for one in desk.uses_of(candidate.name()) {
                differences.extend(one.accept(site, &bound)?);
            }
        }
        Ok(differences)
    }
}

/// One profile's use of the policy that is to be replaced, as of now.
struct Use {
    profile: ProfileName,
    settings: Arc<str>,
    live: Option<BoundPolicy>,
    evaluation: Option<Evaluation>,
}

impl Desk {
    fn asks(&self, policy: &PolicyName) -> bool {
        self.held().seats.iter().flat_map(super::Seat::chairs).any(|c| c.policy == *policy)
    }

    fn uses_of(&self, policy: &PolicyName) -> Vec<Use> {
        let held = self.held();
        let mut uses = Vec::new();
        for seat in &held.seats {
            for chair in seat.chairs().filter(|chair| chair.policy == *policy) {
                let key = (seat.profile.clone(), policy.clone());
                let evaluation = held.last.as_ref().map(|snapshot| Evaluation {
                    snapshot: Arc::clone(snapshot),
                    profile: seat.profile.clone(),
                    settings: Arc::clone(&chair.settings),
                    memory: held.memory.get(&key).cloned(),
                });
                uses.push(Use {
                    profile: seat.profile.clone(),
                    settings: Arc::clone(&chair.settings),
                    live: chair.bound.as_ref().ok().cloned(),
                    evaluation,
                });
            }
        }
        uses
    }
}

impl Use {
    /// Whether the candidate can take over here; with it, how it would answer
    /// otherwise.
    fn accept(&self, site: &SiteName, bound: &BoundPolicy) -> Result<Option<String>, Objection> {
        let profile = &self.profile;
        let refused = match bound.validate_settings(&self.settings) {
            Ok(problems) if problems.is_empty() => None,
            Ok(problems) => {
                let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Some(format!("refuses its settings: {}", all.join("; ")))
            }
            Err(failure) => {
                Some(format!("failed while it checked its settings: {}", failure.why()))
            }
        };
        if let Some(refused) = refused {
            return Err(Objection::Settings(format!("site {site}, profile {profile}: {refused}")));
        }
        let Some(evaluation) = &self.evaluation else { return Ok(None) };
        let answer = bound.evaluate(evaluation).answer;
        if let Verdict::Failed(failure) = &answer.verdict
            && failure.is_fault()
        {
            let (kind, why) = (failure.kind(), failure.why());
            return Err(Objection::Trial(format!(
                "site {site}, profile {profile}: asked about the last tick it failed ({kind}): {why}"
            )));
        }
        let before = self.live.as_ref().map(|live| brief(&live.evaluate(evaluation).answer));
        let after = brief(&answer);
        Ok(before.filter(|before| *before != after).map(|before| {
            format!("site {site}, profile {profile}: {after}; the one before: {before}")
        }))
    }
}

/// An answer in a few words.
fn brief(answer: &Answer) -> String {
    match &answer.verdict {
        Verdict::Failed(failure) => format!("failed ({}): {}", failure.kind(), failure.why()),
        Verdict::Wish(wish) => match wish.staged.len() {
            0 => format!("{:+}, {}", wish.delta, wish.reason),
            staged => format!("{:+} and {staged} actions, {}", wish.delta, wish.reason),
        },
    }
}
