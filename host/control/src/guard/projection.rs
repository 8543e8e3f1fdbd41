//! Looks ahead before a scale in: with fewer workers, would there at once be
//! cause to scale out again? (Azure's rule against flapping.) Asks no policy,
//! only what was measured.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::snapshot::{ProfileView, Quality};
use crate::spec::{Metric, Projection};

/// Goes in only to the smallest number of workers that stays below the condition.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    match case.direction(wanted) {
        Direction::Hold | Direction::Out => return None,
        Direction::In => {}
    }
    let projection = case.guards.projection?;
    let Some(whole) = measured(case.profile, projection.metric()) else {
        return Some(unmeasured(case, wanted, projection));
    };
    let fits = |workers: &u32| share(whole, *workers) < projection.below();
    let kept = (wanted..case.capacity).find(fits).unwrap_or(case.capacity);
    (kept > wanted).then(|| case.ruling(wanted, kept, breach(projection, whole, kept - 1)))
}

fn unmeasured(case: &Case<'_>, wanted: u32, projection: Projection) -> Ruling {
    let name = projection.metric().as_str();
    let why = format!(
        "{name} was not measured, so nobody can tell what fewer workers would have (guards.projection)"
    );
    case.hold(wanted, why)
}

/// What so many workers would have too much of.
fn breach(projection: Projection, whole: f64, workers: u32) -> String {
    let (name, below) = (projection.metric().as_str(), projection.below());
    let would = match workers {
        0 => format!("with none {name} would have no limit"),
        some => format!("with {some} {name} would be {:.2}", share(whole, some)),
    };
    format!("{would}, and is to stay below {below} (guards.projection)")
}

/// What one of so many workers would have; nothing is shared by nobody.
fn share(whole: f64, workers: u32) -> f64 {
    if whole == 0.0 { 0.0 } else { whole / f64::from(workers) }
}

/// What all workers have together, if it was measured in this tick.
fn measured(profile: &ProfileView, metric: Metric) -> Option<f64> {
    // Counts stay far below what an f64 holds exactly.
    let number = |n: u64| n as f64;
    let backlog = &profile.backlog;
    let fresh = backlog.quality == Quality::Fresh;
    match metric {
        Metric::BacklogPerWorker => backlog.ready.filter(|_| fresh).map(number),
        Metric::MessagesPerWorker => {
            let both = backlog.ready.zip(backlog.unacked).filter(|_| fresh);
            both.map(|(ready, unacked)| number(ready.saturating_add(unacked)))
        }
        Metric::ArrivalsPerWorker => backlog.arrival_rate.filter(|_| fresh),
        Metric::BusyShare => {
            let counts = profile.counts;
            (counts.unknown == 0).then(|| f64::from(counts.busy))
        }
    }
}
