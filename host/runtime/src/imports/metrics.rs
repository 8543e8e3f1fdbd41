//! `metrics`: the facts of the tick, read off the snapshot. The snapshot never
//! changes, so the same question always gets the same answer.

use std::time::Duration;

use hooke_control::fleet::VmState as State;
use hooke_control::queue::{Activity, QueueFacts};
use hooke_control::snapshot::{self, ProfileView, Reading, Snapshot};
use hooke_control::units::{Timestamp, millis};

use crate::contract::metrics::{
    BacklogSums, Datapoint, Host, MetricsError, Quality, Queue, StatisticsQuery, Vm, VmState,
    WorkerBounds, WorkerCounts,
};
use crate::imports::history;
use crate::state;

type Answered<T> = wasmtime::Result<Result<T, MetricsError>>;

impl Host for state::State {
    fn now_ms(&mut self) -> wasmtime::Result<u64> {
        let (facts, _) = self.enter_facts("metrics.now-ms", 0)?;
        Ok(facts.snapshot.now.as_millis())
    }

    fn site(&mut self) -> wasmtime::Result<String> {
        let (facts, _) = self.enter_facts("metrics.site", 0)?;
        Ok(facts.snapshot.site.name.as_str().to_owned())
    }

    fn profiles(&mut self) -> wasmtime::Result<Vec<String>> {
        let (facts, _) = self.enter_facts("metrics.profiles", 0)?;
        Ok(facts.snapshot.profiles.keys().map(|name| name.as_str().to_owned()).collect())
    }

    fn bounds(&mut self, profile: String) -> Answered<WorkerBounds> {
        self.of_profile("metrics.bounds", &profile, |_, view| {
            let workers = view.spec.workers;
            WorkerBounds { minimum: workers.min(), maximum: workers.max() }
        })
    }

    fn backlog(&mut self, profile: String) -> Answered<BacklogSums> {
        self.of_profile("metrics.backlog", &profile, |snapshot, view| {
            backlog(&view.backlog, snapshot.now)
        })
    }

    fn workers(&mut self, profile: String) -> Answered<WorkerCounts> {
        self.of_profile("metrics.workers", &profile, |_, view| counts(view.counts))
    }

    fn queues(&mut self, profile: String) -> Answered<Vec<Queue>> {
        self.of_profile("metrics.queues", &profile, queues)
    }

    fn vms(&mut self, profile: String) -> Answered<Vec<Vm>> {
        self.of_profile("metrics.vms", &profile, |snapshot, view| {
            snapshot.vms_of(view).map(|seen| vm(snapshot, view, seen)).collect()
        })
    }

    fn idle_vms(
        &mut self,
        profile: String,
        idle_at_least_ms: u64,
        limit: u32,
    ) -> Answered<Vec<Vm>> {
        self.of_profile("metrics.idle-vms", &profile, |snapshot, view| {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let idle = snapshot.idle_vms(view, Duration::from_millis(idle_at_least_ms));
            idle.into_iter().take(limit).map(|seen| vm(snapshot, view, seen)).collect()
        })
    }

    fn statistics(&mut self, query: StatisticsQuery) -> Answered<Vec<Datapoint>> {
        let (facts, budget) = self.enter_facts("metrics.statistics", history::bytes(&query))?;
        let answer = history::statistics(facts, query);
        let (points, work) = match answer {
            Ok((points, work)) => (Ok(points), work),
            Err(why) => (Err(why), 0),
        };
        budget.count_work(work / history::READINGS_A_CALL)?;
        Ok(points)
    }

    fn history_ms(&mut self) -> wasmtime::Result<u64> {
        let (facts, _) = self.enter_facts("metrics.history-ms", 0)?;
        Ok(millis(facts.history.keep()))
    }
}

impl state::State {
    fn of_profile<T>(
        &mut self,
        import: &'static str,
        profile: &str,
        read: impl FnOnce(&Snapshot, &ProfileView) -> T,
    ) -> Answered<T> {
        let (facts, _) = self.enter_facts(import, profile.len())?;
        let snapshot = &*facts.snapshot;
        Ok(match snapshot.profiles.get(profile) {
            Some(view) => Ok(read(snapshot, view)),
            None => Err(MetricsError::UnknownProfile(profile.to_owned())),
        })
    }
}

fn backlog(sum: &snapshot::Backlog, now: Timestamp) -> BacklogSums {
    BacklogSums {
        quality: sum.quality.into(),
        age_ms: millis(sum.age),
        ready: sum.ready,
        unacked: sum.unacked,
        consumers: sum.consumers,
        arrival_rate: finite(sum.arrival_rate),
        service_rate: finite(sum.service_rate),
        idle_ms: idle_ms(sum.activity, now),
    }
}

const fn counts(counts: snapshot::WorkerCounts) -> WorkerCounts {
    WorkerCounts {
        capacity: counts.capacity(),
        serving: counts.serving,
        booting: counts.booting,
        draining: counts.draining,
        idle: counts.idle,
        busy: counts.busy,
        unknown: counts.unknown,
        idle_beyond_first: counts.idle_beyond_first,
    }
}

fn queues(snapshot: &Snapshot, view: &ProfileView) -> Vec<Queue> {
    let mut names: Vec<_> = view.spec.queues.iter().collect();
    names.sort();
    let own_workers = snapshot.own_workers(view);
    let read = |name| {
        let reading = snapshot.queues.get(name);
        let facts: Option<&QueueFacts> = reading.and_then(Reading::value);
        let at = snapshot.read_at(name).unwrap_or(snapshot.now);
        Queue {
            name: name.as_str().to_owned(),
            quality: reading.map_or(snapshot::Quality::Missing, Reading::quality).into(),
            age_ms: millis(snapshot.now.since(at)),
            ready: facts.and_then(|facts| facts.ready),
            unacked: facts.and_then(|facts| facts.unacked),
            consumers: facts.and_then(|facts| facts.consumers),
            arrival_rate: finite(facts.and_then(|facts| facts.arrival_rate)),
            service_rate: finite(facts.and_then(|facts| facts.service_rate)),
            idle_ms: facts.and_then(|facts| idle_ms(facts.activity, snapshot.now)),
            own_workers,
            labels: Vec::new(),
        }
    };
    names.into_iter().map(read).collect()
}

fn vm(snapshot: &Snapshot, view: &ProfileView, seen: &snapshot::Vm) -> Vm {
    Vm {
        id: seen.id.as_str().to_owned(),
        image: seen.image.name.as_str().to_owned(),
        state: seen.state.into(),
        age_ms: millis(snapshot.now.since(seen.launched_at)),
        idle_ms: idle_ms(seen.activity(), snapshot.now),
        vcpus: seen.image.vcpus,
        load: finite(seen.load),
        workers: seen.capacity_of(&view.spec.name),
        workers_all: seen.capacity_all(),
        labels: Vec::new(),
    }
}

fn idle_ms(activity: Activity, now: Timestamp) -> Option<u64> {
    activity.idle_for(now).map(millis)
}

/// The contract promises numbers; a NaN would reach the policy's comparisons.
fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

impl From<snapshot::Quality> for Quality {
    fn from(quality: snapshot::Quality) -> Self {
        match quality {
            snapshot::Quality::Fresh => Self::Fresh,
            snapshot::Quality::Stale => Self::Stale,
            snapshot::Quality::Missing => Self::Missing,
        }
    }
}

impl From<State> for VmState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Booting => Self::Booting,
            State::Running => Self::Running,
            State::Draining => Self::Draining,
            State::Suspending => Self::Suspending,
            State::Suspended => Self::Suspended,
            State::Stopped => Self::Stopped,
            State::Terminating => Self::Terminating,
            State::Failed => Self::Failed,
        }
    }
}
