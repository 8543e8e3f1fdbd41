//! From the wishes of a profile's policies to one number, through an ordered
//! list of guards. A guard may weaken a wish; the only thing that is ever
//! raised is a profile below the operator's own minimum. Each that changes
//! anything leaves a step that says so.

mod bounds;
mod cooldown;
mod lines;
pub(crate) mod memories;
pub mod memory;
mod projection;
mod quality;
mod rate;
pub mod spec;
mod stabilisation;
mod tolerance;
mod unready;

use crate::answer::{Answer, Verdict};
use crate::explain::{AnswerLine, Chain, Direction, ShadowLine, Stage};
use crate::ids::PolicyName;
use crate::snapshot::{ProfileView, Snapshot};
use crate::units::Timestamp;
use lines::{line, no_answer, readings};
pub use memory::Memory;
pub(crate) use quality::doubt;
use spec::Guards;

/// One guard: looks at a case and a wish, and says what it makes of it if it
/// changes it.
type Guard = fn(&Case<'_>, u32) -> Option<Ruling>;

/// The guards up to what is remembered as the wish of this tick.
const BEFORE_MEMORY: [(Stage, Guard); 1] = [(Stage::Tolerance, tolerance::judge)];

/// The guards after that, in their order; the README says why in this one.
const AFTER_MEMORY: [(Stage, Guard); 8] = [
    (Stage::Stabilisation, stabilisation::judge),
    (Stage::Projection, projection::judge),
    (Stage::Bounds, bounds::ceiling),
    (Stage::Cooldown, cooldown::judge),
    (Stage::Rate, rate::judge),
    (Stage::Bounds, bounds::floor),
    (Stage::Quality, quality::judge),
    (Stage::Unready, unready::judge),
];

/// What a guard judges by.
struct Case<'a> {
    snapshot: &'a Snapshot,
    profile: &'a ProfileView,
    guards: &'a Guards,
    memory: &'a Memory,
    capacity: u32,
    /// Whether a policy of the profile failed or said nothing.
    broken: bool,
    now: Timestamp,
}

/// What a guard makes of a wish.
struct Ruling {
    kept: u32,
    text: String,
}

impl Case<'_> {
    fn direction(&self, wanted: u32) -> Direction {
        Direction::between(i64::from(self.capacity), i64::from(wanted))
    }

    /// Nothing is done, as `why` says.
    fn hold(&self, wanted: u32, why: String) -> Ruling {
        self.ruling(wanted, self.capacity, why)
    }

    fn ruling(&self, wanted: u32, kept: u32, why: String) -> Ruling {
        let given = if kept == self.capacity { "stays at" } else { "allowed" };
        Ruling { kept, text: format!("{wanted} wanted, {given} {kept}: {why}") }
    }

    /// As far as `limit` on the way from the capacity to `wanted`.
    fn toward_capacity(&self, wanted: u32, limit: u32) -> u32 {
        match self.direction(wanted) {
            Direction::Hold => wanted,
            Direction::Out => wanted.min(limit.max(self.capacity)),
            Direction::In => wanted.max(limit.min(self.capacity)),
        }
    }

    /// What is kept up even when nothing else is done.
    fn at_least(&self) -> u32 {
        self.profile.spec.workers.min().max(self.capacity)
    }
}

/// A profile's chain, and the wish to remember.
pub(crate) struct Guarded {
    pub(crate) chain: Chain,
    /// Workers that the policies wanted, but for small differences.
    pub(crate) wish: u32,
}

/// Takes a profile's answers through combination and guards that remember
/// nothing. The chain that comes back has readings, answers and steps, and the
/// bounded number.
pub fn bounded(snapshot: &Snapshot, profile: &ProfileView, answers: &[Answer]) -> Chain {
    weakened(snapshot, profile, &Memory::EMPTY, answers).chain
}

/// As [`bounded`], by guards that remember.
pub(crate) fn weakened(
    snapshot: &Snapshot,
    profile: &ProfileView,
    memory: &Memory,
    answers: &[Answer],
) -> Guarded {
    guarded(snapshot, profile, memory, answers, &silent(profile, answers))
}

/// What would have come of a shadow's answer, had it been the only one. It
/// changes nothing.
pub(crate) fn shadowed(
    snapshot: &Snapshot,
    profile: &ProfileView,
    memory: &Memory,
    answer: &Answer,
) -> ShadowLine {
    let guarded = guarded(snapshot, profile, memory, std::slice::from_ref(answer), &[]);
    ShadowLine { answer: line(snapshot, profile, answer), desired: guarded.chain.desired }
}

fn guarded(
    snapshot: &Snapshot,
    profile: &ProfileView,
    memory: &Memory,
    answers: &[Answer],
    silent: &[&PolicyName],
) -> Guarded {
    let capacity = profile.counts.capacity();
    let mut lines: Vec<AnswerLine> =
        answers.iter().map(|answer| line(snapshot, profile, answer)).collect();
    lines.extend(silent.iter().map(|policy| no_answer(policy, capacity)));
    let mut chain = Chain {
        profile: profile.spec.name.clone(),
        tick: snapshot.tick,
        at: snapshot.now,
        capacity,
        desired: capacity,
        planned: capacity,
        readings: readings(snapshot, profile),
        answers: lines,
        shadows: Vec::new(),
        steps: Vec::new(),
        intents: Vec::new(),
    };
    let wanted = u32::try_from(combine(&mut chain).max(0)).unwrap_or(u32::MAX);
    let case = Case {
        snapshot,
        profile,
        guards: &profile.spec.guards,
        memory,
        capacity,
        broken: !silent.is_empty() || answers.is_empty() || has_failed(answers),
        now: snapshot.now,
    };
    let wish = through(&BEFORE_MEMORY, &case, &mut chain, wanted);
    chain.desired = through(&AFTER_MEMORY, &case, &mut chain, wish);
    Guarded { chain, wish }
}

fn through(guards: &[(Stage, Guard)], case: &Case<'_>, chain: &mut Chain, wanted: u32) -> u32 {
    guards.iter().fold(wanted, |wanted, (stage, guard)| match guard(case, wanted) {
        Some(ruling) => {
            chain.step(*stage, ruling.text);
            ruling.kept
        }
        None => wanted,
    })
}

/// Whether any policy failed: then nothing of the profile may be taken away.
pub(crate) fn has_failed(answers: &[Answer]) -> bool {
    answers.iter().any(|answer| matches!(answer.verdict, Verdict::Failed(_)))
}

/// Policies of the profile that nothing came back from. They count as failed.
fn silent<'a>(profile: &'a ProfileView, answers: &[Answer]) -> Vec<&'a PolicyName> {
    let asked = profile.spec.policies.iter().map(|binding| &binding.policy);
    asked.filter(|policy| answers.iter().all(|answer| answer.named() != *policy)).collect()
}

/// The largest number of workers that any policy asks for: scale out beats hold
/// beats scale in. A failed policy, or none at all, holds.
fn combine(chain: &mut Chain) -> i64 {
    let hold = i64::from(chain.capacity);
    let wanted = chain.answers.iter().map(|answer| answer.desired).max().unwrap_or(hold);
    let differ = chain.answers.iter().any(|answer| answer.desired != wanted);
    if differ {
        let all: Vec<String> =
            chain.answers.iter().map(|a| format!("{} wants {}", a.policy, a.desired)).collect();
        let text = format!("{}: the largest counts, {wanted}", all.join(", "));
        chain.step(Stage::Combine, text);
    }
    wanted
}
