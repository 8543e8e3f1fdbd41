//! What a tick costs the core: `cargo run --release -p hooke-control --example
//! plan_10k`. Prints milliseconds, the best of a few runs, for 1,000 and 10,000
//! machines; ten times the machines should cost about ten times as much.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "measures time")]
#![expect(clippy::print_stdout, reason = "prints a table")]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_control::answer::{Answer, Verdict, Wish};
use hooke_control::combine::Combine;
use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{IntentKey, PolicyName, ProfileName, QueueName, SiteName, WorkerId};
use hooke_control::ledger::Ledger;
use hooke_control::observe::{self, Observation, SourceObservation};
use hooke_control::planner::{self, Answers, Naming, Said};
use hooke_control::queue::{Activity, Consumer, QueueFacts, SourceReading};
use hooke_control::spec::{
    Binding, Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle,
};
use hooke_control::units::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(100_000_000);
const RUNS: usize = 5;

/// Machines and how they are shared out among profiles.
#[derive(Clone, Copy)]
struct Shape {
    machines: u32,
    profiles: u32,
    /// Every so many machines, one is suspended; 0 for none.
    suspended: u32,
    load: f64,
    delta: i32,
    /// How many times as many machines the limit allows.
    room: u32,
}

fn profile(number: u32) -> ProfileName {
    ProfileName::from(format!("profile-{number:05}"))
}

fn queue(number: u32) -> QueueName {
    QueueName::from(format!("profile-{number:05}"))
}

/// Image n hosts profile n, and every other one the next profile as well.
fn hosted(image: u32, profiles: u32) -> Vec<u32> {
    match image % 2 {
        1 if profiles > 1 => vec![image, (image + 1) % profiles],
        _ => vec![image],
    }
}

fn site(shape: Shape) -> SiteSpec {
    let policy = || Binding { policy: PolicyName::from("p"), settings: "{}".into() };
    let profiles = (0..shape.profiles).map(|number| {
        let spec = ProfileSpec {
            name: profile(number),
            queues: vec![queue(number)],
            workers: Bounds::new(0, 1_000_000).expect("0 is less"),
            policies: vec![policy()],
            combine: Combine::Max,
            weight: Weight::ONE,
            guards: Default::default(),
        };
        (spec.name.clone(), Arc::new(spec))
    });
    let images = (0..shape.profiles).map(|number| {
        let hosts = hosted(number, shape.profiles).into_iter().map(|p| (profile(p), 1)).collect();
        let spec = ImageSpec {
            name: format!("image-{number:05}").into(),
            vcpus: 4,
            memory_mib: 4096,
            cost_per_hour: 0.1,
            hosts,
            when_idle: WhenIdle::Suspend,
        };
        (spec.name.clone(), Arc::new(spec))
    });
    SiteSpec {
        name: SiteName::from("bench"),
        every: Duration::from_secs(30),
        limits: Limits {
            vms: Some(shape.machines * shape.room),
            vcpus: None,
            memory_mib: None,
            cost_per_hour: None,
        },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(3600),
        registration_timeout: Duration::from_secs(300),
        images: images.collect(),
        profiles: profiles.collect(),
    }
}

fn end(machine: u32, nth: usize) -> SocketAddr {
    let [_, b, c, d] = machine.to_be_bytes();
    SocketAddr::from((Ipv4Addr::new(10, b, c, d), 40_000 + nth as u16))
}

fn machine(number: u32, shape: Shape) -> (SeenVm, Vec<Consumer>) {
    let asleep = shape.suspended > 0 && number.is_multiple_of(shape.suspended);
    let image = number % shape.profiles;
    let on_it = hosted(image, shape.profiles).into_iter().enumerate();
    let on_it: Vec<(usize, u32)> = on_it.filter(|_| !asleep).collect();
    let workers = on_it.iter().map(|(nth, profile_number)| SeenWorker {
        id: WorkerId::from(format!("worker-{number:06}-{nth}")),
        profile: profile(*profile_number),
        phase: WorkerPhase::Running,
        started_at: NOW.minus(Duration::from_secs(7200)),
        endpoints: vec![end(number, *nth)],
    });
    let consumers = on_it.iter().map(|(nth, profile_number)| {
        let end = end(number, *nth);
        let since = NOW.minus(Duration::from_secs(60 + u64::from(number % 977)));
        Consumer {
            queue: queue(*profile_number),
            host: end.ip(),
            port: end.port(),
            unacked: Some(0),
            activity: Activity::IdleSince(since),
        }
    });
    let vm = SeenVm {
        id: format!("machine-{number:06}").into(),
        key: IntentKey::from(format!("key-{number:06}")),
        image: format!("image-{image:05}").into(),
        state: if asleep { VmState::Suspended } else { VmState::Running },
        launched_at: NOW.minus(Duration::from_secs(86_400)),
        address: None,
        load: Some(shape.load),
        workers: Some(workers.collect()),
    };
    (vm, consumers.collect())
}

fn observation(shape: Shape) -> Observation {
    let facts = QueueFacts {
        ready: Some(7),
        unacked: Some(3),
        consumers: Some(1),
        arrival_rate: Some(1.0),
        service_rate: Some(1.0),
        activity: Activity::Active,
    };
    let (mut vms, mut consumers) = (Vec::new(), Vec::new());
    for number in 0..shape.machines {
        let (vm, of_vm) = machine(number, shape);
        vms.push(vm);
        consumers.extend(of_vm);
    }
    let queues: BTreeMap<_, _> = (0..shape.profiles).map(|n| (queue(n), Ok(facts))).collect();
    let asked = queues.keys().cloned().collect();
    let reading = Ok(SourceReading { queues, consumers: Ok(consumers) });
    Observation { cloud: Ok(vms), sources: vec![SourceObservation { queues: asked, reading }] }
}

fn answers(shape: Shape) -> Answers {
    let wish = Wish { delta: shape.delta, reason: "because".into(), staged: Vec::new() };
    let answer = Answer::new(PolicyName::from("p"), Verdict::Wish(wish));
    (0..shape.profiles).map(|number| (profile(number), vec![answer.clone()])).collect()
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn measure(name: &str, shape: Shape) {
    let (site, said) = (Arc::new(site(shape)), Said::from(answers(shape)));
    let seen = observation(shape);
    let (mut snapshot_ms, mut plan_ms, mut actions) = (f64::MAX, f64::MAX, 0);
    let mut ledger = Ledger::default();
    for tick in 1..=RUNS as u64 {
        let seen = seen.clone();
        let start = Instant::now();
        let snapshot = Arc::new(observe::snapshot(&site, &mut ledger, seen, tick, NOW));
        snapshot_ms = snapshot_ms.min(millis(start));
        let naming = Naming::new("bench", "g", tick);
        let start = Instant::now();
        let plan = planner::plan(snapshot, &ledger, &said, naming, NOW);
        plan_ms = plan_ms.min(millis(start));
        actions = plan.intents.len();
    }
    let Shape { machines, profiles, .. } = shape;
    println!(
        "{name:<44} {machines:>8} {profiles:>8} {snapshot_ms:>11.1} {plan_ms:>9.1} {actions:>8}"
    );
}

fn main() {
    println!(
        "{:<44} {:>8} {:>8} {:>11} {:>9} {:>8}",
        "case", "machines", "profiles", "snapshot ms", "plan ms", "actions"
    );
    for machines in [1_000, 10_000] {
        let many =
            Shape { machines, profiles: machines, suspended: 0, load: 4.0, delta: 0, room: 3 };
        let one = Shape { profiles: 1, ..many };
        let half = machines as i32 / 2;
        measure("many profiles, hold", many);
        measure("many profiles, +1: slots", Shape { delta: 1, load: 1.0, ..many });
        measure("many profiles, +1: launches", Shape { delta: 1, ..many });
        measure(
            "many profiles, +2: resumes and launches",
            Shape { delta: 2, suspended: 2, ..many },
        );
        measure("many profiles, +1: nothing left", Shape { delta: 1, room: 1, ..many });
        measure("many profiles, -1", Shape { delta: -1, ..many });
        measure("one profile, hold", one);
        measure("one profile, half as many more: slots", Shape { delta: half, load: 1.0, ..one });
        measure(
            "one profile, half as many more: resumes",
            Shape { delta: half, suspended: 2, ..one },
        );
        measure("one profile, half as many more: launches", Shape { delta: half, ..one });
        measure("one profile, half of it away", Shape { delta: -half, ..one });
    }
}
