//! What goes wrong, and when. Faults happen to the world; nothing that watches
//! the world is told of them other than by what it sees.

use std::time::Duration;

use crate::chance::Probability;

/// A time during which something cannot be reached; offsets from the start of
/// the world, the first with, the last without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    from: Duration,
    to: Duration,
}

impl Outage {
    /// `None` if `from` is not before `to`.
    pub fn new(from: Duration, to: Duration) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Whether it lasts at `offset` from the start.
    pub fn covers(&self, offset: Duration) -> bool {
        (self.from..self.to).contains(&offset)
    }
}

/// Some machines boot slowly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlowBoots {
    /// How likely a boot or a resume is to be slow.
    pub rate: Probability,
    /// How many times longer it then takes.
    pub factor: u32,
}

/// Everything that goes wrong in a world. How often an image's launches are
/// refused is said at the image.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// A call that launches is carried out, and its answer is lost: the caller
    /// sees [`Unclear`](hooke_control::action::Failure::Unclear).
    pub lost_answers: Probability,
    /// A machine fails instead of coming up.
    pub failed_boots: Probability,
    /// A machine takes longer to come up.
    pub slow_boots: SlowBoots,
    /// A machine comes up and its workers never register (a slacker).
    pub slackers: Probability,
    /// Crashes of one worker an hour; its message goes back to its queue.
    /// Nothing restarts it. Finite, not negative.
    pub worker_crashes_per_hour: f64,
    /// At each of these offsets from the start, one running machine, chosen by
    /// the seed, is gone.
    pub vm_losses: Vec<Duration>,
    /// The source does not answer.
    pub source_outages: Vec<Outage>,
    /// The cloud does not list its machines; it still takes orders.
    pub list_outages: Vec<Outage>,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        lost_answers: Probability::NEVER,
        failed_boots: Probability::NEVER,
        slow_boots: SlowBoots { rate: Probability::NEVER, factor: 1 },
        slackers: Probability::NEVER,
        worker_crashes_per_hour: 0.0,
        vm_losses: Vec::new(),
        source_outages: Vec::new(),
        list_outages: Vec::new(),
    };
}
