//! Several wishes, one number: every rule with every mix of answers. The table
//! is a file; `UPDATE_EXPECT=1` rewrites it.

use expect_test::{expect, expect_file};
use hooke_control::combine::Combine;

use crate::situation::{START, check, planned, situation};

const FOUR: &str = "image small vcpus=1 hosts=ocr:1
    vm a small running load=1 ocr=idle:4h
    vm b small running load=1 ocr=idle:3h
    vm c small running load=1 ocr=idle:2h
    vm d small running load=1 ocr=idle:1h
    ";

const HEAD: &str = "\
# Four workers serve, all idle, within 0..9. `+n`, `hold` and `-n` is what the policies
# say, in the order of the list; `failed` is one that broke. A cell is the number of
# workers wanted, after the guards.
#
";

const KINDS: [&str; 4] = ["+2", "hold", "-1", "failed"];

fn desired(wishes: &[&str], rule: Combine) -> u32 {
    let mut text = format!("{FOUR}profile ocr 0..9 combine={}\n", rule.as_str());
    for (policy, wish) in ["p", "q", "r"].iter().zip(wishes) {
        let said = match *wish {
            "hold" => "0",
            "failed" => "fail",
            delta => delta,
        };
        text.push_str(&format!("says ocr {policy} {said}\n"));
    }
    let plan = situation(&text, START).plan();
    plan.chains.values().next().unwrap().desired
}

fn row(wishes: &[&str]) -> String {
    let mut row = format!("{:<24}", wishes.join(" "));
    for rule in Combine::ALL {
        row.push_str(&format!("{:>9}", desired(wishes, rule)));
    }
    row + "\n"
}

#[test]
fn every_rule_with_every_mix() {
    let mut table = HEAD.to_owned();
    let rules: Vec<String> =
        Combine::ALL.iter().map(|rule| format!("{:>9}", rule.as_str())).collect();
    table.push_str(&format!("# {:<22}{}\n", "wishes", rules.concat()));
    for first in KINDS {
        table.push_str(&row(&[first]));
        for second in KINDS {
            table.push_str(&row(&[first, second]));
            for third in KINDS {
                table.push_str(&row(&[first, second, third]));
            }
        }
    }
    expect_file!["combining.txt"].assert_eq(&table);
}

/// What the table must never say, whatever anybody writes into it.
#[test]
fn a_failure_that_is_heard_never_shrinks() {
    for first in KINDS {
        for second in KINDS {
            for third in KINDS {
                let wishes = [first, second, third];
                for rule in Combine::ALL {
                    let heard = match rule {
                        Combine::Max | Combine::Min | Combine::Sum => &wishes[..],
                        Combine::FirstOk => &wishes[..1],
                    };
                    if heard.contains(&"failed") {
                        assert!(desired(&wishes, rule) >= 4, "{wishes:?} by {rule:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_step_says_which_rule_chose_what() {
    let by = |rule: &str, wishes: &str| {
        planned(&format!("{FOUR}profile ocr 0..9 combine={rule}\n{wishes}"))
    };
    let two = "says ocr p +2\n says ocr q -1";
    expect![[r#"
        ocr: scale out 4 -> 6: p said so
          combine: p wants 6, q wants 3: the largest counts, 6
          launch: image small starts 1 at boot: launch image small (2 times)
        => launch image small
        => launch image small
    "#]]
    .assert_eq(&by("max", two));
    expect![[r#"
        ocr: scale in 4 -> 3: q said so
          combine: p wants 6, q wants 3: the smallest counts, 3
          victim: a has been idle for 4h: suspend a
        => suspend a
    "#]]
    .assert_eq(&by("min", two));
    expect![[r#"
        ocr: scale out 4 -> 5: p said so; q said so
          combine: p wants 6, q wants 3: the changes are added up, 5
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]]
    .assert_eq(&by("sum", two));
    expect![[r#"
        ocr: scale out 4 -> 6: p said so
          combine: p wants 6, q wants 3: the first that answers counts, p with 6
          launch: image small starts 1 at boot: launch image small (2 times)
        => launch image small
        => launch image small
    "#]]
    .assert_eq(&by("first-ok", two));
    let broken = "says ocr p fail\n says ocr q -1";
    expect![[r#"
        ocr: hold at 4: it broke
          combine: p wants 4, q wants 3: the smallest counts, 3; it stays at 4, as a policy that fails never shrinks a profile
    "#]].assert_eq(&by("min", broken));
    expect![[r#"
        ocr: hold at 4: it broke
          combine: p wants 4, q wants 3: the changes are added up, 3; it stays at 4, as a policy that fails never shrinks a profile
    "#]].assert_eq(&by("sum", broken));
    expect![[r#"
        ocr: hold at 4: it broke
          combine: p wants 4, q wants 3: the first that answers counts, q with 3; it stays at 4, as a policy that fails never shrinks a profile
    "#]].assert_eq(&by("first-ok", broken));
    expect![[r#"
        ocr: scale out 4 -> 5: q said so
          combine: p wants 4, q wants 5, r wants 1: the first that answers counts, q with 5
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]]
    .assert_eq(&by("first-ok", "says ocr p fail\n says ocr q +1\n says ocr r -3"));
    expect![[r#"
        ocr: hold at 4: it broke
    "#]]
    .assert_eq(&by("first-ok", "says ocr p fail\n says ocr q fail"));
}

/// The healthy first of `first-ok` decides, whatever becomes of those that
/// would only have stood in for it.
#[test]
fn a_stand_in_that_fails_holds_nothing_up() {
    check(
        &format!("{FOUR}profile ocr 0..9 combine=first-ok\n says ocr p -1\n says ocr q fail"),
        expect![[r#"
            ocr: scale in 4 -> 3: p said so
              combine: p wants 3, q wants 4: the first that answers counts, p with 3
              victim: a has been idle for 4h: suspend a
            => suspend a
        "#]],
    );
}

/// A policy that takes another's place in quarantine is the first that answers.
#[test]
fn who_answers_in_anothers_place_has_its_place_in_the_list() {
    check(
        &format!("{FOUR}profile ocr 0..9 combine=first-ok\n says ocr p by f -1\n says ocr q +1"),
        expect![[r#"
            ocr: scale in 4 -> 3: p said so (p is not asked: it broke before)
              combine: p wants 3, q wants 5: the first that answers counts, p with 3
              victim: a has been idle for 4h: suspend a
            => suspend a
        "#]],
    );
}

/// What policies ask for by name is a means to the one number and never goes
/// beyond it; with `first-ok` only the deciding policy's is looked at.
#[test]
fn requests_follow_the_number() {
    let by = |rule: &str, wishes: &str| {
        let out = "image big vcpus=1 cost=9 hosts=ocr:1\n vm s small suspended\n";
        planned(&format!("{FOUR}{out}profile ocr 0..9 combine={rule}\n{wishes}"))
    };
    let more = "says ocr p 0 launch:big launch:big\n says ocr q 0 resume:s";
    expect![[r#"
        ocr: scale out 4 -> 6: p said so
          combine: p wants 6, q wants 5: the largest counts, 6
          launch: the policy asked to launch big: launch image big (2 times)
          request: asked to resume s, not done: others meet the need already
        => launch image big
        => launch image big
    "#]]
    .assert_eq(&by("max", more));
    expect![[r#"
        ocr: scale out 4 -> 5: q said so
          combine: p wants 6, q wants 5: the smallest counts, 5
          launch: the policy asked to launch big: launch image big
          request: asked to launch big, not done: others meet the need already
          request: asked to resume s, not done: others meet the need already
        => launch image big
    "#]]
    .assert_eq(&by("min", more));
    expect![[r#"
        ocr: scale out 4 -> 7: p said so; q said so
          combine: p wants 6, q wants 5: the changes are added up, 7
          launch: the policy asked to launch big: launch image big (2 times)
          resume: the policy asked to resume s: resume s
        => launch image big
        => launch image big
        => resume s
    "#]]
    .assert_eq(&by("sum", more));
    expect![[r#"
        ocr: scale out 4 -> 6: p said so
          combine: p wants 6, q wants 5: the first that answers counts, p with 6
          launch: the policy asked to launch big: launch image big (2 times)
          request: asked to resume s, not done: q is not the first that answers
        => launch image big
        => launch image big
    "#]]
    .assert_eq(&by("first-ok", more));
    let fewer = "says ocr p -1\n says ocr q 0 suspend:c suspend:d";
    expect![[r#"
        ocr: scale in 4 -> 3: p said so
          combine: p wants 3, q wants 2: the largest counts, 3
          victim: c has been idle for 2h: suspend c
          request: asked to suspend d, not done: d runs 1 of ocr, which may lose 0 now
        => suspend c
    "#]]
    .assert_eq(&by("max", fewer));
    expect![[r#"
        ocr: scale in 4 -> 2: q said so
          combine: p wants 3, q wants 2: the smallest counts, 2
          victim: c has been idle for 2h: suspend c
          victim: d has been idle for 1h: suspend d
        => suspend c
        => suspend d
    "#]]
    .assert_eq(&by("min", fewer));
    expect![[r#"
        ocr: scale in 4 -> 1: p said so; q said so
          combine: p wants 3, q wants 2: the changes are added up, 1
          victim: c has been idle for 2h: suspend c
          victim: d has been idle for 1h: suspend d
          victim: a has been idle for 4h: suspend a
        => suspend c
        => suspend d
        => suspend a
    "#]]
    .assert_eq(&by("sum", fewer));
    expect![[r#"
        ocr: scale in 4 -> 3: p said so
          combine: p wants 3, q wants 2: the first that answers counts, p with 3
          victim: a has been idle for 4h: suspend a
          request: asked to suspend c, not done: q is not the first that answers
          request: asked to suspend d, not done: q is not the first that answers
        => suspend a
    "#]]
    .assert_eq(&by("first-ok", fewer));
    let against = "says ocr p +1\n says ocr q 0 suspend:c";
    expect![[r#"
        ocr: scale out 4 -> 5: p said so
          combine: p wants 5, q wants 3: the largest counts, 5
          resume: s is suspended: resume s
          request: asked to suspend c, not done: the decision is to scale out to 5
        => resume s
    "#]]
    .assert_eq(&by("max", against));
    expect![[r#"
        ocr: scale in 4 -> 3: q said so
          combine: p wants 5, q wants 3: the smallest counts, 3
          victim: c has been idle for 2h: suspend c
        => suspend c
    "#]]
    .assert_eq(&by("min", against));
    expect![[r#"
        ocr: hold at 4: p said so
          combine: p wants 5, q wants 3: the changes are added up, 4
          request: asked to suspend c, not done: the decision is to hold at 4
    "#]]
    .assert_eq(&by("sum", against));
}
