//! What the past of a large fleet costs: memory a series, a tick, a question, a
//! start. Figures of this machine, beside those that are aimed at; it fails
//! where memory is above them.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_control::fleet::VmState;
use hooke_control::ids::{ProfileName, QueueName, VmId};
use hooke_control::queue::{Activity, QueueFacts};
use hooke_control::snapshot::{
    Backlog, Inside, ProfileView, Quality, Reading, Refused, Snapshot, Vm, WorkerCounts,
};
use hooke_control::spec::{Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle};
use hooke_control::units::Timestamp;
use hooke_history::{Frame, History, Keep, Metric, Query, Restoring, Statistic, Subject, View};

const PROFILES: usize = 10_000;
const MACHINES: usize = 2_000;
const EVERY: Duration = Duration::from_secs(15);
const TICKS: u64 = 240;
const MOST_BYTES: usize = 150_000_000;
const KEEP: Keep = Keep { time: Duration::from_secs(3600), series: 250_000 };

fn main() {
    println!("{PROFILES} profiles with a queue each, {MACHINES} machines, {TICKS} ticks");
    run("a quiet fleet", |_, _| 0);
    run("a fleet of which a tenth changes", |n, tick| if n % 10 == 0 { noise(n, tick) } else { 7 });
    let (history, last) = run("a fleet that never repeats", noise);
    questions(history, &last);
}

/// Runs an hour; gives the past and its last tick.
fn run(name: &str, value: impl Fn(usize, u64) -> u64) -> (History, Arc<Snapshot>) {
    let mut history = History::new(KEEP);
    let mut snapshot = empty();
    let (mut took, mut frames): (Vec<Duration>, Vec<Frame>) = (Vec::new(), Vec::new());
    for tick in 0..TICKS {
        fill(&mut snapshot, tick, &value);
        let begun = Instant::now();
        frames.extend(history.observe(&snapshot));
        took.push(begun.elapsed());
    }
    let size = history.size();
    took.sort_unstable();
    let readings = (PROFILES * 12 + MACHINES) as f64;
    let tick = took[took.len() / 2];
    let stored: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    let begun = Instant::now();
    let mut restoring = Restoring::new(KEEP, snapshot.now);
    frames.iter().for_each(|frame| restoring.take(Some((frame.at, &frame.bytes))));
    let restored = restoring.finish();
    println!("{name}:");
    println!(
        "  memory {:.1} MB of {} MB, {} series, {:.0} bytes each",
        size.bytes as f64 / 1e6,
        MOST_BYTES / 1_000_000,
        size.series,
        size.bytes as f64 / size.series as f64
    );
    println!(
        "  a tick {tick:?} (median) for {readings} readings, {:?} for 10,000",
        tick.mul_f64(10_000.0 / readings)
    );
    println!(
        "  on disk {:.2} MB an hour, a whole frame {} KB",
        stored as f64 / 1e6,
        frames[0].bytes.len() / 1000
    );
    println!("  a start reads {} ticks back in {:?}", restored.frames, begun.elapsed());
    assert!(size.bytes < MOST_BYTES, "too much memory");
    (history, Arc::new(snapshot))
}

fn questions(history: History, last: &Arc<Snapshot>) {
    let view = View::of(history, last);
    let queue = Subject::Queue(QueueName::from("queue-5000"));
    let profile = Subject::Profile(ProfileName::from("profile-05000"));
    let machines = Subject::VmsOf(ProfileName::from("profile-00000"));
    let p99 = Statistic::percentile(99.0).unwrap();
    let some = [
        (
            "the last 5 minutes of a profile",
            (profile.clone(), Metric::Busy),
            Statistic::Average,
            (300, 1),
        ),
        (
            "an hour of minutes of a queue",
            (queue.clone(), Metric::Ready),
            Statistic::Maximum,
            (60, 60),
        ),
        ("1440 periods of a queue", (queue, Metric::Ready), p99, (15, 1440)),
        ("an hour of all machines", (machines, Metric::Load), p99, (3600, 1)),
    ];
    for (name, (subject, metric), statistic, (seconds, count)) in some {
        let period = Duration::from_secs(seconds);
        let query = Query { subject, metric, statistic, period, end: last.now, count };
        let begun = Instant::now();
        let work = view.statistics(&query).unwrap().work;
        println!("  {name}: {:?}, {work} readings and periods", begun.elapsed());
    }
}

/// Numbers without a pattern, the same each time.
fn noise(n: usize, tick: u64) -> u64 {
    let mut x = (n as u64) << 32 ^ tick.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^ x >> 33
}

fn fill(snapshot: &mut Snapshot, tick: u64, value: &impl Fn(usize, u64) -> u64) {
    snapshot.now = Timestamp::from_millis(1_700_000_000_000).plus(EVERY * tick as u32);
    for (n, reading) in snapshot.queues.values_mut().enumerate() {
        let x = value(n, tick);
        *reading = Reading::Fresh(QueueFacts {
            ready: Some(x % 100_000),
            unacked: Some(x % 50),
            consumers: Some((x % 20) as u32),
            arrival_rate: Some((x % 100_000) as f64 / 7.0),
            service_rate: Some((x % 1_000) as f64 / 10.0),
            activity: Activity::Active,
        });
    }
    for (n, view) in snapshot.profiles.values_mut().enumerate() {
        let x = value(n, tick) as u32;
        let (idle, busy) = (x % 5, x % 13);
        view.counts = WorkerCounts { idle, busy, serving: idle + busy, ..WorkerCounts::default() };
    }
    for (n, vm) in snapshot.vms.iter_mut().enumerate() {
        vm.load = Some((value(n, tick) % 400) as f64 / 100.0);
    }
}

fn empty() -> Snapshot {
    let image = Arc::new(ImageSpec {
        name: "small".into(),
        vcpus: 4,
        memory_mib: 0,
        cost_per_hour: 0.0,
        hosts: BTreeMap::new(),
        when_idle: WhenIdle::Suspend,
    });
    let machine = |n: usize| Vm {
        id: VmId::from(format!("vm-{n:05}")),
        key: "key".into(),
        image: Arc::clone(&image),
        state: VmState::Running,
        inside: Inside::Hidden,
        launched_at: Timestamp::default(),
        load: None,
        workers: Vec::new(),
    };
    let site = SiteSpec {
        name: "east".into(),
        every: EVERY,
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: Duration::from_secs(300),
        images: BTreeMap::new(),
        profiles: BTreeMap::new(),
    };
    let missing = || Reading::Missing(hooke_control::queue::Missing(String::new()));
    Snapshot {
        site: Arc::new(site),
        tick: 1,
        now: Timestamp::default(),
        cloud: Reading::Fresh(()),
        consumers: Vec::new(),
        vms: (0..MACHINES).map(machine).collect(),
        profiles: (0..PROFILES).map(profile).collect(),
        queues: (0..PROFILES).map(|n| (QueueName::from(format!("queue-{n}")), missing())).collect(),
        slackers: Default::default(),
        late: Default::default(),
        refused: Refused::default(),
    }
}

fn profile(n: usize) -> (ProfileName, ProfileView) {
    let name = ProfileName::from(format!("profile-{n:05}"));
    let spec = ProfileSpec {
        name: name.clone(),
        queues: vec![QueueName::from(format!("queue-{n}"))],
        workers: Bounds::new(0, 100).unwrap(),
        policies: Vec::new(),
        combine: Default::default(),
        weight: Weight::ONE,
        guards: Default::default(),
    };
    let backlog = Backlog {
        quality: Quality::Fresh,
        age: Duration::ZERO,
        ready: None,
        unacked: None,
        consumers: None,
        arrival_rate: None,
        service_rate: None,
        activity: Activity::Active,
    };
    let vms = if n == 0 { (0..MACHINES).collect() } else { Vec::new() };
    (name, ProfileView { spec: Arc::new(spec), backlog, counts: WorkerCounts::default(), vms })
}
