//! What the cloud says when it says no, or nothing at all.

use expect_test::expect;

use crate::script::check;

const ONE: &str = "image small vcpus=1 hosts=ocr:1
    limits vms=1
    profile ocr 1..1
    says ocr p 0";

#[test]
fn an_unclear_launch_counts_until_the_list_shows_it() {
    check(
        ONE,
        "tick
         recorded
         unclear 1
         tick
         now vm a small booting key=east-g-1-1
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            unclear 1
              warn: launch image small: it is not clear whether it was done, and it counts until the list of machines tells: the cloud said unclear
            tick
              tick 2 ocr: hold at 1: p said so
            now vm a small booting key=east-g-1-1
            tick
              close east-g-1-1: done (a)
              tick 3 ocr: hold at 1: p said so
        "#]],
    );
}

#[test]
fn an_unclear_launch_that_never_shows_is_closed_after_a_while() {
    check(
        ONE,
        "tick
         recorded
         unclear 1
         after 6m
         tick
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            unclear 1
              warn: launch image small: it is not clear whether it was done, and it counts until the list of machines tells: the cloud said unclear
            after 6m
            tick
              warn: launch image small: failed, unclear: the list of machines has not shown it for 5m
              close east-g-1-1: failed, unclear: the list of machines has not shown it for 5m
              tick 2 ocr: hold at 1: p said so
            tick
              tick 3 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-3-1 launch image small
        "#]],
    );
}

#[test]
fn an_unclear_resume_is_not_doubled() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 1..1
         vm a small suspended
         vm b small suspended
         says ocr p 0",
        "tick
         recorded
         unclear 1
         tick
         now vm a small running ocr=idle load=0
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 resume a
            recorded
              act 1: east-g-1-1 resume a
            unclear 1
              warn: resume a: it is not clear whether it was done, and it counts until the list of machines tells: the cloud said unclear
            tick
              tick 2 ocr: hold at 1: p said so
            now vm a small running ocr=idle load=0
            tick
              close east-g-1-1: done (a)
              tick 3 ocr: hold at 1: p said so
        "#]],
    );
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for_for_ever() {
    check(
        ONE,
        "tick
         recorded
         after 61m
         tick
         quiet?
         recorded
         tick
         ok 1
         recorded",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            after 61m
            tick
              warn: launch image small: abandoned, the cloud gave no answer for 1h
              close east-g-1-1: abandoned, the cloud gave no answer for 1h
              tick 2 ocr: hold at 1: p said so
            quiet?
              false
            recorded
            tick
              tick 3 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-3-1 launch image small
            ok 1
            recorded
              act 2: east-g-3-1 launch image small
        "#]],
    );
}

#[test]
fn an_answer_that_never_comes_of_something_that_is_done_closes_it() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 1..1
         vm a small suspended
         says ocr p 0",
        "tick
         recorded
         now vm a small running ocr=idle load=0
         tick
         after 61m
         tick
         rejected 1",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              plan east-g-1-1 resume a
            recorded
              act 1: east-g-1-1 resume a
            now vm a small running ocr=idle load=0
            tick
              tick 2 ocr: hold at 1: p said so
            after 61m
            tick
              close east-g-1-1: done (a)
              tick 3 ocr: hold at 1: p said so
            rejected 1
        "#]],
    );
}

#[test]
fn what_waits_for_the_disk_is_not_given_up() {
    check(
        ONE,
        "tick\nafter 2h\ntick\nrecorded\nrecorded",
        expect![[r#"
        tick
          tick 1 ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
          plan east-g-1-1 launch image small
        after 2h
        tick
          tick 2 ocr: hold at 1: p said so
        recorded
          act 1: east-g-1-1 launch image small
        recorded
    "#]],
    );
}

#[test]
fn pauses_double_and_end_with_a_success() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 0..9
         says ocr p +1",
        "tick
         recorded
         quota 1
         recorded
         after 31s
         tick
         recorded
         quota 2
         recorded
         tick
         recorded
         after 61s
         tick
         recorded
         ok 3
         tick
         recorded
         quota 4",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            quota 1
              tick 2 ocr: wants 1, stays at 0: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-1-1: failed, quota-exceeded: the cloud said quota
            recorded
            after 31s
            tick
              tick 3 ocr: scale out 0 -> 1: p said so
              plan east-g-3-1 launch image small
            recorded
              act 2: east-g-3-1 launch image small
            quota 2
              tick 4 ocr: wants 1, stays at 0: no image is launched for 1m: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-3-1: failed, quota-exceeded: the cloud said quota
            recorded
            tick
              tick 5 ocr: wants 1, stays at 0: no image is launched for 32s: quota-exceeded: the cloud said quota
            recorded
            after 61s
            tick
              tick 6 ocr: scale out 0 -> 1: p said so
              plan east-g-6-1 launch image small
            recorded
              act 3: east-g-6-1 launch image small
            ok 3
            tick
              tick 7 ocr: scale out 1 -> 2: p said so
              plan east-g-7-1 launch image small
            recorded
              act 4: east-g-7-1 launch image small
            quota 4
              tick 8 ocr: wants 2, stays at 1: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-7-1: failed, quota-exceeded: the cloud said quota
        "#]],
    );
}

#[test]
fn failures_of_calls_made_together_are_one_failure() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 0..9
         says ocr p +4",
        "tick
         recorded
         quota 1
         quota 2
         quota 3
         quota 4
         after 31s
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 4: p said so
              plan east-g-1-1 launch image small
              plan east-g-1-2 launch image small
              plan east-g-1-3 launch image small
              plan east-g-1-4 launch image small
            recorded
              act 1: east-g-1-1 launch image small
              act 2: east-g-1-2 launch image small
              act 3: east-g-1-3 launch image small
              act 4: east-g-1-4 launch image small
            quota 1
              tick 2 ocr: scale out 0 -> 3, wants 4: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-1-1: failed, quota-exceeded: the cloud said quota
            quota 2
              tick 3 ocr: scale out 0 -> 2, wants 4: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-1-2: failed, quota-exceeded: the cloud said quota
            quota 3
              tick 4 ocr: scale out 0 -> 1, wants 4: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-1-3: failed, quota-exceeded: the cloud said quota
            quota 4
              tick 5 ocr: wants 4, stays at 0: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image small failed, quota-exceeded: the cloud said quota
              close east-g-1-4: failed, quota-exceeded: the cloud said quota
            after 31s
            tick
              tick 6 ocr: scale out 0 -> 4: p said so
              plan east-g-6-1 launch image small
              plan east-g-6-2 launch image small
              plan east-g-6-3 launch image small
              plan east-g-6-4 launch image small
        "#]],
    );
}
