//! How limits are divided: by weight, by the resource of which a profile has
//! most, and with nothing left over.

use expect_test::{Expect, expect};

use crate::situation::{START, check, situation};

/// What every profile has once the plan is carried out.
fn gets(text: &str, expected: Expect) {
    let plan = situation(text, START).plan();
    let all: Vec<String> =
        plan.chains.values().map(|chain| format!("{} {}", chain.profile, chain.planned)).collect();
    expected.assert_eq(&all.join(", "));
}

/// Profiles of `(name, weight, wanted)`, each with an image of one vCPU of its own.
fn alike(limits: &str, profiles: &[(&str, u32, u32)]) -> String {
    let mut text = format!("limits {limits}\n");
    for (name, weight, wanted) in profiles {
        text.push_str(&format!(
            "image {name}-image hosts={name}:1\n profile {name} 0..999 weight={weight}\n says {name} p +{wanted}\n"
        ));
    }
    text
}

#[test]
fn weights_of_one_are_rubbers_egalitarian_split() {
    let all = [("aa", 1, 99), ("bb", 1, 99), ("cc", 1, 99)];
    gets(&alike("vms=50", &all), expect!["aa 17, bb 17, cc 16"]);
    gets(&alike("vcpus=50", &all), expect!["aa 17, bb 17, cc 16"]);
    gets(&alike("vms=50 vcpus=60", &all), expect!["aa 17, bb 17, cc 16"]);
}

/// A commercial scaler gives 7, 3 and 5 here. By max-min with equal weights,
/// whoever wants more than the third gets the third; and so by weights of what
/// they want.
#[test]
fn fifteen_for_demands_of_fourteen_nine_and_six() {
    gets(
        &alike("vms=15", &[("aa", 1, 14), ("bb", 1, 9), ("cc", 1, 6)]),
        expect!["aa 5, bb 5, cc 5"],
    );
    gets(
        &alike("vms=15", &[("aa", 14, 14), ("bb", 9, 9), ("cc", 6, 6)]),
        expect!["aa 7, bb 5, cc 3"],
    );
}

#[test]
fn weights() {
    gets(&alike("vms=16", &[("aa", 3, 99), ("bb", 1, 99)]), expect!["aa 12, bb 4"]);
    gets(&alike("vms=15", &[("aa", 3, 99), ("bb", 1, 99)]), expect!["aa 11, bb 4"]);
    gets(&alike("vms=16", &[("aa", 1000, 99), ("bb", 1, 99)]), expect!["aa 15, bb 1"]);
}

#[test]
fn what_one_does_not_want_the_others_may_have() {
    gets(&alike("vms=16", &[("aa", 3, 2), ("bb", 1, 99)]), expect!["aa 2, bb 14"]);
    gets(
        &alike("vms=16", &[("aa", 1, 99), ("bb", 1, 0), ("cc", 1, 3)]),
        expect!["aa 13, bb 0, cc 3"],
    );
}

#[test]
fn without_limits_everybody_gets_what_it_wants() {
    gets("image a hosts=aa:1\n profile aa 0..9\n says aa p +4", expect!["aa 4"]);
}

/// The example of the paper: 9 CPUs and 18 GB for tasks of 1 CPU and 4 GB and
/// tasks of 3 CPUs and 1 GB are 3 of the ones and 2 of the others.
#[test]
fn dominant_resource_fairness() {
    let text = "limits vcpus=9 mem=18
        image a vcpus=1 mem=4 hosts=aa:1
        image b vcpus=3 mem=1 hosts=bb:1
        profile aa 0..99
        profile bb 0..99
        says aa p +99
        says bb p +99";
    gets(text, expect!["aa 3, bb 2"]);
    let ten_times = text.replace("vcpus=9 mem=18", "vcpus=90 mem=180");
    gets(&ten_times, expect!["aa 30, bb 20"]);
    let heavy = ten_times.replace("profile bb 0..99", "profile bb 0..99 weight=2");
    gets(&heavy, expect!["aa 18, bb 24"]);
}

#[test]
fn cost_is_a_resource_like_the_others() {
    gets(
        "limits cost=1.2
         image a cost=0.3 hosts=aa:1
         image b cost=0.1 hosts=bb:1
         profile aa 0..99
         profile bb 0..99
         says aa p +99
         says bb p +99",
        expect!["aa 2, bb 6"],
    );
}

/// A machine is held by those whose workers are on it, each for its part.
#[test]
fn machines_for_several_profiles_are_held_by_the_workers_on_them() {
    check(
        "limits vms=4
         image both hosts=aa:3,bb:1
         image b hosts=bb:1
         image c hosts=cc:1
         profile aa 0..99
         profile bb 0..99
         profile cc 0..99
         vm x both running load=1 aa=busy aa=busy aa=busy bb=busy
         vm y both running load=1 aa=busy bb=busy
         says bb p +5
         says cc p +5",
        expect![[r#"
            aa: hold at 4: no policy answered
            bb: scale out 2 -> 3, wants 7: image both: the site would use 5 vms, and limits.vms is 4
              launch: image b starts 1 at boot: launch image b
              free slot: of the running machines that host it: 2 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              limits: image b: the site would use 5 vms, and limits.vms is 4
              limits: image both: the site would use 5 vms, and limits.vms is 4
              share: holds 1.8 of 4 vms, fair share 1.4 (weight 1 of 3), 0.4 borrowed; aa holds 1.3, cc holds 1
            cc: scale out 0 -> 1, wants 5: image c: the site would use 5 vms, and limits.vms is 4
              launch: image c starts 1 at boot: launch image c
              free slot: no machine that hosts it is running
              resume: no machine that hosts it is suspended
              limits: image c: the site would use 5 vms, and limits.vms is 4
              share: holds 1 of 4 vms, fair share 1.4 (weight 1 of 3), 0.4 lent to bb; bb holds 1.8, aa holds 1.3
            => launch image c
            => launch image b
        "#]],
    );
}

#[test]
fn who_holds_the_rest_is_told_of_the_largest() {
    let mut text = alike("vms=9", &[("aa", 1, 9)]);
    for (name, number) in [("bb", 2), ("cc", 1), ("dd", 3), ("ee", 1), ("ff", 1)] {
        text.push_str(&format!("image {name}-image hosts={name}:1\n profile {name} 0..9\n"));
        for n in 0..number {
            text.push_str(&format!("vm {name}{n} {name}-image running load=1 {name}=busy\n"));
        }
    }
    check(
        &text,
        expect![[r#"
        aa: scale out 0 -> 1, wants 9: image aa-image: the site would use 10 vms, and limits.vms is 9
          launch: image aa-image starts 1 at boot: launch image aa-image
          free slot: no machine that hosts it is running
          resume: no machine that hosts it is suspended
          limits: image aa-image: the site would use 10 vms, and limits.vms is 9
          share: holds 1 of 9 vms, fair share 2 (weight 1 of 6), 1 lent to dd; dd holds 3, bb holds 2, cc holds 1, 2 more hold some
        bb: hold at 2: no policy answered
        cc: hold at 1: no policy answered
        dd: hold at 3: no policy answered
        ee: hold at 1: no policy answered
        ff: hold at 1: no policy answered
        => launch image aa-image
    "#]],
    );
}

#[test]
fn the_order_of_the_lines_makes_no_difference() {
    let lines = "limits vms=9 vcpus=20
        image a vcpus=3 hosts=aa:1
        image b vcpus=1 hosts=bb:1,cc:1
        profile aa 0..99 weight=2
        profile bb 0..99
        profile cc 0..99
        says aa p +9
        says bb p +9
        says cc p +2";
    let backwards: Vec<&str> = lines.lines().rev().collect();
    let plan = |text: &str| crate::situation::planned(text);
    assert_eq!(plan(lines), plan(&backwards.join("\n")));
}
