//! Small snapshots to ask policies about: one site, one profile `ocr` with one
//! queue `ocr`, one image `small` that hosts it, and as many machines as asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::combine::Combine;
use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, IntentKey, PolicyName, ProfileName, QueueName, SiteName};
use hooke_control::ids::{VmId, WorkerId};
use hooke_control::queue::{Activity, QueueFacts};
use hooke_control::snapshot::{
    Backlog, Inside, Occupancy, ProfileView, Quality, Reading, Refused, Snapshot, Stage, Vm,
    Worker, WorkerCounts,
};
use hooke_control::spec::{
    Binding, Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle,
};
use hooke_control::units::Timestamp;

/// The time of every snapshot.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// What a fleet looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fleet {
    /// Messages ready.
    pub(crate) ready: u64,
    /// Machines with one idle worker each.
    pub(crate) idle: usize,
    /// Machines with one busy worker each.
    pub(crate) busy: usize,
}

/// The snapshot of a fleet. Idle machines come first in order of id and have
/// been idle for ten minutes.
pub(crate) fn snapshot(fleet: Fleet) -> Arc<Snapshot> {
    let profile = ProfileName::from("ocr");
    let queue = QueueName::from("ocr");
    let image = image();
    let idle_since = NOW.minus(Duration::from_secs(600));
    let vms: Vec<Vm> = (0..fleet.idle + fleet.busy)
        .map(|at| {
            let idle = Occupancy::Idle { since: idle_since };
            vm(at, &image, if at < fleet.idle { idle } else { Occupancy::Busy })
        })
        .collect();
    let view = view(fleet, &profile, &queue, vms.len());
    let facts = QueueFacts {
        ready: Some(fleet.ready),
        unacked: Some(fleet.busy as u64),
        consumers: Some(count(vms.len())),
        arrival_rate: Some(1.5),
        service_rate: None,
        activity: activity(fleet),
    };
    Arc::new(Snapshot {
        site: Arc::new(site(&view.spec, image)),
        tick: 1,
        now: NOW,
        cloud: Reading::Fresh(()),
        consumers: Vec::new(),
        vms,
        slackers: Default::default(),
        late: Default::default(),
        profiles: BTreeMap::from([(profile, view)]),
        queues: BTreeMap::from([(queue, Reading::Fresh(facts))]),
        refused: Refused::default(),
    })
}

fn count(things: usize) -> u32 {
    u32::try_from(things).expect("fleets of the tests are small")
}

fn activity(fleet: Fleet) -> Activity {
    if fleet.ready + fleet.busy as u64 > 0 {
        return Activity::Active;
    }
    Activity::IdleSince(NOW.minus(Duration::from_secs(600)))
}

fn image() -> Arc<ImageSpec> {
    Arc::new(ImageSpec {
        name: ImageName::from("small"),
        vcpus: 2,
        memory_mib: 2048,
        cost_per_hour: 0.1,
        hosts: BTreeMap::from([(ProfileName::from("ocr"), 1)]),
        when_idle: WhenIdle::Suspend,
    })
}

fn vm(at: usize, image: &Arc<ImageSpec>, occupancy: Occupancy) -> Vm {
    Vm {
        id: VmId::from(format!("vm-{at:04}")),
        key: IntentKey::from(format!("key-{at:04}")),
        image: Arc::clone(image),
        state: VmState::Running,
        inside: Inside::Visible,
        launched_at: NOW.minus(Duration::from_secs(3600)),
        load: Some(0.25),
        workers: vec![Worker {
            id: WorkerId::from(format!("worker-{at:04}")),
            profile: ProfileName::from("ocr"),
            stage: Stage::Serving,
            occupancy,
            started_at: NOW.minus(Duration::from_secs(3500)),
        }],
    }
}

fn view(fleet: Fleet, profile: &ProfileName, queue: &QueueName, vms: usize) -> ProfileView {
    ProfileView {
        spec: Arc::new(ProfileSpec {
            name: profile.clone(),
            queues: vec![queue.clone()],
            workers: Bounds::new(1, 40_000).expect("1 is not above 40,000"),
            policies: vec![Binding {
                policy: PolicyName::from("threshold"),
                settings: "{}".to_owned(),
            }],
            combine: Combine::Max,
            weight: Weight::ONE,
            guards: Default::default(),
        }),
        backlog: Backlog {
            quality: Quality::Fresh,
            age: Duration::ZERO,
            ready: Some(fleet.ready),
            unacked: Some(fleet.busy as u64),
            consumers: Some(count(vms)),
            arrival_rate: Some(1.5),
            service_rate: None,
            activity: activity(fleet),
        },
        counts: WorkerCounts {
            serving: count(vms),
            idle: count(fleet.idle),
            busy: count(fleet.busy),
            ..WorkerCounts::default()
        },
        vms: (0..vms).collect(),
    }
}

fn site(profile: &Arc<ProfileSpec>, image: Arc<ImageSpec>) -> SiteSpec {
    SiteSpec {
        name: SiteName::from("nova-east"),
        every: Duration::from_secs(30),
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: Duration::from_secs(300),
        images: BTreeMap::from([(image.name.clone(), image)]),
        profiles: BTreeMap::from([(profile.name.clone(), Arc::clone(profile))]),
    }
}
