//! A host that hostile policies visit, and the good policy that lives there:
//! after each visit it answers as before, in its normal time, and the only
//! place in the pool is free again.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_history::View;
use hooke_runtime::{
    Allocation, BoundPolicy, Evaluated, Evaluation, Grants, Host, HostConfig, Level, Limits,
    LoadError, Wasi,
};

use crate::component;
use crate::snapshots::{Fleet, snapshot};

/// How much slower than before the visit the neighbour may seem. Machines that
/// run tests are busy; what a hostile policy leaves behind is not gone in the
/// next attempt, what another program does mostly is.
const SLOWER: u32 = 10;
const ATTEMPTS: usize = 20;

/// A host and the good policy in it.
pub(crate) struct House {
    pub(crate) host: Host,
    neighbour: BoundPolicy,
    told: String,
    normal: Duration,
}

impl House {
    /// The houses that everything is tried in. The pool has one place: were it
    /// not given back, the next policy would wait for ever.
    pub(crate) fn both(limits: &Limits) -> [Self; 2] {
        let sandboxes = NonZeroU32::MIN;
        [Allocation::Pooled { sandboxes }, Allocation::OnDemand]
            .map(|allocation| Self::new(limits, allocation))
    }

    pub(crate) fn new(limits: &Limits, allocation: Allocation) -> Self {
        let config =
            HostConfig { limits: limits.clone(), log_from: Level::Debug, wasi: Wasi::Stub };
        let host = Host::allocating(config, allocation).unwrap();
        assert_eq!(host.allocation(), allocation, "no address space for the pool");
        let policy = host.load(PolicyName::from("honest"), &component::build("honest")).unwrap();
        let neighbour = host.bind(&policy, &Grants::none(), Limits::default()).unwrap();
        let told = told(&neighbour.evaluate(&evaluation("ocr")));
        let normal = (0..5).map(|_| median(&neighbour)).max().unwrap();
        Self { host, neighbour, told, normal }
    }

    pub(crate) fn neighbour(&self) -> &BoundPolicy {
        &self.neighbour
    }

    /// Loads a hostile policy and binds it with every grant.
    pub(crate) fn admit(&self, wasm: &[u8], limits: &Limits) -> Result<BoundPolicy, LoadError> {
        let policy = self.host.load(PolicyName::from("guest"), wasm)?;
        self.host.bind(&policy, &Grants::all(), limits.clone())
    }

    /// The neighbour is served as before.
    #[track_caller]
    pub(crate) fn is_as_before(&self, after: &str) {
        let evaluated = self.neighbour.evaluate(&evaluation("ocr"));
        assert_eq!(told(&evaluated), self.told, "the neighbour answers otherwise after {after}");
        let idle = self.host.pool().is_none_or(|figures| figures.is_idle());
        assert!(idle, "after {after} the pool still holds {:?}", self.host.pool());
        let allowed = self.normal * SLOWER;
        let fastest = (0..ATTEMPTS).map(|_| median(&self.neighbour)).find(|took| *took <= allowed);
        assert!(fastest.is_some(), "the neighbour took over {allowed:?} after {after}");
    }
}

/// The median of some evaluations.
pub(crate) fn median(policy: &BoundPolicy) -> Duration {
    let evaluation = evaluation("ocr");
    let mut took: Vec<Duration> = (0..9)
        .map(|_| {
            let started = Instant::now();
            let evaluated = policy.evaluate(&evaluation);
            assert!(matches!(evaluated.answer.verdict, Verdict::Wish(_)), "{evaluated:?}");
            started.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[took.len() / 2]
}

/// What is asked: a backlog, two idle machines, three busy ones. The profile
/// tells guests that misbehave in several ways in which.
pub(crate) fn evaluation(profile: &str) -> Evaluation {
    Evaluation {
        snapshot: snapshot(Fleet { ready: 120, idle: 2, busy: 3 }),
        history: View::empty(),
        profile: ProfileName::from(profile),
        settings: Arc::from("{}"),
        memory: None,
    }
}

/// All of an evaluation that is the same on every machine, as text.
pub(crate) fn told(evaluated: &Evaluated) -> String {
    let mut lines = Vec::new();
    match &evaluated.answer.verdict {
        Verdict::Wish(wish) => {
            lines.push(format!("wish {:+}: {}", wish.delta, wish.reason));
            let staged = wish.staged.iter().take(3);
            lines.extend(staged.map(|request| format!("staged {}: {}", request.what, request.why)));
        }
        Verdict::Failed(failure) => lines.push(failed(failure)),
    }
    lines.extend(evaluated.answer.memory.iter().map(|memory| format!("stored {}", memory.len())));
    let log = evaluated.log.iter().take(2);
    lines.extend(log.map(|line| format!("log {}: {}", line.level, line.text)));
    lines.join("\n")
}

/// A failure, without the time that was measured.
fn failed(failure: &PolicyFailure) -> String {
    format!("failed, {}: {}", failure.kind(), without_time(failure.why()))
}

/// A text without the milliseconds that something took.
pub(crate) fn without_time(text: &str) -> String {
    let Some((before, after)) = text.split_once(" ms used") else { return text.to_owned() };
    format!("{}… ms used{after}", before.trim_end_matches(|c: char| c.is_ascii_digit()))
}
