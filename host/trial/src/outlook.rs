//! What a policy asks about the past, and whether a site that reads so often
//! and keeps so long can answer it; found by asking the policy in a few made-up
//! situations. Judges no answer. What a policy asks in other situations it does
//! not find: the running host tells of those.

use std::sync::Arc;
use std::time::Duration;

use hooke_control::answer::Verdict;
use hooke_control::explain::Direction;
use hooke_control::ids::QueueName;
use hooke_control::units::millis;
use hooke_history::{Asked, Keep, Unmet};
use hooke_runtime::BoundPolicy;

use crate::situation::{Counts, Profile, Queue, Situation};

/// A pace at which there is a reading in every period that CloudWatch has.
const FINE: Duration = Duration::from_secs(10);

/// The most ticks of a past: what is older changes nothing in situations that
/// are the same from the first tick to the last, and each tick costs time.
const MOST_TICKS: u32 = 1000;

/// How often a site reads, and for how long it keeps what it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The time between two ticks.
    pub every: Duration,
    /// How far back readings are kept.
    pub keep: Duration,
}

/// What is to be expected of a policy at a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlook {
    /// What it asks and never has an answer to.
    pub unmet: Vec<Unmet>,
    /// Ways that it goes when it has all it asks for, in situations in which it
    /// stays here; each once.
    pub lost: Vec<Direction>,
}

/// How a policy with these settings fares at a site of this pace, for a profile
/// with queues of these names; `has` knows all queues of the site.
pub fn outlook(
    policy: &BoundPolicy,
    settings: &str,
    profile: &Profile,
    pace: Pace,
    has: impl Fn(&QueueName) -> bool,
) -> Outlook {
    let here = Asking::of(policy, settings, profile, pace);
    let unmet = here.asked.unmet(pace.every, pace.keep, has);
    if unmet.is_empty() {
        return Outlook::default();
    }
    let ample = Pace { every: FINE.min(pace.every), keep: Keep::MOST_TIME };
    let there = Asking::of(policy, settings, profile, ample);
    let both = here.goes.iter().zip(there.goes);
    let mut lost: Vec<Direction> = both
        .filter(|(here, there)| **here == Direction::Hold && *there != Direction::Hold)
        .map(|(_, there)| there)
        .collect();
    lost.sort_unstable();
    lost.dedup();
    Outlook { unmet, lost }
}

/// What came of asking.
#[derive(Default)]
struct Asking {
    asked: Asked,
    /// Which way in each situation.
    goes: Vec<Direction>,
}

impl Asking {
    fn of(policy: &BoundPolicy, settings: &str, profile: &Profile, pace: Pace) -> Self {
        let wanted = pace.keep.as_millis() / pace.every.as_millis().max(1);
        let ticks = u32::try_from(wanted).unwrap_or(MOST_TICKS).min(MOST_TICKS);
        let mut asking = Self::default();
        for mut situation in situations(profile) {
            situation.settings = Arc::from(settings);
            situation.past.keep_ms = millis(pace.keep);
            let evaluated = policy.evaluate(&situation.evaluation_after_ticks(ticks, pace.every));
            asking.asked.join(&evaluated.asked);
            asking.goes.push(match &evaluated.answer.verdict {
                Verdict::Wish(wish) => Direction::between(0, i64::from(wish.delta)),
                Verdict::Failed(_) => Direction::Hold,
            });
        }
        asking
    }
}

/// Nobody there, some idle, all busy; nothing to do, and much.
fn situations(profile: &Profile) -> Vec<Situation> {
    let crews = [
        Counts::default(),
        Counts { idle: 4, ..Counts::default() },
        Counts { busy: 4, ..Counts::default() },
    ];
    let mut all = Vec::new();
    for counts in &crews {
        for ready in [0, 1_000_000] {
            let queue = |queue: &Queue| Queue {
                ready: Some(ready),
                arrival_rate: Some(if ready == 0 { 0.0 } else { 100.0 }),
                service_rate: Some(f64::from(counts.busy)),
                ..queue.clone()
            };
            let queues = profile.queues.iter().map(queue).collect();
            let profiles = vec![Profile { queues, ..profile.clone() }];
            let mut situation = Situation { profiles, ..Situation::default() };
            situation.employ(&profile.name, counts);
            all.push(situation);
        }
    }
    all
}
