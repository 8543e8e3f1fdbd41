//! What others give back for whoever was held up too long.

use expect_test::expect;

use crate::situation::check;

/// Two profiles alike, eight machines: `bb` has seven of them, and wants more.
const LENT: &str = "limits vms=8
    image a hosts=aa:1
    image b hosts=bb:1
    profile aa 0..99
    profile bb 0..99
    vm a1 a running load=1 aa=busy
    vm b1 b running load=1 bb=busy
    vm b2 b running load=1 bb=idle:2m
    vm b3 b running load=1 bb=unknown
    vm b4 b running load=1 bb=idle:5m
    vm b5 b running load=1 bb=idle:1m
    vm b6 b running load=1 bb=busy
    vm b7 b running load=1 bb=busy
    says aa p +9
    says bb p +9
    ";

#[test]
fn nothing_is_reclaimed_at_once() {
    check(
        LENT,
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
    "#]],
    );
    check(
        &format!("{LENT} held-up aa 2"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
    "#]],
    );
}

#[test]
fn what_was_borrowed_is_reclaimed_one_machine_at_a_time() {
    check(
        &format!("{LENT} held-up aa 3"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: held up for 3 ticks, room for a is kept: reclaimed b4 from bb
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: scale in 7 -> 6: 16 wanted, 6 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          reclaim: 16 wanted, 6 allowed: reclaimed for aa, which limits have held up for 3 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          victim: b4 has been idle for 5m: terminate b4
        => terminate b4
    "#]],
    );
}

#[test]
fn while_a_machine_leaves_no_other_is_asked_for() {
    let leaves = LENT.replace("vm b4 b running", "vm b4 b terminating");
    check(
        &format!("{leaves} held-up aa 4"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: room for a is on its way: machines leave
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 15, stays at 6: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 6 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
    "#]],
    );
}

/// What has come free is taken by the one that it was kept for, not by those
/// that would always find some use for it.
#[test]
fn what_comes_free_goes_to_whom_it_was_kept_for() {
    let gone: Vec<&str> = LENT.lines().filter(|line| !line.contains("vm b4")).collect();
    check(
        &format!("{} held-up aa 5", gone.join("\n")),
        expect![[r#"
        aa: scale out 1 -> 2, wants 10: image a: the site would use 9 vms, and limits.vms is 8
          launch: image a starts 1 at boot: launch image a
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          share: holds 2 of 8 vms, fair share 4 (weight 1 of 2), 2 lent to bb; bb holds 6
        bb: wants 15, stays at 6: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 6 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 6 of 8 vms, fair share 4 (weight 1 of 2), 2 borrowed; aa holds 2
        => launch image a
    "#]],
    );
}

#[test]
fn only_who_is_proven_idle_leaves() {
    let busy = LENT.replace("bb=idle:2m", "bb=busy").replace("bb=idle:5m", "bb=unknown");
    let busy = busy.replace("bb=idle:1m", "bb=booting");
    check(
        &format!("{busy} held-up aa 9"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: held up for 9 ticks, room for a is kept: nothing that others borrow is proven idle
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
    "#]],
    );
}

#[test]
fn nothing_is_reclaimed_from_a_profile_whose_policy_failed() {
    let broken = LENT.replace("says bb p +9", "says bb p +9\n says bb q fail");
    check(
        &format!("{broken} held-up aa 9"),
        expect![[r#"
            aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 9 vms, and limits.vms is 8
              reclaim: nobody can give back enough for a: what leaves is kept for it
              share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
            bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
              combine: p wants 16, q wants 7: the largest counts, 16
              free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 9 vms, and limits.vms is 8
              share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
        "#]],
    );
}

#[test]
fn nothing_is_reclaimed_from_a_profile_in_doubt() {
    for doubt in ["stale", "missing", "uncounted"] {
        let text = LENT.replace("profile bb 0..99", &format!("profile bb 0..99 {doubt}"));
        let plan = crate::situation::planned(&format!("{text} held-up aa 9"));
        assert!(!plan.contains("=> terminate"), "{doubt}: {plan}");
    }
    let plan = crate::situation::planned(&format!("{LENT} held-up aa 9\n consumers missing"));
    assert!(!plan.contains("=>"), "{plan}");
}

#[test]
fn the_minimum_of_a_lender_stays() {
    let least = LENT.replace("profile bb 0..99", "profile bb 7..99");
    check(
        &format!("{least} held-up aa 9"),
        expect![[r#"
            aa: wants 10, stays at 1: image a cannot fit: it needs 1 vms, limits.vms is 8, aa holds 1 and workers.min of bb needs 7: raise limits.vms to 9, or lower workers.min of bb
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 9 vms, and limits.vms is 8
              limits: image a cannot fit: it needs 1 vms, limits.vms is 8, aa holds 1 and workers.min of bb needs 7: raise limits.vms to 9, or lower workers.min of bb
              share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
            bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
              free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 9 vms, and limits.vms is 8
              share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
        "#]],
    );
}

/// One of three and two of three: it would only be the other way round then.
#[test]
fn an_exchange_that_helps_nobody_is_not_made() {
    check(
        "limits vms=3
         image a hosts=aa:1
         image b hosts=bb:1
         profile aa 0..99
         profile bb 0..99
         vm a1 a running load=1 aa=busy
         vm b1 b running load=1 bb=idle
         vm b2 b running load=1 bb=idle
         says aa p +9
         says bb p 0
         held-up aa 9",
        expect![[r#"
            aa: wants 10, stays at 1: image a: the site would use 4 vms, and limits.vms is 3
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 4 vms, and limits.vms is 3
              share: holds 1 of 3 vms, fair share 1.5 (weight 1 of 2), 0.5 lent to bb; bb holds 2
            bb: hold at 2: p said so
        "#]],
    );
}

/// Three small ones and two large ones: after the exchange the lender would be
/// where the other is now.
#[test]
fn nor_is_one_that_only_changes_places() {
    check(
        "limits vcpus=9
         image a vcpus=1 hosts=aa:1
         image b vcpus=3 hosts=bb:1
         profile aa 0..99
         profile bb 0..99
         vm a1 a running load=9 aa=busy
         vm a2 a running load=9 aa=busy
         vm a3 a running load=9 aa=busy
         vm b1 b running load=9 bb=idle
         vm b2 b running load=9 bb=idle
         says aa p +9
         says bb p 0
         held-up aa 9",
        expect![[r#"
            aa: wants 12, stays at 3: image a: the site would use 10 vcpus, and limits.vcpus is 9
              free slot: of the running machines that host it: 3 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 10 vcpus, and limits.vcpus is 9
              reclaim: nobody can give back enough for a: what leaves is kept for it
              share: holds 3 of 9 vcpus, fair share 4.5 (weight 1 of 2), 1.5 lent to bb; bb holds 6
            bb: hold at 2: p said so
        "#]],
    );
}

/// Weights count for who has borrowed, too.
#[test]
fn who_has_more_for_its_weight_is_the_lender() {
    let text = "limits vms=6
         image a hosts=aa:1
         image b hosts=bb:1
         profile aa 0..99 weight=WEIGHT
         profile bb 0..99
         vm a1 a running load=1 aa=busy
         vm a2 a running load=1 aa=busy
         vm a3 a running load=1 aa=busy
         vm b1 b running load=1 bb=idle
         vm b2 b running load=1 bb=idle
         vm b3 b running load=1 bb=idle
         says aa p +9
         says bb p 0
         held-up aa 9";
    check(
        &text.replace("WEIGHT", "1"),
        expect![[r#"
        aa: wants 12, stays at 3: image a: the site would use 7 vms, and limits.vms is 6
          free slot: of the running machines that host it: 3 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 7 vms, and limits.vms is 6
          share: holds 3 of 6 vms, fair share 3 (weight 1 of 2); bb holds 3
        bb: hold at 3: p said so
    "#]],
    );
    check(
        &text.replace("WEIGHT", "3"),
        expect![[r#"
        aa: wants 12, stays at 3: image a: the site would use 7 vms, and limits.vms is 6
          free slot: of the running machines that host it: 3 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 7 vms, and limits.vms is 6
          reclaim: held up for 9 ticks, room for a is kept: reclaimed b1 from bb
          share: holds 3 of 6 vms, fair share 4.5 (weight 3 of 4), 1.5 lent to bb; bb holds 3
        bb: scale in 3 -> 2: 3 wanted, 2 allowed: reclaimed for aa, which limits have held up for 9 ticks; bb holds 3 of 6 vms, fair share 1.5 (weight 1 of 4)
          reclaim: 3 wanted, 2 allowed: reclaimed for aa, which limits have held up for 9 ticks; bb holds 3 of 6 vms, fair share 1.5 (weight 1 of 4)
          victim: b1 has been idle for 1h: terminate b1
        => terminate b1
    "#]],
    );
}

#[test]
fn the_pace_that_a_lender_was_given_holds_here_too() {
    check(
        &format!("{LENT} guards bb in.select=disabled\n held-up aa 3"),
        expect![[r#"
            aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image a: the site would use 9 vms, and limits.vms is 8
              reclaim: nobody can give back enough for a: what leaves is kept for it
              share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
            bb: wants 16, stays at 7: image b: the site would use 9 vms, and limits.vms is 8
              free slot: of the running machines that host it: 7 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 9 vms, and limits.vms is 8
              share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
        "#]],
    );
}

/// A machine that hangs in its end is room that may never come: others give
/// back what they have borrowed as if it stayed.
#[test]
fn what_hangs_in_its_end_is_no_room_on_its_way() {
    let hangs = LENT.replace("vm b4 b running", "vm b4 b terminating");
    check(
        &format!("{hangs} held-up aa 4\n drain-deadline 1h\n seen-since 59m"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: room for a is on its way: machines leave
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 15, stays at 6: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 6 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
    "#]],
    );
    check(
        &format!("{hangs} held-up aa 4\n drain-deadline 1h\n seen-since 61m"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: b4 has been terminating for 1h01m, longer than drain_deadline (1h): nobody counts on that room, look at the machine
          reclaim: held up for 4 ticks, room for a is kept: reclaimed b2 from bb
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: scale in 6 -> 5: 15 wanted, 5 allowed: reclaimed for aa, which limits have held up for 4 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          reclaim: 15 wanted, 5 allowed: reclaimed for aa, which limits have held up for 4 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          victim: b2 has been idle for 2m: terminate b2
        => terminate b2
    "#]],
    );
}

/// A failed one that the cloud does not end hangs as well.
#[test]
fn nor_is_a_failed_one_that_does_not_go() {
    let hangs = LENT.replace("vm b4 b running load=1 bb=idle:5m", "vm b4 b failed");
    check(
        &format!("{hangs} held-up aa 4\n drain-deadline 1h\n seen-since 59m"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: room for a is on its way: machines leave
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: wants 15, stays at 6: image b: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 6 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image b: the site would use 9 vms, and limits.vms is 8
          share: holds 7 of 8 vms, fair share 4 (weight 1 of 2), 3 borrowed; aa holds 1
        => terminate b4
    "#]],
    );
    check(
        &format!("{hangs} held-up aa 4\n drain-deadline 1h\n seen-since 61m"),
        expect![[r#"
        aa: wants 10, stays at 1: image a: the site would use 9 vms, and limits.vms is 8
          free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
          resume: no machine that hosts it is suspended
          limits: image a: the site would use 9 vms, and limits.vms is 8
          reclaim: b4 has been failed for 1h01m, longer than drain_deadline (1h): nobody counts on that room, look at the machine
          reclaim: held up for 4 ticks, room for a is kept: reclaimed b2 from bb
          share: holds 1 of 8 vms, fair share 4 (weight 1 of 2), 3 lent to bb; bb holds 7
        bb: scale in 6 -> 5: 15 wanted, 5 allowed: reclaimed for aa, which limits have held up for 4 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          reclaim: 15 wanted, 5 allowed: reclaimed for aa, which limits have held up for 4 ticks; bb holds 7 of 8 vms, fair share 4 (weight 1 of 2)
          victim: b2 has been idle for 2m: terminate b2
        => terminate b2
        => terminate b4
    "#]],
    );
}
