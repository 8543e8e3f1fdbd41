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
              warn: b has been terminating for 11m, longer than drain_deadline (10m), as a worker on it does not finish: it is asked again, its room is not counted on, and no worker is killed; look at the machine
              tick 2 ocr: wants 2, stays at 1: image small: the site would use 3 vms, and limits.vms is 2
              plan east-g-2-drain-1 resume a
              plan east-g-2-drain-2 terminate b
            recorded
              act 1: east-g-2-drain-1 resume a
              act 2: east-g-2-drain-2 terminate b
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

/// One that hangs is asked to end again, ever less often, and never killed. The
/// room it takes counts as used, and nobody counts on having it soon.
#[test]
fn a_machine_that_hangs_in_its_end_is_asked_again_and_not_counted_on() {
    check(
        "image a hosts=aa:1
         image b hosts=bb:1
         drain-deadline 10m
         limits vms=3
         profile aa 0..9
         profile bb 0..9
         vm b1 b terminating load=1 bb=draining
         vm b2 b running load=1 bb=idle
         vm b3 b running load=1 bb=idle
         says aa p +1
         says bb p 0",
        "tick
         tick
         tick
         tick
         after 10m
         tick
         recorded
         recorded
         recorded
         recorded
         recorded
         ok 1
         ok 2
         now vm b2 b terminating load=1 bb=draining
         tick
         recorded
         after 5s
         tick
         recorded
         ok 3
         tick
         recorded
         after 1m
         tick
         recorded",
        expect![[r#"
            tick
              tick 1 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 1 bb: hold at 2: p said so
            tick
              tick 2 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 2 bb: hold at 2: p said so
            tick
              tick 3 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 3 bb: hold at 2: p said so
            tick
              tick 4 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 4 bb: hold at 2: p said so
            after 10m
            tick
              warn: b1 has been terminating for 11m24s, longer than drain_deadline (10m), as a worker on it does not finish: it is asked again, its room is not counted on, and no worker is killed; look at the machine
              tick 5 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 5 bb: scale in 2 -> 1: 2 wanted, 1 allowed: reclaimed for aa, which limits have held up for 4 ticks; bb holds 3 of 3 vms, fair share 2 (weight 1 of 2)
              plan east-g-5-drain-1 terminate b1
              plan east-g-5-1 terminate b2
            recorded
            recorded
            recorded
            recorded
            recorded
              act 1: east-g-5-drain-1 terminate b1
              act 2: east-g-5-1 terminate b2
            ok 1
              close east-g-5-drain-1: done (some)
            ok 2
              close east-g-5-1: done (some)
            now vm b2 b terminating load=1 bb=draining
            tick
              tick 6 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 6 bb: hold at 1: p said so
            recorded
            after 5s
            tick
              tick 7 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 7 bb: hold at 1: p said so
              plan east-g-7-drain-1 terminate b1
            recorded
              act 3: east-g-7-drain-1 terminate b1
            ok 3
              close east-g-7-drain-1: done (some)
            tick
              tick 8 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 8 bb: hold at 1: p said so
            recorded
            after 1m
            tick
              tick 9 aa: wants 1, stays at 0: image a: the site would use 4 vms, and limits.vms is 3
              tick 9 bb: hold at 1: p said so
              plan east-g-9-drain-1 terminate b1
            recorded
              act 4: east-g-9-drain-1 terminate b1
        "#]],
    );
}
