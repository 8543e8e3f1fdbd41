//! The rule itself: facts in, a decision out. Pure: it asks nobody.
//!
//! The floor is the minimum, or the number of queues if each is to have a
//! worker and that is more. Below the floor it asks for the gap; above it, it
//! answers how many could go, so that another policy may let them go: the
//! largest wish wins.
//!
//! A queue without a worker of its own, although the floor is reached, is
//! worth one worker above the floor. A delta cannot say which queue the worker
//! is for, so this may not help; it is therefore never more than one for each
//! such queue, however often it is asked, and no reason to keep what stands
//! above that.

/// One queue of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Workers of the profile that run or start for it.
    pub own_workers: u32,
}

/// All that the rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The fewest workers: the settings' or the bounds', the larger.
    pub minimum: u32,
    /// Workers that serve or will.
    pub capacity: u32,
    /// The queues that are each to have a worker; empty unless asked for.
    pub queues: Vec<Queue>,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figure against which setting.
    pub reason: String,
}

/// Decides.
pub fn decide(situation: &Situation) -> Decision {
    let Situation { minimum, capacity, queues } = situation;
    let (capacity, count) = (*capacity, u32::try_from(queues.len()).unwrap_or(u32::MAX));
    let (floor, rule) = if count > *minimum {
        (count, format!("{count} queues with a worker each"))
    } else {
        (*minimum, format!("minimum {minimum}"))
    };
    let mut bare = queues.iter().filter(|queue| queue.own_workers == 0);
    let first_bare = bare.next();
    match first_bare {
        Some(queue) if capacity >= floor => {
            let others = u32::try_from(bare.count()).unwrap_or(u32::MAX);
            let rule = match others {
                0 => format!("{rule}, and queue {} has none", queue.name),
                _ => format!("{rule}, and queue {} and {others} more have none", queue.name),
            };
            toward(capacity, floor.saturating_add(others).saturating_add(1), &rule)
        }
        _ => toward(capacity, floor, &rule),
    }
}

fn toward(capacity: u32, wanted: u32, rule: &str) -> Decision {
    let delta = i64::from(wanted) - i64::from(capacity);
    let (relation, answer) = match delta {
        1.. => ('<', format!("{delta} more")),
        0 => ('=', "hold".to_owned()),
        _ => ('>', format!("{} could go", -delta)),
    };
    let s = if capacity == 1 { "" } else { "s" };
    Decision {
        delta: i32::try_from(delta).unwrap_or(if delta < 0 { i32::MIN } else { i32::MAX }),
        reason: format!("{capacity} worker{s} {relation} {wanted} ({rule}): {answer}"),
    }
}
