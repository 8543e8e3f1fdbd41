//! Every question that a policy may ask, with its answer as text.

use std::fmt::Write;

use hooke_policy_sdk::metrics::{
    self, BacklogSums, Datapoint, MetricsError, Queue, Vm, WorkerCounts,
};
use hooke_policy_sdk::{log, memory};

use crate::TEXT;
use crate::text::{Case, LEVELS, bits, hex, labels, level, quality, vm_state, whole};

pub(crate) fn text(settings: &str, profile: &str) -> String {
    let mut out = format!("settings \"{settings}\"\nasked \"{profile}\"\nenabled");
    for each in LEVELS {
        out += &format!(" {}={}", level(each), log::enabled(each));
    }
    let remembered = memory::load().map_or("none".to_owned(), |b| format!("some({})", hex(&b)));
    out += &format!("\nmemory {remembered}\nnow-ms {}\n", metrics::now_ms());
    out += &format!("site \"{}\"\n", metrics::site());
    list(&mut out, "profiles", metrics::profiles(), |name| format!("\"{name}\""));
    for profile in [profile, &format!("nobody {TEXT}")] {
        of_profile(&mut out, profile);
    }
    out
}

fn of_profile(out: &mut String, profile: &str) {
    let bounds = metrics::bounds(profile)
        .map(|bounds| format!("minimum={} maximum={}", bounds.minimum, bounds.maximum));
    one(out, "bounds", bounds);
    one(out, "backlog", metrics::backlog(profile).map(backlog));
    one(out, "workers", metrics::workers(profile).map(workers));
    many(out, "queues", metrics::queues(profile), queue);
    many(out, "vms", metrics::vms(profile), vm);
    many(out, "idle-vms", metrics::idle_vms(profile, 0, u32::MAX), vm);
    many(out, "idle-vms", metrics::idle_vms(profile, u64::MAX, 0), vm);
}

fn one(out: &mut String, name: &str, answer: Result<String, MetricsError>) {
    *out += &match answer {
        Ok(value) => format!("{name} ok {value}\n"),
        Err(error) => format!("{name} err {}\n", error.case()),
    };
}

pub(crate) fn many<T>(
    out: &mut String,
    name: &str,
    answer: Result<Vec<T>, MetricsError>,
    line: fn(T) -> String,
) {
    match answer {
        Ok(items) => list(out, &format!("{name} ok"), items, line),
        Err(error) => *out += &format!("{name} err {}\n", error.case()),
    }
}

pub(crate) fn datapoint(point: Datapoint) -> String {
    format!("value={} samples={}", bits(point.value), point.samples)
}

fn list<T>(out: &mut String, name: &str, items: Vec<T>, line: fn(T) -> String) {
    *out += &format!("{name} {}\n", items.len());
    for item in items {
        *out += &format!("- {}\n", line(item));
    }
}

fn backlog(sums: BacklogSums) -> String {
    let mut out = format!("quality={} age-ms={}", quality(sums.quality), sums.age_ms);
    let _infallible = write!(
        out,
        " ready={} unacked={} consumers={} arrival-rate={} service-rate={} idle-ms={}",
        whole(sums.ready),
        whole(sums.unacked),
        whole(sums.consumers),
        bits(sums.arrival_rate),
        bits(sums.service_rate),
        whole(sums.idle_ms)
    );
    out
}

fn workers(counts: WorkerCounts) -> String {
    format!(
        "capacity={} serving={} booting={} draining={} idle={} busy={} unknown={} \
         idle-beyond-first={}",
        counts.capacity,
        counts.serving,
        counts.booting,
        counts.draining,
        counts.idle,
        counts.busy,
        counts.unknown,
        counts.idle_beyond_first
    )
}

fn queue(queue: Queue) -> String {
    let sums = BacklogSums {
        quality: queue.quality,
        age_ms: queue.age_ms,
        ready: queue.ready,
        unacked: queue.unacked,
        consumers: queue.consumers,
        arrival_rate: queue.arrival_rate,
        service_rate: queue.service_rate,
        idle_ms: queue.idle_ms,
    };
    format!(
        "name=\"{}\" {} own-workers={} labels={}",
        queue.name,
        backlog(sums),
        queue.own_workers,
        labels(&queue.labels)
    )
}

fn vm(vm: Vm) -> String {
    format!(
        "id=\"{}\" image=\"{}\" state={} age-ms={} idle-ms={} vcpus={} load={} workers={} \
         workers-all={} labels={}",
        vm.id,
        vm.image,
        vm_state(&vm.state),
        vm.age_ms,
        whole(vm.idle_ms),
        vm.vcpus,
        bits(vm.load),
        vm.workers,
        vm.workers_all,
        labels(&vm.labels)
    )
}
