//! What a guest has to be told of a snapshot: read off it here, apart from
//! the host that does the same.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::fleet;
use hooke_control::queue::Activity;
use hooke_control::snapshot::{self, ProfileView, Snapshot};

use crate::contract::{BacklogSums, Quality, Queue, Vm, VmState, WorkerBounds, WorkerCounts};
use crate::snapshots::Scene;
use crate::told::{About, Told};

/// What a guest is told in a scene.
pub(crate) fn told(scene: &Scene, settings: &str, memory: Option<&[u8]>) -> Told {
    let snapshot = &*scene.snapshot;
    let name = |name: &hooke_control::ids::ProfileName| name.as_str().to_owned();
    let about = snapshot.profiles.iter().map(|(p, view)| (name(p), about(snapshot, view)));
    Told {
        settings: settings.to_owned(),
        asked: name(&scene.profile),
        enabled: [false, true, true, true],
        memory: memory.map(<[u8]>::to_vec),
        now_ms: snapshot.now.as_millis(),
        site: snapshot.site.name.as_str().to_owned(),
        profiles: snapshot.profiles.keys().map(name).collect(),
        about: about.collect::<BTreeMap<_, _>>(),
    }
}

fn about(snapshot: &Snapshot, view: &ProfileView) -> About {
    let bounds = view.spec.workers;
    let idle = snapshot.idle_vms(view, Duration::ZERO);
    let mut queues: Vec<Queue> =
        view.spec.queues.iter().map(|name| queue(snapshot, view, name)).collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    About {
        bounds: Ok(WorkerBounds { minimum: bounds.min(), maximum: bounds.max() }),
        backlog: Ok(backlog(snapshot, &view.backlog)),
        workers: Ok(workers(view.counts)),
        queues: Ok(queues),
        vms: Ok(snapshot.vms_of(view).map(|seen| vm(snapshot, view, seen)).collect()),
        idle_vms: [
            Ok(idle.into_iter().map(|seen| vm(snapshot, view, seen)).collect()),
            Ok(Vec::new()),
        ],
    }
}

fn backlog(snapshot: &Snapshot, sums: &snapshot::Backlog) -> BacklogSums {
    BacklogSums {
        quality: quality(sums.quality),
        age_ms: millis(sums.age),
        ready: sums.ready,
        unacked: sums.unacked,
        consumers: sums.consumers,
        arrival_rate: sums.arrival_rate,
        service_rate: sums.service_rate,
        idle_ms: idle_ms(snapshot, sums.activity),
    }
}

fn workers(counts: snapshot::WorkerCounts) -> WorkerCounts {
    let snapshot::WorkerCounts {
        serving,
        booting,
        draining,
        idle,
        busy,
        unknown,
        idle_beyond_first,
    } = counts;
    let capacity = counts.capacity();
    WorkerCounts { capacity, serving, booting, draining, idle, busy, unknown, idle_beyond_first }
}

fn queue(snapshot: &Snapshot, view: &ProfileView, name: &hooke_control::ids::QueueName) -> Queue {
    let reading = &snapshot.queues[name];
    let facts = reading.value();
    let read_at = snapshot.read_at(name).unwrap_or(snapshot.now);
    Queue {
        name: name.as_str().to_owned(),
        quality: quality(reading.quality()),
        age_ms: millis(snapshot.now.since(read_at)),
        ready: facts.and_then(|facts| facts.ready),
        unacked: facts.and_then(|facts| facts.unacked),
        consumers: facts.and_then(|facts| facts.consumers),
        arrival_rate: facts.and_then(|facts| facts.arrival_rate),
        service_rate: facts.and_then(|facts| facts.service_rate),
        idle_ms: facts.and_then(|facts| idle_ms(snapshot, facts.activity)),
        own_workers: snapshot.own_workers(view),
        labels: Vec::new(),
    }
}

fn vm(snapshot: &Snapshot, view: &ProfileView, seen: &snapshot::Vm) -> Vm {
    Vm {
        id: seen.id.as_str().to_owned(),
        image: seen.image.name.as_str().to_owned(),
        state: state(seen.state),
        age_ms: millis(snapshot.now.since(seen.launched_at)),
        idle_ms: idle_ms(snapshot, seen.activity()),
        vcpus: seen.image.vcpus,
        load: seen.load.filter(|load| load.is_finite()),
        workers: seen.capacity_of(&view.spec.name),
        workers_all: seen.capacity_all(),
        labels: Vec::new(),
    }
}

fn idle_ms(snapshot: &Snapshot, activity: Activity) -> Option<u64> {
    activity.idle_for(snapshot.now).map(millis)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("the contract counts milliseconds in 64 bits")
}

fn quality(quality: snapshot::Quality) -> Quality {
    match quality {
        snapshot::Quality::Fresh => Quality::Fresh,
        snapshot::Quality::Stale => Quality::Stale,
        snapshot::Quality::Missing => Quality::Missing,
    }
}

fn state(state: fleet::VmState) -> VmState {
    match state {
        fleet::VmState::Pending => VmState::Pending,
        fleet::VmState::Booting => VmState::Booting,
        fleet::VmState::Running => VmState::Running,
        fleet::VmState::Draining => VmState::Draining,
        fleet::VmState::Suspending => VmState::Suspending,
        fleet::VmState::Suspended => VmState::Suspended,
        fleet::VmState::Stopped => VmState::Stopped,
        fleet::VmState::Terminating => VmState::Terminating,
        fleet::VmState::Failed => VmState::Failed,
    }
}
