//! A change has time to show what it does before the next one. Reads the
//! memory, never writes it.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::units::Span;

/// Holds while the cooldown of the wish's direction lasts: scale out waits
/// after a scale out, scale in after any change, so that what was just started
/// is not ended (EC2, and cluster-autoscaler's delay after add).
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let last = |way| case.memory.last(way);
    let (since, cooldown, key) = match case.direction(wanted) {
        Direction::Hold => return None,
        Direction::Out => (last(Direction::Out), case.guards.scale_out.cooldown, "scale_out"),
        Direction::In => {
            let any = last(Direction::In).max(last(Direction::Out));
            (any, case.guards.scale_in.cooldown, "scale_in")
        }
    };
    let (passed, now) = (case.now.since(since?), Span(cooldown));
    if passed >= cooldown {
        return None;
    }
    let passed = Span(passed);
    let why =
        format!("the last change was {passed} ago, and {now} must pass (guards.{key}.cooldown)");
    Some(case.hold(wanted, why))
}
