//! A policy bound to what a site grants it: ready to be asked, from many
//! threads at once. It never acts; what it stages leaves with the answer, and
//! only when there is one.

use std::sync::Arc;

use hooke_control::answer::{Answer, PolicyFailure, Verdict, Wish};
use hooke_control::staging::Request;

use crate::clean;
use crate::contract::{exported, types};
use crate::evaluation::{Evaluated, Evaluation, Level, SettingProblem};
use crate::failure;
use crate::limits::Limits;
use crate::policy::Policy;
use crate::sandbox::{Left, Sandboxes};
use crate::state::State;

/// Problems of settings that are kept; nobody reads more at a time.
const PROBLEMS_KEPT: usize = 100;

/// A policy, its grants and its limits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BoundPolicy {
    policy: Policy,
    sandboxes: Sandboxes,
    log_from: Level,
}

impl BoundPolicy {
    pub(crate) const fn new(policy: Policy, sandboxes: Sandboxes, log_from: Level) -> Self {
        Self { policy, sandboxes, log_from }
    }

    /// The policy that is bound.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What one evaluation may use.
    pub fn limits(&self) -> &Limits {
        self.sandboxes.limits()
    }

    /// Checks settings, one JSON object, against the policy's schema and then
    /// has the policy check them itself. Gives all problems at once, none when
    /// the settings are good; of what both find wrong, the policy's words.
    pub fn validate_settings(&self, json: &str) -> Result<Vec<SettingProblem>, PolicyFailure> {
        let mut problems = self.refused(json)?;
        let schema = self.policy.describe().settings_schema.as_ref();
        let settings = serde_json::from_str(json).unwrap_or(serde_json::Value::Null);
        for problem in schema.into_iter().flat_map(|schema| schema.problems(&settings)) {
            if problems.iter().all(|told| !told.is_about(&problem)) {
                problems.push(problem);
            }
        }
        Ok(problems)
    }

    /// What the policy itself finds wrong with settings.
    fn refused(&self, json: &str) -> Result<Vec<SettingProblem>, PolicyFailure> {
        let limits = self.sandboxes.limits();
        let state = State::without_facts(limits, Arc::from(json), self.log_from);
        let left = self.sandboxes.call(state, |policy, store| {
            policy.hooke_policy_policy().call_validate_settings(&mut *store, json)
        });
        let clean = |problem: exported::SettingProblem| SettingProblem {
            path: clean::line(&problem.path, limits.reason_bytes),
            message: clean::line(&problem.message, limits.reason_bytes),
        };
        match left.outcome? {
            Ok(()) => Ok(Vec::new()),
            // Something is wrong and the policy does not say what: still wrong.
            Err(problems) if problems.is_empty() => Ok(vec![SettingProblem {
                path: String::new(),
                message: "the policy refuses these settings and does not say why".to_owned(),
            }]),
            Err(problems) => Ok(problems.into_iter().take(PROBLEMS_KEPT).map(clean).collect()),
        }
    }

    /// Asks what a profile needs, in a fresh sandbox. Takes at most
    /// [`Limits::wall_time`] and 20 ms; always gives an answer, be it that the
    /// policy failed.
    pub fn evaluate(&self, evaluation: &Evaluation) -> Evaluated {
        let limits = self.sandboxes.limits();
        let state = State::of(evaluation, limits, self.log_from);
        let left = self.sandboxes.call(state, |policy, store| {
            policy
                .hooke_policy_policy()
                .call_evaluate_needs(&mut *store, evaluation.profile.as_str())
        });
        let Left { outcome, mut state, mut spent } = left;
        if let Ok(said) = &outcome {
            let bytes = reason_bytes(said);
            spent.value_bytes = spent.value_bytes.max(bytes);
            spent.reason_bytes = spent.reason_bytes.max(bytes);
        }
        let asked = state.take_asked();
        let (staged, stored) = state.take_staged();
        let said = outcome
            .and_then(|said| said.map_err(|error| failure::declined(error, limits)))
            .map(|needs| wish(needs, staged, limits));
        let (verdict, memory) = match said {
            Ok(wish) => (Verdict::Wish(wish), stored),
            Err(failure) => (Verdict::Failed(failure), None),
        };
        Evaluated {
            answer: Answer { memory, ..Answer::new(self.policy.name().clone(), verdict) },
            log: state.log.lines,
            dropped_lines: state.log.dropped,
            spent,
            asked,
        }
    }
}

/// Bytes of what a policy says for its answer: the only part without a fixed size.
fn reason_bytes(said: &Result<types::Needs, types::PolicyError>) -> usize {
    match said {
        Ok(needs) => needs.reason.len(),
        Err(
            types::PolicyError::InvalidSettings(why)
            | types::PolicyError::MissingData(why)
            | types::PolicyError::Unsupported(why)
            | types::PolicyError::Internal(why)
            | types::PolicyError::Other(why),
        ) => why.len(),
    }
}

fn wish(needs: types::Needs, staged: Vec<Request>, limits: &Limits) -> Wish {
    Wish { delta: needs.delta, reason: clean::line(&needs.reason, limits.reason_bytes), staged }
}
