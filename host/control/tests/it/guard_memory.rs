//! Guards that remember: what they do over time, after a restart, a reload, a
//! failure, and when the clock is set back.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::explain::Direction;

use crate::fleet::{Cloud, Fleet, story};

fn check(profile: &str, workers: u32, wishes: &[u32], expected: Expect) {
    let mut fleet = Fleet::new(profile, workers);
    expected.assert_eq(&story(&mut fleet, wishes, Cloud::Willing));
}

#[test]
fn flapping_load_flaps_the_fleet_but_for_stabilisation() {
    let flapping: Vec<u32> = (0..20).map(|nth| if nth % 2 == 0 { 2 } else { 6 }).collect();
    let sizes = |guards: &str| {
        let mut fleet = Fleet::new(&format!("profile ocr 0..9\n guards ocr {guards}"), 6);
        let sizes: Vec<u32> = flapping
            .iter()
            .map(|wanted| {
                fleet.tick(*wanted, Cloud::Willing);
                fleet.after(Duration::from_secs(40));
                fleet.workers()
            })
            .collect();
        sizes.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    assert_eq!(sizes("tolerance=0"), 19, "without guards every tick changes the fleet");
    assert_eq!(sizes("in.stabilisation=5m"), 0);
    assert_eq!(sizes("out.stabilisation=5m"), 0);
}

#[test]
fn scale_in_goes_to_the_highest_recent_wish() {
    check(
        "profile ocr 0..9\n guards ocr in.stabilisation=2m",
        5,
        &[5, 3, 4, 2, 2, 2, 2],
        expect![[r#"
            0s 5 wants 5 -> 5
            40s 5 wants 3 -> 5
                stabilisation: 3 wanted, stays at 5: the highest wish of the last 2m was 5 (guards.scale_in.stabilisation)
            80s 5 wants 4 -> 5
                stabilisation: 4 wanted, stays at 5: the highest wish of the last 2m was 5 (guards.scale_in.stabilisation)
            120s 5 wants 2 -> 4
                stabilisation: 2 wanted, allowed 4: the highest wish of the last 2m was 4 (guards.scale_in.stabilisation)
            160s 4 wants 2 -> 4
                stabilisation: 2 wanted, stays at 4: the highest wish of the last 2m was 4 (guards.scale_in.stabilisation)
            200s 4 wants 2 -> 2
            240s 2 wants 2 -> 2
        "#]],
    );
}

#[test]
fn scale_out_goes_to_the_lowest_recent_wish() {
    check(
        "profile ocr 0..9\n guards ocr out.stabilisation=1m",
        2,
        &[2, 6, 4, 7, 7],
        expect![[r#"
        0s 2 wants 2 -> 2
        40s 2 wants 6 -> 2
            stabilisation: 6 wanted, stays at 2: the lowest wish of the last 1m was 2 (guards.scale_out.stabilisation)
        80s 2 wants 4 -> 4
        120s 4 wants 7 -> 4
            stabilisation: 7 wanted, stays at 4: the lowest wish of the last 1m was 4 (guards.scale_out.stabilisation)
        160s 4 wants 7 -> 7
    "#]],
    );
}

#[test]
fn what_was_wished_before_the_first_look_is_not_known() {
    check(
        "profile ocr 0..9\n guards ocr in.stabilisation=1m",
        5,
        &[1, 1, 1],
        expect![[r#"
        0s 5 wants 1 -> 5
            stabilisation: 1 wanted, stays at 5: nothing is known of the 1m before (guards.scale_in.stabilisation)
        40s 5 wants 1 -> 5
            stabilisation: 1 wanted, stays at 5: the highest wish of the last 1m was 5 (guards.scale_in.stabilisation)
        80s 5 wants 1 -> 1
    "#]],
    );
}

#[test]
fn cooldown_for_each_way() {
    check(
        "profile ocr 0..9\n guards ocr out.cooldown=1m in.cooldown=2m",
        2,
        &[3, 4, 4, 1, 1, 1, 0, 5],
        expect![[r#"
            0s 2 wants 3 -> 3
            40s 3 wants 4 -> 3
                cooldown: 4 wanted, stays at 3: the last change was 40s ago, and 1m must pass (guards.scale_out.cooldown)
            80s 3 wants 4 -> 4
            120s 4 wants 1 -> 4
                cooldown: 1 wanted, stays at 4: the last change was 40s ago, and 2m must pass (guards.scale_in.cooldown)
            160s 4 wants 1 -> 4
                cooldown: 1 wanted, stays at 4: the last change was 1m20s ago, and 2m must pass (guards.scale_in.cooldown)
            200s 4 wants 1 -> 1
            240s 1 wants 0 -> 1
                cooldown: 0 wanted, stays at 1: the last change was 40s ago, and 2m must pass (guards.scale_in.cooldown)
            280s 1 wants 5 -> 5
        "#]],
    );
}

#[test]
fn limits_of_so_many_in_so_much_time() {
    check(
        "profile ocr 0..30\n guards ocr out.rates=2/1m,50%/1m in.rates=3/2m",
        4,
        &[20, 20, 20, 20, 2, 2, 2, 2],
        expect![[r#"
            0s 4 wants 20 -> 6
                rate: 20 wanted, allowed 6: at most 50 % in 1m (guards.scale_out.rates)
            40s 6 wants 20 -> 6
                rate: 20 wanted, stays at 6: at most 50 % in 1m, of which 2 came before (guards.scale_out.rates)
            80s 6 wants 20 -> 9
                rate: 20 wanted, allowed 9: at most 50 % in 1m (guards.scale_out.rates)
            120s 9 wants 20 -> 9
                rate: 20 wanted, stays at 9: at most 50 % in 1m, of which 3 came before (guards.scale_out.rates)
            160s 9 wants 2 -> 6
                rate: 2 wanted, allowed 6: at most 3 in 2m (guards.scale_in.rates)
            200s 6 wants 2 -> 6
                rate: 2 wanted, stays at 6: at most 3 in 2m, of which 3 went before (guards.scale_in.rates)
            240s 6 wants 2 -> 6
                rate: 2 wanted, stays at 6: at most 3 in 2m, of which 3 went before (guards.scale_in.rates)
            280s 6 wants 2 -> 3
                rate: 2 wanted, allowed 3: at most 3 in 2m (guards.scale_in.rates)
        "#]],
    );
}

/// The operator's own minimum waits for nothing.
#[test]
fn the_minimum_is_kept_up_at_once_whatever_slows_the_rest() {
    check(
        "profile ocr 4..9\n guards ocr out.cooldown=10m out.rates=1/10m out.stabilisation=10m",
        0,
        &[0, 9],
        expect![[r#"
            0s 0 wants 0 -> 4
                bounds: 0 wanted, 4 needed: workers.min is 4
            40s 4 wants 9 -> 4
                stabilisation: 9 wanted, stays at 4: the lowest wish of the last 10m was 0 (guards.scale_out.stabilisation)
        "#]],
    );
    check(
        "profile ocr 4..9\n guards ocr out.select=disabled tolerance=100",
        1,
        &[9, 9],
        expect![[r#"
            0s 1 wants 9 -> 4
                rate: 9 wanted, stays at 1: scale out is disabled (guards.scale_out.select)
                bounds: 1 wanted, 4 needed: workers.min is 4
            40s 4 wants 9 -> 4
                rate: 9 wanted, stays at 4: scale out is disabled (guards.scale_out.select)
        "#]],
    );
}

/// A lowered maximum is come down to at the pace of any other scale in.
#[test]
fn above_the_maximum_scale_in_keeps_its_pace() {
    check(
        "profile ocr 0..3\n guards ocr in.rates=2/1m in.stabilisation=10m tolerance=50",
        8,
        &[8, 8, 8, 8],
        expect![[r#"
            0s 8 wants 8 -> 6
                bounds: 8 wanted, 3 allowed: workers.max is 3
                rate: 3 wanted, allowed 6: at most 2 in 1m (guards.scale_in.rates)
            40s 6 wants 8 -> 6
                tolerance: 8 wanted, stays at 6: no more than 50 % of 6 away (guards.tolerance_percent)
                bounds: 6 wanted, 3 allowed: workers.max is 3
                rate: 3 wanted, stays at 6: at most 2 in 1m, of which 2 went before (guards.scale_in.rates)
            80s 6 wants 8 -> 4
                tolerance: 8 wanted, stays at 6: no more than 50 % of 6 away (guards.tolerance_percent)
                bounds: 6 wanted, 3 allowed: workers.max is 3
                rate: 3 wanted, allowed 4: at most 2 in 1m (guards.scale_in.rates)
            120s 4 wants 8 -> 4
                bounds: 8 wanted, 3 allowed: workers.max is 3
                rate: 3 wanted, stays at 4: at most 2 in 1m, of which 2 went before (guards.scale_in.rates)
        "#]],
    );
}

/// What the cloud refused was no change: neither a cooldown nor a used-up rate.
#[test]
fn a_refused_launch_uses_up_nothing() {
    let mut fleet = Fleet::new("profile ocr 0..9\n guards ocr out.cooldown=30m out.rates=2/30m", 1);
    let refused = story(&mut fleet, &[3], Cloud::Refusing);
    fleet.after(Duration::from_secs(600));
    let then = story(&mut fleet, &[9, 9], Cloud::Willing);
    expect![[r#"
        refused
        0s 1 wants 3 -> 1
        willing
        640s 1 wants 9 -> 3
            rate: 9 wanted, allowed 3: at most 2 in 30m (guards.scale_out.rates)
        680s 3 wants 9 -> 3
            cooldown: 9 wanted, stays at 3: the last change was 40s ago, and 30m must pass (guards.scale_out.cooldown)
    "#]].assert_eq(&format!("refused\n{refused}willing\n{then}"));
}

#[test]
fn a_restart_forgets_nothing() {
    let lines = "profile ocr 0..9\n guards ocr in.stabilisation=2m out.cooldown=2m";
    let wishes = [6, 7, 7, 2, 2, 2, 2, 2];
    let mut whole = Fleet::new(lines, 5);
    let expected = story(&mut whole, &wishes, Cloud::Willing);
    let mut killed = Fleet::new(lines, 5);
    let mut told = String::new();
    for wish in wishes {
        told.push_str(&story(&mut killed, &[wish], Cloud::Willing));
        killed.restart();
    }
    assert_eq!(told, expected);
    expect![[r#"
        0s 5 wants 6 -> 6
        40s 6 wants 7 -> 6
            cooldown: 7 wanted, stays at 6: the last change was 40s ago, and 2m must pass (guards.scale_out.cooldown)
        80s 6 wants 7 -> 6
            cooldown: 7 wanted, stays at 6: the last change was 1m20s ago, and 2m must pass (guards.scale_out.cooldown)
        120s 6 wants 2 -> 6
            stabilisation: 2 wanted, stays at 6: the highest wish of the last 2m was 7 (guards.scale_in.stabilisation)
        160s 6 wants 2 -> 6
            stabilisation: 2 wanted, stays at 6: the highest wish of the last 2m was 7 (guards.scale_in.stabilisation)
        200s 6 wants 2 -> 2
        240s 2 wants 2 -> 2
        280s 2 wants 2 -> 2
    "#]].assert_eq(&told);
}

/// After a night without a host there is no telling what was wished meanwhile.
#[test]
fn a_host_that_was_away_for_long_looks_for_a_window_first() {
    let mut fleet = Fleet::new("profile ocr 0..9\n guards ocr in.stabilisation=1m", 5);
    let before = story(&mut fleet, &[5], Cloud::Willing);
    fleet.after(Duration::from_secs(8 * 3600));
    fleet.restart();
    let after = story(&mut fleet, &[2, 2, 2], Cloud::Willing);
    expect![[r#"
        0s 5 wants 5 -> 5
        28840s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: nothing is known of the 1m before (guards.scale_in.stabilisation)
        28880s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: the highest wish of the last 1m was 5 (guards.scale_in.stabilisation)
        28920s 5 wants 2 -> 2
    "#]].assert_eq(&format!("{before}{after}"));
}

#[test]
fn a_reload_takes_new_guards_and_keeps_the_memory() {
    let mut fleet = Fleet::new("profile ocr 0..9\n guards ocr in.stabilisation=10m", 3);
    let before = story(&mut fleet, &[5, 3], Cloud::Willing);
    fleet.reconfigure("profile ocr 0..9\n guards ocr in.stabilisation=3m out.cooldown=5m");
    let after = story(&mut fleet, &[9, 2, 2, 2, 2], Cloud::Willing);
    expect![[r#"
        0s 3 wants 5 -> 5
        40s 5 wants 3 -> 5
            stabilisation: 3 wanted, stays at 5: the highest wish of the last 10m was 5 (guards.scale_in.stabilisation)
        reload
        80s 5 wants 9 -> 5
            cooldown: 9 wanted, stays at 5: the last change was 1m20s ago, and 5m must pass (guards.scale_out.cooldown)
        120s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: the highest wish of the last 3m was 9 (guards.scale_in.stabilisation)
        160s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: the highest wish of the last 3m was 9 (guards.scale_in.stabilisation)
        200s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: the highest wish of the last 3m was 9 (guards.scale_in.stabilisation)
        240s 5 wants 2 -> 5
            stabilisation: 2 wanted, stays at 5: the highest wish of the last 3m was 9 (guards.scale_in.stabilisation)
    "#]].assert_eq(&format!("{before}reload\n{after}"));
}

#[test]
fn a_clock_that_is_set_back_freezes_nothing_for_ever() {
    let mut fleet =
        Fleet::new("profile ocr 0..9\n guards ocr out.cooldown=1m in.stabilisation=1m", 2);
    fleet.after(Duration::from_secs(3600));
    let before = story(&mut fleet, &[3], Cloud::Willing);
    fleet.back(Duration::from_secs(3600));
    let after = story(&mut fleet, &[9, 9, 9, 1, 1, 1], Cloud::Willing);
    expect![[r#"
        3600s 2 wants 3 -> 3
        back
        40s 3 wants 9 -> 3
            cooldown: 9 wanted, stays at 3: the last change was 0ms ago, and 1m must pass (guards.scale_out.cooldown)
        80s 3 wants 9 -> 3
            cooldown: 9 wanted, stays at 3: the last change was 40s ago, and 1m must pass (guards.scale_out.cooldown)
        120s 3 wants 9 -> 9
        160s 9 wants 1 -> 9
            stabilisation: 1 wanted, stays at 9: the highest wish of the last 1m was 9 (guards.scale_in.stabilisation)
        200s 9 wants 1 -> 1
        240s 1 wants 1 -> 1
    "#]].assert_eq(&format!("{before}back\n{after}"));
}

/// The most entries of one list.
const MOST: usize = 256;

/// What does not fit is put together so that it holds longer, never shorter.
#[test]
fn a_memory_that_is_full_forgets_nothing_that_holds_back() {
    let mut fleet = Fleet::new("every 1s\n profile ocr 0..9\n guards ocr out.cooldown=1ms", 0);
    for nth in 0..80_u32 {
        fleet.tick(if nth % 2 == 0 { 9 } else { 0 }, Cloud::Willing);
        fleet.after(Duration::from_secs(2));
    }
    let memory = fleet.memory();
    let planned: i64 = memory.changes.iter().map(|change| change.by.abs()).sum();
    assert_eq!((memory.changes.len(), planned), (MOST, 80 * 9));

    let mut fleet = Fleet::new(
        "every 1s\n profile ocr 0..9\n guards ocr out.select=disabled in.stabilisation=1h",
        1,
    );
    for nth in 0..300 {
        fleet.tick(1000 - nth, Cloud::Willing);
        fleet.after(Duration::from_secs(2));
    }
    let wishes = &fleet.memory().highest.0;
    assert_eq!((wishes.len(), wishes[0].workers), (MOST, 1000));
}

/// Many changes one way push out no change the other way.
#[test]
fn the_last_change_of_each_way_stays() {
    let mut fleet = Fleet::new("profile ocr 0..300\n guards ocr in.cooldown=1h", 1);
    fleet.tick(0, Cloud::Willing);
    let before = fleet.now;
    fleet.after(Duration::from_secs(40));
    fleet.tick(300, Cloud::Willing);
    let memory = fleet.memory();
    assert_eq!((memory.changes.len(), memory.last(Direction::In)), (MOST, Some(before)));
}
