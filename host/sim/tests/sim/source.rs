//! What the source says, and how it fits what the cloud says.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use hooke_control::action::Action;
use hooke_control::queue::{Activity, SourceReading};
use hooke_control::units::{Span, Timestamp};
use hooke_sim::World;

use crate::scene::{act, film, launch, lively, quiet, run, secs, world};

fn ask(world: &mut World) -> SourceReading {
    world.reading(&BTreeSet::from(["ocr".into(), "faces".into(), "nowhere".into()]))
}

fn since(world: &World, activity: Activity) -> String {
    let start: Timestamp = world.start();
    match activity {
        Activity::Active => "active".to_owned(),
        Activity::IdleSince(at) => format!("idle since {}", Span(at.since(start))),
        Activity::Unknown => "unknown".to_owned(),
    }
}

fn show(world: &mut World) -> String {
    let reading = ask(world);
    let mut text = format!("at {}\n", Span(world.now().since(world.start())));
    for (name, facts) in reading.queues {
        text += &match facts {
            Err(missing) => format!("{name}: missing, {}\n", missing.0),
            Ok(facts) => format!(
                "{name}: ready={} unacked={} consumers={} in={:?} out={:?} {}\n",
                facts.ready.unwrap(),
                facts.unacked.unwrap(),
                facts.consumers.unwrap(),
                facts.arrival_rate,
                facts.service_rate,
                since(world, facts.activity),
            ),
        };
    }
    for consumer in reading.consumers.unwrap() {
        let (host, port) = (consumer.host, consumer.port);
        let doing = since(world, consumer.activity);
        let unacked = consumer.unacked.unwrap();
        text += &format!("  {} {host}:{port} unacked={unacked} {doing}\n", consumer.queue);
    }
    text
}

#[test]
fn a_reading_tells_backlog_consumers_rates_and_activity() {
    let mut world = world(quiet());
    let mut text = show(&mut world);
    launch(&mut world, "both");
    film(&mut world, &[101]);
    text += &show(&mut world);
    film(&mut world, &[103]);
    world.publish(&"ocr".into(), 3).unwrap();
    film(&mut world, &[118]);
    text += &show(&mut world);
    film(&mut world, &[240]);
    text += &show(&mut world);
    expect![[r#"
        at 0ms
        faces: ready=0 unacked=0 consumers=0 in=None out=None idle since 0ms
        nowhere: missing, the simulated broker has no queue nowhere
        ocr: ready=0 unacked=0 consumers=0 in=None out=None idle since 0ms
        at 1m41s
        faces: ready=0 unacked=0 consumers=0 in=Some(0.0) out=Some(0.0) idle since 0ms
        nowhere: missing, the simulated broker has no queue nowhere
        ocr: ready=0 unacked=0 consumers=0 in=Some(0.0) out=Some(0.0) idle since 0ms
        at 1m58s
        faces: ready=0 unacked=0 consumers=1 in=Some(0.0) out=Some(0.0) idle since 0ms
        nowhere: missing, the simulated broker has no queue nowhere
        ocr: ready=1 unacked=1 consumers=1 in=Some(0.05) out=Some(0.016666666666666666) active
          faces 10.0.0.1:32768 unacked=0 idle since 1m42s
          ocr 10.0.0.1:32769 unacked=1 active
        at 4m
        faces: ready=0 unacked=0 consumers=1 in=Some(0.0) out=Some(0.0) idle since 0ms
        nowhere: missing, the simulated broker has no queue nowhere
        ocr: ready=0 unacked=0 consumers=1 in=Some(0.0) out=Some(0.0) idle since 2m13s
          faces 10.0.0.1:32768 unacked=0 idle since 1m42s
          ocr 10.0.0.1:32769 unacked=0 idle since 2m13s
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_lagging_source_tells_the_past() {
    let mut parts = quiet();
    parts.source_lag = secs(5);
    let mut world = world(parts);
    film(&mut world, &[6]);
    world.publish(&"ocr".into(), 9).unwrap();
    let mut seen = Vec::new();
    for second in [6, 9, 10, 11] {
        film(&mut world, &[second]);
        let facts = ask(&mut world).queues["ocr"].clone();
        seen.push((second, facts.unwrap().ready.unwrap()));
    }
    assert_eq!(seen, [(6, 0), (9, 0), (10, 9), (11, 9)]);
}

#[test]
fn every_consumer_is_an_endpoint_of_a_listed_worker() {
    let mut world = world(lively(5, 500.0));
    for _ in 0..6 {
        launch(&mut world, "both");
    }
    for n in 0..40 {
        run(&mut world, secs(20));
        let vm = format!("east-vm-{}", n % 6 + 1).as_str().into();
        act(&mut world, &Action::StartWorker { vm, profile: "ocr".into() }).ok();
        let mut endpoints = BTreeMap::new();
        for vm in world.vms() {
            for worker in vm.workers.unwrap() {
                for endpoint in worker.endpoints {
                    assert_eq!(Some(endpoint.ip()), vm.address);
                    let before = endpoints.insert(endpoint, worker.profile.clone());
                    assert_eq!(before, None, "two workers at {endpoint}");
                }
            }
        }
        let consumers = ask(&mut world).consumers.unwrap();
        assert_eq!(consumers.len(), endpoints.len());
        for consumer in consumers {
            let profile = &endpoints[&(consumer.host, consumer.port).into()];
            assert_eq!(profile.as_str(), consumer.queue.as_str());
            let busy = consumer.activity == Activity::Active;
            assert_eq!(busy, consumer.unacked == Some(1));
        }
    }
}

#[test]
fn a_worker_of_two_queues_takes_one_message_at_a_time() {
    let mut parts = quiet();
    parts.profiles.insert("ocr".into(), vec!["ocr".into(), "faces".into()]);
    let mut world = world(parts);
    launch(&mut world, "small");
    film(&mut world, &[102]);
    world.publish(&"faces".into(), 2).unwrap();
    film(&mut world, &[103]);
    world.publish(&"ocr".into(), 1).unwrap();
    film(&mut world, &[104]);
    let mut text = show(&mut world);
    text += &film(&mut world, &[112, 122, 132]);
    expect![[r#"
        at 1m44s
        faces: ready=1 unacked=1 consumers=1 in=Some(0.03333333333333333) out=Some(0.0) active
        nowhere: missing, the simulated broker has no queue nowhere
        ocr: ready=1 unacked=0 consumers=1 in=Some(0.016666666666666666) out=Some(0.0) active
          faces 10.0.0.1:32768 unacked=1 active
          ocr 10.0.0.1:32768 unacked=0 active
        1m52s faces=0+1+1 ocr=1+0+0 | east-vm-1 running ocr-1
        2m02s faces=0+0+2 ocr=0+1+0 | east-vm-1 running ocr-1
        2m12s faces=0+0+2 ocr=0+0+1 | east-vm-1 running ocr-1
    "#]]
    .assert_eq(&text);
}
