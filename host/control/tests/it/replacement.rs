//! What follows at once from an action that failed.

use expect_test::expect;

use crate::script::check;

#[test]
fn a_failed_resume_is_followed_by_the_next_at_once_and_then_by_a_launch() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 0..9
         vm a small suspended
         vm b small suspended
         says ocr p +1",
        "tick
         recorded
         rejected 1
         recorded
         not-found 2
         recorded
         no-capacity 3
         recorded
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 resume a
            recorded
              act 1: east-g-1-1 resume a
            rejected 1
              tick 2 ocr: scale out 0 -> 1: p said so
              plan east-g-1-2 resume b
              warn: resume a failed, rejected: the cloud said rejected
              close east-g-1-1: failed, rejected: the cloud said rejected
            recorded
              act 2: east-g-1-2 resume b
            not-found 2
              tick 3 ocr: scale out 0 -> 1: p said so
              plan east-g-1-3 launch image small
              warn: resume b failed, not-found: the cloud said not-found
              close east-g-1-2: failed, not-found: the cloud said not-found
            recorded
              act 3: east-g-1-3 launch image small
            no-capacity 3
              tick 4 ocr: wants 1, stays at 0: image small is not launched for 30s: no-capacity: the cloud said no-capacity
              warn: launch image small failed, no-capacity: the cloud said no-capacity
              close east-g-1-3: failed, no-capacity: the cloud said no-capacity
            recorded
            tick
              tick 5 ocr: scale out 0 -> 1: p said so
              plan east-g-5-1 resume b
        "#]],
    );
}

#[test]
fn what_did_not_fit_is_looked_at_again_after_a_failure() {
    check(
        "image pair vcpus=1 hosts=ocr:2
         image single vcpus=1 hosts=ocr:1
         limits vms=2
         profile ocr 0..2
         vm a single suspended
         vm b pair suspended
         says ocr p +2",
        "tick
         recorded
         rejected 1",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1, wants 2: image single: the site would use 3 vms, and limits.vms is 2
              plan east-g-1-1 resume a
            recorded
              act 1: east-g-1-1 resume a
            rejected 1
              tick 2 ocr: scale out 0 -> 2: p said so
              plan east-g-1-2 resume b
              warn: resume a failed, rejected: the cloud said rejected
              close east-g-1-1: failed, rejected: the cloud said rejected
        "#]],
    );
}

#[test]
fn a_failed_resume_of_an_earlier_tick_is_left_to_the_next() {
    check(
        "image small vcpus=1 hosts=ocr:1
         profile ocr 0..9
         vm a small suspended
         vm b small suspended
         says ocr p +1",
        "tick
         recorded
         due
         rejected 1
         observe
         evaluate",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 resume a
            recorded
              act 1: east-g-1-1 resume a
            due
            rejected 1
              warn: resume a failed, rejected: the cloud said rejected
              close east-g-1-1: failed, rejected: the cloud said rejected
            observe
            evaluate
              tick 2 ocr: scale out 0 -> 1: p said so
              plan east-g-2-1 resume b
        "#]],
    );
}

#[test]
fn no_capacity_for_an_image_brings_the_next_image() {
    check(
        "image a vcpus=1 cost=0.1 hosts=ocr:1
         image b vcpus=1 cost=0.2 hosts=ocr:1
         limits vms=1
         profile ocr 0..9
         says ocr p +1",
        "tick
         recorded
         no-capacity 1
         recorded
         quota 2",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image a
            recorded
              act 1: east-g-1-1 launch image a
            no-capacity 1
              tick 2 ocr: scale out 0 -> 1: p said so
              plan east-g-1-2 launch image b
              warn: launch image a failed, no-capacity: the cloud said no-capacity
              close east-g-1-1: failed, no-capacity: the cloud said no-capacity
            recorded
              act 2: east-g-1-2 launch image b
            quota 2
              tick 3 ocr: wants 1, stays at 0: no image is launched for 30s: quota-exceeded: the cloud said quota
              warn: launch image b failed, quota-exceeded: the cloud said quota
              close east-g-1-2: failed, quota-exceeded: the cloud said quota
        "#]],
    );
}

#[test]
fn a_worker_that_cannot_be_started_is_started_elsewhere() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm a small running load=0 ocr=idle
         vm b small running load=0.1 ocr=idle
         says ocr p +1",
        "tick
         recorded
         rejected 1
         recorded
         rejected 2",
        expect![[r#"
            tick
              tick 1 ocr: scale out 2 -> 3: p said so
              plan east-g-1-1 start a worker of ocr on a
            recorded
              act 1: east-g-1-1 start a worker of ocr on a
            rejected 1
              tick 2 ocr: scale out 2 -> 3: p said so
              plan east-g-1-2 start a worker of ocr on b
              warn: start a worker of ocr on a failed, rejected: the cloud said rejected
              close east-g-1-1: failed, rejected: the cloud said rejected
            recorded
              act 2: east-g-1-2 start a worker of ocr on b
            rejected 2
              tick 3 ocr: wants 3, stays at 2: image small: the site would use 3 vms, and limits.vms is 2
              warn: start a worker of ocr on b failed, rejected: the cloud said rejected
              close east-g-1-2: failed, rejected: the cloud said rejected
        "#]],
    );
}

#[test]
fn a_failed_removal_is_not_replaced() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small running load=0 ocr=idle
         vm b small running load=0.1 ocr=idle
         says ocr p -1",
        "tick
         recorded
         rejected 1
         tick",
        expect![[r#"
            tick
              tick 1 ocr: scale in 2 -> 1: p said so
              plan east-g-1-1 suspend a
            recorded
              act 1: east-g-1-1 suspend a
            rejected 1
              warn: suspend a failed, rejected: the cloud said rejected
              close east-g-1-1: failed, rejected: the cloud said rejected
            tick
              tick 2 ocr: scale in 2 -> 1: p said so
              plan east-g-2-1 suspend b
        "#]],
    );
}
