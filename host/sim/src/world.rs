//! One simulated site: queues, machines and workers, in virtual time. A pure
//! state machine: it never looks at a clock, never waits, and does nothing
//! that its spec, its seed and the calls made on it do not determine.

mod act;
mod agenda;
mod life;
mod machine;
mod queue;
mod view;
mod work;
mod worker;

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::action::{Failure, Outcome};
use hooke_control::ids::{ImageName, IntentKey, ProfileName, QueueName, VmId};
use hooke_control::units::Timestamp;

use crate::chance::Stream;
use crate::faults::Outage;
use crate::report::{Counts, Sample, Series};
use crate::spec::{ImageModel, QueueModel, WorldSpec};
use crate::workload::Arrivals;
use agenda::{Agenda, Event};
use machine::{Machine, MachineNo};
use queue::Queue;
use view::Observed;
use worker::{Worker, WorkerNo};

/// One simulated site.
#[derive(Debug)]
pub struct World {
    spec: WorldSpec,
    start: Timestamp,
    now: Timestamp,
    agenda: Agenda,
    queues: Vec<Queue>,
    profiles: Vec<Profile>,
    images: Vec<Image>,
    machines: BTreeMap<MachineNo, Machine>,
    /// Every machine there ever was.
    names: BTreeMap<VmId, MachineNo>,
    workers: BTreeMap<WorkerNo, Worker>,
    workers_started: WorkerNo,
    /// What was answered to every key that is used up.
    answers: BTreeMap<IntentKey, Result<Outcome, Failure>>,
    losses: Stream,
    lost_answers: Stream,
    observed: Observed,
    counts: Counts,
    series: Series,
}

#[derive(Debug)]
struct Profile {
    name: ProfileName,
    queues: Vec<usize>,
}

#[derive(Debug)]
struct Image {
    name: ImageName,
    model: ImageModel,
    /// The model's `hosts`, by number.
    hosts: BTreeMap<usize, u32>,
    refusals: Stream,
    /// Machine time charged so far.
    billed: Duration,
}

impl World {
    /// The world at `start`, with full quiet: no machines, empty queues.
    pub fn new(spec: WorldSpec, start: Timestamp) -> Self {
        let parts = spec.parts();
        let names: Vec<&QueueName> = parts.queues.keys().collect();
        let profiles = profiles(&spec, &names);
        let images = images(&spec, &profiles);
        let mut world = Self {
            start,
            now: start,
            agenda: Agenda::default(),
            queues: queues(&spec, start),
            profiles,
            images,
            machines: BTreeMap::new(),
            names: BTreeMap::new(),
            workers: BTreeMap::new(),
            workers_started: 0,
            answers: BTreeMap::new(),
            losses: Stream::of(parts.seed, "site", "losses"),
            lost_answers: Stream::of(parts.seed, "site", "lost answers"),
            observed: Observed::default(),
            counts: Counts::default(),
            series: Series::default(),
            spec,
        };
        world.enter_first();
        world
    }

    /// What it was made of.
    pub const fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// When it began.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// How far it has come.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// When something happens next by itself, if nobody acts; there is always
    /// something to come.
    pub fn next_event(&self) -> Timestamp {
        self.agenda.next().unwrap_or(self.now)
    }

    /// Lets everything happen that is due until `now`. Time never goes back: an
    /// earlier moment changes nothing.
    pub fn advance_to(&mut self, now: Timestamp) {
        while let Some((at, event)) = self.agenda.due(now) {
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = self.now.max(now);
    }

    /// Whether the source does not answer now.
    pub fn source_is_out(&self) -> bool {
        self.out(&self.spec.parts().faults.source_outages)
    }

    /// Whether the cloud does not list its machines now.
    pub fn list_is_out(&self) -> bool {
        self.out(&self.spec.parts().faults.list_outages)
    }

    /// The points of the series, oldest first.
    pub fn series(&self) -> impl ExactSizeIterator<Item = &Sample> {
        self.series.iter()
    }

    fn out(&self, outages: &[Outage]) -> bool {
        outages.iter().any(|outage| outage.covers(self.age()))
    }

    fn age(&self) -> Duration {
        self.now.since(self.start)
    }

    fn enter(&mut self, after: Duration, event: Event) {
        self.agenda.enter(self.now.plus(after), event);
    }

    fn enter_first(&mut self) {
        for queue in 0..self.queues.len() {
            self.enter(Duration::ZERO, Event::Arrivals { queue });
        }
        for after in self.spec.parts().faults.vm_losses.clone() {
            self.enter(after, Event::MachineLost);
        }
        self.happen(Event::Observed);
        self.happen(Event::Sampled);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrivals { queue } => self.arrivals(queue),
            Event::Turn { machine, epoch } => self.turn(machine, epoch),
            Event::Registered { worker } => self.registered(worker),
            Event::Finished { worker } => self.finished(worker),
            Event::Crashed { worker } => self.crashed(worker),
            Event::MachineLost => self.lose_one(),
            Event::Observed => self.renew_observed(),
            Event::Sampled => self.sampled(),
        }
    }

    fn sampled(&mut self) {
        let sample = self.sample();
        self.series.push(sample);
        self.enter(self.spec.parts().sample_every, Event::Sampled);
    }
}

fn queues(spec: &WorldSpec, start: Timestamp) -> Vec<Queue> {
    let seed = spec.parts().seed;
    let queue = |(name, model): (&QueueName, &QueueModel)| {
        let arrivals = Stream::of(seed, "arrivals", name.as_str());
        let arrivals = Arrivals::new(model.workload.clone(), arrivals);
        let sizes = Stream::of(seed, "sizes", name.as_str());
        Queue::new(name.clone(), model.service_time, arrivals, sizes, start)
    };
    spec.parts().queues.iter().map(queue).collect()
}

fn profiles(spec: &WorldSpec, queues: &[&QueueName]) -> Vec<Profile> {
    let profile = |(name, served): (&ProfileName, &Vec<QueueName>)| Profile {
        name: name.clone(),
        queues: (0..queues.len()).filter(|no| served.contains(queues[*no])).collect(),
    };
    spec.parts().profiles.iter().map(profile).collect()
}

fn images(spec: &WorldSpec, profiles: &[Profile]) -> Vec<Image> {
    let parts = spec.parts();
    let number = |(no, profile): (usize, &Profile), model: &ImageModel| {
        model.hosts.get(&profile.name).map(|workers| (no, *workers))
    };
    let image = |(name, model): (&ImageName, &ImageModel)| Image {
        name: name.clone(),
        model: model.clone(),
        hosts: profiles.iter().enumerate().filter_map(|p| number(p, model)).collect(),
        refusals: Stream::of(parts.seed, "image", name.as_str()),
        billed: Duration::ZERO,
    };
    parts.images.iter().map(image).collect()
}
