//! Each fault by itself.

use std::collections::BTreeSet;
use std::time::Duration;

use expect_test::expect;
use hooke_clouds::{Cloud, Inventory};
use hooke_control::action::{Action, Failure, Outcome};
use hooke_sim::chance::Probability;
use hooke_sim::faults::{Outage, SlowBoots};
use hooke_sim::{ManualClock, SimCloud, SimSource, Site, WorldParts, WorldSpec};
use hooke_sources::Source;

use crate::scene::{START, film, launch, lively, quiet, run, secs, world};

fn launched() -> Action {
    Action::Launch { image: "small".into() }
}

#[test]
fn a_refused_launch_is_refused_again_under_its_key() {
    let mut parts = quiet();
    let half = Probability::new(0.5).unwrap();
    parts.images.get_mut("small").unwrap().launch_failure_rate = half;
    let mut world = world(parts);
    let first: Vec<_> =
        (0..200).map(|n| world.apply(&launched(), &format!("{n}").into()).is_ok()).collect();
    let second: Vec<_> =
        (0..200).map(|n| world.apply(&launched(), &format!("{n}").into()).is_ok()).collect();
    assert_eq!(first, second);
    let failed = first.iter().filter(|ok| !**ok).count();
    assert!((60..140).contains(&failed), "{failed} of 200 failed");
    assert_eq!(world.totals().counts.refused_launches as usize, failed);
    assert_eq!(world.vms().len(), 200 - failed);
}

#[test]
fn the_quota_counts_everything_that_is_not_gone() {
    let mut parts = quiet();
    parts.quota_vms = Some(2);
    let mut world = world(parts);
    launch(&mut world, "small");
    let vm = launch(&mut world, "both");
    let refused = world.apply(&launched(), &"third".into());
    expect!["quota-exceeded: 2 of 2 VMs are used"].assert_eq(&refused.unwrap_err().to_string());
    world.apply(&Action::Terminate { vm }, &"end".into()).unwrap();
    let still = world.apply(&launched(), &"while it goes".into());
    assert!(matches!(still, Err(Failure::QuotaExceeded { .. })), "{still:?}");
    run(&mut world, secs(10));
    let spent = world.apply(&launched(), &"third".into());
    assert!(matches!(spent, Err(Failure::QuotaExceeded { .. })), "{spent:?}");
    let now = world.apply(&launched(), &"fourth".into());
    assert!(matches!(now, Ok(Outcome::Applied { .. })), "{now:?}");
}

#[test]
fn a_lost_answer_was_carried_out() {
    let mut parts = quiet();
    parts.faults.lost_answers = Probability::ALWAYS;
    let mut world = world(parts);
    let first = world.apply(&launched(), &"one".into());
    assert!(matches!(first, Err(Failure::Unclear { .. })), "{first:?}");
    let second = world.apply(&launched(), &"one".into());
    assert_eq!(second, Ok(Outcome::AlreadyTrue { vm: Some("east-vm-1".into()) }));
    assert_eq!(world.vms().len(), 1);
}

#[test]
fn failed_boots_slow_boots_and_slackers() {
    let mut failing = quiet();
    failing.faults.failed_boots = Probability::ALWAYS;
    let mut slow = quiet();
    slow.faults.slow_boots = SlowBoots { rate: Probability::ALWAYS, factor: 3 };
    let mut slack = quiet();
    slack.faults.slackers = Probability::ALWAYS;
    let mut text = String::new();
    for parts in [failing, slow, slack] {
        let mut world = world(parts);
        launch(&mut world, "small");
        text += &film(&mut world, &[100, 300, 400]);
        let endpoints = world.vms()[0].workers.iter().flatten().map(|w| w.endpoints.len()).sum();
        let connected: usize = endpoints;
        text += &format!("connected: {connected}\n");
    }
    expect![[r#"
        1m40s | east-vm-1 failed
        5m | east-vm-1 failed
        6m40s | east-vm-1 failed
        connected: 0
        1m40s | east-vm-1 booting
        5m | east-vm-1 running ocr-1
        6m40s | east-vm-1 running ocr-1
        connected: 1
        1m40s | east-vm-1 running ocr-1
        5m | east-vm-1 running ocr-1
        6m40s | east-vm-1 running ocr-1
        connected: 0
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_lost_machine_gives_its_messages_back() {
    let mut parts = quiet();
    parts.faults.vm_losses = vec![secs(110)];
    let mut world = world(parts);
    launch(&mut world, "small");
    film(&mut world, &[102]);
    world.publish(&"ocr".into(), 3).unwrap();
    expect![[r#"
        1m49s ocr=2+1+0 | east-vm-1 running ocr-1
        1m50s ocr=3+0+0
    "#]]
    .assert_eq(&film(&mut world, &[109, 110]));
    let totals = world.totals();
    assert_eq!((totals.redelivered(), totals.counts.vms_lost), (1, 1));
    assert_eq!(totals.counts.lost_work, secs(8));
    launch(&mut world, "small");
    expect![[r#"
        5m ocr=0+0+3 | east-vm-2 running ocr-2
    "#]]
    .assert_eq(&film(&mut world, &[300]));
}

#[test]
fn what_a_lost_machine_gives_back_goes_to_who_is_idle() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    launch(&mut world, "small");
    film(&mut world, &[102]);
    world.publish(&"ocr".into(), 1).unwrap();
    film(&mut world, &[104]);
    let vms = world.vms();
    let busy = vms.iter().find(|vm| vm.load == Some(1.0)).unwrap();
    assert!(world.lose(&busy.id));
    assert!(!world.lose(&busy.id), "lost twice");
    expect![[r#"
        1m44s ocr=0+1+0 | east-vm-2 running ocr-2
        1m53s ocr=0+1+0 | east-vm-2 running ocr-2
        1m54s ocr=0+0+1 | east-vm-2 running ocr-2
    "#]]
    .assert_eq(&film(&mut world, &[104, 113, 114]));
}

#[test]
fn crashed_workers_come_to_their_rate_and_lose_no_message() {
    let mut parts = lively(3, 600.0);
    parts.faults.worker_crashes_per_hour = 2.0;
    let mut world = world(parts);
    for _ in 0..200 {
        launch(&mut world, "small");
    }
    run(&mut world, secs(90 + 1800));
    // 1 - exp(-1) of them are dead after half an hour: 126, give or take 5 deviations.
    let totals = world.totals();
    assert!((90..165).contains(&totals.counts.workers_crashed), "{:?}", totals.counts);
    assert!(totals.redelivered() > 0, "nobody died at work");
    assert!(totals.counts.lost_work > Duration::ZERO);
}

#[tokio::test]
async fn outages_are_errors_and_nothing_else_changes() {
    let mut parts = quiet();
    parts.faults.source_outages = vec![Outage::new(secs(10), secs(20)).unwrap()];
    parts.faults.list_outages = vec![Outage::new(secs(15), secs(25)).unwrap()];
    let clock = ManualClock::new(START);
    let site = Site::new(world(parts), clock.reader());
    let (cloud, source) = (SimCloud::new(site.clone()), SimSource::new(site));
    let mut text = String::new();
    for second in [0, 10, 15, 20, 25] {
        clock.advance_to(START.plus(secs(second)));
        let list = match cloud.list().await {
            Ok(list) => format!("{} VMs", list.len()),
            Err(error) => error.failure().to_string(),
        };
        let read = match source.read(&BTreeSet::from(["ocr".into()])).await {
            Ok(reading) => format!("{} queue", reading.queues.len()),
            Err(error) => error.kind().to_owned(),
        };
        let launch = cloud.apply(&launched(), &format!("{second}").into()).await.is_ok();
        text += &format!("{second}s list: {list}; source: {read}; launches: {launch}\n");
    }
    expect![[r#"
        0s list: 0 VMs; source: 1 queue; launches: true
        10s list: 1 VMs; source: unreachable; launches: true
        15s list: unclear: listing the simulated machines: outcome unknown: a simulated outage; source: unreachable; launches: true
        20s list: unclear: listing the simulated machines: outcome unknown: a simulated outage; source: 1 queue; launches: true
        25s list: 4 VMs; source: 1 queue; launches: true
    "#]].assert_eq(&text);
}

#[test]
fn parts_that_make_no_world_are_told_all_at_once() {
    let mut parts: WorldParts = quiet();
    parts.profiles.insert("lost".into(), vec!["nowhere".into()]);
    parts.profiles.insert("none".into(), vec![]);
    let image = parts.images.get_mut("small").unwrap();
    image.vcpus = 0;
    image.cost_per_hour = f64::NAN;
    image.hosts.insert("ghost".into(), 1);
    parts.sample_every = Duration::ZERO;
    parts.source_lag = Duration::from_millis(1);
    parts.faults.worker_crashes_per_hour = -1.0;
    parts.faults.slow_boots.factor = 0;
    let error = WorldSpec::new(parts).unwrap_err();
    expect![[r#"
        profile lost serves queue nowhere, which is not there
        profile none serves no queue
        image small has no vCPU
        image small costs NaN an hour
        image small hosts profile ghost, which is not there
        workers crash -1 times an hour
        samples are less than 1 s apart
        the source lags by less than 1 s, and not by zero
        a slow boot takes no time at all"#]]
    .assert_eq(&error.problems.join("\n"));
}
