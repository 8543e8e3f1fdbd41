//! Scheduled actions: which bounds are in force at a moment, and which capacity
//! is asked for just then. Remembers nothing: bounds follow from the clock, so
//! that a host that was down has them as one that was not.

use hooke_timetable::{Cron, Moment, Skipped, Zone};

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// When it happens.
    pub when: When,
    /// From then on the fewest workers.
    pub minimum: Option<u32>,
    /// From then on the most workers.
    pub maximum: Option<u32>,
    /// The workers that there shall be just then.
    pub desired: Option<u32>,
}

/// When an action happens; moments in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// Once.
    Once(u64),
    /// Again and again between two moments, and at the first of them.
    Recurring { cron: Cron, zone: Zone, from_ms: Option<u64>, until_ms: Option<u64> },
}

/// A capacity asked for later than this is missed, and dropped: the host was
/// down, or asks too seldom.
pub const LATE_MS: u64 = 10 * 60_000;

/// What is in force, each with the action that said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InForce<'a> {
    /// The fewest workers.
    pub minimum: Option<(u32, &'a str)>,
    /// The most workers.
    pub maximum: Option<(u32, &'a str)>,
    /// The workers asked for since the last evaluation.
    pub desired: Option<(u32, &'a str)>,
}

/// What is in force at a moment, where it was last asked at `before_ms`. Of
/// several actions the last that happened holds, value by value; of two at one
/// moment the one that stands later.
pub fn in_force(actions: &[Action], now_ms: u64, before_ms: Option<u64>) -> InForce<'_> {
    let mut happened: Vec<(u64, &Action)> =
        actions.iter().filter_map(|action| Some((action.when.last(now_ms)?, action))).collect();
    happened.sort_by_key(|(at_ms, _)| *at_ms);
    let mut force = InForce::default();
    for (at_ms, action) in happened {
        let named = |value: u32| (value, action.name.as_str());
        force.minimum = action.minimum.map(named).or(force.minimum);
        force.maximum = action.maximum.map(named).or(force.maximum);
        let is_new = before_ms.is_some_and(|before| at_ms > before) && now_ms - at_ms <= LATE_MS;
        if is_new {
            force.desired = action.desired.map(named).or(force.desired);
        }
    }
    force
}

impl When {
    /// When it last happened, this moment included.
    fn last(&self, now_ms: u64) -> Option<u64> {
        match self {
            Self::Once(at_ms) => (*at_ms <= now_ms).then_some(*at_ms),
            Self::Recurring { cron, zone, from_ms, until_ms } => {
                let until = until_ms.map_or(now_ms, |until| until.min(now_ms));
                let after = Moment::from_ms(until.saturating_add(1));
                let last = cron.last_before(*zone, Skipped::Dropped, after).map(Moment::ms);
                let last = last.filter(|last| *last >= from_ms.unwrap_or(0));
                last.max(from_ms.filter(|from| *from <= now_ms))
            }
        }
    }
}
