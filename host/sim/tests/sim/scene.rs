//! The worlds that the tests play in, and their text form.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::ids::{ImageName, VmId};
use hooke_control::queue::Activity;
use hooke_control::units::{Span, Timestamp};
use hooke_sim::chance::{Between, Probability, ServiceTime};
use hooke_sim::faults::Faults;
use hooke_sim::report::Balance;
use hooke_sim::workload::{Pattern, Rate, Workload};
use hooke_sim::{ImageModel, QueueModel, World, WorldParts, WorldSpec};

/// Some day, at midnight.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn vm(n: u32) -> VmId {
    VmId::from(format!("east-vm-{n}"))
}

/// Two queues without arrivals; image `small` hosts one worker of `ocr`, image
/// `both` one of each profile. Everything takes a fixed time.
pub(crate) fn quiet() -> WorldParts {
    let mut parts = WorldParts::new("east".into(), 7);
    for name in ["ocr", "faces"] {
        let service_time = ServiceTime::fixed(secs(10));
        let queue = QueueModel { workload: Workload::none(), service_time };
        parts.queues.insert(name.into(), queue);
        parts.profiles.insert(name.into(), vec![name.into()]);
    }
    parts.images.insert("small".into(), image(&["ocr"]));
    parts.images.insert("both".into(), image(&["ocr", "faces"]));
    parts.registration_time = Between::exactly(secs(2));
    parts
}

fn image(hosts: &[&str]) -> ImageModel {
    ImageModel {
        vcpus: 2,
        memory_mib: 4096,
        cost_per_hour: 0.5,
        hosts: hosts.iter().map(|name| ((*name).into(), 1)).collect(),
        boot_time: Between::exactly(secs(100)),
        resume_time: secs(20),
        launch_failure_rate: Probability::NEVER,
    }
}

/// The same with work: `per_hour` messages at each queue, of varying size.
pub(crate) fn lively(seed: u64, per_hour: f64) -> WorldParts {
    let mut parts = quiet();
    parts.seed = seed;
    parts.registration_time = Between::new(secs(1), secs(5)).unwrap();
    for queue in parts.queues.values_mut() {
        queue.workload = Pattern::constant(Rate::per_hour(per_hour).unwrap()).into();
        queue.service_time = ServiceTime::varying(secs(20), 1.5).unwrap();
    }
    for image in parts.images.values_mut() {
        image.boot_time = Between::new(secs(40), secs(90)).unwrap();
    }
    parts
}

/// Faults of every kind that chance deals out, each one frequent.
pub(crate) fn many_faults() -> Faults {
    let often = Probability::new(0.2).unwrap();
    let mut faults = Faults::NONE;
    faults.lost_answers = often;
    faults.failed_boots = often;
    faults.slow_boots.rate = often;
    faults.slow_boots.factor = 3;
    faults.slackers = often;
    faults.worker_crashes_per_hour = 5.0;
    faults.vm_losses = (1..6).map(|n| secs(n * 1000)).collect();
    faults
}

pub(crate) fn world(parts: WorldParts) -> World {
    World::new(WorldSpec::new(parts).unwrap(), START)
}

/// Acts under a key that was never used.
pub(crate) fn act(world: &mut World, action: &Action) -> Result<Outcome, Failure> {
    let key = format!("{} {action} {}", world.now().as_millis(), world.totals().counts.launched);
    world.apply(action, &key.into())
}

pub(crate) fn launch(world: &mut World, image: &str) -> VmId {
    let action = Action::Launch { image: ImageName::from(image) };
    match act(world, &action).unwrap() {
        Outcome::Applied { vm } => vm,
        Outcome::AlreadyTrue { .. } => panic!("a new key was used before"),
    }
}

/// Goes on second by second, with the books checked at every one.
pub(crate) fn run(world: &mut World, span: Duration) {
    let end = world.now().plus(span);
    while world.now() < end {
        world.advance_to(world.now().plus(secs(1)).min(end));
        assert!(world.balance().values().all(Balance::holds), "{:?}", world.balance());
    }
    assert_sound(world);
}

/// No message was lost or made twice, what the broker counts is what the
/// workers hold, nobody idles beside a message, and the quota holds.
pub(crate) fn assert_sound(world: &mut World) {
    let totals = world.totals();
    let reading = world.reading(&totals.queues.keys().cloned().collect());
    for consumer in reading.consumers.unwrap() {
        let ready = reading.queues[&consumer.queue].as_ref().unwrap().ready;
        let idle = consumer.activity != Activity::Active;
        assert!(!idle || ready == Some(0), "{consumer:?} idles beside {ready:?} messages");
    }
    for (name, balance) in world.balance() {
        assert!(balance.holds(), "queue {name}: {balance:?}");
        assert_eq!(totals.queues[&name].in_hand, balance.in_hand, "queue {name}");
    }
    let quota = world.spec().parts().quota_vms.unwrap_or(u32::MAX);
    assert!(totals.counts.peak.vms <= quota, "{} VMs over {quota}", totals.counts.peak.vms);
}

/// One line: the time, the queues (ready+in hand+finished), the machines with
/// their workers (`-` leaving).
pub(crate) fn line(world: &World) -> String {
    let queues: BTreeMap<_, _> = world.balance();
    let queues = queues
        .iter()
        .filter(|(_, b)| b.published > 0)
        .map(|(name, b)| format!(" {name}={}+{}+{}", b.ready, b.in_hand, b.finished));
    let machines = world.vms().into_iter().map(|vm| {
        let workers = vm.workers.unwrap().into_iter().map(|worker| {
            let leaving = worker.phase == hooke_control::fleet::WorkerPhase::Draining;
            format!(" {}{}", if leaving { "-" } else { "" }, worker.id)
        });
        format!(" | {} {}{}", vm.id, vm.state.as_str(), workers.collect::<String>())
    });
    let at = Span(world.now().since(world.start()));
    format!("{at}{}{}", queues.collect::<String>(), machines.collect::<String>())
}

/// The lines of a world at these seconds from its start.
pub(crate) fn film(world: &mut World, seconds: &[u64]) -> String {
    let mut text = String::new();
    for second in seconds {
        let left = world.start().plus(secs(*second)).since(world.now());
        run(world, left);
        text.push_str(&line(world));
        text.push('\n');
    }
    text
}
