//! The site's limits: everything not terminated counts, and so do intents.

use expect_test::expect;

use crate::situation::check;

#[test]
fn machines() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=4
         profile ocr 0..9
         vm a small running ocr=busy load=2
         vm b small failed
         vm c small terminating
         says ocr p +3",
        expect![[r#"
            ocr: scale out 1 -> 2, wants 4: image small: the site would use 5 vms, and limits.vms is 4
              launch: image small starts 1 at boot: launch image small
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 5 vms, and limits.vms is 4
            => launch image small
            => terminate b
        "#]],
    );
}

#[test]
fn virtual_cpus() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vcpus=5
         profile ocr 0..9
         vm a small suspended
         vm b small running ocr=busy load=2
         failed resume a rejected
         says ocr p +2",
        expect![[r#"
            ocr: wants 3, stays at 1: image small: the site would use 6 vcpus, and limits.vcpus is 5
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: a is left alone for 30s: rejected: the cloud said rejected
              limits: image small: the site would use 6 vcpus, and limits.vcpus is 5
        "#]],
    );
}

#[test]
fn memory() {
    check(
        "image small vcpus=2 mem=1000 hosts=ocr:1
         limits mem=2999
         profile ocr 0..9
         says ocr p +3",
        expect![[r#"
            ocr: scale out 0 -> 2, wants 3: image small: the site would use 3000 memory_mib, and limits.memory_mib is 2999
              launch: image small starts 1 at boot: launch image small (2 times)
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 3000 memory_mib, and limits.memory_mib is 2999
            => launch image small
            => launch image small
        "#]],
    );
}

#[test]
fn cost_to_the_cent_and_the_cheaper_image_when_the_dear_one_is_too_dear() {
    check(
        "image cheap vcpus=1 cost=0.3 hosts=ocr:1
         image dear vcpus=8 cost=0.8 hosts=ocr:4
         limits cost=0.9
         profile ocr 0..9
         says ocr p +7",
        expect![[r#"
            ocr: scale out 0 -> 4, wants 7: image cheap: the site would use 1.10 cost_per_hour, and limits.cost_per_hour is 0.90
              launch: image dear starts 4 at boot: launch image dear
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image dear: the site would use 1.60 cost_per_hour, and limits.cost_per_hour is 0.90
              limits: image cheap: the site would use 1.10 cost_per_hour, and limits.cost_per_hour is 0.90
            => launch image dear
        "#]],
    );
    check(
        "image cheap vcpus=1 cost=0.1 hosts=ocr:1
         limits cost=0.3
         profile ocr 0..9
         says ocr p +7",
        expect![[r#"
            ocr: scale out 0 -> 3, wants 7: image cheap: the site would use 0.40 cost_per_hour, and limits.cost_per_hour is 0.30
              launch: image cheap starts 1 at boot: launch image cheap (3 times)
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image cheap: the site would use 0.40 cost_per_hour, and limits.cost_per_hour is 0.30
            => launch image cheap
            => launch image cheap
            => launch image cheap
        "#]],
    );
}

#[test]
fn launches_under_way_count_for_limits_and_workers() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=3
         profile ocr 0..9
         under-way launch small
         under-way launch small
         says ocr p +3",
        expect![[r#"
            ocr: scale out 2 -> 3, wants 5: image small: the site would use 4 vms, and limits.vms is 3
              launch: image small starts 1 at boot: launch image small
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 4 vms, and limits.vms is 3
            => launch image small
        "#]],
    );
}

#[test]
fn machines_of_a_retired_image_count() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm old gone running load=0 ocr=busy
         under-way launch gone
         says ocr p +1",
        expect![[r#"
            ocr: wants 2, stays at 1: image small: the site would use 3 vms, and limits.vms is 2
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 3 vms, and limits.vms is 2
        "#]],
    );
}

#[test]
fn a_limit_that_is_exceeded_already_takes_nothing_away() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=1
         profile ocr 0..9
         vm a small running ocr=idle load=2
         vm b small running ocr=idle load=2
         says ocr p +1",
        expect![[r#"
            ocr: wants 3, stays at 2: image small: the site would use 3 vms, and limits.vms is 1
              free slot: of the running machines that host it: 2 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 3 vms, and limits.vms is 1
        "#]],
    );
}

#[test]
fn slots_and_resumes_need_no_limit() {
    check(
        "image small vcpus=3 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm a small running ocr=idle load=0.3
         vm b small suspended
         says ocr p +4",
        expect![[r#"
            ocr: scale out 1 -> 5: p said so
              free slot: a has 3 vCPUs, load 0.30; 0.5 kept free, 2.20 left: start a worker of ocr on a
              free slot: a has 3 vCPUs, load 0.30 and 1 starting; 0.5 kept free, 1.20 left: start a worker of ocr on a
              free slot: a has 3 vCPUs, load 0.30 and 2 starting; 0.5 kept free, 0.20 left: start a worker of ocr on a
              resume: b is suspended: resume b
            => start a worker of ocr on a
            => start a worker of ocr on a
            => start a worker of ocr on a
            => resume b
        "#]],
    );
}

#[test]
fn failed_machines_are_ended_whatever_the_profiles_need() {
    check(
        "image small vcpus=2 hosts=ocr:1
         limits vms=2
         profile ocr 0..9
         vm a small failed
         vm b small failed
         says ocr p +1",
        expect![[r#"
            ocr: wants 1, stays at 0: image small: the site would use 3 vms, and limits.vms is 2
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 3 vms, and limits.vms is 2
            => terminate a
            => terminate b
        "#]],
    );
}

#[test]
fn a_failed_machine_that_would_not_go_is_left_alone_for_a_while() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small failed
         vm b small failed
         failed terminate a rejected
         says ocr p 0",
        expect![[r#"
            ocr: hold at 0: p said so
            => terminate b
        "#]],
    );
}

#[test]
fn a_suspended_machine_makes_room_for_a_profile_it_cannot_serve() {
    check(
        "image small vcpus=2 hosts=ocr:1
         image other vcpus=2 hosts=faces:1
         limits vms=3
         profile ocr 0..9
         profile faces 0..9
         vm a other suspended age=1h
         vm b other suspended age=3h
         vm c other running age=4h faces=idle:1h
         says ocr p +2
         says faces p 0",
        expect![[r#"
            faces: hold at 1: p said so
            ocr: wants 2, stays at 0: b is suspended, cannot serve ocr, and makes room: terminate b
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 4 vms, and limits.vms is 3
              share: holds 0 of 3 vms, fair share 1.5 (weight 1 of 2), 1.5 lent to faces; faces holds 3
              limits: b is suspended, cannot serve ocr, and makes room: terminate b
            => terminate b
        "#]],
    );
}

#[test]
fn a_suspended_machine_stays_if_a_profile_in_need_can_use_it() {
    check(
        "image small vcpus=2 hosts=ocr:1
         image other vcpus=2 hosts=faces:1
         limits vms=1
         profile ocr 0..9
         profile faces 0..9
         vm a other suspended age=1h
         failed resume a rejected
         says ocr p +1
         says faces p +1",
        expect![[r#"
            faces: wants 1, stays at 0: image other: the site would use 2 vms, and limits.vms is 1
              free slot: no machine that hosts it is running
              resume: a is left alone for 30s: rejected: the cloud said rejected
              limits: image other: the site would use 2 vms, and limits.vms is 1
            ocr: wants 1, stays at 0: image small: the site would use 2 vms, and limits.vms is 1
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 2 vms, and limits.vms is 1
              share: holds 0 of 1 vms, fair share 0.5 (weight 1 of 2), 0.5 lent to faces; faces holds 1
        "#]],
    );
}

#[test]
fn without_a_list_of_machines_nothing_is_cleared() {
    check(
        "image small vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm a small failed
         cloud missing
         says ocr p 0",
        expect![[r#"
            ocr: hold at 0: p said so
        "#]],
    );
}
