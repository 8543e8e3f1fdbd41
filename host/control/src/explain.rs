//! The chain of one decision, from the readings to the actions, as it happened.
//! Written while deciding, never reconstructed afterwards.

use std::borrow::Cow;
use std::time::Duration;

use crate::combine::Combine;
use crate::ids::{IntentKey, PolicyName, ProfileName};
use crate::snapshot::Quality;
use crate::units::Timestamp;

/// Which way a decision goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Fewer workers.
    In,
    /// The same number.
    Hold,
    /// More workers.
    Out,
}

impl Direction {
    /// The direction from one number of workers to another.
    pub const fn between(from: i64, to: i64) -> Self {
        if to > from {
            Self::Out
        } else if to < from {
            Self::In
        } else {
            Self::Hold
        }
    }

    /// The direction as the documentation writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "scale in",
            Self::Hold => "hold",
            Self::Out => "scale out",
        }
    }
}

/// One fact that the decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingLine {
    /// What was read.
    pub what: String,
    /// What it was.
    pub value: String,
    /// How old it was.
    pub age: Duration,
    /// How far it can be trusted.
    pub quality: Quality,
    /// Why it is not fresh.
    pub trouble: Option<String>,
}

/// One policy's raw answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    /// Who was asked.
    pub policy: PolicyName,
    /// What it said, staged actions included: "+2", "hold", "failed (trap)".
    pub said: String,
    /// The number of workers that this comes to.
    pub desired: i64,
    /// Why, in the policy's words or the host's.
    pub reason: String,
    /// What the host noticed about the question; see [`crate::answer::Answer`].
    pub remarks: Vec<String>,
    /// Whether it is one of those that made the one wish of all.
    pub counts: bool,
}

/// What a shadow said, and what would have come of it. It never acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowLine {
    /// Its raw answer.
    pub answer: AnswerLine,
    /// Workers wanted after the guards, had it been the only one asked.
    pub desired: u32,
}

/// Who changed a wish, or how it was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Several policies made one wish.
    Combine,
    /// A wish too small to count.
    Tolerance,
    /// More cautious wishes of a moment ago.
    Stabilisation,
    /// What fewer workers would have.
    Projection,
    /// Those at work now, below which nothing aims.
    Busy,
    /// The site's bounds for the profile.
    Bounds,
    /// A change not long ago.
    Cooldown,
    /// Workers in so much time.
    Rate,
    /// Missing or stale data.
    Quality,
    /// Too many machines out of order.
    Unready,
    /// A machine launched or resumed for another profile.
    Shared,
    /// Room that limits leave others, and that is taken back for them.
    Reclaim,
    /// The site's limits.
    Limits,
    /// Who holds what of a limit that binds.
    Share,
    /// Ladder, step one.
    FreeSlot,
    /// Ladder, step two.
    Resume,
    /// Ladder, step three.
    Launch,
    /// Who leaves.
    Victim,
    /// What a policy asked for by name, and why it is not done.
    Request,
    /// How an action went.
    Outcome,
}

impl Stage {
    /// The stage as the documentation writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Combine => "combine",
            Self::Tolerance => "tolerance",
            Self::Stabilisation => "stabilisation",
            Self::Projection => "projection",
            Self::Busy => "busy",
            Self::Bounds => "bounds",
            Self::Cooldown => "cooldown",
            Self::Rate => "rate",
            Self::Quality => "quality",
            Self::Unready => "unready",
            Self::Shared => "shared",
            Self::Reclaim => "reclaim",
            Self::Limits => "limits",
            Self::Share => "share",
            Self::FreeSlot => "free slot",
            Self::Resume => "resume",
            Self::Launch => "launch",
            Self::Victim => "victim",
            Self::Request => "request",
            Self::Outcome => "outcome",
        }
    }
}

/// One step of the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who took it.
    pub stage: Stage,
    /// What it did and why.
    pub text: String,
    /// How often in a row: ten equal launches are one step.
    pub times: u32,
}

/// The whole decision for one profile in one tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The profile.
    pub profile: ProfileName,
    /// The tick.
    pub tick: u64,
    /// The tick's time.
    pub at: Timestamp,
    /// Workers that serve or will, before.
    pub capacity: u32,
    /// Workers wanted, after every guard.
    pub desired: u32,
    /// Workers it comes to if every step of the plan succeeds: less than wanted
    /// when limits or the cloud stand against it, more when machines bring several.
    pub planned: u32,
    /// The facts.
    pub readings: Vec<ReadingLine>,
    /// How several answers become one.
    pub combine: Combine,
    /// The raw answers, in the order of the list of policies.
    pub answers: Vec<AnswerLine>,
    /// What shadows said beside them.
    pub shadows: Vec<ShadowLine>,
    /// What was made of them, in order.
    pub steps: Vec<Step>,
    /// The intents that came out.
    pub intents: Vec<IntentKey>,
}

impl Chain {
    /// Adds a step, or counts it if it is the same as the last.
    pub fn step(&mut self, stage: Stage, text: String) {
        match self.steps.last_mut() {
            Some(last) if last.stage == stage && last.text == text => last.times += 1,
            Some(_) | None => self.steps.push(Step { stage, text, times: 1 }),
        }
    }

    /// Which way it goes.
    pub fn direction(&self) -> Direction {
        Direction::between(i64::from(self.capacity), i64::from(self.desired))
    }

    /// The decision in one line.
    pub fn headline(&self) -> String {
        let (capacity, desired, planned) = (self.capacity, self.desired, self.planned);
        let direction = self.direction();
        let short = match direction {
            Direction::Hold => return format!("hold at {capacity}: {}", self.deciding_reason()),
            Direction::Out => planned < desired,
            Direction::In => planned > desired,
        };
        match self.blocked().filter(|_| short) {
            Some(why) if planned == capacity => {
                format!("wants {desired}, stays at {capacity}: {why}")
            }
            Some(why) => {
                let way = direction.as_str();
                format!("{way} {capacity} -> {planned}, wants {desired}: {why}")
            }
            None => {
                let way = direction.as_str();
                format!("{way} {capacity} -> {desired}: {}", self.deciding_reason())
            }
        }
    }

    /// Why no more was found to do.
    fn blocked(&self) -> Option<&str> {
        let last = self.steps.iter().rev().find(|step| match step.stage {
            Stage::Limits | Stage::FreeSlot | Stage::Resume | Stage::Launch | Stage::Victim => true,
            Stage::Combine
            | Stage::Tolerance
            | Stage::Stabilisation
            | Stage::Projection
            | Stage::Busy
            | Stage::Bounds
            | Stage::Cooldown
            | Stage::Rate
            | Stage::Quality
            | Stage::Unready
            | Stage::Shared
            | Stage::Reclaim
            | Stage::Share
            | Stage::Request
            | Stage::Outcome => false,
        });
        last.map(|step| step.text.as_str())
    }

    /// The last guard that changed the wish, else the policies whose wish it was.
    fn deciding_reason(&self) -> Cow<'_, str> {
        let guard = self.steps.iter().rev().find(|step| match step.stage {
            Stage::Tolerance
            | Stage::Stabilisation
            | Stage::Projection
            | Stage::Busy
            | Stage::Bounds
            | Stage::Cooldown
            | Stage::Rate
            | Stage::Quality
            | Stage::Unready
            | Stage::Reclaim => true,
            Stage::Combine
            | Stage::Shared
            | Stage::Limits
            | Stage::Share
            | Stage::FreeSlot
            | Stage::Resume
            | Stage::Launch
            | Stage::Victim
            | Stage::Request
            | Stage::Outcome => false,
        });
        if let Some(step) = guard {
            return Cow::Borrowed(&step.text);
        }
        let counting = self.answers.iter().filter(|answer| answer.counts);
        let reasons: Vec<&str> = counting.map(|answer| answer.reason.as_str()).collect();
        match reasons[..] {
            [] => Cow::Borrowed("no policy answered"),
            [reason] => Cow::Borrowed(reason),
            [..] => Cow::Owned(reasons.join("; ")),
        }
    }

    /// Equal for two decisions that an operator would call the same: numbers
    /// that only drift, such as ages and backlogs, are not in it.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::new();
        hash.text(&self.capacity.to_string());
        hash.text(&self.desired.to_string());
        hash.text(&self.planned.to_string());
        for answer in &self.answers {
            hash.text(answer.policy.as_str());
            hash.text(&answer.said);
        }
        for shadow in &self.shadows {
            hash.text(shadow.answer.policy.as_str());
            hash.text(&shadow.answer.said);
            hash.text(&shadow.desired.to_string());
        }
        for reading in &self.readings {
            hash.text(reading.quality.as_str());
        }
        for step in &self.steps {
            hash.text(step.stage.as_str());
        }
        hash.0
    }
}

/// FNV-1a, 64 bits: stable across versions, as std's hasher is not.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
