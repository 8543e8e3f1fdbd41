//! The four strategies: the points of one check and the workers there are in,
//! the workers wanted out. Pure. A result is never negative, nor above the
//! exact ceiling.

use hooke_policy_sdk::{Figure, Table, workers_for};

use crate::settings::Window;

/// What a check makes of its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Strategy {
    /// Enough points within bounds move the number of workers.
    Threshold {
        /// A point is within from here on; `None`: from anywhere.
        lower: Option<f64>,
        /// And below this; `None`: with no end.
        upper: Option<f64>,
        /// This many points have to be.
        trigger: u32,
        /// What then.
        action: Action,
    },
    /// The newest point is brought to a target.
    TargetValue {
        /// The target; 0 takes the metric itself as the factor.
        target: f64,
        /// How far the factor may be from 1.
        threshold: f64,
        /// The most workers added at once.
        max_scale_up: u32,
        /// The most workers taken away at once.
        max_scale_down: u32,
    },
    /// So many workers, whatever the metric.
    FixedValue(u32),
    /// As many workers as the newest point says.
    PassThrough,
}

/// What points within bounds do to the number of workers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// So many more or fewer.
    Delta(i32),
    /// So many percent more or fewer, rounded up; −100 at the least.
    Percentage(f64),
    /// This many.
    Value(u32),
}

/// The workers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Those that serve or will.
    pub capacity: u32,
    /// Those of them that serve.
    pub serving: u32,
}

impl Strategy {
    /// The workers wanted, and why; `points` of the metric of this name has one
    /// at the least, the newest last.
    pub fn run(&self, metric: &str, points: &[f64], workers: Workers) -> (u32, String) {
        let newest = points.last().copied().unwrap_or(0.0);
        let told = format!("{metric} {}", Figure(newest));
        let capacity = workers.capacity;
        match *self {
            Self::Threshold { lower, upper, trigger, action } => {
                let within = |point: &&f64| {
                    lower.is_none_or(|lower| **point >= lower)
                        && upper.is_none_or(|upper| **point < upper)
                };
                let (inside, all) = (points.iter().filter(within).count(), points.len());
                let bounds = bounds(lower, upper);
                let why = format!(
                    "{told}, {inside} of {all} points {bounds}, within_bounds_trigger {trigger}"
                );
                match inside >= trigger as usize {
                    true => (action.on(capacity), format!("{why}{}", action.lost(capacity))),
                    false => (capacity, why),
                }
            }
            Self::TargetValue { target, threshold, max_scale_up, max_scale_down } => {
                let Some(wanted) = to_target(newest, target, threshold, workers) else {
                    let (threshold, target) = (Figure(threshold), Figure(target));
                    return (capacity, format!("{told} within {threshold} of target {target}"));
                };
                let most = capacity.saturating_add(max_scale_up);
                let least = capacity.saturating_sub(max_scale_down);
                let bound = match wanted {
                    many if many > most => format!(", max_scale_up {max_scale_up}"),
                    few if few < least => format!(", max_scale_down {max_scale_down}"),
                    _ => String::new(),
                };
                (wanted.clamp(least, most), format!("{told} for target {}{bound}", Figure(target)))
            }
            Self::FixedValue(value) => (value, format!("fixed-value {value}")),
            Self::PassThrough => {
                let wanted = workers_for(1, newest, 1.0).unwrap_or(capacity);
                (wanted, format!("{told} passed through"))
            }
        }
    }
}

fn bounds(lower: Option<f64>, upper: Option<f64>) -> String {
    match (lower, upper) {
        (Some(lower), Some(upper)) => {
            format!("at {} or above and below {}", Figure(lower), Figure(upper))
        }
        (Some(lower), None) => format!("at {} or above", Figure(lower)),
        (None, Some(upper)) => format!("below {}", Figure(upper)),
        (None, None) => "there are".to_owned(),
    }
}

impl Action {
    /// Why it changes nothing, where a percentage is rounded away.
    fn lost(self, capacity: u32) -> String {
        match self {
            Self::Percentage(percent) if self.on(capacity) == capacity => {
                format!(", {} % of {capacity} rounds up to no change", Figure(percent))
            }
            Self::Percentage(_) | Self::Delta(_) | Self::Value(_) => String::new(),
        }
    }

    fn on(self, capacity: u32) -> u32 {
        match self {
            Self::Delta(delta) => capacity.saturating_add_signed(delta),
            Self::Percentage(percent) => {
                workers_for(capacity, 100.0 + percent, 100.0).unwrap_or(capacity)
            }
            Self::Value(value) => value,
        }
    }
}

/// `ceil(count × metric / target)`. While workers boot, the count is that of
/// those who were measured, and there is no scale in. `None` if the factor is
/// within the threshold.
fn to_target(metric: f64, target: f64, threshold: f64, workers: Workers) -> Option<u32> {
    let Workers { capacity, serving } = workers;
    let target = if target == 0.0 { 1.0 } else { target };
    let factor = metric / target;
    if capacity == 0 {
        return Some(workers_for(1, metric, target).unwrap_or(0));
    }
    if (factor - 1.0).abs() <= threshold + ROUNDING {
        return None;
    }
    let wanted = workers_for(serving, metric, target).unwrap_or(capacity);
    Some(if serving < capacity { wanted.max(capacity) } else { wanted })
}

/// A factor of 1.01 is within a threshold of 0.01.
const ROUNDING: f64 = 1e-9;

const NAMES: &str = "threshold, target-value, fixed-value or pass-through";

/// Reads the table `strategy` of a check: one table in it, named as the
/// strategy is.
pub(crate) fn read_strategy(check: &mut Table, window: &Window) -> Strategy {
    let none = Strategy::PassThrough;
    if !check.has("strategy") {
        check.problem("strategy", format!("missing: write one of {NAMES}"));
    }
    let read = check.table("strategy", |table| {
        let found = [
            table.table("threshold", |table| read_threshold(table, window)),
            table.table("target-value", read_target),
            table.table("fixed-value", read_fixed),
            table.table("pass-through", |_| none),
        ];
        let mut found = found.into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(one), None) => one,
            (None, _) | (Some(_), Some(_)) => {
                table.problem("", format!("write one strategy: {NAMES}"));
                none
            }
        }
    });
    read.unwrap_or(none)
}

fn read_threshold(table: &mut Table, window: &Window) -> Strategy {
    let lower = table.number("lower_bound", -1e15..=1e15);
    let upper = table.number("upper_bound", -1e15..=1e15);
    if !table.has("lower_bound") && lower.is_none() && upper.is_none() {
        table.problem("", "no bound: write lower_bound, upper_bound or both".to_owned());
    }
    if let Some(upper) = upper {
        let why = match lower {
            _ if upper <= 0.0 => Some("no metric is below 0, so no point is within: write more"),
            Some(lower) if upper <= lower => {
                Some("not above lower_bound, so no point is within: write more")
            }
            Some(_) | None => None,
        };
        if let Some(why) = why {
            table.problem("upper_bound", why.to_owned());
        }
    }
    let points = window.points();
    let trigger = table.whole("within_bounds_trigger", 1..=1440);
    let trigger = trigger.and_then(|n| u32::try_from(n).ok()).unwrap_or(5);
    if trigger > points {
        let message = format!(
            "{trigger} points have to be within, and the window has {points}: write {points} or less, or a longer query_window"
        );
        table.problem("within_bounds_trigger", message);
    }
    Strategy::Threshold { lower, upper, trigger, action: read_action(table) }
}

fn read_action(table: &mut Table) -> Action {
    let delta = whole(table, "delta").map(Action::Delta);
    let percentage = table.number("percentage", -100.0..=1e6);
    if percentage == Some(0.0) {
        table.problem("percentage", "changes nothing: write more than 0, or less".to_owned());
    }
    let percentage = percentage.map(Action::Percentage);
    let value = count(table, "value").map(Action::Value);
    let mut given = [delta, percentage, value].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(one), None) => one,
        (None, _) | (Some(_), Some(_)) => {
            table.problem("", "write one of delta, percentage and value".to_owned());
            Action::Delta(0)
        }
    }
}

fn read_target(table: &mut Table) -> Strategy {
    if !table.has("target") {
        table.problem("target", "missing: write the value to keep the metric at".to_owned());
    }
    let target = table.number("target", 0.0..=1e15).unwrap_or(1.0);
    let threshold = table.number("threshold", 0.0..=1.0).unwrap_or(0.01);
    let max_scale_up = count(table, "max_scale_up").unwrap_or(u32::MAX);
    let max_scale_down = count(table, "max_scale_down").unwrap_or(u32::MAX);
    if max_scale_up == 0 && max_scale_down == 0 {
        let message =
            "0 as max_scale_down is, so that the check changes nothing: write one of them higher";
        table.problem("max_scale_up", message.to_owned());
    }
    Strategy::TargetValue { target, threshold, max_scale_up, max_scale_down }
}

fn read_fixed(table: &mut Table) -> Strategy {
    if !table.has("value") {
        table.problem("value", "missing: write a number of workers".to_owned());
    }
    Strategy::FixedValue(count(table, "value").unwrap_or(0))
}

fn count(table: &mut Table, key: &'static str) -> Option<u32> {
    table.whole(key, 0..=u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok())
}

/// A whole number of either sign.
fn whole(table: &mut Table, key: &'static str) -> Option<i32> {
    let number = table.number(key, -1e6..=1e6)?;
    let cut = number as i32;
    if f64::from(cut) == number && cut != 0 {
        return Some(cut);
    }
    table.problem(key, "write a whole number of workers, above or below 0".to_owned());
    None
}
