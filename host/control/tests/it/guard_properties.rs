//! What holds of guards over any course of wishes, against slow and obvious
//! oracles that look at the whole past.

use std::time::Duration;

use hooke_control::explain::{Chain, Direction, Stage};
use hooke_control::spec::{Amount, Rate, Select};
use hooke_control::units::Timestamp;
use proptest::prelude::*;

use crate::fleet::{Cloud, Fleet};
use crate::guard_words::guards;

/// One tick of the past.
struct Past {
    at: Timestamp,
    before: u32,
    wanted: u32,
    desired: u32,
}

/// Plays the wishes at the given distances in seconds.
fn play(guards: &str, workers: u32, wishes: &[(u32, u64)], mut look: impl FnMut(&[Past], &Chain)) {
    let mut fleet = Fleet::new(&format!("profile ocr 0..99\n guards ocr {guards}"), workers);
    let mut past = Vec::new();
    for (wanted, seconds) in wishes {
        let (at, before) = (fleet.now, fleet.workers());
        let chain = fleet.tick(*wanted, Cloud::Willing);
        past.push(Past { at, before, wanted: *wanted, desired: chain.desired });
        look(&past, &chain);
        assert_eq!(fleet.workers(), chain.desired, "the fleet does what is decided");
        fleet.after(Duration::from_secs(*seconds));
    }
}

fn wishes() -> impl Strategy<Value = Vec<(u32, u64)>> {
    prop::collection::vec((0..12u32, 34..120u64), 1..25)
}

fn rates() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        (1..5u32, 1..6u32).prop_map(|(n, minutes)| format!("{n}/{minutes}m")),
        (1..150u32, 1..6u32).prop_map(|(n, minutes)| format!("{n}%/{minutes}m")),
    ];
    prop::collection::vec(one, 1..4).prop_map(|all| all.join(","))
}

fn select() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["max", "min"])
}

/// The wishes of the window; and to stay before the first, and after a gap as
/// long as the window, in which nobody wished anything.
fn window(past: &[Past], window: Duration) -> Vec<u32> {
    let now = past.last().unwrap().at;
    let within = |tick: &&Past| now.since(tick.at) < window;
    let blind = |nth: usize| nth == 0 || past[nth].at.since(past[nth - 1].at) >= window;
    let recent = past.iter().filter(within).map(|tick| tick.wanted);
    let stay = (0..past.len()).filter(|nth| blind(*nth)).map(|nth| &past[nth]);
    recent.chain(stay.filter(within).map(|tick| tick.before)).collect()
}

/// How far the limits still let a profile go. What it had when each window
/// began and what came and went since is looked up in the past.
fn limit(past: &[Past], rates: &[Rate], select: Select, way: Direction) -> u32 {
    let now = past.last().unwrap();
    let each = rates.iter().map(|rate| {
        let within = past.iter().find(|tick| now.at.since(tick.at) < rate.window());
        let start = within.unwrap().before;
        let since = past[..past.len() - 1].iter().filter(|t| now.at.since(t.at) < rate.window());
        let moved: u32 = since
            .map(|tick| match way {
                Direction::In => tick.before.saturating_sub(tick.desired),
                Direction::Out | Direction::Hold => tick.desired.saturating_sub(tick.before),
            })
            .sum();
        let by = match rate.amount() {
            Amount::Number(number) => number.get(),
            Amount::Percent(percent) => (start * percent.get()).div_ceil(100).max(1),
        };
        let left = by.saturating_sub(moved);
        if way == Direction::In { now.before.saturating_sub(left) } else { now.before + left }
    });
    let furthest_is_highest = way == Direction::Out;
    match (select == Select::Max) == furthest_is_highest {
        true => each.max().unwrap(),
        false => each.min().unwrap(),
    }
}

const ORDER: [Stage; 11] = [
    Stage::Combine,
    Stage::Tolerance,
    Stage::Stabilisation,
    Stage::Projection,
    Stage::Bounds,
    Stage::Cooldown,
    Stage::Rate,
    Stage::Bounds,
    Stage::Quality,
    Stage::Unready,
    Stage::Victim,
];

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.min(128), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn stabilisation_is_the_most_cautious_wish_of_the_window(
        wishes in wishes(), workers in 0..9u32, scale_in in 1..10u64, scale_out in 1..10u64,
    ) {
        let text = format!("in.stabilisation={scale_in}m out.stabilisation={scale_out}m");
        play(&text, workers, &wishes, |past, chain| {
            let now = past.last().unwrap();
            let of = |minutes: u64| window(past, Duration::from_secs(60 * minutes));
            let low = *of(scale_out).iter().min().unwrap();
            let high = *of(scale_in).iter().max().unwrap();
            // As the HPA: from where it is up to the lowest, down to the highest.
            let expected = now.before.max(low).min(high.max(low));
            assert_eq!(chain.desired, expected, "{:?}", chain.steps);
        });
    }

    #[test]
    fn no_window_sees_more_change_than_its_limit(
        wishes in wishes(), workers in 0..9u32, scale_in in rates(), scale_out in rates(),
        selects in (select(), select()),
    ) {
        let text = format!(
            "in.rates={scale_in} out.rates={scale_out} in.select={} out.select={}",
            selects.0, selects.1
        );
        let words: Vec<&str> = text.split_whitespace().collect();
        let guards = guards(&words);
        play(&text, workers, &wishes, |past, chain| {
            let now = past.last().unwrap();
            let way = Direction::between(i64::from(now.before), i64::from(now.wanted));
            let expected = match way {
                Direction::Hold => now.before,
                Direction::Out => {
                    let pace = &guards.scale_out;
                    let limit = limit(past, &pace.rates, pace.select, way);
                    now.wanted.min(limit.max(now.before))
                }
                Direction::In => {
                    let pace = &guards.scale_in;
                    let limit = limit(past, &pace.rates, pace.select, way);
                    now.wanted.max(limit.min(now.before))
                }
            };
            assert_eq!(chain.desired, expected, "{:?}", chain.steps);
        });
    }

    #[test]
    fn cooldown_is_time_since_the_last_change(
        wishes in wishes(), workers in 0..9u32, scale_in in 1..6u64, scale_out in 1..6u64,
    ) {
        let text = format!("in.cooldown={scale_in}m out.cooldown={scale_out}m");
        play(&text, workers, &wishes, |past, chain| {
            let (now, before) = past.split_last().unwrap();
            let recent = |minutes: u64, these: fn(&Past) -> bool| {
                let cool = Duration::from_secs(60 * minutes);
                before.iter().any(|tick| now.at.since(tick.at) < cool && these(tick))
            };
            let held = if now.wanted > now.before {
                recent(scale_out, |tick| tick.desired > tick.before)
            } else {
                recent(scale_in, |tick| tick.desired != tick.before)
            };
            assert_eq!(chain.desired, if held { now.before } else { now.wanted });
        });
    }

    #[test]
    fn guards_only_weaken_and_keep_their_order(
        wishes in wishes(), workers in 0..9u32, scale_in in rates(), scale_out in rates(),
        minutes in prop::collection::vec(0..8u32, 4), tolerance in 0..60u32, below in 1..20u32,
    ) {
        let text = format!(
            "in.rates={scale_in} out.rates={scale_out} tolerance={tolerance} \
             below=backlog-per-worker:{below} in.stabilisation={}m out.stabilisation={}m \
             in.cooldown={}m out.cooldown={}m\n backlog ocr ready=20",
            minutes[0], minutes[1], minutes[2], minutes[3]
        );
        play(&text, workers, &wishes, |past, chain| {
            let now = past.last().unwrap();
            let (least, most) = (now.before.min(now.wanted), now.before.max(now.wanted));
            assert!((least..=most).contains(&chain.desired), "{chain:?}");
            let mut order = ORDER.iter();
            let guards = chain.steps.iter().filter(|step| step.text.contains("wanted, "));
            for step in guards {
                assert!(order.any(|stage| *stage == step.stage), "{:?}", chain.steps);
            }
        });
    }

    #[test]
    fn a_restart_anywhere_changes_nothing(
        wishes in wishes(), workers in 0..9u32, scale_in in rates(), scale_out in rates(),
        minutes in prop::collection::vec(0..8u32, 4), killed in prop::collection::vec(any::<bool>(), 25),
    ) {
        let lines = format!(
            "profile ocr 0..99\n guards ocr in.rates={scale_in} out.rates={scale_out} \
             in.stabilisation={}m out.stabilisation={}m in.cooldown={}m out.cooldown={}m",
            minutes[0], minutes[1], minutes[2], minutes[3]
        );
        let (mut whole, mut cut) = (Fleet::new(&lines, workers), Fleet::new(&lines, workers));
        for ((wanted, _), killed) in wishes.iter().zip(killed) {
            let expected = whole.tick(*wanted, Cloud::Willing);
            let chain = cut.tick(*wanted, Cloud::Willing);
            prop_assert_eq!(chain.desired, expected.desired);
            prop_assert_eq!(chain.steps, expected.steps);
            whole.after(Duration::from_secs(40));
            cut.after(Duration::from_secs(40));
            if killed {
                cut.restart();
            }
        }
    }
}
