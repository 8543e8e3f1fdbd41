//! Machines that can never be had, as what others need for their minimum does
//! not leave enough: told with what to change, and nobody waits for them.

use expect_test::expect;

use crate::situation::check;

/// Four small ones are the minimum, and beside them no large one ever fits.
const NEVER: &str = "limits vcpus=8
    image large vcpus=6 hosts=large:1
    image small vcpus=1 hosts=small:1
    image tiny vcpus=1 hosts=tiny:1
    profile large 0..9
    profile small MIN..99
    profile tiny 0..99
    vm s1 small running load=1 small=busy
    vm s2 small running load=1 small=busy
    vm s3 small running load=1 small=busy
    vm s4 small running load=1 small=idle
    says large p +1
    says small p 0
    says tiny p +3
    held-up large 9
    ";

#[test]
fn nobody_waits_for_what_the_minimum_of_others_leaves_no_room_for() {
    check(
        &NEVER.replace("MIN", "4"),
        expect![[r#"
        large: wants 1, stays at 0: image large cannot fit: it needs 6 vcpus, limits.vcpus is 8 and workers.min of small needs 4: raise limits.vcpus to 10, or lower workers.min of small
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 10 vcpus, and limits.vcpus is 8
          limits: image large cannot fit: it needs 6 vcpus, limits.vcpus is 8 and workers.min of small needs 4: raise limits.vcpus to 10, or lower workers.min of small
          share: holds 0 of 8 vcpus, fair share 2.7 (weight 1 of 3), 2.7 lent to small, tiny; small holds 4, tiny holds 3
        small: hold at 4: p said so
        tiny: scale out 0 -> 3: p said so
          launch: image tiny starts 1 at boot: launch image tiny (3 times)
        => launch image tiny
        => launch image tiny
        => launch image tiny
    "#]],
    );
}

#[test]
fn what_others_could_give_back_is_waited_for() {
    check(
        &NEVER.replace("MIN", "2"),
        expect![[r#"
        large: wants 1, stays at 0: image large: the site would use 10 vcpus, and limits.vcpus is 8
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 10 vcpus, and limits.vcpus is 8
          reclaim: held up for 9 ticks, room for large is kept: reclaimed s4 from small
          share: holds 0 of 8 vcpus, fair share 2.7 (weight 1 of 3), 2.7 lent to small; small holds 4
        small: scale in 4 -> 3: 4 wanted, 3 allowed: reclaimed for large, which limits have held up for 9 ticks; small holds 4 of 8 vcpus, fair share 2.7 (weight 1 of 3)
          reclaim: 4 wanted, 3 allowed: reclaimed for large, which limits have held up for 9 ticks; small holds 4 of 8 vcpus, fair share 2.7 (weight 1 of 3)
          victim: s4 has been idle for 1h: terminate s4
        tiny: wants 3, stays at 0: image tiny: room for large is kept for large, which limits have held up for 9 ticks
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image tiny: room for large is kept for large, which limits have held up for 9 ticks
          share: holds 0 of 8 vcpus, fair share 2.7 (weight 1 of 3), 2.7 lent to small; small holds 4
        => terminate s4
    "#]],
    );
}

/// Three are there and a fourth is needed: it has its place before it is launched.
#[test]
fn a_minimum_that_is_still_to_come_counts() {
    let text = NEVER.replace("MIN", "4").replace("vm s4 small running load=1 small=idle", "");
    check(
        &text,
        expect![[r#"
        large: wants 1, stays at 0: image large cannot fit: it needs 6 vcpus, limits.vcpus is 8 and workers.min of small needs 4: raise limits.vcpus to 10, or lower workers.min of small
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 9 vcpus, and limits.vcpus is 8
          limits: image large cannot fit: it needs 6 vcpus, limits.vcpus is 8 and workers.min of small needs 4: raise limits.vcpus to 10, or lower workers.min of small
          share: holds 0 of 8 vcpus, fair share 2.7 (weight 1 of 3), 2.7 lent to small, tiny; small holds 4, tiny holds 3
        small: scale out 3 -> 4: 3 wanted, 4 needed: workers.min is 4
          bounds: 3 wanted, 4 needed: workers.min is 4
          launch: image small starts 1 at boot: launch image small
        tiny: scale out 0 -> 3: p said so
          launch: image tiny starts 1 at boot: launch image tiny (3 times)
        => launch image tiny
        => launch image tiny
        => launch image tiny
        => launch image small
    "#]],
    );
}

/// What it has itself stays too; it is not told so while it is only at its limit.
#[test]
fn what_it_holds_itself_counts() {
    let text = "limits vcpus=10
        image large vcpus=2 hosts=large:1
        image small vcpus=7 hosts=small:1
        image tiny vcpus=1 hosts=tiny:1
        profile large 0..9
        profile small MIN..9
        profile tiny 0..9
        vm l large running load=9 large=busy
        vm s small running load=9 small=idle
        says large p +3
        says tiny p +1
        held-up large 5";
    check(
        &text.replace("MIN", "1"),
        expect![[r#"
        large: wants 4, stays at 1: image large cannot fit: it needs 2 vcpus, limits.vcpus is 10, large holds 2 and workers.min of small needs 7: raise limits.vcpus to 11, or lower workers.min of small
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 12 vcpus, and limits.vcpus is 10
          limits: image large cannot fit: it needs 2 vcpus, limits.vcpus is 10, large holds 2 and workers.min of small needs 7: raise limits.vcpus to 11, or lower workers.min of small
          share: holds 2 of 10 vcpus, fair share 4.5 (weight 1 of 3), 2.5 lent to small; small holds 7, tiny holds 1
        small: hold at 1: no policy answered
        tiny: scale out 0 -> 1: p said so
          launch: image tiny starts 1 at boot: launch image tiny
        => launch image tiny
    "#]],
    );
    check(
        &text.replace("MIN", "0"),
        expect![[r#"
        large: wants 4, stays at 1: image large: the site would use 11 vcpus, and limits.vcpus is 10
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 11 vcpus, and limits.vcpus is 10
          reclaim: nobody can give back enough for large: what leaves is kept for it
          share: holds 2 of 10 vcpus, fair share 4.5 (weight 1 of 3), 2.5 lent to small; small holds 7
        small: hold at 1: no policy answered
        tiny: wants 1, stays at 0: image tiny: room for large is kept for large, which limits have held up for 5 ticks
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image tiny: room for large is kept for large, which limits have held up for 5 ticks
          share: holds 0 of 10 vcpus, fair share 1 (weight 1 of 3), 1 lent to small; small holds 7, large holds 2
    "#]],
    );
}

/// One machine has two of the minimum on it, and a third beside somebody else's.
#[test]
fn machines_are_kept_as_workers_are_on_them() {
    check(
        "limits mem=100 cost=9
         image large mem=61 cost=1.5 hosts=large:1
         image two mem=20 cost=1 hosts=two:2
         image both mem=40 cost=1 hosts=two:1,other:1
         profile large 0..9
         profile two 3..9
         profile other 0..9
         vm a two running load=9 two=busy two=busy
         vm b both running load=9 two=busy other=busy
         says large p +1
         held-up large 5",
        expect![[r#"
            large: wants 1, stays at 0: image large cannot fit: it needs 61 memory_mib, limits.memory_mib is 100 and workers.min of two needs 40: raise limits.memory_mib to 101, or lower workers.min of two
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 121 memory_mib, and limits.memory_mib is 100
              limits: image large cannot fit: it needs 61 memory_mib, limits.memory_mib is 100 and workers.min of two needs 40: raise limits.memory_mib to 101, or lower workers.min of two
              share: holds 0 of 100 memory_mib, fair share 40 (weight 1 of 3); two holds 40, other holds 20
            other: hold at 1: no policy answered
            two: hold at 3: no policy answered
        "#]],
    );
}

#[test]
fn every_limit_that_is_too_low_is_told() {
    check(
        "limits vms=2 vcpus=8 mem=16 cost=1.5
         image large vcpus=6 mem=20 cost=1.255 hosts=large:1
         image small vcpus=1 cost=0.5 hosts=small:1
         profile large 0..9
         profile small 2..9
         vm s1 small running load=1 small=busy
         vm s2 small running load=1 small=busy
         says large p +1
         says small p 0",
        expect![[r#"
            large: wants 1, stays at 0: image large cannot fit: it needs 1 vms, limits.vms is 2 and workers.min of small needs 2; it needs 20 memory_mib, limits.memory_mib is 16; it needs 1.26 cost_per_hour, limits.cost_per_hour is 1.50 and workers.min of small needs 1.00: raise limits.vms to 3 and limits.memory_mib to 20 and limits.cost_per_hour to 2.26, or lower workers.min of small
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 3 vms, and limits.vms is 2
              limits: image large cannot fit: it needs 1 vms, limits.vms is 2 and workers.min of small needs 2; it needs 20 memory_mib, limits.memory_mib is 16; it needs 1.26 cost_per_hour, limits.cost_per_hour is 1.50 and workers.min of small needs 1.00: raise limits.vms to 3 and limits.memory_mib to 20 and limits.cost_per_hour to 2.26, or lower workers.min of small
            small: hold at 2: p said so
        "#]],
    );
}

/// Of two images the one that fits is waited for.
#[test]
fn one_that_fits_is_enough() {
    let text = NEVER
        .replace("MIN", "4")
        .replace("profile large", "image middle vcpus=4 cost=1 hosts=large:1\n profile large");
    check(
        &text.replace("says tiny p +3", "vm t tiny running load=1 tiny=idle\n says tiny p +3"),
        expect![[r#"
            large: wants 1, stays at 0: image middle: the site would use 9 vcpus, and limits.vcpus is 8
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 11 vcpus, and limits.vcpus is 8
              limits: image middle: the site would use 9 vcpus, and limits.vcpus is 8
              reclaim: nobody can give back enough for middle: what leaves is kept for it
              share: holds 0 of 8 vcpus, fair share 2.7 (weight 1 of 3), 2.7 lent to small; small holds 4, tiny holds 1
            small: hold at 4: p said so
            tiny: wants 4, stays at 1: image tiny: room for middle is kept for large, which limits have held up for 9 ticks
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image tiny: room for middle is kept for large, which limits have held up for 9 ticks
              share: holds 1 of 8 vcpus, fair share 2.7 (weight 1 of 3), 1.7 lent to small; small holds 4
        "#]],
    );
}
