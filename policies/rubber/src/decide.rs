//! The rule itself: facts in, a decision out. Pure: it asks nobody, except,
//! and only when the answer can matter, how many workers boot for too long.
//!
//! | messages ready              | answer                                          |
//! |-----------------------------|-------------------------------------------------|
//! | any, last asked lately      | hold until the interval is over                 |
//! | missing                     | no decision                                     |
//! | above the threshold         | out: `int(ready × ratio) − booting`, never in   |
//! | 1 to the threshold          | hold (the dead band)                            |
//! | 0, stale                    | hold                                            |
//! | 0, fresh                    | in: the idle ones but `min_idle_workers`        |

pub use hooke_policy_sdk::Quality;
use hooke_policy_sdk::span;

use crate::settings::Settings;

/// A decimal of nine places above zero, so that a product is cut where the
/// decimals say and not where a binary fraction falls: 0.29 × 100 is 29.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    billionths: u64,
}

const BILLION: u64 = 1_000_000_000;

impl Ratio {
    /// Rubber's default, 0.2.
    pub const FIFTH: Self = Self { billionths: BILLION / 5 };

    /// The ratio, to the nearest of nine places; `None` if that is not above
    /// zero.
    pub fn new(ratio: f64) -> Option<Self> {
        // Casting saturates, and makes 0 of what is no number.
        let billionths = (ratio * BILLION as f64 + 0.5) as u64;
        (billionths > 0).then_some(Self { billionths })
    }

    /// `int(count × ratio)`.
    fn of(self, count: u64) -> u64 {
        let product = u128::from(count) * u128::from(self.billionths) / u128::from(BILLION);
        u64::try_from(product).unwrap_or(u64::MAX)
    }
}

/// All that the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The time of the tick, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// When the rule was applied last; `None` if never, or nobody knows.
    pub last_ms: Option<u64>,
    /// How far the backlog can be trusted.
    pub quality: Quality,
    /// Age of the oldest reading in it, in milliseconds.
    pub age_ms: u64,
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Workers proven idle.
    pub idle: u32,
    /// Workers still to come.
    pub booting: u32,
}

/// What the profile needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Workers more (positive) or fewer (negative).
    pub delta: i32,
    /// Which figure against which setting.
    pub reason: String,
    /// Whether the rule was applied, so that the interval begins anew.
    pub applied: bool,
}

/// The backlog is missing: no decision, and the next tick asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing;

/// Decides. `late` is called at most once: how many of the booting workers are
/// on machines older than [`Settings::slacker_threshold_ms`].
pub fn decide(
    settings: &Settings,
    situation: &Situation,
    late: impl FnOnce() -> u32,
) -> Result<Decision, Missing> {
    if let Some(reason) = too_early(settings, situation) {
        return Ok(Decision { delta: 0, reason, applied: false });
    }
    let known = situation.ready.filter(|_| situation.quality != Quality::Missing);
    let ready = known.ok_or(Missing)?;
    let threshold = settings.backorder_threshold;
    let (delta, reason) = if ready > threshold {
        scale_out(settings, situation, ready, late)
    } else if ready > 0 {
        (0, format!("backlog {ready} within backorder_threshold {threshold}: hold"))
    } else {
        scale_in(settings, situation)
    };
    Ok(Decision { delta, reason, applied: true })
}

/// Why the rule is not applied in this tick. A last time in the future is a
/// clock set back: the rule is applied, and the interval begins anew.
fn too_early(settings: &Settings, situation: &Situation) -> Option<String> {
    let since = situation.now_ms.checked_sub(situation.last_ms?)?;
    let interval = settings.evaluation_interval_ms;
    let told = || {
        let (since, interval) = (span::write(since), span::write(interval));
        format!("evaluated {since} ago, evaluation_interval {interval}: hold")
    };
    (since < interval).then(told)
}

/// `max(0, int(ready × ratio) − booting)`. The workers there are are not
/// subtracted: a backlog that stays asks again at every evaluation.
fn scale_out(
    settings: &Settings,
    situation: &Situation,
    ready: u64,
    late: impl FnOnce() -> u32,
) -> (i32, String) {
    let wanted = settings.spawn_ratio.of(ready);
    let late = if situation.booting > 0 { late().min(situation.booting) } else { 0 };
    let credit = situation.booting - late;
    let more = wanted.saturating_sub(u64::from(credit));
    let threshold = settings.backorder_threshold;
    let mut reason = format!(
        "backlog {ready} > backorder_threshold {threshold}: {wanted} by spawn_ratio, {credit} booting, {more} more"
    );
    if late > 0 {
        let limit = span::write(settings.slacker_threshold_ms);
        reason +=
            &format!(" ({late} booting for longer than slacker_threshold {limit} not counted)");
    }
    (i32::try_from(more).unwrap_or(i32::MAX), reason)
}

/// The idle ones but the minimum; only an empty queue freshly read says that
/// they have nothing to do.
fn scale_in(settings: &Settings, situation: &Situation) -> (i32, String) {
    let Situation { idle, quality, age_ms, .. } = *situation;
    if quality != Quality::Fresh {
        let age = span::write(age_ms);
        return (0, format!("backlog 0 is {age} old: hold, scale in waits for a fresh one"));
    }
    let kept = settings.min_idle_workers;
    let fewer = i32::try_from(idle.saturating_sub(kept)).unwrap_or(i32::MAX);
    let answer = match fewer {
        0 => "hold".to_owned(),
        _ => format!("{fewer} fewer"),
    };
    (-fewer, format!("backlog 0, {idle} idle, min_idle_workers {kept}: {answer}"))
}
