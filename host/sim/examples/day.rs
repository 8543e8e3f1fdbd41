//! How fast a simulated day is: `cargo run --release -p hooke-sim --example day`.
//!
//! One queue with 2,000 messages an hour on a sine, 50 machines with one worker
//! each, a source that lags 5 s, and a host that reads everything every 30 s.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, Instant};

use hooke_control::action::Action;
use hooke_control::ids::QueueName;
use hooke_control::units::Timestamp;
use hooke_sim::chance::{Between, Probability, ServiceTime};
use hooke_sim::workload::{Pattern, Rate};
use hooke_sim::{ImageModel, QueueModel, World, WorldParts, WorldSpec};

const DAY: Duration = Duration::from_hours(24);
const TICK: Duration = Duration::from_secs(30);

fn main() -> Result<(), Box<dyn Error>> {
    let spec = WorldSpec::new(parts().ok_or("a constant is out of range")?)?;
    let began = Instant::now();
    let mut world = World::new(spec, Timestamp::from_millis(1_800_000_000_000));
    for n in 0..50 {
        world.apply(&Action::Launch { image: "small".into() }, &format!("launch-{n}").into()).ok();
    }
    let queues = BTreeSet::from([QueueName::from("ocr")]);
    let end = world.start().plus(DAY);
    let mut seen = 0;
    while world.now() < end {
        world.advance_to(world.now().plus(TICK));
        seen += world.vms().len() + world.reading(&queues).queues.len();
    }
    let took = began.elapsed();
    println!("{:#?}\n{seen} rows read, in {took:?}", world.totals());
    Ok(())
}

fn parts() -> Option<WorldParts> {
    let mut parts = WorldParts::new("east".into(), 42);
    let peak = Duration::from_hours(15);
    let workload = Pattern::sine_day(Rate::per_hour(2000.0)?, Probability::new(0.8)?, peak).into();
    let service_time = ServiceTime::varying(Duration::from_mins(1), 1.5)?;
    parts.queues.insert("ocr".into(), QueueModel { workload, service_time });
    parts.profiles.insert("ocr".into(), vec!["ocr".into()]);
    parts.source_lag = Duration::from_secs(5);
    let image = ImageModel {
        vcpus: 2,
        memory_mib: 4096,
        cost_per_hour: 0.05,
        hosts: [("ocr".into(), 1)].into(),
        boot_time: Between::new(Duration::from_secs(60), Duration::from_secs(180))?,
        resume_time: Duration::from_secs(20),
        launch_failure_rate: Probability::NEVER,
    };
    parts.images.insert("small".into(), image);
    Some(parts)
}
