//! The series of one site. Never fills a gap, never forgets what is younger
//! than it was told to keep.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::queue::QueueFacts;
use hooke_control::snapshot::{Quality, Reading, Snapshot};
use hooke_control::units::Timestamp;

use crate::query::{Datapoint, Query, QueryError};
use crate::series::{Metric, Series, Subject};

/// Why a reading was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// Not a number, or infinite.
    NotFinite,
    /// Below zero.
    Negative,
    /// Not younger than the newest of its series.
    OutOfOrder,
    /// Later than the tick it was read in.
    FromTheFuture,
}

/// The series of one site.
#[derive(Debug, Clone, Default)]
pub struct History {
    keep: Duration,
    series: BTreeMap<Series, Vec<(Timestamp, f64)>>,
    /// The queues of each profile and the machines that can host it, as last seen.
    last: Option<std::sync::Arc<Snapshot>>,
}

impl History {
    /// Without any reading; keeps each for `keep`.
    pub fn new(keep: Duration) -> Self {
        Self { keep, ..Self::default() }
    }

    /// How far back readings are kept.
    pub const fn keep(&self) -> Duration {
        self.keep
    }

    /// Takes what a tick read. Only what is fresh is a reading of this tick.
    pub fn observe(&mut self, snapshot: &std::sync::Arc<Snapshot>) {
        let now = snapshot.now;
        for (queue, reading) in &snapshot.queues {
            if let Reading::Fresh(facts) = reading {
                for (metric, value) in of_queue(facts) {
                    let _refused =
                        self.append(Series::Queue(queue.clone(), metric), now, value, now);
                }
            }
        }
        if snapshot.cloud.quality() == Quality::Fresh {
            self.observe_fleet(snapshot);
        }
        self.last = Some(std::sync::Arc::clone(snapshot));
    }

    fn observe_fleet(&mut self, snapshot: &Snapshot) {
        let now = snapshot.now;
        for (profile, view) in &snapshot.profiles {
            let c = view.counts;
            let counts = [
                (Metric::Capacity, c.capacity()),
                (Metric::Serving, c.serving),
                (Metric::Booting, c.booting),
                (Metric::Draining, c.draining),
                (Metric::Idle, c.idle),
                (Metric::Busy, c.busy),
                (Metric::Unknown, c.unknown),
            ];
            for (metric, count) in counts {
                let series = Series::Profile(profile.clone(), metric);
                let _refused = self.append(series, now, f64::from(count), now);
            }
        }
        for vm in &snapshot.vms {
            let Some(load) = vm.load else { continue };
            let percent = 100.0 * load / f64::from(vm.image.vcpus.max(1));
            for (metric, value) in [(Metric::Load, load), (Metric::Utilization, percent)] {
                let _refused = self.append(Series::Vm(vm.id.clone(), metric), now, value, now);
            }
        }
    }

    /// Adds one reading to a series.
    pub fn append(
        &mut self,
        series: Series,
        at: Timestamp,
        value: f64,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if !value.is_finite() {
            return Err(Refused::NotFinite);
        }
        if value < 0.0 {
            return Err(Refused::Negative);
        }
        if at > now {
            return Err(Refused::FromTheFuture);
        }
        let oldest = now.minus(self.keep);
        let readings = self.series.entry(series).or_default();
        if readings.last().is_some_and(|(newest, _)| *newest >= at) {
            return Err(Refused::OutOfOrder);
        }
        readings.push((at, value));
        let gone = readings.partition_point(|(at, _)| *at < oldest);
        readings.drain(..gone);
        Ok(())
    }

    /// What the periods come to, as it was known at `until`; the oldest first.
    pub fn statistics(
        &self,
        query: &Query,
        until: Timestamp,
    ) -> Result<Vec<Datapoint>, QueryError> {
        if query.period.is_zero() || query.count == 0 || query.count > Query::MOST {
            let what = format!("ask for 1 to {} periods of at least 1 ms", Query::MOST);
            return Err(QueryError::OutOfRange { what });
        }
        let mut points = Vec::new();
        for back in (0..query.count).rev() {
            let end = query.end.minus(query.period.saturating_mul(back));
            let start = end.minus(query.period);
            let mut readings = self.readings(query, start, end, until)?;
            let samples = u32::try_from(readings.len()).unwrap_or(u32::MAX);
            points.push(Datapoint { value: query.statistic.of(&mut readings), samples });
        }
        Ok(points)
    }

    /// The readings of a subject from `start` on and before `end`.
    fn readings(
        &self,
        query: &Query,
        start: Timestamp,
        end: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<f64>, QueryError> {
        let metric = query.metric;
        let none = |subject| Err(QueryError::NoSuchMetric { subject, metric });
        let of = |series: &Series| {
            let all = self.series.get(series).map_or(&[][..], Vec::as_slice);
            let inside =
                all.iter().filter(move |(at, _)| *at >= start && *at < end && *at <= until);
            inside.copied().collect::<Vec<(Timestamp, f64)>>()
        };
        let values =
            |read: Vec<(Timestamp, f64)>| read.into_iter().map(|(_, value)| value).collect();
        match &query.subject {
            Subject::Queue(queue) if metric.is_of_queue() => {
                Ok(values(of(&Series::Queue(queue.clone(), metric))))
            }
            Subject::Queue(_) => none("a queue"),
            Subject::Vm(vm) if metric.is_of_vm() => Ok(values(of(&Series::Vm(vm.clone(), metric)))),
            Subject::Vm(_) => none("a machine"),
            Subject::Profile(_) if metric.is_of_vm() => none("a profile"),
            Subject::Profile(profile) if !metric.is_of_queue() => {
                Ok(values(of(&Series::Profile(profile.clone(), metric))))
            }
            Subject::Profile(profile) => {
                let view = self.last.as_ref().and_then(|last| last.profiles.get(profile));
                let queues = view.map_or(&[][..], |view| view.spec.queues.as_slice());
                let mut sums: BTreeMap<Timestamp, (usize, f64)> = BTreeMap::new();
                for queue in queues {
                    for (at, value) in of(&Series::Queue(queue.clone(), metric)) {
                        let sum = sums.entry(at).or_default();
                        *sum = (sum.0 + 1, sum.1 + value);
                    }
                }
                let whole = sums.into_values().filter(|(parts, _)| *parts == queues.len());
                Ok(whole.map(|(_, sum)| sum).collect())
            }
            Subject::VmsOf(profile) if metric.is_of_vm() => {
                let Some(last) = &self.last else { return Ok(Vec::new()) };
                let Some(view) = last.profiles.get(profile) else { return Ok(Vec::new()) };
                let vms = last.vms_of(view).map(|vm| Series::Vm(vm.id.clone(), metric));
                Ok(vms.flat_map(|series| values_of(of(&series))).collect())
            }
            Subject::VmsOf(_) => none("a machine"),
        }
    }
}

fn values_of(read: Vec<(Timestamp, f64)>) -> Vec<f64> {
    read.into_iter().map(|(_, value)| value).collect()
}

fn of_queue(facts: &QueueFacts) -> Vec<(Metric, f64)> {
    let all = [
        (Metric::Ready, facts.ready.map(|n| n as f64)),
        (Metric::Unacked, facts.unacked.map(|n| n as f64)),
        (Metric::Consumers, facts.consumers.map(f64::from)),
        (Metric::ArrivalRate, facts.arrival_rate),
        (Metric::ServiceRate, facts.service_rate),
    ];
    all.into_iter().filter_map(|(metric, value)| Some((metric, value?))).collect()
}
