//! From what drivers and sources said to the facts of one tick. Joins workers
//! to consumers, and lays the intents in flight over the list of machines.
//! Decides nothing.

mod consumers;
mod hidden;
mod profiles;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::action::{Action, Intent};
use crate::boots::Crew;
use crate::fleet::{SeenVm, VmState};
use crate::ids::{ImageName, ProfileName, QueueName, VmId};
use crate::ledger::Ledger;
use crate::queue::{Consumer, Missing, QueueFacts, SourceReading};
use crate::snapshot::{Inside, Occupancy, Quality, Reading, Refused, Snapshot, Vm, Worker, count};
use crate::spec::{ImageSpec, SiteSpec, WhenIdle};
use crate::units::Timestamp;
use consumers::{Consumers, Seen};
use workers::{Found, Work};

/// What one source answered.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceObservation {
    /// The queues it was asked for.
    pub queues: BTreeSet<QueueName>,
    /// What came back.
    pub reading: Result<SourceReading, Missing>,
}

/// Everything that was found out in one pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The complete list of machines, or why there is none.
    pub cloud: Result<Vec<SeenVm>, Missing>,
    /// The answers of the sources.
    pub sources: Vec<SourceObservation>,
}

/// Builds the facts of a tick and keeps the good readings in the ledger.
pub fn snapshot(
    site: &Arc<SiteSpec>,
    ledger: &mut Ledger,
    mut observation: Observation,
    tick: u64,
    now: Timestamp,
) -> Snapshot {
    let refused = refuse(&mut observation);
    let (cloud, seen) = match observation.cloud {
        Ok(seen) => (Reading::Fresh(()), seen),
        Err(why) => (Reading::Missing(why), Vec::new()),
    };
    let listed = cloud.quality() == Quality::Fresh;
    if listed {
        ledger.settle(&seen, now);
    }
    let (queues, consumers, trouble) = merge(site, ledger, observation.sources, now);
    let all = if trouble.is_empty() { Seen::All } else { Seen::Some };
    let consumers = Consumers::new(consumers, all);
    let (vms, slackers) = machines(site, ledger, seen, &consumers, now);
    if listed {
        let known = |id: &VmId| vms.binary_search_by(|vm| vm.id.cmp(id)).is_ok();
        ledger.boots.forget_gone(vms.len(), known);
    }
    let late = ledger.leaving(now).filter(|(_, since)| *since > site.drain_deadline);
    let late = late.map(|(vm, since)| (vm.clone(), since)).collect();
    let profiles = profiles::views(site, ledger, &vms, &queues, now);
    Snapshot {
        site: Arc::clone(site),
        tick,
        now,
        cloud,
        consumers: trouble,
        vms,
        slackers,
        late,
        profiles,
        queues,
        refused,
    }
}

/// Takes away what is no number, so that nothing ever acts on it.
fn refuse(observation: &mut Observation) -> Refused {
    let mut refused = Refused::default();
    let readings = observation.sources.iter_mut().filter_map(|it| it.reading.as_mut().ok());
    for facts in readings.flat_map(|reading| reading.queues.values_mut().flatten()) {
        facts.arrival_rate = refused.sound(facts.arrival_rate);
        facts.service_rate = refused.sound(facts.service_rate);
    }
    for vm in observation.cloud.iter_mut().flatten() {
        vm.load = refused.sound(vm.load);
    }
    refused
}

type Queues = BTreeMap<QueueName, Reading<QueueFacts>>;

fn merge(
    site: &SiteSpec,
    ledger: &mut Ledger,
    sources: Vec<SourceObservation>,
    now: Timestamp,
) -> (Queues, Vec<Consumer>, Vec<Missing>) {
    let (mut queues, mut consumers, mut trouble) = (Queues::new(), Vec::new(), Vec::new());
    for source in sources {
        let mut asked = source.queues;
        let left_out = match source.reading {
            Ok(reading) => {
                for (queue, facts) in reading.queues {
                    asked.remove(&queue);
                    let reading = judge(site, ledger, &queue, facts, now);
                    queues.insert(queue, reading);
                }
                match reading.consumers {
                    Ok(found) => consumers.extend(found),
                    Err(why) => trouble.push(why),
                }
                Missing("the source left it out of its answer".to_owned())
            }
            Err(why) => {
                trouble.push(why.clone());
                why
            }
        };
        for queue in asked {
            let reading = judge(site, ledger, &queue, Err(left_out.clone()), now);
            queues.insert(queue, reading);
        }
    }
    (queues, consumers, trouble)
}

fn judge(
    site: &SiteSpec,
    ledger: &mut Ledger,
    queue: &QueueName,
    facts: Result<QueueFacts, Missing>,
    now: Timestamp,
) -> Reading<QueueFacts> {
    match (facts, ledger.reading(queue)) {
        (Ok(facts), _) => {
            ledger.keep_reading(queue.clone(), facts, now);
            Reading::Fresh(facts)
        }
        (Err(why), Some((last, at))) if now.since(*at) <= site.missing_after => {
            Reading::Stale(*last, *at, why)
        }
        (Err(why), _) => Reading::Missing(why),
    }
}

fn machines(
    site: &SiteSpec,
    ledger: &mut Ledger,
    seen: Vec<SeenVm>,
    consumers: &Consumers,
    now: Timestamp,
) -> (Vec<Vm>, BTreeSet<VmId>) {
    let mut slackers = BTreeSet::new();
    let mut boots = std::mem::take(&mut ledger.boots);
    let open = ledger.open_by_vm();
    let mut retired: BTreeMap<ImageName, Arc<ImageSpec>> = BTreeMap::new();
    let mut image = |name: &ImageName| match site.images.get(name) {
        Some(image) => Arc::clone(image),
        None => Arc::clone(
            retired.entry(name.clone()).or_insert_with_key(|name| Arc::new(unknown(name))),
        ),
    };
    let mut vms: Vec<Vm> = Vec::with_capacity(seen.len());
    for vm in seen {
        let image = image(&vm.image);
        let listed = (vm.state, vm.launched_at);
        let timeout = site.registration_timeout;
        let state = boots.state(&vm.id, listed, crew(&vm, &image), timeout, now);
        let open = open.get(&vm.id).map_or(&[][..], Vec::as_slice);
        let state = open.iter().fold(state, |state, action| overlay(state, action));
        let (vm, work) = machine(site, open, vm, (state, image), consumers, now);
        if work == Work::NeverRegistered {
            slackers.insert(vm.id.clone());
        }
        vms.push(vm);
    }
    // Where the broker has consumers and none is anybody's, it sees other
    // addresses than the cloud (a proxy, NAT): then it proves nothing of who
    // never came.
    if !consumers.is_empty() && !vms.iter().any(is_tied) {
        slackers.clear();
    }
    for intent in ledger.open() {
        if let Action::Launch { image: name } = &intent.action {
            vms.push(launching(intent, image(name)));
        }
    }
    ledger.boots = boots;
    vms.sort_by(|a, b| a.id.cmp(&b.id));
    vms.dedup_by(|a, b| a.id == b.id);
    (vms, slackers)
}

/// Whether any worker of a machine was found among the consumers.
fn is_tied(vm: &Vm) -> bool {
    let proven = |occupancy| match occupancy {
        Occupancy::Busy | Occupancy::Idle { .. } => true,
        Occupancy::Unknown => false,
    };
    vm.workers.iter().any(|worker| proven(worker.occupancy))
}

/// A machine that was asked for and that no list shows yet.
fn launching(intent: &Intent, image: Arc<ImageSpec>) -> Vm {
    Vm {
        id: VmId::from(intent.key.as_str()),
        key: intent.key.clone(),
        image,
        state: VmState::Pending,
        inside: Inside::Hidden,
        launched_at: intent.at,
        load: None,
        workers: Vec::new(),
    }
}

/// An image that the site file no longer names: its machines count against the
/// limits and host nothing new.
fn unknown(name: &ImageName) -> ImageSpec {
    ImageSpec {
        name: name.clone(),
        vcpus: 1,
        memory_mib: 0,
        cost_per_hour: 0.0,
        hosts: BTreeMap::new(),
        when_idle: WhenIdle::Suspend,
    }
}

/// Whether all that a machine starts at boot is there. Of one that cannot be
/// looked into, all is taken to be.
fn crew(vm: &SeenVm, image: &ImageSpec) -> Crew {
    let Some(workers) = &vm.workers else { return Crew::Complete };
    let there = |profile: &ProfileName| count(workers.iter().filter(|w| w.profile == *profile));
    let complete = image.hosts.iter().all(|(profile, boots)| there(profile) >= *boots);
    if complete { Crew::Complete } else { Crew::Incomplete }
}

/// The state a machine is in as far as decisions go, once `action` is on its way.
fn overlay(state: VmState, action: &Action) -> VmState {
    match (action, state) {
        (Action::Resume { .. }, VmState::Suspended | VmState::Suspending) => VmState::Booting,
        (Action::Suspend { .. }, VmState::Running | VmState::Booting) => VmState::Suspending,
        (Action::Terminate { .. }, _) => VmState::Terminating,
        (_, state) => state,
    }
}

fn machine(
    site: &SiteSpec,
    open: &[&Action],
    vm: SeenVm,
    (state, image): (VmState, Arc<ImageSpec>),
    consumers: &Consumers,
    now: Timestamp,
) -> (Vm, Work) {
    let (inside, found) = match vm.workers {
        Some(seen) => {
            (Inside::Visible, seen.into_iter().map(|w| Found::seen(w, consumers, open)).collect())
        }
        None => {
            let outside = hidden::Outside { vm: &vm.id, address: vm.address, state: vm.state };
            (Inside::Hidden, hidden::workers(site, consumers, &outside, &image, vm.launched_at))
        }
    };
    let place = workers::Place { vm: state, consumers: consumers.seen };
    let timeout = site.registration_timeout;
    let found: Vec<Found> = found;
    let work = workers::work(site, place, &found, now);
    let mut workers: Vec<Worker> =
        found.into_iter().map(|found| found.worker(place, timeout, now)).collect();
    workers.sort_by(|a, b| a.id.cmp(&b.id));
    let SeenVm { id, key, launched_at, load, .. } = vm;
    (Vm { id, key, image, state, inside, launched_at, load, workers }, work)
}
