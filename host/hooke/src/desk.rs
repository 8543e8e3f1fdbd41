//! Asks the policies of one site what its profiles need. Holds what each
//! policy wants remembered; knows nothing of clouds or sources.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use hooke_control::answer::{Answer, PolicyFailure, Verdict};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_control::planner::Answers;
use hooke_control::snapshot::Snapshot;
use hooke_runtime::{BoundPolicy, Evaluated, Evaluation, Level, Question, evaluate_all};

use crate::config::SiteConfig;
use crate::shelf::Shelf;

/// What policies want remembered, by profile and policy.
pub(crate) type Memory = BTreeMap<(ProfileName, PolicyName), Arc<[u8]>>;

/// One policy of one profile, ready to be asked.
#[derive(Debug)]
struct Seat {
    profile: ProfileName,
    policy: PolicyName,
    settings: Arc<str>,
    bound: Result<BoundPolicy, PolicyFailure>,
}

/// Everybody who is asked about one site.
#[derive(Debug)]
pub(crate) struct Desk {
    seats: Vec<Seat>,
    memory: Mutex<Memory>,
    threads: NonZeroUsize,
}

/// What the policies said in one tick, with what it took.
#[derive(Debug)]
pub(crate) struct Said {
    /// The answers, for the core.
    pub(crate) answers: Answers,
    /// What each evaluation took, for the metrics.
    pub(crate) spent: Vec<(ProfileName, PolicyName, hooke_runtime::Spent)>,
}

impl Desk {
    /// Binds every policy that the site names. One that cannot be bound keeps
    /// its seat and fails whenever it is asked.
    pub(crate) fn new(site: &SiteConfig, shelf: &Shelf, memory: Memory) -> Self {
        let mut bound: BTreeMap<&PolicyName, Result<BoundPolicy, PolicyFailure>> = BTreeMap::new();
        let mut seats = Vec::new();
        for binding in &site.bindings {
            let policy = bound
                .entry(&binding.policy)
                .or_insert_with(|| shelf.bind(&binding.policy, &site.grants));
            seats.push(Seat {
                profile: binding.profile.clone(),
                policy: binding.policy.clone(),
                settings: binding.settings.json().into(),
                bound: policy.clone(),
            });
        }
        let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { seats, memory: Mutex::new(memory), threads }
    }

    /// Why a policy of the site cannot be asked, for each that cannot.
    pub(crate) fn unavailable(&self) -> BTreeMap<&PolicyName, &PolicyFailure> {
        self.seats
            .iter()
            .filter_map(|seat| Some((&seat.policy, seat.bound.as_ref().err()?)))
            .collect()
    }

    /// Asks everybody. Blocks; keep it off the async threads.
    pub(crate) fn ask(&self, snapshot: &Arc<Snapshot>) -> Said {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let asked: Vec<(&Seat, &BoundPolicy)> =
            self.seats.iter().filter_map(|seat| Some((seat, seat.bound.as_ref().ok()?))).collect();
        let questions: Vec<Question<'_>> = asked
            .iter()
            .map(|(seat, policy)| Question {
                policy,
                evaluation: Evaluation {
                    snapshot: Arc::clone(snapshot),
                    profile: seat.profile.clone(),
                    settings: Arc::clone(&seat.settings),
                    memory: memory.get(&(seat.profile.clone(), seat.policy.clone())).cloned(),
                },
            })
            .collect();
        let evaluated = evaluate_all(&questions, self.threads);
        let mut said = Said { answers: self.failed(), spent: Vec::new() };
        for ((seat, _), evaluated) in asked.iter().zip(evaluated) {
            tell(snapshot, seat, &evaluated);
            let key = (seat.profile.clone(), seat.policy.clone());
            if let Some(bytes) = &evaluated.answer.memory {
                memory.insert(key.clone(), bytes.as_slice().into());
            }
            said.spent.push((key.0.clone(), key.1, evaluated.spent));
            said.answers.entry(key.0).or_default().push(evaluated.answer);
        }
        said
    }

    /// The answers of those who cannot be asked.
    fn failed(&self) -> Answers {
        let mut answers = Answers::new();
        for seat in &self.seats {
            if let Err(failure) = &seat.bound {
                answers.entry(seat.profile.clone()).or_default().push(Answer {
                    policy: seat.policy.clone(),
                    verdict: Verdict::Failed(failure.clone()),
                    memory: None,
                });
            }
        }
        answers
    }
}

/// Passes a policy's log lines and its failure on to the operator's log.
fn tell(snapshot: &Snapshot, seat: &Seat, evaluated: &Evaluated) {
    let (site, profile, policy) = (&snapshot.site.name, &seat.profile, &seat.policy);
    for line in &evaluated.log {
        let text = &line.text;
        match line.level {
            Level::Debug => tracing::debug!(%site, %profile, %policy, "{text}"),
            Level::Info => tracing::info!(%site, %profile, %policy, "{text}"),
            Level::Warn => tracing::warn!(%site, %profile, %policy, "{text}"),
            Level::Error => tracing::error!(%site, %profile, %policy, "{text}"),
        }
    }
    if evaluated.dropped_lines > 0 {
        let dropped = evaluated.dropped_lines;
        tracing::warn!(%site, %profile, %policy, "{dropped} log lines of the policy dropped");
    }
    if let Verdict::Failed(failure) = &evaluated.answer.verdict {
        let (kind, why) = (failure.kind(), failure.why());
        tracing::warn!(%site, %profile, %policy, kind, "the policy failed, the profile holds: {why}");
    }
}
