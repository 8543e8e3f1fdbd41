//! What holds of the rule whatever the situation. The rows of its table are in
//! `table.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use policy_rubber::decide::{Quality, Ratio, Situation, decide};
use policy_rubber::settings::Settings;
use proptest::prelude::*;

fn any_situation() -> impl Strategy<Value = Situation> {
    let quality = prop_oneof![Just(Quality::Fresh), Just(Quality::Stale), Just(Quality::Missing)];
    let ready = prop::option::of(prop_oneof![Just(0), 0u64..1_000, any::<u64>()]);
    let last = prop::option::of(prop_oneof![0u64..1_000_000, any::<u64>()]);
    (quality, ready, last, any::<u64>(), any::<u32>(), prop_oneof![0u32..50, any::<u32>()])
        .prop_map(|(quality, ready, last_ms, now_ms, idle, booting)| Situation {
            now_ms,
            last_ms,
            quality,
            age_ms: 1,
            ready,
            idle,
            booting,
        })
}

fn any_settings() -> impl Strategy<Value = Settings> {
    (0u64..50, 1u64..5_000_000_000, 0u32..10, 1u64..600_000).prop_map(
        |(threshold, ratio, idle, interval)| Settings {
            backorder_threshold: threshold,
            spawn_ratio: Ratio::new(ratio as f64 / 1e9).unwrap(),
            min_idle_workers: idle,
            evaluation_interval_ms: interval,
            slacker_threshold_ms: 300_000,
        },
    )
}

proptest! {
    #[test]
    fn fewer_only_of_the_idle_and_on_an_empty_fresh_backlog(
        settings in any_settings(), situation in any_situation(), late in any::<u32>(),
    ) {
        if let Ok(done) = decide(&settings, &situation, || late) && done.delta < 0 {
            prop_assert_eq!((situation.quality, situation.ready), (Quality::Fresh, Some(0)));
            prop_assert!(done.delta.unsigned_abs() + settings.min_idle_workers <= situation.idle);
        }
    }

    #[test]
    fn never_more_than_the_ratio_of_the_backlog(
        settings in any_settings(), situation in any_situation(), places in 1u64..2_000_000_000,
    ) {
        let settings = Settings { spawn_ratio: Ratio::new(places as f64 / 1e9).unwrap(), ..settings };
        if let Ok(done) = decide(&settings, &situation, || 0) && done.delta > 0 {
            let exact = u128::from(situation.ready.unwrap()) * u128::from(places) / 1_000_000_000;
            let asked = u128::from(done.delta.unsigned_abs()) + u128::from(situation.booting);
            prop_assert!(asked <= exact);
        }
    }

    #[test]
    fn a_larger_backlog_never_asks_for_fewer(
        settings in any_settings(), situation in any_situation(), more in any::<u64>(), late in any::<u32>(),
    ) {
        let larger = Situation { ready: situation.ready.map(|n| n.saturating_add(more)), ..situation };
        if let (Ok(before), Ok(after)) =
            (decide(&settings, &situation, || late), decide(&settings, &larger, || late))
        {
            prop_assert!(before.delta <= after.delta);
        }
    }

    #[test]
    fn it_is_applied_once_an_interval(
        settings in any_settings(), situation in any_situation(), since in 0u64..1_200_000,
    ) {
        let last_ms = situation.now_ms.checked_sub(since);
        let Some(last) = last_ms else { return Ok(()) };
        let situation = Situation { last_ms: Some(last), ready: Some(1), quality: Quality::Fresh, ..situation };
        let done = decide(&settings, &situation, || 0).unwrap();
        prop_assert_eq!(done.applied, since >= settings.evaluation_interval_ms);
    }

    #[test]
    fn decimals_are_cut_where_they_say(count in 0u64..1_000_000, hundredths in 1u64..1_000) {
        let settings = Settings {
            backorder_threshold: 0,
            spawn_ratio: Ratio::new(hundredths as f64 / 100.0).unwrap(),
            ..Settings::parse("{}").unwrap()
        };
        let situation = Situation {
            now_ms: 0, last_ms: None, quality: Quality::Fresh, age_ms: 0, ready: Some(count), idle: 0, booting: 0,
        };
        let done = decide(&settings, &situation, || 0).unwrap();
        prop_assert_eq!(u64::from(done.delta.unsigned_abs()), count * hundredths / 100);
    }
}
