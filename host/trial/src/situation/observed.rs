//! What drivers and sources would have said of a situation, handed to the core
//! that makes a snapshot of it. Sums and counts nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hooke_control::combine::Combine;
use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{IntentKey, PolicyName, QueueName, WorkerId};
use hooke_control::ledger::Ledger;
use hooke_control::observe::{self, Observation, SourceObservation};
use hooke_control::queue::{Activity, Consumer, Missing, QueueFacts, SourceReading};
use hooke_control::snapshot::Snapshot;
use hooke_control::spec::{Binding, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle};
use hooke_control::units::Timestamp;

use super::{Crew, Doing, Machine, Queue, Quiet, Situation, Trust};

/// After this a worker that nobody sees is not waited for.
const REGISTRATION: Duration = Duration::from_secs(300);
/// How long ago a worker was started that is not seen yet.
const YOUNG: Duration = Duration::from_secs(5);
/// The port that every worker connects from; each has an address of its own.
const PORT: u16 = 40_000;

pub(super) fn snapshot(situation: &Situation) -> Snapshot {
    let site = Arc::new(site(situation));
    let mut ledger = Ledger::default();
    for queue in situation.profiles.iter().flat_map(|profile| &profile.queues) {
        if let Trust::Stale(age) = queue.trust {
            let then = situation.now.minus(age);
            ledger.keep_reading(queue.name.clone(), facts(queue, then), then);
        }
    }
    // Machines that run have come up before: with all that they start at boot.
    let before = Observation { cloud: Ok(came_up(situation)), sources: Vec::new() };
    observe::snapshot(&site, &mut ledger, before, 1, situation.now);
    observe::snapshot(&site, &mut ledger, observation(situation), 2, situation.now)
}

fn observation(situation: &Situation) -> Observation {
    let mut workers = Workers { now: situation.now, consumers: Vec::new() };
    let first_queue = |crew: &Crew| {
        let profile = situation.profiles.iter().find(|profile| profile.name == crew.profile);
        profile.and_then(|profile| profile.queues.first()).map(|queue| queue.name.clone())
    };
    let seen = situation.machines.iter().map(|machine| {
        let crew = machine.crew.iter().flat_map(|crew| {
            let queue = first_queue(crew);
            (0..crew.workers).map(move |_| (crew, queue.clone()))
        });
        let crew = crew.map(|(crew, queue)| workers.worker(machine, crew, queue)).collect();
        seen(situation, machine, crew)
    });
    let seen = seen.collect();
    let queues = situation.profiles.iter().flat_map(|profile| &profile.queues);
    let queues = queues.map(|queue| (queue.name.clone(), reading(queue, situation.now)));
    Observation { cloud: Ok(seen), sources: vec![source(queues, workers.consumers)] }
}

fn source(
    queues: impl IntoIterator<Item = (QueueName, Result<QueueFacts, Missing>)>,
    consumers: Vec<Consumer>,
) -> SourceObservation {
    let queues: BTreeMap<_, _> = queues.into_iter().collect();
    let asked: BTreeSet<QueueName> = queues.keys().cloned().collect();
    SourceObservation {
        queues: asked,
        reading: Ok(SourceReading { queues, consumers: Ok(consumers) }),
    }
}

fn reading(queue: &Queue, now: Timestamp) -> Result<QueueFacts, Missing> {
    match queue.trust {
        Trust::Fresh => Ok(facts(queue, now)),
        Trust::Stale(_) => Err(Missing("the broker does not answer for it any more".to_owned())),
        Trust::Missing => Err(Missing("the broker never answered for it".to_owned())),
    }
}

fn facts(queue: &Queue, at: Timestamp) -> QueueFacts {
    QueueFacts {
        ready: queue.ready,
        unacked: queue.unacked,
        consumers: queue.consumers,
        arrival_rate: queue.arrival_rate,
        service_rate: queue.service_rate,
        activity: match queue.quiet {
            Quiet::Active => Activity::Active,
            Quiet::For(idle) => Activity::IdleSince(at.minus(idle)),
            Quiet::Unknown => Activity::Unknown,
        },
    }
}

fn seen(situation: &Situation, machine: &Machine, workers: Vec<SeenWorker>) -> SeenVm {
    SeenVm {
        id: machine.id.clone(),
        key: IntentKey::from(format!("key-{}", machine.id)),
        image: machine.image.clone(),
        state: machine.state,
        launched_at: situation.now.minus(machine.age),
        address: None,
        load: machine.load,
        workers: Some(workers),
    }
}

/// The machines that run, each with all that its image starts at boot.
fn came_up(situation: &Situation) -> Vec<SeenVm> {
    let running = situation.machines.iter().filter(|machine| machine.state == VmState::Running);
    let crew = |machine: &Machine| {
        let image = situation.images.iter().find(|image| image.name == machine.image);
        let hosts = image.iter().flat_map(|image| &image.hosts);
        let each = hosts.flat_map(|(profile, boots)| (0..*boots).map(move |nth| (profile, nth)));
        each.map(|(profile, nth)| SeenWorker {
            id: WorkerId::from(format!("{}/{profile}/{nth}", machine.id)),
            profile: profile.clone(),
            phase: WorkerPhase::Running,
            started_at: situation.now,
            endpoints: Vec::new(),
        })
        .collect()
    };
    running.map(|machine| seen(situation, machine, crew(machine))).collect()
}

/// Makes workers and the consumers by which they are known.
struct Workers {
    now: Timestamp,
    consumers: Vec<Consumer>,
}

impl Workers {
    fn worker(&mut self, machine: &Machine, crew: &Crew, queue: Option<QueueName>) -> SeenWorker {
        let nth = self.consumers.len();
        // A unique local address for each: the broker tells them apart by it.
        let host = IpAddr::V6(Ipv6Addr::from((0xfd00_u128 << 112) | nth as u128));
        let (unacked, activity) = match crew.doing {
            Doing::Idle(idle) => (Some(0), Activity::IdleSince(self.now.minus(idle))),
            Doing::Busy | Doing::Draining => (Some(1), Activity::Active),
            Doing::Unknown | Doing::Booting => (None, Activity::Unknown),
        };
        let queue = queue.unwrap_or_else(|| QueueName::from(crew.profile.as_str()));
        self.consumers.push(Consumer { queue, host, port: PORT, unacked, activity });
        let booting = crew.doing == Doing::Booting;
        SeenWorker {
            id: WorkerId::from(format!("worker-{nth:05}")),
            profile: crew.profile.clone(),
            phase: match crew.doing {
                Doing::Draining => WorkerPhase::Draining,
                Doing::Idle(_) | Doing::Busy | Doing::Unknown | Doing::Booting => {
                    WorkerPhase::Running
                }
            },
            started_at: self.now.minus(if booting { YOUNG } else { machine.age }),
            // Nobody connects from a worker that has just been started.
            endpoints: if booting { Vec::new() } else { vec![SocketAddr::new(host, PORT)] },
        }
    }
}

fn site(situation: &Situation) -> SiteSpec {
    let stale = situation.profiles.iter().flat_map(|profile| &profile.queues);
    let longest = stale.filter_map(|queue| match queue.trust {
        Trust::Stale(age) => Some(age),
        Trust::Fresh | Trust::Missing => None,
    });
    let images = situation.images.iter().map(|image| {
        let spec = ImageSpec {
            name: image.name.clone(),
            vcpus: image.vcpus,
            memory_mib: 0,
            cost_per_hour: 0.0,
            hosts: image.hosts.clone(),
            when_idle: WhenIdle::Suspend,
        };
        (image.name.clone(), Arc::new(spec))
    });
    SiteSpec {
        name: situation.site.clone(),
        every: Duration::from_secs(30),
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: longest.fold(Duration::from_secs(300), Duration::max),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: REGISTRATION,
        images: images.collect(),
        profiles: situation.profiles.iter().map(|p| (p.name.clone(), spec(situation, p))).collect(),
    }
}

fn spec(situation: &Situation, profile: &super::Profile) -> Arc<ProfileSpec> {
    Arc::new(ProfileSpec {
        name: profile.name.clone(),
        queues: profile.queues.iter().map(|queue| queue.name.clone()).collect(),
        workers: profile.bounds,
        policies: vec![Binding {
            policy: PolicyName::from(super::POLICY),
            settings: situation.settings.to_string(),
        }],
        combine: Combine::Max,
        weight: Weight::ONE,
        guards: Default::default(),
    })
}
