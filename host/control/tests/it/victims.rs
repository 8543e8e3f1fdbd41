//! Scale in: who leaves, and who never does.

use expect_test::expect;

use crate::situation::check;

#[test]
fn beyond_the_first_on_a_machine_first() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm a small running ocr=idle:9m ocr=idle:5m
         vm b small running ocr=idle:59m
         vm c small running ocr=busy ocr=idle:7m
         says ocr p -3",
        expect![[r#"
            ocr: scale in 5 -> 2: p said so
              victim: a.1 has been idle for 9m, and is not the first on its machine: stop worker a.1 on a
              victim: c.2 has been idle for 7m, and is not the first on its machine: stop worker c.2 on c
              victim: b has been idle for 59m: suspend b
            => stop worker a.1 on a
            => stop worker c.2 on c
            => suspend b
        "#]],
    );
}

#[test]
fn then_whole_machines_the_longest_idle_first() {
    check(
        "image small vcpus=4 hosts=ocr:1
         image cattle vcpus=4 hosts=ocr:1 when-idle=terminate
         profile ocr 1..9
         vm a small running ocr=idle:5m
         vm b cattle running ocr=idle:50m
         vm c small running ocr=idle:20m
         vm d small running ocr=busy
         says ocr p -2",
        expect![[r#"
            ocr: scale in 4 -> 2: p said so
              victim: b has been idle for 50m: terminate b
              victim: c has been idle for 20m: suspend c
            => terminate b
            => suspend c
        "#]],
    );
}

#[test]
fn equally_idle_ones_leave_in_the_order_of_their_names() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm c small running ocr=idle:20m
         vm b small running ocr=idle:20m
         vm a small running ocr=idle:20m
         says ocr p -2",
        expect![[r#"
            ocr: scale in 3 -> 1: p said so
              victim: a has been idle for 20m: suspend a
              victim: b has been idle for 20m: suspend b
            => suspend a
            => suspend b
        "#]],
    );
}

#[test]
fn only_who_is_proven_idle() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..99
         vm a small running ocr=busy
         vm b small running ocr=unknown
         vm c small running ocr=booting
         vm d small running ocr=draining
         vm e small running ocr=silent
         vm f small booting
         vm g small suspending ocr=idle
         vm h small failed ocr=idle
         vm i small suspended ocr=idle
         vm j small running age=1m
         says ocr p -99",
        expect![[r#"
            ocr: wants 1, stays at 6: of 6 workers 3 are still starting: only 2 may leave now
              busy: 0 wanted, allowed 1: 1 of 6 busy now, and no work is killed (always so)
              victim: 2 more may leave, but no other is proven idle on a machine that can spare it
              victim: of 6 workers 3 are still starting: only 2 may leave now
            => terminate h
        "#]],
    );
}

#[test]
fn one_busy_worker_keeps_its_machine_and_the_first_idle_one_goes() {
    check(
        "image pair vcpus=4 hosts=ocr:2
         profile ocr 0..99
         vm a pair running ocr=idle ocr=busy
         vm b pair running ocr=idle ocr=draining
         says ocr p -99",
        expect![[r#"
            ocr: scale in 3 -> 2, wants 1: 1 more may leave, but no other is proven idle on a machine that can spare it
              busy: 0 wanted, allowed 1: 1 of 3 busy now, and no work is killed (always so)
              victim: a.1 has been idle for 1h, and is not the first on its machine: stop worker a.1 on a
              victim: 1 more may leave, but no other is proven idle on a machine that can spare it
            => stop worker a.1 on a
        "#]],
    );
}

#[test]
fn a_machine_leaves_with_the_consent_of_all_its_profiles() {
    check(
        "image both vcpus=4 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         vm a both running faces=idle:10m ocr=idle:10m
         vm b both running faces=idle:20m ocr=idle:20m
         says faces p -1
         says ocr p -1",
        expect![[r#"
            faces: scale in 2 -> 1: p said so
              victim: b has been idle for 20m: suspend b
            ocr: scale in 2 -> 1: p said so
              shared: -1 with b, which faces does not need either
            => suspend b
        "#]],
    );
    check(
        "image both vcpus=4 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         vm a both running faces=idle:10m ocr=idle:10m
         vm b both running faces=idle:20m ocr=idle:20m
         says faces p 0
         says ocr p -1",
        expect![[r#"
            faces: hold at 2: p said so
            ocr: scale in 2 -> 1: p said so
              victim: b.2 has been idle for 20m, while its machine stays for other profiles: stop worker b.2 on b
            => stop worker b.2 on b
        "#]],
    );
}

#[test]
fn a_broken_policy_consents_to_nothing() {
    check(
        "image both vcpus=4 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         vm a both running faces=idle:10m ocr=idle:10m
         says faces p fail
         says faces q -1
         says ocr p -1 suspend:a",
        expect![[r#"
            faces: hold at 1: it broke
              combine: p wants 1, q wants 0: the largest counts, 1
            ocr: scale in 1 -> 0: p said so
              request: asked to suspend a, not done: a runs 1 of faces, which may lose 0 now
              victim: a.2 has been idle for 10m, while its machine stays for other profiles: stop worker a.2 on a
            => stop worker a.2 on a
        "#]],
    );
}

#[test]
fn the_minimum_stays() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 2..9
         vm a small running ocr=idle:5m
         vm b small running ocr=idle:6m
         vm c small running ocr=idle:7m
         says ocr p -9",
        expect![[r#"
            ocr: scale in 3 -> 2: 0 wanted, 2 needed: workers.min is 2
              bounds: 0 wanted, 2 needed: workers.min is 2
              victim: c has been idle for 7m: suspend c
            => suspend c
        "#]],
    );
}

#[test]
fn workers_that_are_still_starting_are_not_counted_on() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 1..9
         vm a small running ocr=idle:5m
         vm b small booting
         under-way launch small
         says ocr p -2",
        expect![[r#"
            ocr: wants 1, stays at 3: of 3 workers 2 are still starting: none may leave now
              victim: of 3 workers 2 are still starting: none may leave now
        "#]],
    );
}

#[test]
fn machines_with_something_under_way_or_a_late_failure_are_left_alone() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm a small running ocr=idle:5m
         vm b small running ocr=idle:6m
         vm c small running ocr=idle:7m
         vm d small running ocr=idle:8m
         under-way start a ocr
         under-way suspend b
         failed suspend c rejected
         says ocr p -9",
        expect![[r#"
            ocr: scale in 3 -> 2, wants 0: 2 more may leave, but no other is proven idle on a machine that can spare it
              victim: d has been idle for 8m: suspend d
              victim: 2 more may leave, but no other is proven idle on a machine that can spare it
            => suspend d
        "#]],
    );
}

#[test]
fn workers_on_a_machine_of_a_retired_image_can_leave() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm a old running ocr=idle:5m
         vm b small running ocr=idle:4m
         says ocr p -1",
        expect![[r#"
            ocr: scale in 2 -> 1: p said so
              victim: a has been idle for 5m: suspend a
            => suspend a
        "#]],
    );
}

#[test]
fn workers_of_a_removed_profile_keep_their_machine() {
    check(
        "image small vcpus=4 hosts=ocr:1
         profile ocr 0..9
         vm a small running ocr=idle:5m faces=idle:5m
         says ocr p -1",
        expect![[r#"
            ocr: scale in 1 -> 0: p said so
              victim: a.1 has been idle for 5m, while its machine stays for other profiles: stop worker a.1 on a
            => stop worker a.1 on a
        "#]],
    );
}

#[test]
fn hidden_machines_leave_as_a_whole_or_not() {
    check(
        "image pair vcpus=4 hosts=ocr:2
         profile ocr 0..9
         vm a pair running hidden ocr=idle:5m ocr=idle:6m
         vm b pair running hidden ocr=idle:5m ocr=busy
         vm c pair running hidden ocr=idle:9m
         says ocr p -3",
        expect![[r#"
            ocr: scale in 6 -> 4, wants 3: 1 more may leave, but no other is proven idle on a machine that can spare it
              victim: a has been idle for 5m: suspend a
              victim: 1 more may leave, but no other is proven idle on a machine that can spare it
            => suspend a
        "#]],
    );
}
