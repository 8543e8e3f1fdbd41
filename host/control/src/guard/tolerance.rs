//! Wishes too small to be worth the unrest. Looks at numbers only.

use super::{Case, Ruling};

/// Holds if the wish differs from the capacity by no more than the tolerated
/// share of it (HPA: by no more than 10 percent of the metric's ratio).
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let tolerance = case.guards.tolerance;
    let capacity = case.capacity;
    if wanted == capacity || tolerance.is_exceeded_by(wanted.abs_diff(capacity), capacity) {
        return None;
    }
    let percent = tolerance.get();
    let why = format!("no more than {percent} % of {capacity} away (guards.tolerance_percent)");
    Some(case.hold(wanted, why))
}
