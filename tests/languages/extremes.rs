//! What may be told at its extremes: each field at its least and its most,
//! each case of each variant, absent, empty and long.

use std::collections::BTreeMap;

use crate::contract::{
    BacklogSums, MetricsError, Quality, Queue, Refusal, Vm, VmState, WorkerBounds, WorkerCounts,
};
use crate::told::{About, TEXT, Told};

/// Finite numbers that a detour through text, `f32` or an integer would change.
pub(crate) const FLOATS: [f64; 10] = [
    0.0,
    -0.0,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    f64::EPSILON,
    0.1,
    9_007_199_254_740_993.0,
];

/// Whole numbers at which a narrower or a signed type, or a `f64`, breaks.
const WHOLES: [u64; 8] =
    [0, 1, 1 << 31, u32::MAX as u64, 1 << 53, (1 << 53) + 1, i64::MAX as u64, u64::MAX];

/// Texts that break what ends at a NUL, counts characters or escapes.
pub(crate) fn texts() -> Vec<String> {
    let odd = "a\0b\nc\t\"quoted\" \\n %s {0}\u{7f}\u{2028}\u{feff}";
    let edges = "\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}";
    let joined = "e\u{301}👩‍👩‍👧 שלום";
    let long = "long 長い 🦀 ".repeat(1_000);
    [TEXT, "", odd, edges, joined, &long].map(str::to_owned).to_vec()
}

pub(crate) const STATES: [VmState; 9] = [
    VmState::Pending,
    VmState::Booting,
    VmState::Running,
    VmState::Draining,
    VmState::Suspending,
    VmState::Suspended,
    VmState::Stopped,
    VmState::Terminating,
    VmState::Failed,
];

const QUALITIES: [Quality; 3] = [Quality::Fresh, Quality::Stale, Quality::Missing];

/// Takes the values of a list in turn, for ever.
struct Turns<T>(std::iter::Cycle<std::vec::IntoIter<T>>);

impl<T: Clone> Turns<T> {
    fn new(values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<T> = values.into_iter().collect();
        Self(values.into_iter().cycle())
    }

    fn next(&mut self) -> T {
        self.0.next().expect("no list here is empty")
    }
}

/// Values of every kind in turn; lists of different lengths, so that they meet
/// in ever other ways.
struct Supply {
    texts: Turns<String>,
    wholes: Turns<u64>,
    maybe_wholes: Turns<Option<u64>>,
    smalls: Turns<u32>,
    maybe_smalls: Turns<Option<u32>>,
    floats: Turns<Option<f64>>,
    states: Turns<VmState>,
    qualities: Turns<Quality>,
}

impl Supply {
    fn new() -> Self {
        let smalls = [0, 1, i32::MAX as u32, 1 << 31, u32::MAX];
        let others = texts().into_iter().map(VmState::Other);
        Self {
            texts: Turns::new(texts()),
            wholes: Turns::new(WHOLES),
            maybe_wholes: Turns::new(WHOLES.map(Some).into_iter().chain([None])),
            smalls: Turns::new(smalls),
            maybe_smalls: Turns::new(smalls.map(Some).into_iter().chain([None])),
            floats: Turns::new(FLOATS.map(Some).into_iter().chain([None])),
            states: Turns::new(STATES.into_iter().chain(others)),
            qualities: Turns::new(QUALITIES),
        }
    }

    fn labels(&mut self, count: usize) -> Vec<(String, String)> {
        (0..count).map(|_| (self.texts.next(), self.texts.next())).collect()
    }

    fn backlog(&mut self) -> BacklogSums {
        BacklogSums {
            quality: self.qualities.next(),
            age_ms: self.wholes.next(),
            ready: self.maybe_wholes.next(),
            unacked: self.maybe_wholes.next(),
            consumers: self.maybe_smalls.next(),
            arrival_rate: self.floats.next(),
            service_rate: self.floats.next(),
            idle_ms: self.maybe_wholes.next(),
        }
    }

    fn workers(&mut self) -> WorkerCounts {
        WorkerCounts {
            capacity: self.smalls.next(),
            serving: self.smalls.next(),
            booting: self.smalls.next(),
            draining: self.smalls.next(),
            idle: self.smalls.next(),
            busy: self.smalls.next(),
            unknown: self.smalls.next(),
            idle_beyond_first: self.smalls.next(),
        }
    }

    fn queue(&mut self, at: usize) -> Queue {
        Queue {
            name: self.texts.next(),
            quality: self.qualities.next(),
            age_ms: self.wholes.next(),
            ready: self.maybe_wholes.next(),
            unacked: self.maybe_wholes.next(),
            consumers: self.maybe_smalls.next(),
            arrival_rate: self.floats.next(),
            service_rate: self.floats.next(),
            idle_ms: self.maybe_wholes.next(),
            own_workers: self.smalls.next(),
            labels: self.labels(at % 3),
        }
    }

    fn vm(&mut self, at: usize) -> Vm {
        Vm {
            id: self.texts.next(),
            image: self.texts.next(),
            state: self.states.next(),
            age_ms: self.wholes.next(),
            idle_ms: self.maybe_wholes.next(),
            vcpus: self.smalls.next(),
            load: self.floats.next(),
            workers: self.smalls.next(),
            workers_all: self.smalls.next(),
            labels: self.labels(at % 4),
        }
    }

    fn about(&mut self) -> About {
        let bounds = WorkerBounds { minimum: self.smalls.next(), maximum: self.smalls.next() };
        About {
            bounds: Ok(bounds),
            backlog: Ok(self.backlog()),
            workers: Ok(self.workers()),
            queues: Ok((0..40).map(|at| self.queue(at)).collect()),
            vms: Ok((0..40).map(|at| self.vm(at)).collect()),
            idle_vms: [Ok((0..3).map(|at| self.vm(at)).collect()), Ok(Vec::new())],
        }
    }
}

/// Answers that are all errors, of either case.
fn errors() -> About {
    let [a, b, c, d, e, f] = texts().try_into().expect("six texts");
    About {
        bounds: Err(MetricsError::Other(a)),
        backlog: Err(MetricsError::UnknownProfile(b)),
        workers: Err(MetricsError::Other(c)),
        queues: Err(MetricsError::UnknownProfile(d)),
        vms: Err(MetricsError::Other(e)),
        idle_vms: [Err(MetricsError::Other(f)), Err(MetricsError::Other(String::new()))],
    }
}

/// Everything at its extremes, several times over, each time other values
/// meeting.
pub(crate) fn all() -> Vec<Told> {
    let mut supply = Supply::new();
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    let memories = [None, Some(Vec::new()), Some(bytes.clone()), Some(bytes.repeat(256))];
    let profiles = [Vec::new(), vec![String::new()], texts()];
    let mut memories = Turns::new(memories);
    let mut profiles = Turns::new(profiles);
    texts()
        .into_iter()
        .enumerate()
        .map(|(at, asked)| Told {
            settings: format!(r#"{{"mode":"facts","{TEXT}":"{}"}}"#, supply.texts.next()),
            asked: asked.clone(),
            enabled: [at % 2 == 0, at % 3 == 0, at % 5 == 0, at % 7 == 0],
            memory: memories.next(),
            now_ms: [u64::MAX, 0].get(at).copied().unwrap_or_else(|| supply.wholes.next()),
            site: supply.texts.next(),
            profiles: profiles.next(),
            about: BTreeMap::from([(asked, supply.about()), (format!("nobody {TEXT}"), errors())]),
        })
        .collect()
}

/// Every answer that the cloud may give, with every text.
pub(crate) fn refusals() -> Vec<Result<(), Refusal>> {
    let cases: [fn(String) -> Refusal; 7] = [
        Refusal::UnknownVm,
        Refusal::UnknownWorker,
        Refusal::UnknownImage,
        Refusal::WrongState,
        Refusal::Busy,
        Refusal::OverLimit,
        Refusal::Other,
    ];
    let of_each =
        |case: fn(String) -> Refusal| texts().into_iter().map(move |text| Err(case(text)));
    cases.into_iter().flat_map(of_each).chain([Ok(())]).collect()
}
