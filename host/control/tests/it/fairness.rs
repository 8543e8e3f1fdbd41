//! What holds of every division of limits, against rules slow and plain enough
//! to be seen to be right.

use std::collections::BTreeMap;

use hooke_control::action::Action;
use hooke_control::draft::Usage;
use hooke_control::snapshot::{Occupancy, Worker};
use proptest::prelude::*;

use crate::situation::{START, situation};

/// One profile with machines of its own, one worker each.
#[derive(Debug, Clone, Copy)]
struct Want {
    weight: u32,
    /// Machines that it has before.
    has: u32,
    /// Workers wanted on top.
    more: u32,
}

fn want() -> impl Strategy<Value = Want> {
    (1..6u32, 0..4u32, 0..12u32).prop_map(|(weight, has, more)| Want { weight, has, more })
}

fn wants() -> impl Strategy<Value = Vec<Want>> {
    prop::collection::vec(want(), 1..6)
}

/// Their names, the other way round if `backwards`.
fn names(wants: &[Want], backwards: bool) -> Vec<String> {
    let mut names: Vec<String> = (0..wants.len()).map(|n| format!("p{n}")).collect();
    if backwards {
        names.reverse();
    }
    names
}

fn site(limits: &str, image: &str, wants: &[Want], names: &[String]) -> String {
    let mut text = format!("limits {limits}\n");
    for (want, name) in wants.iter().zip(names) {
        let Want { weight, has, more } = want;
        text.push_str(&format!("image {name} {image} hosts={name}:1\n"));
        text.push_str(&format!("profile {name} 0..999 weight={weight}\n says {name} p +{more}\n"));
        for n in 0..*has {
            text.push_str(&format!("vm {name}-{n} {name} running load=9 {name}=busy\n"));
        }
    }
    text
}

/// Workers of each once all is carried out.
fn planned(text: &str, names: &[String]) -> Vec<u32> {
    let plan = situation(text, START).plan();
    let all: BTreeMap<&str, u32> =
        plan.chains.iter().map(|(name, chain)| (name.as_str(), chain.planned)).collect();
    names.iter().map(|name| all[name.as_str()]).collect()
}

/// One machine after the other, to the one with the least for its weight:
/// compared as fractions, the first of equals.
fn one_by_one(cap: u32, wants: &[Want]) -> Vec<u32> {
    let mut have: Vec<u32> = wants.iter().map(|want| want.has).collect();
    while have.iter().sum::<u32>() < cap {
        let mut next: Option<usize> = None;
        for (at, want) in wants.iter().enumerate() {
            let least = next.is_none_or(|n| have[at] * wants[n].weight < have[n] * want.weight);
            if have[at] < want.has + want.more && least {
                next = Some(at);
            }
        }
        let Some(next) = next else { break };
        have[next] += 1;
    }
    have
}

/// Every unit to all at once, by real numbers: how high the vessel is filled.
fn water(cap: u32, wants: &[Want]) -> Vec<f64> {
    let wanted = |want: &Want| f64::from(want.has + want.more);
    let at = |level: f64| -> Vec<f64> {
        wants.iter().map(|want| wanted(want).min(level * f64::from(want.weight))).collect()
    };
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if at(middle).iter().sum::<f64>() > f64::from(cap) { high = middle } else { low = middle }
    }
    at(low)
}

const DOING: [&str; 8] = ["idle", "idle", "idle", "idle", "busy", "unknown", "booting", "draining"];

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(500), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_resource_is_divided_one_by_one(wants in wants(), cap in 0..40u32, by in 0..2usize) {
        let names = names(&wants, false);
        let limits = [format!("vms={cap}"), format!("vcpus={}", cap * 3)];
        let text = site(&limits[by], "vcpus=3", &wants, &names);
        prop_assert_eq!(planned(&text, &names), one_by_one(cap, &wants));
    }

    /// Nobody who wants more has less for its weight than another would have
    /// without the last machine that it was given.
    #[test]
    fn nobody_has_reason_for_envy(wants in wants(), cap in 0..40u32) {
        let names = names(&wants, false);
        let have = planned(&site(&format!("vms={cap}"), "vcpus=1", &wants, &names), &names);
        for (p, own) in wants.iter().enumerate().filter(|(p, w)| have[*p] < w.has + w.more) {
            for (q, other) in wants.iter().enumerate().filter(|(q, w)| have[*q] > w.has) {
                prop_assert!((have[q] - 1) * own.weight <= have[p] * other.weight, "{have:?}: {p}, {q}");
            }
        }
    }

    /// From nothing and with weights of one, each has what water would give it,
    /// to the machine.
    #[test]
    fn alike_they_are_filled_like_one_vessel(wants in wants(), cap in 0..40u32) {
        let wants: Vec<Want> = wants.into_iter().map(|w| Want { weight: 1, has: 0, ..w }).collect();
        let names = names(&wants, false);
        let have = planned(&site(&format!("vms={cap}"), "vcpus=1", &wants, &names), &names);
        for (have, level) in have.iter().zip(water(cap, &wants)) {
            prop_assert!((f64::from(*have) - level).abs() < 1.0, "{have} and {level}");
        }
    }

    /// Whoever still wants one more would break a limit by it, and nothing that
    /// is planned does.
    #[test]
    fn nothing_is_left_unused(
        wants in wants(),
        (vms, vcpus, mem, cost) in (1..40u32, 1..80u32, 1..99u32, 1..60u32),
        shape in (1..5u32, 1..9u32, 1..4u32),
    ) {
        let names = names(&wants, false);
        let image = format!("vcpus={} mem={} cost=0.{}", shape.0, shape.1, shape.2);
        let limits = format!("vms={vms} vcpus={vcpus} mem={mem} cost={cost}");
        let mut read = situation(&site(&limits, &image, &wants, &names), START);
        let plan = read.plan();
        let one = &read.site.images.values().next().unwrap();
        let mut usage = Usage::default();
        let launched = plan.intents.iter().filter(|i| matches!(i.action, Action::Launch { .. }));
        let machines = wants.iter().map(|want| want.has as usize).sum::<usize>() + launched.clone().count();
        (0..machines).for_each(|_| usage.add(one));
        prop_assert!(launched.count() == 0 || usage.over(&read.site.limits).is_none());
        let unmet = plan.chains.values().any(|chain| chain.planned < chain.desired);
        usage.add(one);
        prop_assert!(!unmet || usage.over(&read.site.limits).is_some());
    }

    #[test]
    fn more_weight_is_never_less(wants in wants(), cap in 0..40u32, who in 0..5usize, by in 1..9u32) {
        let (names, who) = (names(&wants, false), who % wants.len());
        let text = |wants: &[Want]| site(&format!("vms={cap}"), "vcpus=1", wants, &names);
        let before = planned(&text(&wants), &names);
        let mut heavier = wants.clone();
        heavier[who].weight += by;
        let after = planned(&text(&heavier), &names);
        prop_assert!(after[who] >= before[who], "{before:?} and {after:?}");
    }

    /// Names only decide between equals: for one machine.
    #[test]
    fn names_make_no_difference_but_between_equals(wants in wants(), cap in 0..40u32) {
        let of = |backwards| {
            let names = names(&wants, backwards);
            planned(&site(&format!("vms={cap}"), "vcpus=1", &wants, &names), &names)
        };
        for (one, other) in of(false).into_iter().zip(of(true)) {
            prop_assert!(one.abs_diff(other) <= 1);
        }
    }

    /// Whatever is reclaimed is proven idle, and leaves its owner more for its
    /// weight than the one that it is for, and the last worker.
    #[test]
    fn what_is_reclaimed_was_idle_and_to_spare(
        doing in prop::collection::vec(prop::sample::select(DOING.to_vec()), 0..9),
        (has, more) in (0..5u32, 0..5u32),
        weights in (1..4u32, 1..4u32),
        shape in (1..4u32, 1..4u32),
        slack in 0..3u32,
    ) {
        let vcpus = has * shape.0 + doing.len() as u32 * shape.1 + slack;
        let mut text = format!(
            "limits vcpus={vcpus}
             image a vcpus={} hosts=aa:1
             image b vcpus={} hosts=bb:1
             profile aa 0..9 weight={}
             profile bb 0..9 weight={}
             says aa p +3
             says bb p +{more}
             held-up aa 5\n",
            shape.0, shape.1, weights.0, weights.1
        );
        for n in 0..has {
            text.push_str(&format!("vm a{n} a running load=9 aa=busy\n"));
        }
        for (n, doing) in doing.iter().enumerate() {
            text.push_str(&format!("vm b{n} b running load=9 bb={doing}\n"));
        }
        let mut read = situation(&text, START);
        let plan = read.plan();
        let mut left = doing.len() as u32;
        for intent in plan.intents.iter().filter(|intent| intent.action.removes()) {
            let vm = plan.draft.snapshot.vm(intent.action.vm().unwrap()).unwrap();
            let idle = |w: &Worker| matches!(w.occupancy, Occupancy::Idle { .. });
            prop_assert!(vm.workers.iter().all(idle));
            left -= 1;
            let (lender, owner) = (left * shape.1 * weights.0, has * shape.0 * weights.1);
            prop_assert!(left >= 1 && lender > owner, "{left} left");
        }
    }
}
