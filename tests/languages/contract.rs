//! The contract's types, generated for a host, and their values as text by
//! the table in the README of `policies/conformance`. Written apart from the
//! guest in Rust, which says the same: two that err alike would both have to.

mod generated {
    wasmtime::component::bindgen!({ path: "../wit", world: "scaling-policy" });
}

pub(crate) use generated::ScalingPolicy;
pub(crate) use generated::exports::hooke::policy::policy::{Description, SettingProblem};
pub(crate) use generated::hooke::policy::cloud::Refusal;
pub(crate) use generated::hooke::policy::log::Level;
pub(crate) use generated::hooke::policy::memory::MemoryError;
pub(crate) use generated::hooke::policy::metrics::{
    BacklogSums, Datapoint, MetricsError, Queue, Statistic, StatisticsQuery, Subject, Vm,
    WorkerBounds, WorkerCounts,
};
pub(crate) use generated::hooke::policy::types::{Needs, PolicyError, Quality, VmState};
pub(crate) use generated::hooke::policy::{cloud, log, memory, metrics, settings, types};

/// A value of the contract, as text.
pub(crate) trait Text {
    fn text(&self) -> String;
}

impl Text for u64 {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Text for u32 {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Text for f64 {
    fn text(&self) -> String {
        format!("{:016x}", self.to_bits())
    }
}

impl Text for str {
    fn text(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Text for [u8] {
    fn text(&self) -> String {
        self.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map_or("none".to_owned(), |value| format!("some({})", value.text()))
    }
}

impl Text for Quality {
    fn text(&self) -> String {
        let name = match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Missing => "missing",
        };
        name.to_owned()
    }
}

impl Text for VmState {
    fn text(&self) -> String {
        let name = match self {
            Self::Other(text) => return case("other", text),
            Self::Pending => "pending",
            Self::Booting => "booting",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
            Self::Terminating => "terminating",
            Self::Failed => "failed",
        };
        name.to_owned()
    }
}

impl Text for MetricsError {
    fn text(&self) -> String {
        match self {
            Self::UnknownProfile(text) => case("unknown-profile", text),
            Self::Other(text) => case("other", text),
        }
    }
}

impl Text for MemoryError {
    fn text(&self) -> String {
        match self {
            Self::TooLarge(cap) => format!("too-large({cap})"),
            Self::Other(text) => case("other", text),
        }
    }
}

impl Text for Refusal {
    fn text(&self) -> String {
        match self {
            Self::UnknownVm(text) => case("unknown-vm", text),
            Self::UnknownWorker(text) => case("unknown-worker", text),
            Self::UnknownImage(text) => case("unknown-image", text),
            Self::WrongState(text) => case("wrong-state", text),
            Self::Busy(text) => case("busy", text),
            Self::OverLimit(text) => case("over-limit", text),
            Self::Other(text) => case("other", text),
        }
    }
}

impl Text for WorkerBounds {
    fn text(&self) -> String {
        format!("minimum={} maximum={}", self.minimum, self.maximum)
    }
}

impl Text for WorkerCounts {
    fn text(&self) -> String {
        let Self { capacity, serving, booting, draining, idle, busy, unknown, idle_beyond_first } =
            self;
        format!(
            "capacity={capacity} serving={serving} booting={booting} draining={draining} \
             idle={idle} busy={busy} unknown={unknown} idle-beyond-first={idle_beyond_first}"
        )
    }
}

impl Text for BacklogSums {
    fn text(&self) -> String {
        let fields = [
            ("quality", self.quality.text()),
            ("age-ms", self.age_ms.text()),
            ("ready", self.ready.text()),
            ("unacked", self.unacked.text()),
            ("consumers", self.consumers.text()),
            ("arrival-rate", self.arrival_rate.text()),
            ("service-rate", self.service_rate.text()),
            ("idle-ms", self.idle_ms.text()),
        ];
        record(&fields)
    }
}

impl Text for Queue {
    fn text(&self) -> String {
        record(&[
            ("name", self.name.text()),
            ("quality", self.quality.text()),
            ("age-ms", self.age_ms.text()),
            ("ready", self.ready.text()),
            ("unacked", self.unacked.text()),
            ("consumers", self.consumers.text()),
            ("arrival-rate", self.arrival_rate.text()),
            ("service-rate", self.service_rate.text()),
            ("idle-ms", self.idle_ms.text()),
            ("own-workers", self.own_workers.text()),
            ("labels", labels(&self.labels)),
        ])
    }
}

impl Text for Datapoint {
    fn text(&self) -> String {
        record(&[("value", self.value.text()), ("samples", self.samples.text())])
    }
}

impl Text for Vm {
    fn text(&self) -> String {
        record(&[
            ("id", self.id.text()),
            ("image", self.image.text()),
            ("state", self.state.text()),
            ("age-ms", self.age_ms.text()),
            ("idle-ms", self.idle_ms.text()),
            ("vcpus", self.vcpus.text()),
            ("load", self.load.text()),
            ("workers", self.workers.text()),
            ("workers-all", self.workers_all.text()),
            ("labels", labels(&self.labels)),
        ])
    }
}

/// A result without a value.
pub(crate) fn outcome(result: &Result<(), impl Text>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("err {}", error.text()),
    }
}

fn case(name: &str, text: &str) -> String {
    format!("{name}({})", text.text())
}

fn record(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    fields.join(" ")
}

fn labels(labels: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|(key, value)| format!("{}={}", key.text(), value.text())).collect();
    format!("[{}]", pairs.join(","))
}
