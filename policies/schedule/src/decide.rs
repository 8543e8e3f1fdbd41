//! The rule itself: a moment and a number of workers in, a decision out. Pure:
//! it asks nobody.
//!
//! | windows open                      | answer                                   |
//! |-----------------------------------|------------------------------------------|
//! | none                              | hold                                     |
//! | fewer workers than a floor        | out, to the largest floor                |
//! | more workers than a ceiling       | in, to the smallest ceiling              |
//! | a floor above a ceiling           | the floor is the ceiling too             |
//! | between                           | hold                                     |
//!
//! A floor holds from the lead time before its window opens, a ceiling from
//! when it does. Where surplus is released, "hold" is how many stand above the
//! largest floor.

use hooke_policy_sdk::{delta, span};
use hooke_timetable::Moment;

use crate::settings::{Rule, Settings, Surplus};

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figure against which window.
    pub reason: String,
}

/// Decides, for a profile of so many workers that serve or will.
pub fn decide(settings: &Settings, now: Moment, capacity: u32) -> Decision {
    let floors = settings.rules.iter().filter_map(|rule| floor(settings, rule, now));
    // The first of those that are alike: the order of the settings decides.
    let floor = floors.reduce(|most, next| if next.workers > most.workers { next } else { most });
    let ceilings = settings.rules.iter().filter_map(|rule| ceiling(rule, now));
    let ceiling =
        ceilings.reduce(|least, next| if next.workers < least.workers { next } else { least });
    let least = floor.as_ref().map_or(0, |floor| floor.workers);
    let most = ceiling.as_ref().map(|ceiling| ceiling.workers.max(least));
    let wanted = match settings.surplus {
        Surplus::Hold => capacity.clamp(least, most.unwrap_or(u32::MAX)),
        Surplus::Release => least,
    };
    let limits = told(floor.as_ref(), ceiling.as_ref());
    let limits = if limits.is_empty() { none_open(settings, now) } else { limits };
    let s = if capacity == 1 { "" } else { "s" };
    let answer = match i64::from(wanted) - i64::from(capacity) {
        0 => "hold".to_owned(),
        more @ 1.. => format!("{more} more"),
        fewer => match settings.surplus {
            Surplus::Hold => format!("{} fewer", -fewer),
            Surplus::Release => format!("{} could go", -fewer),
        },
    };
    let reason = format!("{capacity} worker{s}, {limits}: {answer}");
    Decision { delta: delta(u64::from(wanted), capacity), reason }
}

/// A number of workers, with the window that sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    workers: u32,
    rule: String,
}

/// The floor of a rule that holds now, be it ahead of its window.
fn floor(settings: &Settings, rule: &Rule, now: Moment) -> Option<Limit> {
    if rule.floor == 0 {
        return None;
    }
    let when = match closing(rule, now) {
        Some(closing) => closing,
        None => {
            let opens = rule.window.next_start(now)?;
            let wait = opens.ms() - now.ms();
            (wait <= settings.ahead_ms).then(|| format!("opens in {}", span::write(wait)))?
        }
    };
    Some(Limit { workers: rule.floor, rule: format!("{}, {when}", rule.name) })
}

fn ceiling(rule: &Rule, now: Moment) -> Option<Limit> {
    let (workers, closing) = (rule.ceiling?, closing(rule, now)?);
    Some(Limit { workers, rule: format!("{}, {closing}", rule.name) })
}

/// When an open window closes, as a reason says it.
fn closing(rule: &Rule, now: Moment) -> Option<String> {
    Some(match rule.window.active(now)?.until {
        Some(until) => format!("closes in {}", span::write(until.ms().saturating_sub(now.ms()))),
        None => "does not close".to_owned(),
    })
}

fn told(floor: Option<&Limit>, ceiling: Option<&Limit>) -> String {
    let say = |kind: &str, limit: &Limit| format!("{kind} {} ({})", limit.workers, limit.rule);
    match (floor, ceiling) {
        (None, None) => String::new(),
        (Some(floor), None) => say("floor", floor),
        (None, Some(ceiling)) => say("ceiling", ceiling),
        (Some(floor), Some(ceiling)) if floor.workers > ceiling.workers => {
            format!("{} wins over {}", say("floor", floor), say("ceiling", ceiling))
        }
        (Some(floor), Some(ceiling)) if floor.rule == ceiling.rule => {
            format!("floor {}, {}", floor.workers, say("ceiling", ceiling))
        }
        (Some(floor), Some(ceiling)) => {
            format!("{}, {}", say("floor", floor), say("ceiling", ceiling))
        }
    }
}

fn none_open(settings: &Settings, now: Moment) -> String {
    // A window with a floor of zero and no ceiling says nothing while it is open.
    if let Some(rule) = settings.rules.iter().find(|rule| rule.window.active(now).is_some()) {
        return format!("floor 0 ({})", rule.name);
    }
    let starts =
        settings.rules.iter().filter_map(|rule| Some((rule.window.next_start(now)?, rule)));
    match starts.min_by_key(|(start, _)| *start) {
        Some((start, rule)) => {
            let wait = span::write(start.ms() - now.ms());
            format!("no window open, {} opens in {wait}", rule.name)
        }
        None => "no window open, and none to come".to_owned(),
    }
}
