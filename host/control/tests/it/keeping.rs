//! Room that is kept for whoever was held up longest, so that small machines do
//! not starve one that needs a large one.

use expect_test::expect;

use crate::situation::check;

/// Small machines always fit, and the one that needs a large one never does:
/// unless room is kept for it.
const STARVED: &str = "limits vcpus=6
    image large vcpus=4 hosts=aa:1
    image small vcpus=1 hosts=bb:1
    profile aa 0..9
    profile bb 0..99
    vm b1 small running load=1 bb=busy
    vm b2 small running load=1 bb=busy
    vm b3 small running load=1 bb=IS
    vm b4 small running load=1 bb=busy
    says aa p +1
    says bb p +9
    ";

#[test]
fn room_is_kept_for_a_large_machine() {
    let busy = STARVED.replace("IS", "busy");
    check(
        &busy,
        expect![[r#"
        aa: wants 1, stays at 0: image large: the site would use 8 vcpus, and limits.vcpus is 6
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 8 vcpus, and limits.vcpus is 6
          share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 6
        bb: scale out 4 -> 6, wants 13: image small: the site would use 7 vcpus, and limits.vcpus is 6
          launch: image small starts 1 at boot: launch image small (2 times)
          free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image small: the site would use 7 vcpus, and limits.vcpus is 6
        => launch image small
        => launch image small
    "#]],
    );
    check(
        &format!("{busy} held-up aa 3"),
        expect![[r#"
        aa: wants 1, stays at 0: image large: the site would use 8 vcpus, and limits.vcpus is 6
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 8 vcpus, and limits.vcpus is 6
          reclaim: held up for 3 ticks, room for large is kept: nothing that others borrow is proven idle
          share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 4
        bb: wants 13, stays at 4: image small: room for large is kept for aa, which limits have held up for 3 ticks
          free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image small: room for large is kept for aa, which limits have held up for 3 ticks
    "#]],
    );
    check(
        &format!("{} held-up aa 3", STARVED.replace("IS", "idle")),
        expect![[r#"
        aa: wants 1, stays at 0: image large: the site would use 8 vcpus, and limits.vcpus is 6
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 8 vcpus, and limits.vcpus is 6
          reclaim: held up for 3 ticks, room for large is kept: reclaimed b3 from bb
          share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 4
        bb: scale in 4 -> 3: 13 wanted, 3 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 4 of 6 vcpus, fair share 3 (weight 1 of 2)
          reclaim: 13 wanted, 3 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 4 of 6 vcpus, fair share 3 (weight 1 of 2)
          victim: b3 has been idle for 1h: terminate b3
        => terminate b3
    "#]],
    );
}

/// A machine that could never be launched keeps nobody else from anything.
#[test]
fn no_room_is_kept_for_what_no_limit_would_ever_allow() {
    let never = STARVED.replace("IS", "busy").replace("large vcpus=4", "large vcpus=7");
    check(
        &format!("{never} held-up aa 99"),
        expect![[r#"
            aa: wants 1, stays at 0: image large cannot fit: it needs 7 vcpus, limits.vcpus is 6: raise limits.vcpus to 7
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 11 vcpus, and limits.vcpus is 6
              limits: image large cannot fit: it needs 7 vcpus, limits.vcpus is 6: raise limits.vcpus to 7
              share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 6
            bb: scale out 4 -> 6, wants 13: image small: the site would use 7 vcpus, and limits.vcpus is 6
              launch: image small starts 1 at boot: launch image small (2 times)
              free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 7 vcpus, and limits.vcpus is 6
            => launch image small
            => launch image small
        "#]],
    );
}

/// Nor does one that the cloud refuses.
#[test]
fn no_room_is_kept_for_what_the_cloud_does_not_give() {
    let refused = STARVED.replace("IS", "busy");
    check(
        &format!("{refused} failed launch large no-capacity\n held-up aa 99"),
        expect![[r#"
        aa: wants 1, stays at 0: image large is not launched for 30s: no-capacity: the cloud said no-capacity
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          launch: image large is not launched for 30s: no-capacity: the cloud said no-capacity
        bb: scale out 4 -> 6, wants 13: image small: the site would use 7 vcpus, and limits.vcpus is 6
          launch: image small starts 1 at boot: launch image small (2 times)
          free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image small: the site would use 7 vcpus, and limits.vcpus is 6
        => launch image small
        => launch image small
    "#]],
    );
}

#[test]
fn what_a_lender_has_suspended_goes_first() {
    let asleep = STARVED
        .replace("IS", "idle")
        .replace("b4 small running load=1 bb=busy", "b4 small suspended");
    check(
        &format!("{asleep} held-up aa 3"),
        expect![[r#"
        aa: wants 1, stays at 0: image large: the site would use 8 vcpus, and limits.vcpus is 6
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 8 vcpus, and limits.vcpus is 6
          reclaim: held up for 3 ticks, room for large is kept: reclaimed b4, b3 from bb
          share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 4
        bb: scale in 3 -> 2: 12 wanted, 2 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 4 of 6 vcpus, fair share 3 (weight 1 of 2)
          reclaim: 12 wanted, 2 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 4 of 6 vcpus, fair share 3 (weight 1 of 2)
          victim: b4 is suspended and has no worker: terminate b4
          victim: b3 has been idle for 1h: terminate b3
        => terminate b4
        => terminate b3
    "#]],
    );
}

#[test]
fn what_goes_anyway_goes_before_anything_is_reclaimed() {
    let other = "image other hosts=cc:1\n profile cc 0..9\n says cc p 0\n";
    let with = |line: &str| format!("{}{other}{line} held-up aa 3", STARVED.replace("IS", "idle"));
    let text = with("vm c1 other suspended\n").replace("vcpus=6", "vcpus=7");
    check(
        &text,
        expect![[r#"
        aa: wants 1, stays at 0: c1 is suspended, cannot serve aa, and makes room: terminate c1
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 9 vcpus, and limits.vcpus is 7
          reclaim: c1 is suspended and serves nobody who wants more: it goes first
          share: holds 0 of 7 vcpus, fair share 3 (weight 1 of 3), 3 lent to bb; bb holds 4, cc holds 1
          limits: c1 is suspended, cannot serve aa, and makes room: terminate c1
        bb: wants 13, stays at 4: image small: room for large is kept for aa, which limits have held up for 3 ticks
          free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image small: room for large is kept for aa, which limits have held up for 3 ticks
          share: holds 4 of 7 vcpus, fair share 3 (weight 1 of 3), 1 borrowed; cc holds 1
        cc: hold at 0: p said so
        => terminate c1
    "#]],
    );
    let text = with("vm c1 other failed\n vm c2 other failed\n").replace("vcpus=6", "vcpus=8");
    check(
        &text,
        expect![[r#"
        aa: wants 1, stays at 0: image large: the site would use 10 vcpus, and limits.vcpus is 8
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image large: the site would use 10 vcpus, and limits.vcpus is 8
          reclaim: room for large is on its way: machines leave
          share: holds 0 of 8 vcpus, fair share 3 (weight 1 of 3), 3 lent to bb; bb holds 4, cc holds 2
        bb: wants 13, stays at 4: image small: room for large is kept for aa, which limits have held up for 3 ticks
          free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image small: room for large is kept for aa, which limits have held up for 3 ticks
          share: holds 4 of 8 vcpus, fair share 3 (weight 1 of 3), 1 borrowed; cc holds 2
        cc: hold at 0: p said so
        => terminate c1
        => terminate c2
    "#]],
    );
}

/// Everybody has one machine, and none is left: nobody gives its last.
#[test]
fn nobody_loses_its_last_worker() {
    check(
        "limits vms=2
         image a hosts=aa:1
         image b hosts=bb:1
         image c hosts=cc:1
         profile aa 0..9
         profile bb 0..9
         profile cc 0..9
         vm b1 b running load=1 bb=idle
         vm c1 c running load=1 cc=idle
         says aa p +1
         says bb p 0
         says cc p 0
         held-up aa 99",
        expect![[r#"
            aa: wants 1, stays at 0: image a: the site would use 3 vms, and limits.vms is 2
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 3 vms, and limits.vms is 2
              reclaim: nobody can give back enough for a: what leaves is kept for it
              share: holds 0 of 2 vms, fair share 0.7 (weight 1 of 3), 0.7 lent to bb, cc; bb holds 1, cc holds 1
            bb: hold at 1: p said so
            cc: hold at 1: p said so
        "#]],
    );
}

/// Of two that wait the one that has waited longer goes first, and the room
/// that is kept for it is not the other's.
#[test]
fn the_longest_wait_goes_first() {
    check(
        "limits vcpus=6
         image large vcpus=4 hosts=aa:1
         image small vcpus=1 hosts=bb:1
         image other vcpus=1 hosts=cc:1
         profile aa 0..9
         profile bb 0..9
         profile cc 0..9
         vm b1 small running load=1 bb=busy
         vm b2 small running load=1 bb=busy
         vm b3 small running load=1 bb=busy
         says aa p +1
         says bb p 0
         says cc p +1
         held-up aa 7
         held-up cc 6",
        expect![[r#"
            aa: wants 1, stays at 0: image large: the site would use 7 vcpus, and limits.vcpus is 6
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 7 vcpus, and limits.vcpus is 6
              reclaim: held up for 7 ticks, room for large is kept: nothing that others borrow is proven idle
              share: holds 0 of 6 vcpus, fair share 2.5 (weight 1 of 3), 2.5 lent to bb; bb holds 3
            bb: hold at 3: p said so
            cc: wants 1, stays at 0: image other: room for large is kept for aa, which limits have held up for 7 ticks
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image other: room for large is kept for aa, which limits have held up for 7 ticks
              share: holds 0 of 6 vcpus, fair share 1 (weight 1 of 3), 1 lent to bb; bb holds 3
        "#]],
    );
}

#[test]
fn a_minimum_goes_before_room_that_is_kept() {
    let busy = STARVED.replace("IS", "busy").replace("profile bb 0..99", "profile bb 5..99");
    check(
        &format!("{busy} held-up aa 3"),
        expect![[r#"
            aa: wants 1, stays at 0: image large cannot fit: it needs 4 vcpus, limits.vcpus is 6 and workers.min of bb needs 5: raise limits.vcpus to 9, or lower workers.min of bb
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image large: the site would use 8 vcpus, and limits.vcpus is 6
              limits: image large cannot fit: it needs 4 vcpus, limits.vcpus is 6 and workers.min of bb needs 5: raise limits.vcpus to 9, or lower workers.min of bb
              share: holds 0 of 6 vcpus, fair share 3 (weight 1 of 2), 3 lent to bb; bb holds 6
            bb: scale out 4 -> 6, wants 13: image small: the site would use 7 vcpus, and limits.vcpus is 6
              launch: image small starts 1 at boot: launch image small (2 times)
              free slot: of the running machines that host it: 4 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image small: the site would use 7 vcpus, and limits.vcpus is 6
            => launch image small
            => launch image small
        "#]],
    );
}
