//! The remedy ladder: a free slot, a suspended machine, a new machine.

use expect_test::expect;

use crate::situation::check;

#[test]
fn a_free_slot_comes_first() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small suspended
         vm b small running load=1.2 ocr=busy
         says ocr p +1",
        expect![[r#"
            ocr: scale out 1 -> 2: p said so
              free slot: b has 2 vCPUs, load 1.20; 0.5 kept free, 0.30 left: start a worker of ocr on b
            => start a worker of ocr on b
        "#]],
    );
}

#[test]
fn a_load_that_leaves_exactly_the_room_leaves_no_slot() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm b small running load=1.5 ocr=busy
         says ocr p +1",
        expect![[r#"
            ocr: scale out 1 -> 2: p said so
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=1
         profile ocr 0..9
         vm b small running load=1.49 ocr=busy
         says ocr p +1",
        expect![[r#"
            ocr: scale out 1 -> 2: p said so
              free slot: b has 2 vCPUs, load 1.49; 0.5 kept free, 0.01 left: start a worker of ocr on b
            => start a worker of ocr on b
        "#]],
    );
}

#[test]
fn each_started_worker_takes_one_cpu_and_the_roomiest_machine_is_used() {
    check(
        "image big vcpus=4 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm a big running load=1.0 ocr=busy
         vm b big running load=0.0 ocr=idle
         says ocr p +9",
        expect![[r#"
            ocr: scale out 2 -> 9: 11 wanted, 9 allowed: workers.max is 9
              bounds: 11 wanted, 9 allowed: workers.max is 9
              free slot: b has 4 vCPUs, load 0.00; 0.5 kept free, 3.50 left: start a worker of ocr on b
              free slot: a has 4 vCPUs, load 1.00; 0.5 kept free, 2.50 left: start a worker of ocr on a
              free slot: b has 4 vCPUs, load 0.00 and 1 starting; 0.5 kept free, 2.50 left: start a worker of ocr on b
              free slot: a has 4 vCPUs, load 1.00 and 1 starting; 0.5 kept free, 1.50 left: start a worker of ocr on a
              free slot: b has 4 vCPUs, load 0.00 and 2 starting; 0.5 kept free, 1.50 left: start a worker of ocr on b
              free slot: a has 4 vCPUs, load 1.00 and 2 starting; 0.5 kept free, 0.50 left: start a worker of ocr on a
              free slot: b has 4 vCPUs, load 0.00 and 3 starting; 0.5 kept free, 0.50 left: start a worker of ocr on b
            => start a worker of ocr on b
            => start a worker of ocr on a
            => start a worker of ocr on b
            => start a worker of ocr on a
            => start a worker of ocr on b
            => start a worker of ocr on a
            => start a worker of ocr on b
        "#]],
    );
}

#[test]
fn an_unknown_load_is_no_free_slot() {
    check(
        "image big vcpus=64 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm a big running ocr=busy
         vm b big running hidden load=0.0
         says ocr p +1",
        expect![[r#"
            ocr: wants 3, stays at 2: image big: the site would use 3 vms, and limits.vms is 2
              free slot: of the running machines that host it: 1 whose load is not known, 1 not available now
              resume: no machine that hosts it is suspended
              limits: image big: the site would use 3 vms, and limits.vms is 2
        "#]],
    );
}

#[test]
fn a_booting_worker_is_load_to_come() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=1
         profile ocr 0..9
         vm a small running load=0.2 ocr=busy ocr=booting
         says ocr p +1",
        expect![[r#"
            ocr: scale out 2 -> 3: p said so
              free slot: a has 2 vCPUs, load 0.20 and 1 starting; 0.5 kept free, 0.30 left: start a worker of ocr on a
            => start a worker of ocr on a
        "#]],
    );
}

#[test]
fn from_zero_workers_a_machine_is_launched() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 1..9
         says ocr p 0",
        expect![[r#"
            ocr: scale out 0 -> 1: 0 wanted, 1 needed: workers.min is 1
              bounds: 0 wanted, 1 needed: workers.min is 1
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
}

#[test]
fn the_machine_on_its_way_to_suspension_is_resumed_first() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small suspended
         vm b small suspended
         vm c small suspending
         vm d small stopped
         says ocr p +4",
        expect![[r#"
            ocr: scale out 0 -> 4: p said so
              resume: c is suspending: resume c
              resume: a is suspended: resume a
              resume: b is suspended: resume b
              launch: image small starts 1 at boot: launch image small
            => resume c
            => resume a
            => resume b
            => launch image small
        "#]],
    );
}

#[test]
fn suspended_machines_that_failed_lately_are_passed_over() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         limits vms=5
         vm a small suspended
         vm b small suspended
         vm c small suspended
         vm d small suspended
         vm e small suspended
         failed resume a rejected
         failed resume b rejected
         failed resume c rejected
         failed resume d rejected
         says ocr p +2",
        expect![[r#"
            ocr: scale out 0 -> 1, wants 2: image small: the site would use 6 vms, and limits.vms is 5
              resume: e is suspended: resume e
              free slot: no machine that hosts it is running
              resume: a is left alone for 30s: rejected: the cloud said rejected
              resume: b is left alone for 30s: rejected: the cloud said rejected
              resume: c is left alone for 30s: rejected: the cloud said rejected
              resume: and 1 more were passed over
              limits: image small: the site would use 6 vms, and limits.vms is 5
            => resume e
        "#]],
    );
}

#[test]
fn images_by_the_cheapest_worker() {
    check(
        "image a-large vcpus=8 cost=1.0 hosts=ocr:4
         image b-small vcpus=2 cost=0.3 hosts=ocr:1
         profile ocr 0..5
         says ocr p +5",
        expect![[r#"
            ocr: scale out 0 -> 5: p said so
              launch: image a-large starts 4 at boot: launch image a-large
              launch: image b-small starts 1 at boot: launch image b-small
            => launch image a-large
            => launch image b-small
        "#]],
    );
}

#[test]
fn an_image_without_room_is_followed_by_the_next() {
    check(
        "image a vcpus=2 cost=0.1 hosts=ocr:1
         image b vcpus=2 cost=0.2 hosts=ocr:1
         profile ocr 0..5
         failed launch a no-capacity
         says ocr p +1",
        expect![[r#"
            ocr: scale out 0 -> 1: p said so
              launch: image b starts 1 at boot: launch image b
            => launch image b
        "#]],
    );
}

#[test]
fn a_used_up_quota_stops_every_launch_and_no_resume() {
    check(
        "image a vcpus=2 cost=0.1 hosts=ocr:1
         image b vcpus=2 cost=0.2 hosts=ocr:1
         profile ocr 0..5
         vm s b suspended
         failed launch a quota
         says ocr p +2",
        expect![[r#"
            ocr: scale out 0 -> 1, wants 2: no image is launched for 30s: quota-exceeded: the cloud said quota
              resume: s is suspended: resume s
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              launch: no image is launched for 30s: quota-exceeded: the cloud said quota
            => resume s
        "#]],
    );
}

#[test]
fn an_image_that_starts_none_at_boot_is_never_launched() {
    check(
        "image none vcpus=2 hosts=ocr:0
         profile ocr 0..5
         vm s none suspended
         says ocr p +2",
        expect![[r#"
            ocr: wants 2, stays at 0: image none starts none at boot
              resume: s is suspended: resume s
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              launch: image none starts none at boot
            => resume s
        "#]],
    );
}

#[test]
fn machines_of_another_image_and_busy_actions_are_not_used() {
    check(
        "image small vcpus=4 hosts=ocr:1
         image other vcpus=64 hosts=faces:1
         profile ocr 0..5
         profile faces 0..5
         limits vms=3
         vm a small running load=0.0 ocr=idle
         vm b other running load=0.0 faces=idle
         vm c small suspended
         under-way stop a a.1
         under-way resume c
         says ocr p +3
         says faces p 0",
        expect![[r#"
            faces: hold at 1: p said so
            ocr: wants 4, stays at 1: image small: the site would use 4 vms, and limits.vms is 3
              free slot: of the running machines that host it: 1 not available now
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 4 vms, and limits.vms is 3
              share: holds 2 of 3 vms, fair share 2 (weight 1 of 2); faces holds 1
        "#]],
    );
}
