//! Leaving that takes too long: told of once, never forced, with a way back.

use expect_test::expect;

use crate::script::check;

#[test]
fn a_machine_that_does_not_leave_is_told_of_once_and_taken_back() {
    check(
        "image small vcpus=1 hosts=ocr:1
         drain-deadline 10m
         limits vms=2
         profile ocr 0..9
         vm a small suspending load=1 ocr=busy
         vm b small terminating load=1 ocr=busy
         says ocr p 0",
        "tick
         recorded
         after 11m
         now says ocr p +1
         tick
         recorded
         tick
         recorded
         ok 1
         now vm a small running load=1 ocr=busy
         tick",
        expect![[r#"
            tick
              tick 1 ocr: hold at 0: p said so
            recorded
            after 11m
            now says ocr p +1
            tick
              warn: a has been suspending for 11m, longer than drain_deadline (10m), as a worker on it does not finish: the machine is taken back into service
              warn: b has been terminating for 11m, longer than drain_deadline (10m), as a worker on it does not finish: it is not killed; look at the machine
              tick 2 ocr: wants 2, stays at 1: image small: the site would use 3 vms, and limits.vms is 2
              plan east-g-2-drain-1 resume a
            recorded
              act 1: east-g-2-drain-1 resume a
            tick
              tick 3 ocr: wants 2, stays at 1: image small: the site would use 3 vms, and limits.vms is 2
            recorded
            ok 1
              close east-g-2-drain-1: done (some)
            now vm a small running load=1 ocr=busy
            tick
              tick 4 ocr: wants 2, stays at 1: image small: the site would use 3 vms, and limits.vms is 2
        "#]],
    );
}

#[test]
fn a_worker_that_does_not_leave_is_told_of_once() {
    check(
        "image small vcpus=1 hosts=ocr:1
         drain-deadline 10m
         profile ocr 0..9
         vm a small running load=1 ocr=draining
         says ocr p 0",
        "tick
         after 11m
         tick
         tick",
        expect![[r#"
            tick
              tick 1 ocr: hold at 0: p said so
            after 11m
            tick
              warn: worker a.1 on a has been leaving for 11m, longer than drain_deadline (10m), and does not finish: it is not killed; look at it
              tick 2 ocr: hold at 0: p said so
            tick
              tick 3 ocr: hold at 0: p said so
        "#]],
    );
}
