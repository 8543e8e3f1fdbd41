//! Profiles: their queues summed, their workers counted. Absent is not zero.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Queues;
use crate::action::Action;
use crate::fleet::VmState;
use crate::ids::ProfileName;
use crate::ledger::Ledger;
use crate::queue::{Activity, Missing, QueueFacts};
use crate::snapshot::{
    Backlog, Occupancy, ProfileView, Quality, Reading, Stage, Vm, Worker, WorkerCounts,
};
use crate::spec::{ProfileSpec, SiteSpec};
use crate::units::Timestamp;

/// Every profile of the site; `vms` are in order of id.
pub(super) fn views(
    site: &SiteSpec,
    ledger: &Ledger,
    vms: &[Vm],
    queues: &Queues,
    now: Timestamp,
) -> BTreeMap<ProfileName, ProfileView> {
    let mut views: BTreeMap<ProfileName, ProfileView> = site
        .profiles
        .iter()
        .map(|(name, spec)| {
            let backlog = backlog(spec, queues, now);
            let counts = WorkerCounts::default();
            (name.clone(), ProfileView { spec: Arc::clone(spec), backlog, counts, vms: Vec::new() })
        })
        .collect();
    for (at, vm) in vms.iter().enumerate() {
        for profile in vm.image.hosts.keys() {
            tally(&mut views, at, vm, profile);
        }
        let strangers = vm.workers.iter().filter(|worker| !vm.hosts(&worker.profile));
        let mut strangers: Vec<&ProfileName> = strangers.map(|worker| &worker.profile).collect();
        strangers.dedup();
        strangers.sort();
        strangers.dedup();
        for profile in strangers {
            tally(&mut views, at, vm, profile);
        }
    }
    starting(&mut views, ledger, vms);
    views
}

/// Workers that were asked for and that no list shows yet.
fn starting(views: &mut BTreeMap<ProfileName, ProfileView>, ledger: &Ledger, vms: &[Vm]) {
    for intent in ledger.open() {
        if let Action::StartWorker { vm, profile } = &intent.action
            && let Some(view) = views.get_mut(profile)
            && let Ok(at) = vms.binary_search_by(|known| known.id.cmp(vm))
            && vms.get(at).is_some_and(|vm| vm.state == VmState::Running)
        {
            view.counts.booting += 1;
        }
    }
}

fn tally(
    views: &mut BTreeMap<ProfileName, ProfileView>,
    at: usize,
    vm: &Vm,
    profile: &ProfileName,
) {
    if let Some(view) = views.get_mut(profile) {
        view.vms.push(at);
        count(&mut view.counts, vm, profile);
    }
}

fn count(counts: &mut WorkerCounts, vm: &Vm, profile: &ProfileName) {
    let (mut seen, mut idle) = (0, 0);
    let of_profile = |worker: &&Worker| worker.profile == *profile;
    for worker in vm.workers.iter().filter(of_profile) {
        match worker.stage {
            Stage::Booting => counts.booting += 1,
            Stage::Draining => counts.draining += 1,
            Stage::Serving => counts.serving += 1,
        }
        seen += u32::from(worker.counts());
        if worker.stage == Stage::Serving {
            match worker.occupancy {
                Occupancy::Busy => counts.busy += 1,
                Occupancy::Unknown => counts.unknown += 1,
                Occupancy::Idle { .. } => idle += 1,
            }
        }
    }
    counts.booting += vm.capacity_of(profile) - seen;
    counts.idle += idle;
    counts.idle_beyond_first += idle.min(seen.saturating_sub(1));
}

fn backlog(spec: &ProfileSpec, queues: &Queues, now: Timestamp) -> Backlog {
    let mut sum = Backlog {
        quality: Quality::Fresh,
        age: Duration::ZERO,
        ready: Some(0),
        unacked: Some(0),
        consumers: Some(0),
        arrival_rate: Some(0.0),
        service_rate: Some(0.0),
        activity: Activity::IdleSince(Timestamp::from_millis(0)),
    };
    for name in &spec.queues {
        let unread = Reading::Missing(Missing(format!("queue {name} was not read")));
        let reading = queues.get(name).unwrap_or(&unread);
        sum.quality = sum.quality.max(reading.quality());
        if let Reading::Stale(_, at, _) = reading {
            sum.age = sum.age.max(now.since(*at));
        }
        add(&mut sum, reading.value());
    }
    sum
}

fn add(sum: &mut Backlog, facts: Option<&QueueFacts>) {
    sum.ready = sum.ready.zip(facts.and_then(|f| f.ready)).map(|(a, b)| a.saturating_add(b));
    sum.unacked = sum.unacked.zip(facts.and_then(|f| f.unacked)).map(|(a, b)| a.saturating_add(b));
    sum.consumers =
        sum.consumers.zip(facts.and_then(|f| f.consumers)).map(|(a, b)| a.saturating_add(b));
    sum.arrival_rate = sum.arrival_rate.zip(facts.and_then(|f| f.arrival_rate)).map(|(a, b)| a + b);
    sum.service_rate = sum.service_rate.zip(facts.and_then(|f| f.service_rate)).map(|(a, b)| a + b);
    sum.activity = sum.activity.and(facts.map_or(Activity::Unknown, |f| f.activity));
}
