//! What lives as long as one sandbox: what the policy may read, what it has
//! staged, and what it has used. Every import of the contract ends here, and
//! none of them blocks, waits or reaches out of the process.

use std::sync::Arc;

use hooke_control::ids::ProfileName;
use hooke_control::snapshot::Snapshot;
use hooke_control::staging::Request;
use hooke_history::{Asked, View};

use crate::budget::Budget;
use crate::evaluation::{Evaluation, Level};
use crate::limit::LimitHit;
use crate::limits::Limits;
use crate::log::Log;
use crate::wasi;

/// The data of one sandbox.
#[derive(Debug)]
pub(crate) struct State {
    /// Memory, tables, calls.
    pub(crate) budget: Budget,
    /// What `settings.json` answers.
    pub(crate) settings: Arc<str>,
    /// What the policy wrote.
    pub(crate) log: Log,
    /// What the stubs of WASI remember.
    pub(crate) wasi: wasi::Session,
    facts: Option<Facts>,
}

/// What an evaluation reads and stages. Absent when a policy describes itself
/// or checks settings.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) history: View,
    pub(crate) profile: ProfileName,
    /// What `memory.load` answers.
    pub(crate) memory: Option<Arc<[u8]>>,
    /// What `memory.store` was given.
    pub(crate) stored: Option<Vec<u8>>,
    /// What `cloud` accepted.
    pub(crate) staged: Vec<Request>,
    /// What `metrics.statistics` was asked.
    pub(crate) asked: Asked,
}

/// A policy called for facts where there are none.
#[derive(Debug, thiserror::Error)]
#[error(
    "it called {import} outside evaluate-needs; there are no facts when a policy describes itself \
     or checks settings"
)]
pub(crate) struct NoFacts {
    import: &'static str,
}

impl State {
    /// For a policy that describes itself or checks settings.
    pub(crate) fn without_facts(limits: &Arc<Limits>, settings: Arc<str>, log_from: Level) -> Self {
        let budget = Budget::new(Arc::clone(limits));
        Self {
            budget,
            settings,
            log: Log::new(log_from),
            wasi: wasi::Session::default(),
            facts: None,
        }
    }

    /// For an evaluation.
    pub(crate) fn of(evaluation: &Evaluation, limits: &Arc<Limits>, log_from: Level) -> Self {
        let Evaluation { snapshot, history, profile, settings, memory } = evaluation;
        let mut state = Self::without_facts(limits, Arc::clone(settings), log_from);
        state.facts = Some(Facts {
            snapshot: Arc::clone(snapshot),
            history: history.clone(),
            profile: profile.clone(),
            memory: memory.clone(),
            stored: None,
            staged: Vec::new(),
            asked: Asked::default(),
        });
        state
    }

    /// Counts one call of an import, and the bytes that came with it.
    pub(crate) fn enter(&mut self, handed_over: usize) -> Result<(), LimitHit> {
        self.budget.count_call(handed_over)
    }

    /// Counts one call of an import that needs facts, and gives them.
    pub(crate) fn enter_facts(
        &mut self,
        import: &'static str,
        handed_over: usize,
    ) -> wasmtime::Result<(&mut Facts, &mut Budget)> {
        self.budget.count_call(handed_over)?;
        match &mut self.facts {
            Some(facts) => Ok((facts, &mut self.budget)),
            None => Err(NoFacts { import }.into()),
        }
    }

    /// What is evaluated; none when a policy describes itself or checks settings.
    pub(crate) fn asked(&self) -> Option<(&Snapshot, &ProfileName)> {
        self.facts.as_ref().map(|facts| (&*facts.snapshot, &facts.profile))
    }

    /// The time of the tick, in milliseconds; the zero of time without facts.
    pub(crate) fn tick_ms(&self) -> u64 {
        self.asked().map_or(0, |(snapshot, _)| snapshot.now.as_millis())
    }

    /// What the evaluation asked about the past.
    pub(crate) fn take_asked(&mut self) -> Asked {
        self.facts.as_mut().map(|facts| std::mem::take(&mut facts.asked)).unwrap_or_default()
    }

    /// What the evaluation has staged: the requests and the bytes to remember.
    pub(crate) fn take_staged(&mut self) -> (Vec<Request>, Option<Vec<u8>>) {
        match self.facts.take() {
            Some(facts) => (facts.staged, facts.stored),
            None => (Vec::new(), None),
        }
    }
}
