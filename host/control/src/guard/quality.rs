//! Fail-static by data quality: scale in needs fresh, complete data; scale out
//! may use stale data, and with none goes no further than the minimum.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::snapshot::{ProfileView, Quality, Reading, Snapshot};
use crate::spec::Stale;

/// Holds what the data does not carry.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let (snapshot, profile, capacity) = (case.snapshot, case.profile, case.capacity);
    let trouble = || backlog_trouble(snapshot, profile);
    let (kept, why) = match case.direction(wanted) {
        Direction::Hold => return None,
        Direction::Out | Direction::In if snapshot.cloud.quality() != Quality::Fresh => {
            let why = snapshot.cloud.trouble().map_or("", |why| &why.0);
            (capacity, format!("without the list of machines nothing is done: {why}"))
        }
        Direction::Out => match (profile.backlog.quality, case.guards.stale) {
            (Quality::Fresh, _) | (Quality::Stale, Stale::ScaleOut) => return None,
            (Quality::Stale, Stale::Hold) => {
                let why = format!(
                    "with a stale backlog only workers.min is kept up (guards.stale): {}",
                    trouble()
                );
                (wanted.min(case.at_least()), why)
            }
            (Quality::Missing, _) => {
                let why = format!("without the backlog only workers.min is kept up: {}", trouble());
                (wanted.min(case.at_least()), why)
            }
        },
        Direction::In => (capacity, doubt(snapshot, profile)?),
    };
    (kept != wanted).then(|| case.ruling(wanted, kept, why))
}

/// Why nothing of the profile may be taken away: something that should be
/// known is not, or not of this tick.
pub(crate) fn doubt(snapshot: &Snapshot, profile: &ProfileView) -> Option<String> {
    let backlog = &profile.backlog;
    match backlog.quality {
        Quality::Stale | Quality::Missing => {
            let (quality, why) = (backlog.quality.as_str(), backlog_trouble(snapshot, profile));
            return Some(format!(
                "the backlog is {quality}, and scale in needs a fresh one: {why}"
            ));
        }
        Quality::Fresh if backlog.ready.is_none() || backlog.unacked.is_none() => {
            return Some(
                "the source did not count every message, and scale in needs that".to_owned(),
            );
        }
        Quality::Fresh => {}
    }
    let why = snapshot.consumers.first()?;
    Some(format!("no worker is proven idle, as the consumers could not be read: {}", why.0))
}

/// The worst thing that is the matter with a profile's queues.
fn backlog_trouble<'a>(snapshot: &'a Snapshot, profile: &ProfileView) -> &'a str {
    let readings = profile.spec.queues.iter().filter_map(|queue| snapshot.queues.get(queue));
    let worst = readings.max_by_key(|reading| reading.quality());
    worst.and_then(Reading::trouble).map_or("no source reads it", |why| &why.0)
}
