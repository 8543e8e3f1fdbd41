//! What can be seen of the world from outside: the cloud's list, the broker's
//! answer, the report. Changes nothing but the source's own picture.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hooke_control::fleet::{SeenVm, SeenWorker, VmState};
use hooke_control::ids::QueueName;
use hooke_control::queue::{Activity, Consumer, Missing, QueueFacts, SourceReading};

use super::World;
use super::agenda::Event;
use super::machine::Machine;
use super::queue::{Queue, waits};
use super::worker::Worker;
use crate::report::{Balance, Money, QueueTotals, Sample, Totals, Waits};

/// What the source knows: as old as its lag allows.
#[derive(Debug, Default)]
pub(super) struct Observed {
    queues: Vec<QueueFacts>,
    consumers: Vec<Row>,
}

/// A consumer, small enough to be noted every few seconds.
#[derive(Debug)]
struct Row {
    queue: usize,
    host: Ipv4Addr,
    port: u16,
    unacked: u64,
    activity: Activity,
}

impl World {
    /// The machines, as the cloud lists them.
    pub fn vms(&self) -> Vec<SeenVm> {
        self.machines.values().map(|machine| self.seen(machine)).collect()
    }

    fn seen(&self, machine: &Machine) -> SeenVm {
        let workers = || machine.workers.iter().map(|no| &self.workers[no]);
        let demand = workers().filter(|worker| worker.busy()).count() as f64;
        SeenVm {
            id: machine.id.clone(),
            key: machine.key.clone(),
            image: self.images[machine.image].name.clone(),
            state: machine.state,
            launched_at: machine.launched_at,
            address: Some(IpAddr::V4(machine.address)),
            load: powered(machine.state).then_some(demand),
            workers: Some(workers().map(|worker| self.seen_worker(machine, worker)).collect()),
        }
    }

    fn seen_worker(&self, machine: &Machine, worker: &Worker) -> SeenWorker {
        let endpoint = SocketAddr::from((machine.address, worker.port));
        SeenWorker {
            id: worker.id.clone(),
            profile: self.profiles[worker.profile].name.clone(),
            phase: worker.phase(),
            started_at: worker.started_at,
            endpoints: if worker.registered() { vec![endpoint] } else { Vec::new() },
        }
    }

    /// What the source says of these queues; as old as its lag.
    pub fn reading(&mut self, queues: &BTreeSet<QueueName>) -> SourceReading {
        if self.spec.parts().source_lag.is_zero() {
            self.observe();
        }
        let number = |name: &QueueName| self.queues.iter().position(|queue| queue.name == *name);
        let facts = |name: &QueueName| match number(name) {
            Some(no) => Ok(self.observed.queues[no]),
            None => Err(Missing(format!("the simulated broker has no queue {name}"))),
        };
        let asked = |row: &&Row| queues.contains(&self.queues[row.queue].name);
        let consumer = |row: &Row| Consumer {
            queue: self.queues[row.queue].name.clone(),
            host: IpAddr::V4(row.host),
            port: row.port,
            unacked: Some(row.unacked),
            activity: row.activity,
        };
        SourceReading {
            queues: queues.iter().map(|name| (name.clone(), facts(name))).collect(),
            consumers: Ok(self.observed.consumers.iter().filter(asked).map(consumer).collect()),
        }
    }

    /// The source's picture is renewed, and will be again after its lag.
    pub(super) fn renew_observed(&mut self) {
        let lag = self.spec.parts().source_lag;
        if !lag.is_zero() {
            self.observe();
            self.enter(lag, Event::Observed);
        }
    }

    fn observe(&mut self) {
        let (now, age) = (self.now, self.age());
        self.observed.queues.clear();
        self.observed.queues.extend(self.queues.iter().map(|queue| queue.facts(now, age)));
        self.observed.consumers.clear();
        for worker in self.workers.values().filter(|worker| worker.registered()) {
            for queue in &self.profiles[worker.profile].queues {
                let (unacked, activity) = worker.seen(*queue);
                self.observed.consumers.push(Row {
                    queue: *queue,
                    host: self.machines[&worker.machine].address,
                    port: worker.port,
                    unacked,
                    activity,
                });
            }
        }
    }

    pub(super) fn sample(&self) -> Sample {
        let registered = |no: usize| {
            self.workers.values().filter(|one| one.profile == no && one.registered()).count()
        };
        let running = self.profiles.iter().enumerate();
        Sample {
            at: self.now,
            ready: self.queues.iter().map(|q| (q.name.clone(), q.ready.len() as u64)).collect(),
            workers: running.map(|(no, p)| (p.name.clone(), registered(no) as u32)).collect(),
            vms: self.machines.len() as u32,
        }
    }

    pub(super) fn note_peak(&mut self) {
        let models = || self.machines.values().map(|one| &self.images[one.image].model);
        let peak = self.counts.peak;
        let vcpus = models().map(|model| model.vcpus).sum();
        let memory_mib = models().map(|model| model.memory_mib).sum();
        self.counts.peak = peak.and(self.machines.len() as u32, vcpus, memory_mib);
    }

    /// The whole so far.
    pub fn totals(&self) -> Totals {
        let mut all = waits();
        for queue in &self.queues {
            all.add(&queue.waits).expect("a histogram that grows takes any other");
        }
        let queues = self.queues.iter().map(|queue| (queue.name.clone(), queue_totals(queue)));
        Totals {
            elapsed: self.age(),
            queues: queues.collect(),
            wait: Waits::of(&all),
            money: self.money(),
            counts: self.counts.clone(),
        }
    }

    fn money(&self) -> Money {
        let mut billed: Vec<Duration> = self.images.iter().map(|image| image.billed).collect();
        for machine in self.machines.values() {
            if let Some(since) = machine.billed_since {
                billed[machine.image] += self.now.since(since);
            }
        }
        let hours = |span: &Duration| span.as_secs_f64() / 3600.0;
        let rates = self.images.iter().map(|image| image.model.cost_per_hour);
        Money {
            vm_hours: billed.iter().map(hours).sum(),
            cost: billed.iter().zip(rates).map(|(span, rate)| hours(span) * rate).sum(),
        }
    }

    /// Where the messages of every queue are. What is in hand is counted at
    /// the workers, so that [`Balance::holds`] is a proof and not a definition.
    pub fn balance(&self) -> BTreeMap<QueueName, Balance> {
        let held = |no: usize| self.workers.values().map(|one| one.seen(no).0).sum();
        let balance = |(no, queue): (usize, &Queue)| {
            let balance = Balance {
                published: queue.published,
                ready: queue.ready.len() as u64,
                in_hand: held(no),
                finished: queue.finished,
            };
            (queue.name.clone(), balance)
        };
        self.queues.iter().enumerate().map(balance).collect()
    }
}

fn queue_totals(queue: &Queue) -> QueueTotals {
    QueueTotals {
        published: queue.published,
        ready: queue.ready.len() as u64,
        in_hand: queue.in_hand,
        finished: queue.finished,
        redelivered: queue.redelivered,
        wait: Waits::of(&queue.waits),
    }
}

/// Whether a machine in this state has a load that can be measured.
const fn powered(state: VmState) -> bool {
    match state {
        VmState::Running | VmState::Draining | VmState::Suspending | VmState::Terminating => true,
        VmState::Pending
        | VmState::Booting
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Failed => false,
    }
}
