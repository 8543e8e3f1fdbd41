//! Not to follow what may be gone in a moment: scale in goes to the highest
//! wish of its window only, scale out to the lowest of its own (HPA). Reads the
//! memory, never writes it.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::units::Span;

/// Moves the wish to the most cautious one of its window, at most to the capacity.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let (trail, pace, key) = match case.direction(wanted) {
        Direction::Hold => return None,
        Direction::Out => (&case.memory.lowest, &case.guards.scale_out, "scale_out"),
        Direction::In => (&case.memory.highest, &case.guards.scale_in, "scale_in"),
    };
    let window = pace.stabilisation;
    if window.is_zero() {
        return None;
    }
    let span = Span(window);
    let key = format!("guards.{key}.stabilisation");
    if trail.is_empty() {
        return Some(case.hold(wanted, format!("nothing is known of the {span} before ({key})")));
    }
    let Some(recent) = trail.since(case.now, window) else {
        // A window shorter than a tick never holds a wish of the tick before.
        let why = format!("nothing was wished in the {span} before ({key})");
        return (window >= case.snapshot.site.every).then(|| case.hold(wanted, why));
    };
    let kept = case.toward_capacity(wanted, recent);
    if kept == wanted {
        return None;
    }
    let most = match case.direction(wanted) {
        Direction::In => "highest",
        Direction::Out | Direction::Hold => "lowest",
    };
    let why = format!("the {most} wish of the last {span} was {recent} ({key})");
    Some(case.ruling(wanted, kept, why))
}
