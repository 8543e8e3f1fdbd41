//! The operator's own minimum and maximum. The minimum is the only thing that
//! is ever raised, and it comes after all that slows a wish down; the maximum
//! comes before, so that a fleet above a lowered one shrinks at its usual pace.

use super::{Case, Ruling};

/// Keeps the wish at or below the maximum. A profile of which a policy fails
/// stays where it is, above it or not.
pub(super) fn ceiling(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let max = case.profile.spec.workers.max();
    if wanted <= max {
        return None;
    }
    if case.broken && max < case.capacity {
        let capacity = case.capacity;
        let text = format!(
            "stays at {capacity}, above workers.max {max}: a policy that fails never shrinks a profile"
        );
        return Some(Ruling { kept: capacity, text });
    }
    let text = format!("{wanted} wanted, {max} allowed: workers.max is {max}");
    Some(Ruling { kept: max, text })
}

/// Keeps the wish at or above the minimum, at once.
pub(super) fn floor(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let min = case.profile.spec.workers.min();
    let text = format!("{wanted} wanted, {min} needed: workers.min is {min}");
    (wanted < min).then_some(Ruling { kept: min, text })
}
