//! Scale in never aims below the workers that are busy now. No victim is ever
//! busy; this keeps the number itself honest. It cannot be turned off, and it
//! judges by counts only.

use super::{Case, Ruling};
use crate::explain::Direction;

/// Goes in to no fewer than are busy now.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    match case.direction(wanted) {
        Direction::Hold | Direction::Out => return None,
        Direction::In => {}
    }
    let (busy, all) = (case.profile.counts.busy, case.capacity);
    let kept = busy.clamp(wanted, all);
    let why = format!("{busy} of {all} busy now, and no work is killed (always so)");
    (kept > wanted).then(|| case.ruling(wanted, kept, why))
}
