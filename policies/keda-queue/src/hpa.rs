//! The HPA's number: a metric against its target, and how many workers bring it
//! there. Pure. Never above the exact ceiling.

use hooke_policy_sdk::{Figure, workers_for};

use crate::decide::{Kept, Situation};
use crate::drain;
use crate::settings::{MetricType, Mode, Settings};

/// A number of workers, before the settings bound it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The workers.
    pub workers: u32,
    /// Which figure against the target.
    pub why: String,
}

/// A ratio of 1.1 is within a tolerance of 0.1.
const ROUNDING: f64 = 1e-9;

/// The number for a metric, which is not negative.
pub fn number(settings: &Settings, situation: &Situation, kept: &Kept, metric: f64) -> Number {
    let Situation { capacity, serving, .. } = *situation;
    let target = settings.value;
    let told = Figure(target);
    let (count, ratio, wanted, bound) = match (settings.mode, settings.metric_type) {
        (Mode::DrainTime, MetricType::AverageValue | MetricType::Value) => {
            match drain::needed(settings, situation, kept) {
                Ok(drain::Needed { ratio, workers, why }) => (serving, ratio, workers, why),
                Err(why) => {
                    let why = format!("target {told}, {why}");
                    return Number { workers: capacity.max(1), why };
                }
            }
        }
        (_, MetricType::AverageValue) => {
            let ratio = metric / target / f64::from(capacity);
            (capacity, ratio, workers_for(1, metric, target), String::new())
        }
        (_, MetricType::Value) => {
            // From zero the ratio itself is the number, as the HPA has it.
            let count = if capacity == 0 { 1 } else { serving };
            (count, metric / target, workers_for(count, metric, target), String::new())
        }
    };
    if capacity > 0 && (ratio - 1.0).abs() <= settings.tolerance + ROUNDING {
        let tolerance = Figure(settings.tolerance);
        let why = format!("target {told} within the tolerance {tolerance}");
        return Number { workers: capacity, why };
    }
    let wanted = wanted.unwrap_or(capacity);
    let why = format!("target {told}, {wanted} by the target{bound}");
    // What boots is not in the figure yet, so it says nothing against it.
    let by_serving = count == serving && serving < capacity;
    Number { workers: if by_serving { wanted.max(capacity) } else { wanted }, why }
}
