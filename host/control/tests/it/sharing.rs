//! Several profiles: one machine for two needs, and limits divided fairly.

use expect_test::expect;

use crate::situation::check;

#[test]
fn a_launched_machine_counts_for_all_it_hosts() {
    check(
        "image both vcpus=2 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         says faces p +1
         says ocr p +2",
        expect![[r#"
            faces: scale out 0 -> 1: p said so
              launch: image both starts 1 at boot: launch image both
            ocr: scale out 0 -> 2: p said so
              launch: image both starts 1 at boot: launch image both
              shared: +1 from machines launched or resumed for other profiles
            => launch image both
            => launch image both
        "#]],
    );
}

#[test]
fn a_resumed_machine_counts_for_all_it_hosts() {
    check(
        "image both vcpus=2 hosts=faces:1,ocr:1
         profile faces 0..9
         profile ocr 0..9
         vm a both suspended
         says faces p +1
         says ocr p +1",
        expect![[r#"
            faces: scale out 0 -> 1: p said so
              resume: a is suspended: resume a
            ocr: scale out 0 -> 1: p said so
              shared: +1 from machines launched or resumed for other profiles
            => resume a
        "#]],
    );
}

#[test]
fn shared_machines_and_a_limit_tell_both_reasons() {
    check(
        "image both vcpus=2 hosts=faces:1,ocr:1
         limits vms=1
         profile faces 0..9
         profile ocr 0..9
         says faces p +1
         says ocr p +2",
        expect![[r#"
            faces: scale out 0 -> 1: p said so
              launch: image both starts 1 at boot: launch image both
            ocr: scale out 0 -> 1, wants 2: image both: the site would use 2 vms, and limits.vms is 1
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image both: the site would use 2 vms, and limits.vms is 1
              shared: +1 from machines launched or resumed for other profiles
              share: holds 0.5 of 1 vms, fair share 0.5 (weight 1 of 2); faces holds 0.5
            => launch image both
        "#]],
    );
}

#[test]
fn a_tight_limit_goes_to_those_that_have_least() {
    check(
        "image a vcpus=1 hosts=aa:1
         image b vcpus=1 hosts=bb:1
         image c vcpus=1 hosts=cc:1
         limits vms=8
         profile aa 0..99
         profile bb 0..99
         profile cc 0..99
         vm b1 b running bb=busy load=1
         vm b2 b running bb=busy load=1
         vm b3 b running bb=busy load=1
         says aa p +9
         says bb p +9
         says cc p +1",
        expect![[r#"
            aa: scale out 0 -> 4, wants 9: image a: the site would use 9 vms, and limits.vms is 8
              launch: image a starts 1 at boot: launch image a (4 times)
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 9 vms, and limits.vms is 8
              share: holds 4 of 8 vms, fair share 3.5 (weight 1 of 3), 0.5 borrowed; bb holds 3, cc holds 1
            bb: wants 12, stays at 3: image b: the site would use 9 vms, and limits.vms is 8
              free slot: of the running machines that host it: 3 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 9 vms, and limits.vms is 8
              share: holds 3 of 8 vms, fair share 3.5 (weight 1 of 3), 0.5 lent to aa; aa holds 4, cc holds 1
            cc: scale out 0 -> 1: p said so
              launch: image c starts 1 at boot: launch image c
            => launch image a
            => launch image c
            => launch image a
            => launch image a
            => launch image a
        "#]],
    );
}

#[test]
fn what_one_cannot_use_goes_to_the_others() {
    check(
        "image a vcpus=4 hosts=aa:1
         image b vcpus=1 hosts=bb:1
         limits vcpus=5
         profile aa 0..99
         profile bb 0..99
         says aa p +3
         says bb p +3",
        expect![[r#"
            aa: scale out 0 -> 1, wants 3: image a: the site would use 9 vcpus, and limits.vcpus is 5
              launch: image a starts 1 at boot: launch image a
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 9 vcpus, and limits.vcpus is 5
              share: holds 4 of 5 vcpus, fair share 2.5 (weight 1 of 2), 1.5 borrowed; bb holds 1
            bb: scale out 0 -> 1, wants 3: image b: the site would use 6 vcpus, and limits.vcpus is 5
              launch: image b starts 1 at boot: launch image b
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 6 vcpus, and limits.vcpus is 5
              share: holds 1 of 5 vcpus, fair share 2.5 (weight 1 of 2), 1.5 lent to aa; aa holds 4
            => launch image a
            => launch image b
        "#]],
    );
}

#[test]
fn surplus_of_the_other_profile_is_no_veto() {
    check(
        "image both vcpus=2 hosts=faces:2,ocr:1
         profile faces 0..1
         profile ocr 0..9
         says faces p 0
         says ocr p +1",
        expect![[r#"
            faces: hold at 0: p said so
            ocr: scale out 0 -> 1: p said so
              launch: image both starts 1 at boot: launch image both
            => launch image both
        "#]],
    );
}

#[test]
fn more_workers_than_the_maximum_allows_are_not_brought() {
    check(
        "image pair vcpus=2 hosts=ocr:2
         profile ocr 0..3
         vm a pair suspended
         vm b pair running load=2 ocr=busy ocr=busy
         says ocr p +1",
        expect![[r#"
            ocr: wants 3, stays at 2: image pair starts 2 at boot: that would make 4, and workers.max is 3
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: a starts 2 at boot: that would make 4, and workers.max is 3
              launch: image pair starts 2 at boot: that would make 4, and workers.max is 3
        "#]],
    );
}
