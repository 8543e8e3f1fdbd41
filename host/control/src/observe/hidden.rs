//! The workers of a machine that its driver cannot look into, as far as the
//! broker tells. What it starts at boot is taken to be there, though unknown:
//! not seen is not gone.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::consumers::Consumers;
use super::workers::Found;
use crate::fleet::{VmState, WorkerPhase};
use crate::ids::{ProfileName, VmId, WorkerId};
use crate::queue::Consumer;
use crate::snapshot::Occupancy;
use crate::spec::{ImageSpec, SiteSpec};
use crate::units::Timestamp;

/// What is known of such a machine.
pub(super) struct Outside<'a> {
    pub(super) vm: &'a VmId,
    pub(super) address: Option<IpAddr>,
    pub(super) state: VmState,
}

/// The workers of a machine; none while it does not run.
pub(super) fn workers(
    site: &SiteSpec,
    consumers: &Consumers,
    outside: &Outside<'_>,
    image: &ImageSpec,
    launched_at: Timestamp,
) -> Vec<Found> {
    if !runs(outside.state) {
        return Vec::new();
    }
    let found = |id: String, profile: &ProfileName, known: Option<Occupancy>| Found {
        id: WorkerId::from(id),
        profile: profile.clone(),
        phase: WorkerPhase::Running,
        started_at: launched_at,
        known,
    };
    let mut workers = Vec::new();
    let mut seen: BTreeMap<&ProfileName, u32> = BTreeMap::new();
    let vm = outside.vm;
    for (peer, takes, occupancy) in outside.address.into_iter().flat_map(|ip| consumers.at(ip)) {
        if let Some(profile) = image.hosts.keys().find(|profile| serves(site, profile, takes)) {
            *seen.entry(profile).or_default() += 1;
            workers.push(found(format!("{vm}:{}", peer.port()), profile, Some(occupancy)));
        }
    }
    for (profile, boots) in &image.hosts {
        for nth in seen.get(profile).copied().unwrap_or(0)..*boots {
            workers.push(found(format!("{vm}/{profile}/{nth}"), profile, None));
        }
    }
    workers
}

const fn runs(state: VmState) -> bool {
    match state {
        VmState::Running | VmState::Draining | VmState::Suspending | VmState::Terminating => true,
        VmState::Pending
        | VmState::Booting
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Failed => false,
    }
}

fn serves(site: &SiteSpec, profile: &ProfileName, takes: &[Consumer]) -> bool {
    site.profiles
        .get(profile)
        .is_some_and(|spec| takes.iter().any(|consumer| spec.queues.contains(&consumer.queue)))
}
