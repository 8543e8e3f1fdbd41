//! What holds of the rule whatever the situation. The rows of its table are in
//! `table.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use policy_keda_queue::decide::{Kept, Situation, decide};
use policy_keda_queue::metric::{Backlog, Quality};
use policy_keda_queue::settings::{Mode, Settings};
use proptest::prelude::*;

fn any_rate() -> impl Strategy<Value = Option<f64>> {
    prop::option::of(prop_oneof![Just(0.0), 0.0..50.0])
}

fn any_situation() -> impl Strategy<Value = Situation> {
    let quality = prop_oneof![3 => Just(Quality::Fresh), 1 => Just(Quality::Stale), 1 => Just(Quality::Missing)];
    let messages = || prop::option::weighted(0.9, prop_oneof![Just(0), 0u64..2_000, any::<u64>()]);
    let backlog = (quality, messages(), messages(), any_rate(), any_rate()).prop_map(
        |(quality, ready, unacked, arrival_rate, service_rate)| Backlog {
            quality,
            ready,
            unacked,
            arrival_rate,
            service_rate,
        },
    );
    let kept = (0u64..1_000_000, 0u64..1_000_000, 0u64..9, 0u64..1_000_000, 0u64..50).prop_map(
        |(first_ms, active_ms, failures, steady_ms, at_work)| Kept {
            first_ms,
            active_ms,
            failures,
            steady_ms,
            at_work,
        },
    );
    let kept = prop::option::of(kept);
    let workers = (0u32..40, 0u32..40, 0u32..40, 0u32..40).prop_map(|(capacity, a, b, c)| {
        let serving = a.min(capacity);
        let busy = b.min(serving);
        (capacity, serving, busy, c.min(serving - busy))
    });
    (0u64..1_000_000, workers, backlog, kept).prop_map(
        |(now_ms, (capacity, serving, busy, unknown), backlog, kept)| Situation {
            now_ms,
            capacity,
            serving,
            busy,
            unknown,
            backlog,
            kept,
        },
    )
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let mode = prop_oneof![
        Just("QueueLength"),
        Just("MessageRate"),
        Just("DeliverGetRate"),
        Just("PublishedToDeliveredRatio"),
        Just("ExpectedQueueConsumptionTime"),
        Just("DrainTime"),
    ];
    let kind = prop_oneof![Just("AverageValue"), Just("Value")];
    let fallback = prop_oneof![
        Just(""),
        Just(r#", "fallback": {"failureThreshold": 2, "replicas": 7}"#),
        Just(
            r#", "fallback": {"failureThreshold": 0, "replicas": 3, "behavior": "currentReplicas"}"#
        ),
    ];
    (mode, kind, 1u32..50, 0u32..20, 0u32..3, fallback).prop_map(
        |(mode, kind, value, activation, min, fallback)| {
            Settings::parse(&format!(
                r#"{{"mode": "{mode}", "metricType": "{kind}", "value": {value},
                    "activationValue": {activation}, "minReplicaCount": {min}{fallback}}}"#
            ))
            .unwrap()
        },
    )
}

proptest! {
    #[test]
    fn fewer_only_on_fresh_data(settings in any_settings(), situation in any_situation()) {
        if let Ok(done) = decide(&settings, &situation) && done.delta < 0 {
            prop_assert_eq!(situation.backlog.quality, Quality::Fresh);
            prop_assert_eq!(done.kept.failures, 0, "the metric was read");
        }
    }

    #[test]
    fn to_zero_only_after_the_cooldown(settings in any_settings(), situation in any_situation()) {
        let Ok(done) = decide(&settings, &situation) else { return Ok(()) };
        if situation.capacity > 0 && done.delta == -i32::try_from(situation.capacity).unwrap() {
            let since = situation.now_ms - situation.kept.unwrap().active_ms;
            prop_assert!(since >= settings.cooldown_period_ms);
        }
    }

    #[test]
    fn a_longer_queue_never_asks_for_fewer(
        settings in any_settings(), situation in any_situation(), more in any::<u64>(),
    ) {
        let settings = Settings { mode: Mode::QueueLength, ..settings };
        let mut larger = situation;
        larger.backlog.ready = situation.backlog.ready.map(|n| n.saturating_add(more));
        if let (Ok(before), Ok(after)) = (decide(&settings, &situation), decide(&settings, &larger)) {
            prop_assert!(before.delta <= after.delta, "{before:?} then {after:?}");
        }
    }

    // EX-01.
    #[test]
    fn never_above_the_exact_ceiling(ready in 0u64..5_000, value in 1u64..200, capacity in 0u32..50, by_value in any::<bool>()) {
        let kind = if by_value { "Value" } else { "AverageValue" };
        let settings = Settings::parse(&format!(
            r#"{{"value": {value}, "metricType": "{kind}", "maxReplicaCount": 4294967295}}"#
        )).unwrap();
        let backlog = Backlog {
            quality: Quality::Fresh, ready: Some(ready), unacked: Some(0), arrival_rate: None, service_rate: None,
        };
        let situation = Situation {
            now_ms: 0, capacity, serving: capacity, busy: 0, unknown: 0, backlog, kept: None,
        };
        let done = decide(&settings, &situation).unwrap();
        let count = if by_value && capacity > 0 { u64::from(capacity) } else { 1 };
        let exact = (count * ready).div_ceil(value).max(1);
        if done.delta > 0 {
            prop_assert_eq!(u64::from(capacity) + u64::from(done.delta.unsigned_abs()), exact);
        }
    }

    #[test]
    fn no_reading_is_too_odd(
        settings in any_settings(), situation in any_situation(),
        arrivals in any::<f64>(), service in any::<f64>(), kept in any::<[u64; 5]>(), now_ms in any::<u64>(),
    ) {
        let [first_ms, active_ms, failures, steady_ms, at_work] = kept;
        let kept = Kept { first_ms, active_ms, failures, steady_ms, at_work };
        let mut odd = Situation { kept: Some(kept), now_ms, ..situation };
        odd.backlog.arrival_rate = Some(arrivals);
        odd.backlog.service_rate = Some(service);
        let sane = |rate: f64| rate.is_finite() && rate >= 0.0;
        let asked = match settings.mode {
            Mode::QueueLength => true,
            Mode::MessageRate => sane(arrivals),
            Mode::DeliverGetRate => sane(service),
            Mode::PublishedToDeliveredRatio
            | Mode::ExpectedQueueConsumptionTime
            | Mode::DrainTime => sane(arrivals) && sane(service),
        };
        if let Ok(done) = decide(&settings, &odd) && !asked {
            prop_assert!(done.delta >= 0, "{}", done.reason);
            prop_assert!(done.kept.failures > 0);
        }
    }

    // However long a message seems to take: one worker for each, and twice those who serve at first.
    #[test]
    fn a_drain_time_asks_for_no_more_than_there_are_messages(
        settings in any_settings(), situation in any_situation(), since in 0u64..60_000,
    ) {
        let settings = Settings { mode: Mode::DrainTime, max_replica_count: u32::MAX, ..settings };
        let Situation { now_ms, capacity, serving, busy, unknown, backlog, .. } = situation;
        let steady = Kept {
            first_ms: 0, active_ms: 0, failures: 0, steady_ms: now_ms.saturating_sub(since), at_work: 0,
        };
        let situation = Situation { kept: Some(steady), ..situation };
        let Ok(done) = decide(&settings, &situation) else { return Ok(()) };
        if done.delta > 0 && done.kept.failures == 0 && serving > 0 {
            let asked = u64::from(capacity) + u64::from(done.delta.unsigned_abs());
            let coming = backlog.arrival_rate.unwrap() * settings.value;
            let each = u64::from(busy + unknown).saturating_add(backlog.ready.unwrap()).saturating_add(coming.ceil() as u64);
            let least = u64::from(settings.min_replica_count.max(1));
            prop_assert!(asked <= each.max(least), "{}", done.reason);
            prop_assert!(asked <= u64::from(serving * 2).max(least), "{}", done.reason);
        }
    }
}
