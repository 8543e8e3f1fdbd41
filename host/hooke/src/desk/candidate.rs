//! The sites' say before a policy is replaced: each tries the new one on its
//! settings and on what it saw last. Nothing that is tried here acts, is
//! remembered, or counts against anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard, Weak};

use hooke_control::answer::{Answer, Verdict};
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_runtime::{BoundPolicy, Evaluation, Policy};
use hooke_shelf::{Bind, Objection, Users};

use super::seat::Record;
use super::{Chronicle, Desk};
use crate::config::{BindingConfig, SiteConfig};

/// The sites, as the shelf knows them. They are known from before their loop
/// starts until they are gone from the site file: while one is replaced by its
/// successor, nobody may think that its policies are used by no one.
#[derive(Debug, Default)]
pub(crate) struct Desks(RwLock<BTreeMap<SiteName, Known>>);

/// One site.
#[derive(Debug, Default)]
struct Known {
    /// Every policy that it names.
    names: BTreeSet<PolicyName>,
    desk: Weak<Desk>,
    /// How its policies fared, for the desk that follows.
    records: Vec<Record>,
    /// What was read, for the desk that follows.
    past: Option<Arc<Chronicle>>,
}

impl Desks {
    /// A site is about to be started, or started anew.
    pub(crate) fn expect(&self, site: &SiteConfig) {
        let asked = site.bindings.iter().flat_map(BindingConfig::asked);
        let names = asked.map(|asked| asked.policy.clone()).collect();
        self.write().entry(site.spec.name.clone()).or_default().names = names;
    }

    /// A site has a desk, which goes on with the quarantines of the one before.
    pub(crate) fn add(&self, site: &SiteName, desk: &Arc<Desk>) {
        let mut all = self.write();
        let known = all.entry(site.clone()).or_default();
        known.desk = Arc::downgrade(desk);
        known.past = Some(Arc::clone(desk.past()));
        desk.go_on_with(std::mem::take(&mut known.records));
    }

    /// What a desk before read of a site.
    pub(crate) fn past(&self, site: &SiteName) -> Option<Arc<Chronicle>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(site)?.past.clone()
    }

    /// Keeps how a site's policies fare.
    pub(crate) fn keep(&self, site: &SiteName, records: Vec<Record>) {
        if let Some(known) = self.write().get_mut(site) {
            known.records = records;
        }
    }

    /// A site is gone.
    pub(crate) fn remove(&self, site: &SiteName) {
        self.write().remove(site);
    }

    fn all(&self) -> Vec<(SiteName, Arc<Desk>)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter_map(|(site, it)| Some((site.clone(), it.desk.upgrade()?))).collect()
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<SiteName, Known>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Users for Desks {
    fn uses(&self, policy: &PolicyName) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.values().any(|site| site.names.contains(policy))
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
                    history: self.past.view(snapshot),
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use hooke_control::ids::PolicyName;
    use hooke_control::quarantine::QuarantineRule;
    use hooke_shelf::Users as _;

    use super::Desks;
    use crate::config;
    use crate::desk::{Desk, Memory, Policies};
    use crate::shelf::{self, CacheUse};

    /// A reload ends a loop, and its desk, before the next one has begun.
    #[test]
    fn what_a_site_names_is_in_use_between_two_of_its_loops() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/tests/good.toml");
        let config = config::read(Path::new(file)).unwrap().finish().unwrap();
        let site = config.sites.first().unwrap();
        let named = &site.bindings.first().unwrap().policy;
        let (desks, name) = (Desks::default(), &site.spec.name);
        assert!(!desks.uses(named), "nobody is known yet");
        desks.expect(site);
        assert!(desks.uses(named), "before its first loop has begun");
        let shelf = Arc::new(shelf::open(&config.policies, CacheUse::IfThere, None).unwrap());
        let policies = Policies { shelf, rule: QuarantineRule::default() };
        let desk = Arc::new(Desk::new(
            site,
            &policies,
            Memory::new(),
            super::Chronicle::empty(site.history),
        ));
        desks.add(name, &desk);
        desks.expect(site);
        drop(desk);
        assert!(desks.uses(named), "between two loops");
        assert!(!desks.uses(&PolicyName::from("another")));
        desks.remove(name);
        assert!(!desks.uses(named), "it is gone from the site file");
    }
}
