//! `ceil(capacity × metric / target)`, the arithmetic of every rule that tracks
//! a target. Never one more than the exact result, and never a float's noise.

/// Below this share of the whole, a difference is the noise of binary
/// fractions: `1.1 / 0.1` is a hair above 11.
const NOISE: f64 = 1e-12;

/// Up to here an `f64` holds every whole number.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The fewest workers that bring `metric`, measured at `capacity` workers and
/// inverse to their number, to `target` or below: `ceil(capacity × metric /
/// target)`. Whole numbers are divided exactly; the quotient of a ratio taken
/// first overshoots by one (15 workers, metric 62, target 30: 31, not 32).
/// `None` unless `metric` is finite and not negative and `target` finite and
/// above zero. Stops at the largest `u32`.
pub fn workers_for(capacity: u32, metric: f64, target: f64) -> Option<u32> {
    let sane = metric.is_finite() && metric >= 0.0 && target.is_finite() && target > 0.0;
    if !sane {
        return None;
    }
    let is_whole = |number: f64| number <= WHOLE && number as u64 as f64 == number;
    if is_whole(metric) && is_whole(target) {
        let work = u128::from(capacity) * u128::from(metric as u64);
        let workers = work.div_ceil(u128::from(target as u64));
        return Some(u32::try_from(workers).unwrap_or(u32::MAX));
    }
    let workers = f64::from(capacity) * metric / target;
    // Casting saturates, and cuts: what is cut off is looked at.
    let cut = workers as u32;
    let rest = workers - f64::from(cut);
    Some(if rest > workers * NOISE { cut.saturating_add(1) } else { cut })
}
