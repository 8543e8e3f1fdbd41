//! From the wishes of a profile's policies to one number, through an ordered
//! list of guards. A guard may weaken a wish; the only thing that is ever
//! raised is a profile below the operator's own minimum. Each that changes
//! anything leaves a step that says so.

mod bounds;
mod busy;
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

use crate::answer::Answer;
use crate::combine::{self, Combine, Member};
use crate::explain::{AnswerLine, Chain, Direction, ShadowLine, Stage};
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
const AFTER_MEMORY: [(Stage, Guard); 9] = [
    (Stage::Stabilisation, stabilisation::judge),
    (Stage::Projection, projection::judge),
    (Stage::Busy, busy::judge),
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
    let members = combine::members(&profile.spec, answers);
    guarded(snapshot, profile, memory, profile.spec.combine, &members)
}

/// What would have come of a shadow's answer, had it been the only one. It
/// changes nothing.
pub(crate) fn shadowed(
    snapshot: &Snapshot,
    profile: &ProfileView,
    memory: &Memory,
    answer: &Answer,
) -> ShadowLine {
    let guarded = guarded(snapshot, profile, memory, Combine::Max, &[Member::Said(answer)]);
    ShadowLine { answer: line(snapshot, profile, answer), desired: guarded.chain.desired }
}

/// How many workers a profile may lose now by a wish that is not its own: as
/// many as the pace allows that its operator set, and none while facts are in
/// doubt. Its own wishes, and what stabilises them, have no say in that.
pub(crate) fn may_lose(snapshot: &Snapshot, profile: &ProfileView, memory: &Memory) -> u32 {
    const PACE: [Guard; 4] = [cooldown::judge, rate::judge, quality::judge, unready::judge];
    let capacity = profile.counts.capacity();
    let case = Case {
        snapshot,
        profile,
        guards: &profile.spec.guards,
        memory,
        capacity,
        broken: false,
        now: snapshot.now,
    };
    let left = PACE.iter().fold(profile.spec.workers.min(), |wanted, guard| {
        guard(&case, wanted).map_or(wanted, |ruling| ruling.kept)
    });
    capacity.saturating_sub(left)
}

fn guarded(
    snapshot: &Snapshot,
    profile: &ProfileView,
    memory: &Memory,
    rule: Combine,
    members: &[Member<'_>],
) -> Guarded {
    let capacity = profile.counts.capacity();
    let mut lines: Vec<AnswerLine> = members
        .iter()
        .map(|member| match member {
            Member::Said(answer) => line(snapshot, profile, answer),
            Member::Silent(policy) => no_answer(policy, capacity),
        })
        .collect();
    let combined = combine::combine(rule, capacity, members, &mut lines);
    let mut chain = Chain {
        profile: profile.spec.name.clone(),
        tick: snapshot.tick,
        at: snapshot.now,
        capacity,
        desired: capacity,
        planned: capacity,
        readings: readings(snapshot, profile),
        combine: rule,
        answers: lines,
        shadows: Vec::new(),
        steps: Vec::new(),
        intents: Vec::new(),
    };
    if let Some(told) = combined.told {
        chain.step(Stage::Combine, told);
    }
    let wanted = u32::try_from(combined.wanted.max(0)).unwrap_or(u32::MAX);
    let case = Case {
        snapshot,
        profile,
        guards: &profile.spec.guards,
        memory,
        capacity,
        broken: combined.broken,
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
