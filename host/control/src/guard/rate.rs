//! So many workers in so much time, and no more (HPA's behaviour policies).
//! Reads the memory, never writes it.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::spec::{Amount, Pace, Rate, Select};
use crate::units::Span;

/// Goes as far as the limits of the wish's direction allow in this tick.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let way = case.direction(wanted);
    let (pace, key) = match way {
        Direction::Hold => return None,
        Direction::Out => (&case.guards.scale_out, "scale_out"),
        Direction::In => (&case.guards.scale_in, "scale_in"),
    };
    if pace.select == Select::Disabled {
        let why = format!("{} is disabled (guards.{key}.select)", way.as_str());
        return Some(case.hold(wanted, why));
    }
    let (limit, rate) = limit(case, pace, way)?;
    let kept = case.toward_capacity(wanted, limit);
    let why = format!("{} (guards.{key}.rates)", told(case, rate, way));
    (kept != wanted).then(|| case.ruling(wanted, kept, why))
}

/// The number of workers up to which the limits allow to go, and by which.
fn limit(case: &Case<'_>, pace: &Pace, way: Direction) -> Option<(u32, Rate)> {
    let each = pace.rates.iter().map(|rate| (allowed(case, *rate, way), *rate));
    let far = |(limit, _): &(u32, Rate)| match way {
        Direction::In => u32::MAX - limit,
        Direction::Out | Direction::Hold => *limit,
    };
    match pace.select {
        Select::Max => each.max_by_key(far),
        Select::Min => each.min_by_key(far),
        Select::Disabled => None,
    }
}

/// How far one limit still lets the profile go. A percentage is one of what
/// there was when the window began, rounded up, so that it allows at least one
/// (HPA-04: 10 % of 72 are 8). Unlike the HPA's, workers that came within the
/// window do not let more of them go: so many in a window means so many.
fn allowed(case: &Case<'_>, rate: Rate, way: Direction) -> u32 {
    let changed = |way| case.memory.changed(way, case.now, rate.window());
    let capacity = i64::from(case.capacity);
    let start = (capacity - changed(Direction::Out) + changed(Direction::In)).max(0);
    let by = match rate.amount() {
        Amount::Number(number) => i64::from(number.get()),
        Amount::Percent(percent) => {
            let part = i128::from(start) * i128::from(percent.get());
            // Of none there is no part, and nobody would ever leave zero.
            i64::try_from((part + 99) / 100).unwrap_or(i64::MAX).max(1)
        }
    };
    let left = by.saturating_sub(changed(way)).max(0);
    let limit = match way {
        Direction::In => capacity.saturating_sub(left).max(0),
        Direction::Out | Direction::Hold => capacity.saturating_add(left),
    };
    u32::try_from(limit).unwrap_or(u32::MAX)
}

fn told(case: &Case<'_>, rate: Rate, way: Direction) -> String {
    let window = Span(rate.window());
    let most = match rate.amount() {
        Amount::Number(number) => format!("at most {number} in {window}"),
        Amount::Percent(percent) => format!("at most {percent} % in {window}"),
    };
    match (case.memory.changed(way, case.now, rate.window()), way) {
        (0, _) => most,
        (moved, Direction::In) => format!("{most}, of which {moved} went before"),
        (moved, Direction::Out | Direction::Hold) => {
            format!("{most}, of which {moved} came before")
        }
    }
}
