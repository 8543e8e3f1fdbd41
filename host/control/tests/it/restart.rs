//! A host that was killed, and the next one: adopts or finishes, never does
//! anything twice.

use expect_test::expect;

use crate::script::check;

const ONE: &str = "image small vcpus=1 hosts=ocr:1
    limits vms=1
    profile ocr 1..1
    says ocr p 0";

#[test]
fn a_launch_that_was_not_carried_out_is_under_the_same_key() {
    check(
        ONE,
        "tick\nrestart\ntick\nok 1\ntick",
        expect![[r#"
        tick
          tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
          plan east-g-1-1 launch image small
        restart
        tick
          act 1: east-g-1-1 launch image small
          tick 2 ocr: hold at 1: p said so
        ok 1
        tick
          tick 3 ocr: hold at 1: p said so
    "#]],
    );
}

#[test]
fn a_launch_that_was_carried_out_is_adopted() {
    check(
        ONE,
        "tick
         recorded
         restart
         now vm a small booting key=east-g-1-1
         tick
         now vm a small running key=east-g-1-1 ocr=idle
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            restart
            now vm a small booting key=east-g-1-1
            tick
              close east-g-1-1: done (a)
              tick 2 ocr: hold at 1: p said so
            now vm a small running key=east-g-1-1 ocr=idle
            tick
              tick 3 ocr: hold at 1: p said so
        "#]],
    );
}

#[test]
fn while_the_list_is_missing_nothing_is_repaired_and_nothing_planned() {
    check(
        ONE,
        "tick
         recorded
         restart
         now cloud missing
         tick
         after 6m
         tick
         gone cloud missing
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            restart
            now cloud missing
            tick
              tick 2 ocr: hold at 1: p said so
            after 6m
            tick
              tick 3 ocr: hold at 1: p said so
            gone cloud missing
            tick
              act 2: east-g-1-1 launch image small
              tick 4 ocr: hold at 1: p said so
        "#]],
    );
}

#[test]
fn what_takes_workers_away_is_decided_anew() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small running load=0 ocr=idle
         vm b small running load=0 ocr=idle
         vm c small running load=0 ocr=idle
         says ocr p -2",
        "tick
         recorded
         restart
         now vm a small suspending ocr=draining
         now says ocr p 0
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale in 3 -> 1: p said so
              plan east-g-1-1 suspend a
              plan east-g-1-2 suspend b
            recorded
              act 1: east-g-1-1 suspend a
              act 2: east-g-1-2 suspend b
            restart
            now vm a small suspending ocr=draining
            now says ocr p 0
            tick
              close east-g-1-1: done (a)
              close east-g-1-2: abandoned, the host stopped before it was seen to be done; the next tick decides anew
              tick 2 ocr: hold at 2: p said so
        "#]],
    );
}

#[test]
fn keys_are_never_used_again() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 0..9
         says ocr p +1",
        "tick
         recorded
         ok 1
         restart
         tick
         recorded
         no-capacity 2
         restart
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            ok 1
            restart
            tick
              act 2: east-g-1-1 launch image small
              tick 2 ocr: scale out 1 -> 2: p said so
              plan east-g-2-1 launch image small
            recorded
              act 3: east-g-2-1 launch image small
            no-capacity 2
              warn: launch image small failed, no-capacity: the cloud said no-capacity
              close east-g-1-1: failed, no-capacity: the cloud said no-capacity
            restart
            tick
              act 4: east-g-2-1 launch image small
              tick 3 ocr: scale out 1 -> 2: p said so
              plan east-g-3-1 launch image small
        "#]],
    );
}
