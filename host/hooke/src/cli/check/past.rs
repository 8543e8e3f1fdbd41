//! What `hooke check` says of the past: what it takes, and whether the policies
//! of a site will find in it what they ask for. Reads no store.

use std::collections::{BTreeMap, BTreeSet};

use bytesize::ByteSize;
use hooke_control::ids::{PolicyName, ProfileName, QueueName};
use hooke_control::spec::ProfileSpec;
use hooke_history::{Keep, Unmet};
use hooke_trial::outlook::{Outlook, Pace, outlook};
use hooke_trial::situation::{Profile, Queue};

use super::Line;
use crate::config::SiteConfig;
use crate::shelf::Shelf;

/// What the readings of a site may take when none of them ever repeats.
pub(super) fn memory(site: &SiteConfig) -> Line {
    // As the bench of host/history measures them.
    const SERIES_BYTES: u64 = 120;
    const READING_BYTES: u64 = 3;
    let queues: BTreeSet<_> = site.spec.profiles.values().flat_map(|p| &p.queues).collect();
    let fleet = u64::from(site.spec.limits.vms.unwrap_or(0));
    let wanted = 5 * queues.len() as u64 + 7 * site.spec.profiles.len() as u64 + fleet;
    let Keep { time, series } = site.history;
    let kept = wanted.min(series as u64);
    let ticks = time.as_millis() as u64 / (site.spec.every.as_millis() as u64).max(1);
    let bytes = ByteSize::b(kept * (SERIES_BYTES + ticks * READING_BYTES));
    let time = humantime::format_duration(time);
    let text = if kept < wanted {
        format!("{wanted} series are wanted and {series} may be kept: raise series in [history]")
    } else {
        format!("{kept} series for {time}, at most some {bytes} of memory")
    };
    Line::new(site, "history".to_owned(), kept == wanted, text)
}

/// What each policy asks about the past and never has an answer to. Profiles
/// that ask the same policy with the same settings are looked at once.
pub(super) fn outlooks(site: &SiteConfig, shelf: &Shelf) -> Vec<Line> {
    let mut users: BTreeMap<(&PolicyName, String), Vec<&ProfileName>> = BTreeMap::new();
    for binding in &site.bindings {
        for asked in binding.asked() {
            let key = (asked.policy, asked.settings.json());
            users.entry(key).or_default().push(&binding.profile);
        }
    }
    let each = users.iter().filter_map(|((policy, settings), profiles)| {
        let bound = shelf.bind(policy, &site.grants).ok()?;
        let profile = situated(site.spec.profiles.get(*profiles.first()?)?);
        let pace = Pace { every: site.spec.every, keep: site.history.time };
        let outlook = outlook(&bound, settings, &profile, pace, |queue| has(site, queue));
        Some(lines(site, policy, profiles, &outlook))
    });
    each.flatten().collect()
}

fn has(site: &SiteConfig, queue: &QueueName) -> bool {
    site.spec.profiles.values().any(|profile| profile.queues.contains(queue))
}

/// A profile as in a situation: its own queues, read in full.
fn situated(spec: &ProfileSpec) -> Profile {
    let queues = spec.queues.iter().map(|queue| Queue::empty(queue.as_str())).collect();
    Profile { queues, bounds: spec.workers, name: spec.name.clone() }
}

fn lines(
    site: &SiteConfig,
    policy: &PolicyName,
    profiles: &[&ProfileName],
    outlook: &Outlook,
) -> Vec<Line> {
    let others = match profiles.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    let first = profiles.first().map_or("", |name| name.as_str());
    let what = format!("policy {policy} of {first}{others}");
    let stays = !outlook.lost.is_empty();
    let told = outlook.unmet.iter().map(|unmet| {
        let ok = match unmet {
            Unmet::TooFar { .. } | Unmet::TooFine { .. } => !stays,
            Unmet::NoSuchQueue { .. } => false,
        };
        Line { warning: true, ..Line::new(site, what.clone(), ok, unmet.to_string()) }
    });
    let mut lines: Vec<Line> = told.collect();
    if stays {
        // The cures are told above; this says what comes without them.
        let ways: Vec<&str> = outlook.lost.iter().map(|way| way.as_str()).collect();
        let text = format!("so it holds, for ever, where it would {}", ways.join(" or "));
        lines.push(Line::new(site, what, false, text));
    }
    lines
}
