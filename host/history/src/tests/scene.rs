//! Ticks of a small site: two queues of one profile, machines with a load.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, ProfileName, QueueName, VmId};
use hooke_control::queue::{Activity, Missing, QueueFacts};
use hooke_control::snapshot::{
    Backlog, Inside, ProfileView, Quality, Reading, Refused, Snapshot, Vm, WorkerCounts,
};
use hooke_control::spec::{Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle};
use hooke_control::units::Timestamp;

use crate::{History, Keep, Metric, Query, Statistic, Subject, View};

/// What one tick read: what is ready in each queue, the load of each machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Tick {
    pub(super) ready: Vec<Option<u64>>,
    pub(super) rate: Option<f64>,
    pub(super) loads: Vec<Option<f64>>,
    pub(super) serving: u32,
    /// Whether the consumers could not be read.
    pub(super) blind: bool,
}

pub(super) const KEEP: Keep = Keep { time: Duration::from_secs(3600), series: 1000 };

pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + seconds * 1000)
}

pub(super) fn queue(n: usize) -> QueueName {
    QueueName::from(format!("q{n}"))
}

pub(super) fn vm(n: usize) -> VmId {
    VmId::from(format!("vm{n}"))
}

pub(super) fn profile() -> ProfileName {
    ProfileName::from("ocr")
}

impl Tick {
    pub(super) fn ready(ready: &[u64]) -> Self {
        Self { ready: ready.iter().copied().map(Some).collect(), ..Self::default() }
    }

    pub(super) fn snapshot(&self, now: Timestamp) -> Arc<Snapshot> {
        let image = Arc::new(image());
        let vms: Vec<Vm> =
            self.loads.iter().enumerate().map(|(n, load)| machine(n, *load, &image)).collect();
        let queues: Vec<QueueName> = (0..self.ready.len()).map(queue).collect();
        let bounds = Bounds::new(0, 9).expect("0 is not above 9");
        let policies = Vec::new();
        let spec = Arc::new(ProfileSpec {
            name: profile(),
            queues,
            workers: bounds,
            policies,
            combine: Default::default(),
            weight: Weight::ONE,
            guards: Default::default(),
        });
        let view = ProfileView {
            spec: Arc::clone(&spec),
            backlog: nothing(),
            counts: WorkerCounts { serving: self.serving, ..WorkerCounts::default() },
            vms: (0..vms.len()).collect(),
        };
        let reading = |ready: &Option<u64>| match ready {
            Some(ready) => Reading::Fresh(facts(*ready, self.rate)),
            None => Reading::Missing(Missing("silent".to_owned())),
        };
        let all = self.ready.iter().enumerate();
        Arc::new(Snapshot {
            slackers: Default::default(),
            late: Default::default(),
            site: Arc::new(site()),
            tick: 1,
            now,
            cloud: Reading::Fresh(()),
            consumers: self.blind.then(|| Missing("silent".to_owned())).into_iter().collect(),
            vms,
            profiles: BTreeMap::from([(profile(), view)]),
            queues: all.map(|(n, ready)| (queue(n), reading(ready))).collect(),
            refused: Refused::default(),
        })
    }
}

/// A past of ticks, each so many seconds after the beginning.
pub(super) fn past(ticks: &[(u64, Tick)]) -> View {
    let mut history = History::new(KEEP);
    for (seconds, tick) in ticks {
        history.observe(&tick.snapshot(at(*seconds)));
    }
    let (seconds, last) = ticks.last().expect("a past has a tick");
    View::of(history, &last.snapshot(at(*seconds)))
}

/// The newest periods that end after `end` seconds, as one line.
pub(super) fn ask(
    view: &View,
    (subject, metric): (Subject, Metric),
    statistic: Statistic,
    (period, end, count): (u64, u64, u32),
) -> String {
    let period = Duration::from_secs(period);
    let query = Query { subject, metric, statistic, period, end: at(end), count };
    match view.statistics(&query) {
        Ok(answer) => {
            let point = |p: &crate::Datapoint| match p.value {
                Some(value) => format!("{value} of {}", p.samples),
                None => "-".to_owned(),
            };
            answer.points.iter().map(point).collect::<Vec<_>>().join(", ")
        }
        Err(error) => error.to_string(),
    }
}

fn facts(ready: u64, rate: Option<f64>) -> QueueFacts {
    QueueFacts {
        ready: Some(ready),
        unacked: Some(0),
        consumers: None,
        arrival_rate: rate,
        service_rate: None,
        activity: Activity::Unknown,
    }
}

fn machine(n: usize, load: Option<f64>, image: &Arc<ImageSpec>) -> Vm {
    Vm {
        id: vm(n),
        key: "key".into(),
        image: Arc::clone(image),
        state: VmState::Running,
        inside: Inside::Hidden,
        launched_at: at(0),
        load,
        workers: Vec::new(),
    }
}

fn image() -> ImageSpec {
    ImageSpec {
        name: ImageName::from("small"),
        vcpus: 4,
        memory_mib: 0,
        cost_per_hour: 0.0,
        hosts: BTreeMap::new(),
        when_idle: WhenIdle::Suspend,
    }
}

fn nothing() -> Backlog {
    Backlog {
        quality: Quality::Missing,
        age: Duration::ZERO,
        ready: None,
        unacked: None,
        consumers: None,
        arrival_rate: None,
        service_rate: None,
        activity: Activity::Unknown,
    }
}

fn site() -> SiteSpec {
    SiteSpec {
        name: "east".into(),
        every: Duration::from_secs(15),
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: Duration::from_secs(300),
        images: BTreeMap::new(),
        profiles: BTreeMap::new(),
    }
}
