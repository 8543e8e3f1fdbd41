//! The loop: events in, effects out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use hooke_control::controller::{Beginning, Controller, Event};

use crate::script::{check, intervals};
use crate::situation::{START, situation};

const ONE: &str = "image small vcpus=1 hosts=ocr:1
    profile ocr 0..9
    says ocr p +1";

#[test]
fn nothing_is_called_before_it_is_on_disk() {
    check(
        ONE,
        "tick\nquiet?\nrecorded\nquiet?\nok 1\nquiet?",
        expect![[r#"
        tick
          tick 1 ocr: scale out 0 -> 1: p said so
          plan east-g-1-1 launch image small
        quiet?
          false
        recorded
          act 1: east-g-1-1 launch image small
        quiet?
          false
        ok 1
        quiet?
          true
    "#]],
    );
}

#[test]
fn what_could_not_be_written_is_never_done_nor_counted() {
    check(
        ONE,
        "tick\nnot-recorded\nquiet?\ntick",
        expect![[r#"
        tick
          tick 1 ocr: scale out 0 -> 1: p said so
          plan east-g-1-1 launch image small
        not-recorded
        quiet?
          true
        tick
          tick 2 ocr: scale out 0 -> 1: p said so
          plan east-g-2-1 launch image small
    "#]],
    );
}

#[test]
fn a_tick_while_a_launch_is_under_way_counts_it_until_the_list_shows_it() {
    check(
        "image small vcpus=1 hosts=ocr:1
         limits vms=2
         profile ocr 2..2
         says ocr p 0",
        "tick
         recorded
         tick
         ok 1
         ok 2
         tick
         now vm a small running key=east-g-1-1 load=1 ocr=idle
         now vm b small booting key=east-g-1-2
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 2: 0 wanted, 2 needed: workers.min is 2
              plan east-g-1-1 launch image small
              plan east-g-1-2 launch image small
            recorded
              act 1: east-g-1-1 launch image small
              act 2: east-g-1-2 launch image small
            tick
              tick 2 ocr: hold at 2: p said so
            ok 1
            ok 2
            tick
              tick 3 ocr: hold at 2: p said so
            now vm a small running key=east-g-1-1 load=1 ocr=idle
            now vm b small booting key=east-g-1-2
            tick
              close east-g-1-1: done (some)
              close east-g-1-2: done (some)
              tick 4 ocr: hold at 2: p said so
        "#]],
    );
}

#[test]
fn an_accepted_launch_that_never_shows_is_forgotten_after_a_while() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 1..1
         says ocr p 0",
        "tick
         recorded
         ok 1
         after 4m
         tick
         after 1m
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            ok 1
            after 4m
            tick
              tick 2 ocr: hold at 1: p said so
            after 1m
            tick
              close east-g-1-1: done (some)
              tick 3 ocr: hold at 1: p said so
        "#]],
    );
}

#[test]
fn a_list_that_is_older_than_an_answer_does_not_start_a_worker_twice() {
    check(
        "image big vcpus=8 hosts=ocr:1
         profile ocr 2..9
         vm a big running load=0 ocr=busy
         says ocr p 0",
        "tick
         recorded
         due
         ok 1
         observe
         evaluate
         now vm a big running load=0 ocr=busy ocr=booting
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 1 -> 2: 1 wanted, 2 needed: workers.min is 2
              plan east-g-1-1 start a worker of ocr on a
            recorded
              act 1: east-g-1-1 start a worker of ocr on a
            due
            ok 1
              close east-g-1-1: done (some)
            observe
            evaluate
              tick 2 ocr: hold at 2: p said so
            now vm a big running load=0 ocr=busy ocr=booting
            tick
              tick 3 ocr: hold at 2: p said so
        "#]],
    );
}

#[test]
fn a_worker_that_the_list_shows_before_the_answer_counts_once() {
    check(
        "image big vcpus=8 hosts=ocr:1
         profile ocr 2..9
         vm a big running load=0 ocr=busy
         says ocr p 0",
        "tick
         recorded
         now vm a big running load=0 ocr=idle ocr=booting
         now says ocr p -1
         tick
         ok 1
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 1 -> 2: 1 wanted, 2 needed: workers.min is 2
              plan east-g-1-1 start a worker of ocr on a
            recorded
              act 1: east-g-1-1 start a worker of ocr on a
            now vm a big running load=0 ocr=idle ocr=booting
            now says ocr p -1
            tick
              tick 2 ocr: hold at 2: 1 wanted, 2 needed: workers.min is 2
            ok 1
              close east-g-1-1: done (some)
            tick
              tick 3 ocr: hold at 2: 1 wanted, 2 needed: workers.min is 2
        "#]],
    );
}

#[test]
fn a_machine_is_booting_until_its_workers_are_there() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 1..1
         says ocr p 0",
        "tick
         recorded
         ok 1
         now vm a small booting key=east-g-1-1 age=10s
         tick
         now vm a small running key=east-g-1-1 age=40s
         tick
         after 6m
         now vm a small running key=east-g-1-1 age=7m
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            ok 1
            now vm a small booting key=east-g-1-1 age=10s
            tick
              close east-g-1-1: done (some)
              tick 2 ocr: hold at 1: p said so
            now vm a small running key=east-g-1-1 age=40s
            tick
              tick 3 ocr: hold at 1: p said so
            after 6m
            now vm a small running key=east-g-1-1 age=7m
            tick
              tick 4 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-4-1 launch image small
        "#]],
    );
}

#[test]
fn a_machine_with_an_action_under_way_gets_no_other() {
    check(
        "image small vcpus=1 hosts=ocr:1
         limits vms=1
         profile ocr 0..1
         vm a small running load=1 ocr=idle
         says ocr p -1",
        "tick
         recorded
         now vm a small suspending ocr=idle
         now says ocr p +1
         tick
         ok 1
         tick
         recorded",
        expect![[r#"
            tick
              tick 1 ocr: scale in 1 -> 0: p said so
              plan east-g-1-1 suspend a
            recorded
              act 1: east-g-1-1 suspend a
            now vm a small suspending ocr=idle
            now says ocr p +1
            tick
              tick 2 ocr: wants 1, stays at 0: image small: the site would use 2 vms, and limits.vms is 1
            ok 1
              close east-g-1-1: done (some)
            tick
              tick 3 ocr: scale out 0 -> 1: p said so
              plan east-g-3-1 resume a
            recorded
        "#]],
    );
}

#[test]
fn a_wake_while_a_tick_is_under_way_does_nothing() {
    check(
        ONE,
        "wake
         wake
         evaluate
         observe
         wake
         observe
         evaluate
         evaluate
         observe
         evaluate
         wake
         observe
         evaluate",
        expect![[r#"
            wake
            wake
            evaluate
            observe
            wake
            observe
            evaluate
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            evaluate
            observe
            evaluate
            wake
            observe
            evaluate
        "#]],
    );
}

#[test]
fn a_tick_that_takes_long_does_not_make_its_host_spin() {
    let site = Arc::new(situation("every 10s", START).site);
    let beginning = Beginning::first("g".into());
    let mut controller = Controller::new(site, beginning, START);
    let mut now = START;
    let mut wakes = 0;
    while now < START.plus(Duration::from_secs(100)) {
        controller.handle(Event::Wake, now);
        assert!(controller.next_wakeup() > now, "wakes at once, again");
        now = controller.next_wakeup();
        wakes += 1;
    }
    assert!(wakes < 100, "{wakes} wakes in ten intervals");
}

#[test]
fn a_clock_set_back_does_not_stop_the_loop() {
    check(
        ONE,
        "tick\nrecorded\nback 2h\nwake\nobserve\nevaluate",
        expect![[r#"
        tick
          tick 1 ocr: scale out 0 -> 1: p said so
          plan east-g-1-1 launch image small
        recorded
          act 1: east-g-1-1 launch image small
        back 2h
        wake
        observe
        evaluate
          tick 2 ocr: scale out 1 -> 2: p said so
          plan east-g-2-1 launch image small
    "#]],
    );
}

#[test]
fn a_new_site_counts_from_the_next_tick() {
    check(
        ONE,
        "wake
         observe
         now profile ocr 3..9
         reconfigured
         evaluate
         tick",
        expect![[r#"
            wake
            observe
            now profile ocr 3..9
            reconfigured
            evaluate
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            tick
              tick 2 ocr: scale out 1 -> 3: 2 wanted, 3 needed: workers.min is 3
              plan east-g-2-1 launch image small
              plan east-g-2-2 launch image small
        "#]],
    );
}

#[test]
fn intervals_vary_by_a_tenth_and_differ_between_sites() {
    let every = Duration::from_secs(30);
    let mut all = BTreeSet::new();
    for site in ["east", "west", "north", "south"] {
        let intervals = intervals(site, 50);
        for interval in &intervals {
            assert!(*interval >= every * 9 / 10 && *interval <= every * 11 / 10, "{interval:?}");
        }
        let wide = intervals.iter().max().unwrap().abs_diff(*intervals.iter().min().unwrap());
        assert!(wide > every / 10, "{site} varies by {wide:?} only");
        all.insert(intervals);
    }
    assert_eq!(all.len(), 4);
}
