//! One queue of the simulated broker: messages in order, and who waits for
//! them. Never chooses a worker's queue; hands to who has waited longest.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use hdrhistogram::Histogram;
use hooke_control::ids::QueueName;
use hooke_control::queue::{Activity, QueueFacts};
use hooke_control::units::{Timestamp, millis};

use super::worker::WorkerNo;
use crate::chance::{ServiceTime, Stream};
use crate::workload::Arrivals;

/// Whether a message was in a worker's hands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    First,
    Again,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    pub(super) published: Timestamp,
    pub(super) service: Duration,
    pub(super) delivery: Delivery,
}

/// One queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: QueueName,
    pub(super) arrivals: Arrivals,
    pub(super) ready: VecDeque<Message>,
    /// Idle workers, longest idle first.
    pub(super) waiting: BTreeSet<(Timestamp, WorkerNo)>,
    /// Registered consumers.
    pub(super) consumers: u32,
    pub(super) published: u64,
    pub(super) in_hand: u64,
    pub(super) finished: u64,
    pub(super) redelivered: u64,
    /// From publication to the first time in hand, in milliseconds.
    pub(super) waits: Histogram<u64>,
    service_time: ServiceTime,
    sizes: Stream,
    arrived: Window,
    served: Window,
    last_busy: Timestamp,
}

/// Longer waits count as this: 30 days, in milliseconds.
const WAIT_MAX: u64 = 30 * 24 * 3_600_000;

/// A histogram of waits, good to two digits: enough for a report. It grows with
/// the longest wait, as a site may have thousands of queues that never have one.
pub(super) fn waits() -> Histogram<u64> {
    Histogram::new(2).expect("the digits are a constant in range")
}

impl Queue {
    pub(super) fn new(
        name: QueueName,
        service_time: ServiceTime,
        arrivals: Arrivals,
        sizes: Stream,
        start: Timestamp,
    ) -> Self {
        Self {
            name,
            arrivals,
            ready: VecDeque::new(),
            waiting: BTreeSet::new(),
            consumers: 0,
            published: 0,
            in_hand: 0,
            finished: 0,
            redelivered: 0,
            waits: waits(),
            service_time,
            sizes,
            arrived: Window::default(),
            served: Window::default(),
            last_busy: start,
        }
    }

    pub(super) fn publish(&mut self, count: u64, now: Timestamp) {
        for _ in 0..count {
            let service = self.sizes.service(self.service_time);
            self.ready.push_back(Message { published: now, service, delivery: Delivery::First });
        }
        self.published += count;
        self.arrived.add(count, now);
    }

    /// Takes the first message out; the caller puts it into a worker's hands.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<Message> {
        let message = self.ready.pop_front()?;
        self.in_hand += 1;
        match message.delivery {
            Delivery::First => self
                .waits
                .record(millis(now.since(message.published)).min(WAIT_MAX))
                .expect("it grows as far as the longest wait"),
            Delivery::Again => {}
        }
        Some(message)
    }

    /// A worker has done with the message that it took.
    pub(super) fn finish(&mut self, now: Timestamp) {
        self.in_hand -= 1;
        self.finished += 1;
        self.served.add(1, now);
        self.last_busy = now;
    }

    /// A worker died with a message in hand: back to the front, as RabbitMQ
    /// does it where it can.
    pub(super) fn give_back(&mut self, message: Message) {
        self.in_hand -= 1;
        self.redelivered += 1;
        self.ready.push_front(Message { delivery: Delivery::Again, ..message });
    }

    /// What a broker would say.
    pub(super) fn facts(&self, now: Timestamp, age: Duration) -> QueueFacts {
        let busy = !self.ready.is_empty() || self.in_hand > 0;
        QueueFacts {
            ready: Some(self.ready.len() as u64),
            unacked: Some(self.in_hand),
            consumers: Some(self.consumers),
            arrival_rate: self.arrived.rate(now, age),
            service_rate: self.served.rate(now, age),
            activity: if busy { Activity::Active } else { Activity::IdleSince(self.last_busy) },
        }
    }
}

/// Seconds in the window of a rate.
const WINDOW: u64 = 60;

/// Counts of the last minute, by the second.
#[derive(Debug)]
struct Window {
    /// The count of second `s` stands at `s % WINDOW`.
    counts: [u64; WINDOW as usize],
    /// The latest second that was counted in.
    latest: u64,
}

impl Default for Window {
    fn default() -> Self {
        Self { counts: [0; WINDOW as usize], latest: 0 }
    }
}

impl Window {
    fn add(&mut self, count: u64, now: Timestamp) {
        let second = now.as_millis() / 1000;
        let stale = (second - self.latest).min(WINDOW);
        for skipped in 0..stale {
            self.counts[((second - skipped) % WINDOW) as usize] = 0;
        }
        self.latest = second;
        self.counts[(second % WINDOW) as usize] += count;
    }

    /// A second's mean over the last minute, or over `age` if the world is
    /// younger; `None` in its first second.
    fn rate(&self, now: Timestamp, age: Duration) -> Option<f64> {
        let oldest = (now.as_millis() / 1000 + 1).saturating_sub(WINDOW);
        let from = oldest.max((self.latest + 1).saturating_sub(WINDOW));
        let count: u64 =
            (from..=self.latest).map(|second| self.counts[(second % WINDOW) as usize]).sum();
        let seconds = age.as_secs().min(WINDOW);
        (seconds > 0).then(|| count as f64 / seconds as f64)
    }
}
