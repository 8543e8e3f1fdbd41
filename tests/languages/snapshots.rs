//! Snapshots as the core makes them, at their extremes, and what a guest has
//! to be told of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::combine::Combine;
use hooke_control::fleet::VmState;
use hooke_control::ids::{
    ImageName, IntentKey, PolicyName, ProfileName, QueueName, SiteName, VmId, WorkerId,
};
use hooke_control::queue::{Activity, Missing, QueueFacts};
use hooke_control::snapshot::{
    Backlog, Inside, Occupancy, ProfileView, Quality, Reading, Refused, Snapshot, Stage, Vm,
    Worker, WorkerCounts,
};
use hooke_control::spec::{
    Binding, Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle,
};
use hooke_control::units::Timestamp;

use crate::extremes;

/// A snapshot, and the profile to ask about.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) profile: ProfileName,
}

/// What a scene is made of.
struct Plan {
    name: &'static str,
    profile: String,
    site: String,
    now: u64,
    bounds: (u32, u32),
    queues: Vec<(String, Reading<QueueFacts>)>,
    counts: WorkerCounts,
    vms: Vec<Vm>,
}

/// The scenes.
pub(crate) fn scenes() -> Vec<Scene> {
    [empty(), largest(), idle(), every_case(), thousand()].into_iter().map(scene).collect()
}

fn empty() -> Plan {
    Plan {
        name: "nothing is known",
        profile: String::new(),
        site: String::new(),
        now: 0,
        bounds: (0, 0),
        queues: vec![(String::new(), Reading::Missing(Missing(String::new())))],
        counts: WorkerCounts::default(),
        vms: Vec::new(),
    }
}

fn largest() -> Plan {
    let long = "長い 🦀 ".repeat(1_000);
    let facts = QueueFacts {
        ready: Some(u64::MAX),
        unacked: Some(u64::MAX),
        consumers: Some(u32::MAX),
        arrival_rate: Some(f64::MAX),
        service_rate: Some(5e-324),
        activity: Activity::IdleSince(Timestamp::from_millis(0)),
    };
    let most = u32::MAX;
    let vms = (0..extremes::FLOATS.len() + 2).map(|at| {
        // The contract promises finite numbers; the host lets no other through.
        let load = extremes::FLOATS.get(at).copied().unwrap_or(f64::NAN);
        vm(&format!("{at:02} {long}"), &image(&long, u32::MAX), VmState::Running, Some(load))
    });
    Plan {
        name: "everything is at its largest",
        profile: long.clone(),
        site: long.clone(),
        now: u64::MAX,
        bounds: (u32::MAX, u32::MAX),
        queues: vec![(long.clone(), Reading::Fresh(facts))],
        counts: WorkerCounts {
            serving: most,
            booting: most,
            draining: most,
            idle: most,
            busy: most,
            unknown: most,
            idle_beyond_first: most,
        },
        vms: vms.collect(),
    }
}

fn every_case() -> Plan {
    let now = 1_700_000_000_000;
    let facts = |activity| QueueFacts {
        ready: Some(0),
        unacked: None,
        consumers: Some(1),
        arrival_rate: Some(-0.0),
        service_rate: None,
        activity,
    };
    let earlier = Timestamp::from_millis(now - 30_000);
    let stale = Reading::Stale(facts(Activity::Active), earlier, Missing("late".to_owned()));
    let states = [
        VmState::Pending,
        VmState::Booting,
        VmState::Running,
        VmState::Draining,
        VmState::Suspending,
        VmState::Suspended,
        VmState::Stopped,
        VmState::Terminating,
        VmState::Failed,
    ];
    let image = image("small", 2);
    let mut vms: Vec<Vm> = states
        .into_iter()
        .map(|state| vm(&format!("{} é漢🦀", state.as_str()), &image, state, None))
        .collect();
    for (name, occupancy) in [("busy", Occupancy::Busy), ("unknown", Occupancy::Unknown)] {
        let mut other = vm(name, &image, VmState::Running, Some(0.25));
        other.workers.iter_mut().for_each(|worker| worker.occupancy = occupancy);
        vms.push(other);
    }
    vms.sort_by(|a, b| a.id.cmp(&b.id));
    Plan {
        name: "every case",
        profile: "é漢🦀".to_owned(),
        site: "nova-east".to_owned(),
        now,
        bounds: (1, 40),
        queues: vec![
            ("c".to_owned(), Reading::Fresh(facts(Activity::IdleSince(earlier)))),
            ("a".to_owned(), stale),
            ("b".to_owned(), Reading::Missing(Missing("never read".to_owned()))),
        ],
        counts: WorkerCounts { serving: 3, idle: 1, busy: 1, unknown: 1, ..Default::default() },
        vms,
    }
}

fn idle() -> Plan {
    let facts = QueueFacts {
        ready: Some(0),
        unacked: Some(0),
        consumers: Some(20),
        arrival_rate: Some(0.0),
        service_rate: Some(0.0),
        activity: Activity::IdleSince(Timestamp::from_millis(0)),
    };
    let image = image("small", 2);
    let one = |at: usize| vm(&format!("vm-{at:04}"), &image, VmState::Running, Some(0.0));
    Plan {
        name: "all is idle",
        profile: "ocr".to_owned(),
        queues: vec![("ocr".to_owned(), Reading::Fresh(facts))],
        counts: WorkerCounts { serving: 20, idle: 20, ..Default::default() },
        vms: (0..20).map(one).collect(),
        ..every_case()
    }
}

fn thousand() -> Plan {
    let image = image("small", 2);
    let one = |at: usize| {
        let state = if at.is_multiple_of(7) { VmState::Suspended } else { VmState::Running };
        vm(&format!("vm-{at:04}"), &image, state, Some(at as f64 / 3.0))
    };
    Plan {
        name: "a thousand machines",
        profile: "ocr".to_owned(),
        vms: (0..1_000).map(one).collect(),
        ..every_case()
    }
}

fn image(name: &str, vcpus: u32) -> Arc<ImageSpec> {
    Arc::new(ImageSpec {
        name: ImageName::from(name),
        vcpus,
        memory_mib: 2048,
        cost_per_hour: 0.1,
        hosts: BTreeMap::new(),
        when_idle: WhenIdle::Suspend,
    })
}

/// A machine with one idle worker; its image hosts whatever profile is asked
/// about, once the scene is made.
fn vm(id: &str, image: &Arc<ImageSpec>, state: VmState, load: Option<f64>) -> Vm {
    let long_ago = Timestamp::from_millis(0);
    Vm {
        id: VmId::from(id),
        key: IntentKey::from(id),
        image: Arc::clone(image),
        state,
        inside: Inside::Visible,
        launched_at: long_ago,
        load,
        workers: vec![Worker {
            id: WorkerId::from(id),
            profile: ProfileName::from(""),
            stage: Stage::Serving,
            occupancy: Occupancy::Idle { since: long_ago },
            started_at: long_ago,
        }],
    }
}

fn scene(plan: Plan) -> Scene {
    let profile = ProfileName::from(plan.profile.as_str());
    let (min, max) = plan.bounds;
    let spec = Arc::new(ProfileSpec {
        name: profile.clone(),
        queues: plan.queues.iter().map(|(name, _)| QueueName::from(name.as_str())).collect(),
        workers: Bounds::new(min, max).expect("the bounds are in order"),
        policies: vec![Binding {
            policy: PolicyName::from("conformance"),
            settings: String::new(),
        }],
        combine: Combine::Max,
        weight: Weight::ONE,
        guards: Default::default(),
    });
    let hosting = |image: &ImageSpec| {
        let hosts = BTreeMap::from([(profile.clone(), 1)]);
        Arc::new(ImageSpec { hosts, ..image.clone() })
    };
    let mut vms = plan.vms;
    for vm in &mut vms {
        vm.image = hosting(&vm.image);
        vm.workers.iter_mut().for_each(|worker| worker.profile = profile.clone());
    }
    let view = ProfileView {
        spec: Arc::clone(&spec),
        backlog: backlog(&plan.queues, Timestamp::from_millis(plan.now)),
        counts: plan.counts,
        vms: (0..vms.len()).collect(),
    };
    let images = vms.iter().map(|vm| (vm.image.name.clone(), Arc::clone(&vm.image))).collect();
    let snapshot = Snapshot {
        site: Arc::new(site(&plan.site, spec, images)),
        tick: u64::MAX,
        now: Timestamp::from_millis(plan.now),
        cloud: Reading::Fresh(()),
        consumers: Vec::new(),
        vms,
        slackers: Default::default(),
        late: Default::default(),
        profiles: BTreeMap::from([(profile.clone(), view.clone()), (ProfileName::from("z"), view)]),
        queues: plan.queues.into_iter().map(|(name, r)| (QueueName::from(name), r)).collect(),
        refused: Refused::default(),
    };
    Scene { name: plan.name, snapshot: Arc::new(snapshot), profile }
}

/// Not the sum, which is the core's to make, but something to be told.
fn backlog(queues: &[(String, Reading<QueueFacts>)], now: Timestamp) -> Backlog {
    let first = queues.iter().find_map(|(_, reading)| reading.value());
    Backlog {
        quality: queues.iter().map(|(_, r)| r.quality()).max().unwrap_or(Quality::Missing),
        age: now.since(Timestamp::from_millis(0)),
        ready: first.and_then(|facts| facts.ready),
        unacked: first.and_then(|facts| facts.unacked),
        consumers: first.and_then(|facts| facts.consumers),
        arrival_rate: first.and_then(|facts| facts.arrival_rate),
        service_rate: first.and_then(|facts| facts.service_rate),
        activity: first.map_or(Activity::Unknown, |facts| facts.activity),
    }
}

fn site(
    name: &str,
    profile: Arc<ProfileSpec>,
    images: BTreeMap<ImageName, Arc<ImageSpec>>,
) -> SiteSpec {
    SiteSpec {
        name: SiteName::from(name),
        every: Duration::from_secs(30),
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: Duration::from_secs(300),
        images,
        profiles: BTreeMap::from([(profile.name.clone(), profile)]),
    }
}
