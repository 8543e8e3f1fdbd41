//! Asks the policies of one site what its profiles need: the live ones, the
//! shadows beside them, and who stands in for one that keeps failing. Holds what
//! each wants remembered; knows nothing of clouds or sources.

mod candidate;
mod chronicle;
mod seat;
mod settle;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use hooke_control::answer::PolicyFailure;
use hooke_control::explain::Chain;
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::planner;
use hooke_control::quarantine::{Admission, QuarantineRule};
use hooke_control::snapshot::Snapshot;
use hooke_history::View;
use hooke_runtime::{BoundPolicy, Evaluation, Grants, Question, evaluate_all};
use hooke_trial::record::{Decided, Recorder, RecorderConfig};

use crate::config::{Mode, SiteConfig};
use crate::shelf::Shelf;
pub(crate) use candidate::Desks;
pub(crate) use chronicle::{Chronicle, Kept};
use seat::{Chair, Record, Seat};

/// What policies want remembered, by profile and policy.
pub(crate) type Memory = BTreeMap<(ProfileName, PolicyName), Arc<[u8]>>;

/// The policies at hand and what holds for those that keep failing.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) rule: QuarantineRule,
}

/// Everybody who is asked about one site.
#[derive(Debug)]
pub(crate) struct Desk {
    shelf: Arc<Shelf>,
    grants: Grants,
    rule: QuarantineRule,
    threads: NonZeroUsize,
    recorder: Option<Recorder>,
    past: Arc<Chronicle>,
    held: Mutex<Held>,
}

/// What changes from tick to tick.
#[derive(Debug)]
struct Held {
    seats: Vec<Seat>,
    memory: Memory,
    /// The shelf that the seats were bound from.
    shelf_version: u64,
    /// What was asked about last.
    last: Option<Arc<Snapshot>>,
}

/// What the policies said in one tick, with what it took.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The answers, for the core.
    pub(crate) answers: planner::Said,
    /// What each evaluation took, for the metrics.
    pub(crate) spent: Vec<Spent>,
    /// How everybody fares, for the operator.
    pub(crate) seats: Vec<SeatState>,
}

/// How one policy of one profile fares.
#[derive(Debug, Clone)]
pub(crate) struct SeatState {
    pub(crate) profile: ProfileName,
    pub(crate) policy: PolicyName,
    pub(crate) mode: Mode,
    /// Why it is not asked, while it is in quarantine.
    pub(crate) quarantined: Option<String>,
    /// Who answers in its place meanwhile.
    pub(crate) fallback: Option<PolicyName>,
}

/// What one evaluation took.
#[derive(Debug)]
pub(crate) struct Spent {
    pub(crate) policy: PolicyName,
    pub(crate) spent: hooke_runtime::Spent,
    pub(crate) limits: hooke_runtime::Limits,
}

/// One policy that is asked now.
struct Asking<'a> {
    seat: usize,
    chair: &'a Chair,
    bound: &'a BoundPolicy,
    /// Why it answers in another's place, if it does.
    instead: Option<String>,
}

impl Desk {
    /// Binds every policy that the site names. One that cannot be bound keeps
    /// its seat and fails whenever it is asked.
    pub(crate) fn new(
        site: &SiteConfig,
        policies: &Policies,
        memory: Memory,
        past: Arc<Chronicle>,
    ) -> Self {
        let Policies { shelf, rule } = policies.clone();
        let shelf_version = shelf.version();
        let seats = site.bindings.iter().map(|b| Seat::of(b, &shelf, &site.grants)).collect();
        Self {
            recorder: site.record.as_ref().and_then(recorder),
            grants: site.grants.clone(),
            rule,
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            past,
            held: Mutex::new(Held { seats, memory, shelf_version, last: None }),
            shelf,
        }
    }

    /// Why a policy of the site cannot be asked, for each that cannot.
    pub(crate) fn unavailable(&self) -> BTreeMap<PolicyName, PolicyFailure> {
        let held = self.held();
        let chairs = held.seats.iter().flat_map(Seat::chairs);
        chairs.filter_map(|c| Some((c.policy.clone(), c.bound.as_ref().err()?.clone()))).collect()
    }

    /// Asks everybody. Blocks; keep it off the async threads.
    pub(crate) fn ask(&self, snapshot: &Arc<Snapshot>) -> Said {
        let mut held = self.held();
        self.follow(&mut held, &snapshot.site.name);
        held.last = Some(Arc::clone(snapshot));
        self.past.observe(snapshot);
        let history = self.past.view(snapshot);
        let mut said = Said::default();
        let asked = held.asking(self.rule, snapshot, &mut said.answers);
        let questions: Vec<Question<'_>> = asked
            .iter()
            .map(|asking| Question {
                policy: asking.bound,
                evaluation: held.evaluation(asking, snapshot, &history),
            })
            .collect();
        let evaluated = evaluate_all(&questions, self.threads);
        let settled: Vec<_> = asked
            .iter()
            .zip(questions.into_iter().zip(evaluated))
            .map(|(asking, (question, evaluated))| {
                settle::Settling::of(asking, question.evaluation, evaluated)
            })
            .collect();
        for settling in settled {
            settling.settle(self, &mut held, snapshot, &mut said);
        }
        said.seats = held.seats.iter().map(|seat| seat.state(self.rule, snapshot.now)).collect();
        said
    }

    /// What was read before.
    pub(crate) fn past(&self) -> &Arc<Chronicle> {
        &self.past
    }

    /// How everybody has fared, for the desk that follows.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.held().seats.iter().map(Seat::record).collect()
    }

    fn go_on_with(&self, records: Vec<Record>) {
        for seat in &mut self.held().seats {
            records.iter().for_each(|record| seat.go_on_with(record));
        }
    }

    /// Takes what became of the profiles, where evaluations are recorded.
    pub(crate) fn decided(&self, site: &SiteName, chains: &[Chain]) {
        let Some(recorder) = &self.recorder else { return };
        for chain in chains {
            recorder.decided(Decided {
                site: site.clone(),
                profile: chain.profile.clone(),
                tick: chain.tick,
                at: chain.at,
                capacity: chain.capacity,
                desired: chain.desired,
                planned: chain.planned,
                headline: chain.headline(),
            });
        }
    }

    /// Takes what is new on the shelf. One tick sees one shelf.
    fn follow(&self, held: &mut Held, site: &SiteName) {
        let version = self.shelf.version();
        if version == held.shelf_version {
            return;
        }
        held.shelf_version = version;
        for seat in &mut held.seats {
            if let Some(why) = seat.follow(&self.shelf, &self.grants) {
                let (profile, policy, mode) = (&seat.profile, &seat.own.policy, seat.mode.as_str());
                tracing::info!(%site, %profile, %policy, mode, "out of quarantine: {why}");
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to record. Without a recording the site runs all the same.
fn recorder(config: &RecorderConfig) -> Option<Recorder> {
    let made = config.path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let started = made.and_then(|()| Recorder::start(config));
    let failed = |error: &std::io::Error| {
        tracing::error!(file = %config.path.display(), "evaluations are not recorded: {error}");
    };
    started.inspect_err(failed).ok()
}

impl Held {
    /// Who is asked now. Those who are not have their answer here.
    fn asking<'a>(
        &'a self,
        rule: QuarantineRule,
        snapshot: &Snapshot,
        answers: &mut planner::Said,
    ) -> Vec<Asking<'a>> {
        let mut asked = Vec::new();
        for (at, seat) in self.seats.iter().enumerate() {
            let waits = match (seat.quarantine.admission(rule, snapshot.now), &seat.own.bound) {
                (Admission::Wait(_), _) => Some(seat.quarantine.why(snapshot.now)),
                // Who cannot be asked at all is stood in for as well.
                (_, Err(failure)) if seat.fallback.is_some() => Some(failure.why().to_owned()),
                (Admission::Ask | Admission::Trial, _) => None,
            };
            let chair = match (&waits, &seat.fallback) {
                (Some(why), None) => {
                    seat.answers(answers).push(seat.quarantined(why.clone()));
                    continue;
                }
                (Some(_), Some(fallback)) => fallback,
                (None, _) => &seat.own,
            };
            match &chair.bound {
                Ok(bound) => asked.push(Asking { seat: at, chair, bound, instead: waits }),
                Err(failure) => seat.answers(answers).push(seat.failed(failure.clone())),
            }
        }
        asked
    }

    fn evaluation(
        &self,
        asking: &Asking<'_>,
        snapshot: &Arc<Snapshot>,
        history: &View,
    ) -> Evaluation {
        let profile = self.seats.get(asking.seat).map(|seat| seat.profile.clone());
        let profile = profile.expect("who is asked has a seat");
        let memory = self.memory.get(&(profile.clone(), asking.chair.policy.clone())).cloned();
        Evaluation {
            snapshot: Arc::clone(snapshot),
            history: history.clone(),
            profile,
            settings: Arc::clone(&asking.chair.settings),
            memory,
        }
    }
}
