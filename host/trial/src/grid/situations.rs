//! The situations of the grid: every combination of workers, backlog, trust
//! and bounds, and a few beside them. Generated; the same each time.

use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, QueueName, VmId};
use hooke_control::spec::Bounds;
use hooke_history::{Metric, Samples, Source};

use crate::situation::{Counts, Machine, Profile, Queue, Quiet, Situation, Trust};

/// Machines of a big fleet.
const MANY: u32 = 2_000;

/// All situations, each with what there is to know of it. The order mixes the
/// combinations, so that a part of them is a sample of all.
pub(super) fn all() -> Vec<(String, Situation)> {
    let mut all = Vec::new();
    for (crew, counts) in &crews() {
        for (queue_name, queue) in &queues() {
            for (bounds_name, bounds) in &bounds() {
                let (rates, queue) = rated(all.len(), queue.clone());
                let name = format!("{crew}; {queue_name}, {rates}; {bounds_name}");
                all.push((name, situation(counts, vec![queue], *bounds)));
            }
        }
    }
    all.extend(beside());
    all.extend(remembered());
    mixed(all)
}

fn mixed<T>(all: Vec<T>) -> Vec<T> {
    /// A prime, and so without a common divisor with the number of situations.
    const STRIDE: usize = 211;
    let count = all.len();
    let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
    (0..count).filter_map(|nth| all.get_mut(nth * STRIDE % count)?.take()).collect()
}

fn situation(counts: &Counts, queues: Vec<Queue>, bounds: Bounds) -> Situation {
    let profile = Profile { bounds, queues, ..Profile::named("work") };
    let mut situation = Situation { profiles: vec![profile], ..Situation::default() };
    let name = situation.asked().name.clone();
    situation.employ(&name, counts);
    // Machines that serve nothing and can come back.
    for state in [VmState::Suspended, VmState::Failed] {
        let nth = situation.machines.len() + 1;
        situation.machines.push(Machine {
            id: VmId::from(format!("vm-{nth:04}")),
            image: ImageName::from("small"),
            state,
            age: Situation::AGE,
            load: None,
            crew: Vec::new(),
        });
    }
    situation
}

fn crews() -> [(&'static str, Counts); 7] {
    let none = Counts { per_machine: 2, idle_for: Duration::from_secs(7200), ..Counts::default() };
    [
        ("no workers", none),
        ("1 worker, busy", Counts { busy: 1, ..none }),
        ("5 workers, none idle", Counts { busy: 5, ..none }),
        ("5 workers, 2 idle", Counts { busy: 3, idle: 2, ..none }),
        ("5 workers, all idle", Counts { idle: 5, ..none }),
        ("5 workers, of which nothing is known", Counts { unknown: 5, ..none }),
        ("12 workers, 6 of them booting", Counts { busy: 6, booting: 6, draining: 2, ..none }),
    ]
}

fn queues() -> Vec<(String, Queue)> {
    let long = Duration::from_secs(7200);
    let empty = Queue { quiet: Quiet::For(long), ..Queue::empty("work") };
    let holds = |ready| Queue {
        ready: Some(ready),
        unacked: Some(5),
        quiet: Quiet::Active,
        ..empty.clone()
    };
    let fresh = [
        ("backlog 0, queue idle", empty.clone()),
        ("backlog 0, queue active", holds(0)),
        ("backlog 1", holds(1)),
        ("backlog 10000", holds(10_000)),
        ("backlog 2^64-1", Queue { unacked: Some(u64::MAX), ..holds(u64::MAX) }),
        (
            "backlog not counted",
            Queue {
                ready: None,
                unacked: None,
                consumers: None,
                quiet: Quiet::Unknown,
                ..holds(0)
            },
        ),
    ];
    let mut all = Vec::new();
    for (name, queue) in fresh {
        let stale = Queue { trust: Trust::Stale(Duration::from_secs(120)), ..queue.clone() };
        all.push((format!("{name}, fresh"), queue));
        all.push((format!("{name}, stale"), stale));
    }
    all.push(("backlog missing".to_owned(), Queue { trust: Trust::Missing, ..empty }));
    all
}

fn bounds() -> [(&'static str, Bounds); 4] {
    let bounds = |min, max| Bounds::new(min, max).expect("the least is not above the most");
    [
        ("bounds 0 to 100", bounds(0, 100)),
        ("bounds 1 to 5", bounds(1, 5)),
        ("bounds 5 to 5", bounds(5, 5)),
        ("bounds 0 to 0", bounds(0, 0)),
    ]
}

/// Rates, one kind after the other.
fn rated(nth: usize, queue: Queue) -> (&'static str, Queue) {
    let rates = |rate| Queue { arrival_rate: rate, service_rate: rate, ..queue.clone() };
    match nth % 4 {
        0 => ("no rates", rates(None)),
        1 => ("rates 0", rates(Some(0.0))),
        2 => ("rates 1e300", rates(Some(1e300))),
        _ => ("100/s in, 0/s out", Queue { arrival_rate: Some(100.0), ..rates(Some(0.0)) }),
    }
}

/// Big fleets, and profiles with several queues of which one is not known.
fn beside() -> Vec<(String, Situation)> {
    let wide = Bounds::new(0, u32::MAX).expect("0 is not above it");
    let empty = Queue { quiet: Quiet::For(Duration::from_secs(7200)), ..Queue::empty("work") };
    let full = Queue { ready: Some(1_000_000), quiet: Quiet::Active, ..empty.clone() };
    let lost = Queue { trust: Trust::Missing, ..Queue::empty("work-2") };
    let many = Counts { per_machine: 1, ..Counts::default() };
    let (busy, idle) = (Counts { busy: MANY, ..many }, Counts { idle: MANY, ..many });
    let few = Counts { busy: 3, ..many };
    let big = |counts: &Counts, queue: &Queue| situation(counts, vec![queue.clone()], wide);
    vec![
        (format!("{MANY} workers, none idle; backlog 1000000"), big(&busy, &full)),
        (format!("{MANY} workers, all idle; backlog 0, queue idle"), big(&idle, &empty)),
        (
            "3 workers, busy; two queues, one missing".to_owned(),
            situation(&few, vec![empty, lost.clone()], wide),
        ),
        (
            "3 workers, busy; a full queue, one missing".to_owned(),
            situation(&few, vec![full, lost], wide),
        ),
    ]
}

/// The n-th reading, of 120.
type Reading = fn(u32) -> Option<f64>;

/// An hour of readings before, of the kinds that alarms and trends are made of.
fn remembered() -> Vec<(String, Situation)> {
    let queue = Queue { ready: Some(60), quiet: Quiet::Active, ..Queue::empty("work") };
    let wide = Bounds::new(0, 100).expect("0 is not above 100");
    let counts = Counts { busy: 2, idle: 1, per_machine: 1, ..Counts::default() };
    let pasts: [(&str, Reading); 5] = [
        ("rising", |nth| Some(f64::from(nth))),
        ("falling", |nth| Some(f64::from(120 - nth))),
        ("with gaps", |nth| (nth % 3 == 0).then_some(50.0)),
        ("long ago", |nth| (nth < 10).then_some(1e9)),
        ("always 0", |_| Some(0.0)),
    ];
    let past = |(name, value): (&str, Reading)| {
        let mut situation = situation(&counts, vec![queue.clone()], wide);
        let at = |nth: u32| situation.now.minus(Duration::from_secs(30) * (120 - nth));
        let readings: Vec<_> = (0..120).filter_map(|nth| Some((at(nth), value(nth)?))).collect();
        let series =
            |source, metric| Samples { source, vcpus: 2, metric, readings: readings.clone() };
        situation.past.series = vec![
            series(Source::Queue(QueueName::from("work")), Metric::Ready),
            series(Source::Profile(situation.asked().name.clone()), Metric::Busy),
            series(Source::Vm(VmId::from("vm-0001")), Metric::Load),
        ];
        (format!("3 workers; backlog 60; an hour before it, {name}"), situation)
    };
    pasts.map(past).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn there_are_some_hundred_and_no_two_are_alike() {
        let all = all();
        let names: BTreeSet<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert!((300..=500).contains(&all.len()), "{}", all.len());
        assert_eq!(names.len(), all.len());
    }
}
