//! Messages and workers: who takes what, and what becomes of it.

use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_control::units::Timestamp;

use super::World;
use super::agenda::Event;
use super::machine::{MachineNo, Registration};
use super::worker::{Doing, Stay, Worker, WorkerNo};
use crate::chance::Stream;

impl World {
    /// Publishes messages by hand, now.
    ///
    /// # Errors
    ///
    /// There is no queue of that name.
    pub fn publish(&mut self, queue: &QueueName, count: u32) -> Result<(), NoSuchQueue> {
        let no = self.queues.iter().position(|one| one.name == *queue).ok_or(NoSuchQueue)?;
        self.publish_to(no, u64::from(count));
        Ok(())
    }

    pub(super) fn arrivals(&mut self, queue: usize) {
        let offset = u64::try_from(self.age().as_millis()).unwrap_or(u64::MAX);
        let count = self.queues[queue].arrivals.take(offset);
        self.publish_to(queue, count);
        let next = Duration::from_millis(self.queues[queue].arrivals.next());
        self.agenda.enter(self.start.plus(next), Event::Arrivals { queue });
    }

    fn publish_to(&mut self, queue: usize, count: u64) {
        self.queues[queue].publish(count, self.now);
        self.hand_out(queue);
    }

    /// Gives ready messages to waiting workers while there are both.
    fn hand_out(&mut self, queue: usize) {
        while !self.queues[queue].ready.is_empty() {
            let Some((_, worker)) = self.queues[queue].waiting.first().copied() else { return };
            self.take(worker, queue);
        }
    }

    fn take(&mut self, no: WorkerNo, queue: usize) {
        self.stop_waiting(no);
        let (Some(worker), Some(message)) =
            (self.workers.get_mut(&no), self.queues[queue].take(self.now))
        else {
            return;
        };
        worker.doing = Doing::Busy { queue, message, since: self.now };
        self.enter(message.service, Event::Finished { worker: no });
    }

    /// Takes the worker's oldest message, or waits for one.
    fn look_for_work(&mut self, no: WorkerNo) {
        let Some(worker) = self.workers.get_mut(&no) else { return };
        worker.doing = Doing::Idle { since: self.now };
        let served = &self.profiles[worker.profile].queues;
        let oldest = |queue: &&usize| -> Option<Timestamp> {
            self.queues[**queue].ready.front().map(|message| message.published)
        };
        let next = served.iter().filter(|queue| oldest(queue).is_some()).min_by_key(oldest);
        if let Some(queue) = next.copied() {
            return self.take(no, queue);
        }
        for queue in served {
            self.queues[*queue].waiting.insert((self.now, no));
        }
    }

    fn stop_waiting(&mut self, no: WorkerNo) {
        let Some(worker) = self.workers.get(&no) else { return };
        let Doing::Idle { since } = worker.doing else { return };
        for queue in &self.profiles[worker.profile].queues {
            self.queues[*queue].waiting.remove(&(since, no));
        }
    }

    /// Starts one worker on a machine that runs.
    pub(super) fn start_worker(&mut self, on: MachineNo, profile: usize) {
        let Some(machine) = self.machines.get_mut(&on) else { return };
        self.workers_started += 1;
        let no = self.workers_started;
        let name = format!("{}-{no}", self.profiles[profile].name);
        let parts = self.spec.parts();
        let mut stream = Stream::of(parts.seed, "worker", &name);
        let worker = Worker {
            id: name.as_str().into(),
            machine: on,
            profile,
            port: machine.port(),
            started_at: self.now,
            doing: Doing::Starting,
            stay: Stay::Stays,
        };
        machine.workers.insert(no);
        let registration = machine.registration;
        let takes = stream.between(parts.registration_time);
        let crash = stream.until(parts.faults.worker_crashes_per_hour);
        self.workers.insert(no, worker);
        match registration {
            Registration::Works => self.enter(takes, Event::Registered { worker: no }),
            Registration::Never => {}
        }
        if let Some(after) = crash {
            self.enter(after, Event::Crashed { worker: no });
        }
    }

    pub(super) fn registered(&mut self, no: WorkerNo) {
        let Some(worker) = self.workers.get(&no) else { return };
        for queue in &self.profiles[worker.profile].queues {
            self.queues[*queue].consumers += 1;
        }
        self.look_for_work(no);
    }

    pub(super) fn finished(&mut self, no: WorkerNo) {
        let Some(worker) = self.workers.get_mut(&no) else { return };
        let Doing::Busy { queue, .. } = worker.doing else { return };
        worker.doing = Doing::Idle { since: self.now };
        let stay = worker.stay;
        self.queues[queue].finish(self.now);
        match stay {
            Stay::Stays => self.look_for_work(no),
            Stay::Leaves | Stay::LeavesWithMachine => self.gone(no),
        }
    }

    pub(super) fn crashed(&mut self, no: WorkerNo) {
        if self.workers.contains_key(&no) {
            self.counts.workers_crashed += 1;
            let queue = self.kill(no);
            self.hand_out_again(queue);
        }
    }

    /// Tells a worker to leave: at once if it has nothing in hand, else after.
    pub(super) fn tell_to_leave(&mut self, no: WorkerNo, stay: Stay) {
        let Some(worker) = self.workers.get_mut(&no) else { return };
        // Whom the operator sends away does not come back with its machine.
        if worker.stay != Stay::Leaves {
            worker.stay = stay;
        }
        if !worker.busy() {
            self.gone(no);
        }
    }

    /// Ends a worker as it stands. Names the queue to which a message went
    /// back; the caller hands it out when nobody else is about to die.
    pub(super) fn kill(&mut self, no: WorkerNo) -> Option<usize> {
        let doing = self.workers.get(&no)?.doing;
        self.gone(no);
        let Doing::Busy { queue, message, since } = doing else { return None };
        self.counts.lost_work += self.now.since(since);
        self.queues[queue].give_back(message);
        Some(queue)
    }

    /// Hands out what has gone back to these queues.
    pub(super) fn hand_out_again(&mut self, queues: impl IntoIterator<Item = usize>) {
        for queue in queues {
            self.hand_out(queue);
        }
    }

    /// A worker's process has ended, its hands empty.
    fn gone(&mut self, no: WorkerNo) {
        self.stop_waiting(no);
        let Some(worker) = self.workers.remove(&no) else { return };
        if worker.registered() {
            for queue in &self.profiles[worker.profile].queues {
                self.queues[*queue].consumers -= 1;
            }
        }
        if let Some(machine) = self.machines.get_mut(&worker.machine) {
            machine.workers.remove(&no);
        }
        self.go_on_when_empty(worker.machine);
    }
}

/// There is no queue of that name in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such queue in the simulated world")]
pub struct NoSuchQueue;
