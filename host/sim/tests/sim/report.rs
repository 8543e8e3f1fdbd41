//! What a run came to.

use expect_test::expect;
use hooke_control::action::Action;
use hooke_control::units::Span;
use hooke_sim::report::SAMPLES_MAX;
use hooke_sim::{ManualClock, Scaled, Site};

use crate::scene::{START, act, film, launch, lively, quiet, secs, vm, world};

#[test]
fn waits_money_and_peaks_add_up() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    launch(&mut world, "both");
    film(&mut world, &[102]);
    world.publish(&"ocr".into(), 10).unwrap();
    film(&mut world, &[200]);
    act(&mut world, &Action::Suspend { vm: vm(1) }).unwrap();
    act(&mut world, &Action::Terminate { vm: vm(2) }).unwrap();
    film(&mut world, &[3700]);
    let totals = world.totals();
    let wait = totals.wait;
    let spans = [wait.p50, wait.p95, wait.max].map(|span| Span(span).to_string());
    let money = totals.money;
    let text = format!(
        "published {} finished {}\nwait of {}: {}\nVM seconds {:.0} cost {:.4}\n{:?}\n",
        totals.published(),
        totals.finished(),
        wait.count,
        spans.join(" "),
        money.vm_hours * 3600.0,
        money.cost,
        totals.counts,
    );
    // Both cost from the end of pending, at 10 s: one until it is suspended at
    // 205 s, one until it is gone at 210 s; that is 395 s at 0.5 an hour.
    expect![[r#"
        published 10 finished 10
        wait of 10: 20s 40s 40s
        VM seconds 395 cost 0.0549
        Counts { launched: 2, refused_launches: 0, failed_boots: 0, vms_lost: 0, workers_crashed: 0, lost_work: 0ns, peak: Peak { vms: 2, vcpus: 4, memory_mib: 8192 } }
    "#]].assert_eq(&text);
}

#[test]
fn the_series_is_bounded_and_even() {
    let mut parts = lively(1, 100.0);
    parts.sample_every = secs(10);
    let mut world = world(parts);
    world.advance_to(START.plus(secs(10 * (SAMPLES_MAX as u64 + 100))));
    assert_eq!(world.series().len(), SAMPLES_MAX);
    let times: Vec<_> = world.series().map(|sample| sample.at).collect();
    assert!(times.windows(2).all(|two| two[1].since(two[0]) == secs(10)));
    assert_eq!(times.last(), Some(&world.now()));
}

#[test]
fn a_site_goes_by_its_clock_and_a_scaled_clock_by_the_callers() {
    let clock = ManualClock::new(START);
    let site = Site::new(world(quiet()), clock.reader());
    clock.advance(secs(90));
    assert_eq!(site.with(|world| world.now()), START.plus(secs(90)));
    clock.advance_to(START);
    assert_eq!(clock.now(), START.plus(secs(90)), "the clock went back");

    let scaled = Scaled { origin: START, factor: 480 };
    assert_eq!(scaled.at(secs(30)), START.plus(secs(4 * 3600)));
    assert_eq!(scaled.wait(secs(480)), secs(1));
}
