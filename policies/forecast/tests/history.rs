//! What is remembered, and that nothing that is not can be taken for it.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_forecast::{
    BYTES, Breach, FORECAST_HOURS, HISTORY_HOURS, HOUR_MS, History, LEAST_HOURS, ahead, maximum,
};
use proptest::prelude::*;

/// A history of `hours` hours, each with the load that `load` says.
fn history(hours: u64, load: impl Fn(u64) -> f64) -> History {
    let mut history = History::default();
    for hour in 0..hours {
        history.record(hour * HOUR_MS, load(hour));
        history.record(hour * HOUR_MS + HOUR_MS / 2, load(hour));
    }
    history
}

fn check(history: &History, now_hour: u64, expected: Expect) {
    let said = match history.forecast(now_hour * HOUR_MS) {
        Ok(forecast) => (now_hour..now_hour + 6)
            .map(|hour| match forecast.at(hour * HOUR_MS) {
                Some(load) => format!("{load:.2} "),
                None => "- ".to_owned(),
            })
            .collect(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_day_is_needed() {
    check(&history(0, |_| 5.0), 0, expect!["0 hours of load are known: a forecast needs 24"]);
    // The hour that runs is not complete.
    check(&history(24, |_| 5.0), 23, expect!["23 hours of load are known: a forecast needs 24"]);
    check(&history(24, |_| 5.0), 24, expect!["5.00 5.00 5.00 5.00 5.00 5.00 "]);
    let day = |hour: u64| if hour % 24 < 3 { 1.0 } else { 9.0 };
    check(&history(48, day), 48, expect!["1.00 1.00 1.00 9.00 9.00 9.00 "]);
    // Two hours later without a reading, and two weeks later.
    check(&history(48, day), 50, expect!["1.00 9.00 9.00 9.00 9.00 9.00 "]);
    check(
        &history(48, day),
        48 + HISTORY_HOURS as u64,
        expect!["0 hours of load are known: a forecast needs 24"],
    );
}

#[test]
fn a_gap_is_no_load_of_zero() {
    let mut gappy = history(48, |_| 8.0);
    for hour in 72..96 {
        gappy.record(hour * HOUR_MS, 8.0);
    }
    assert_eq!(gappy.hours(), 48 + 23);
    check(&gappy, 96, expect!["8.00 8.00 8.00 8.00 8.00 8.00 "]);
}

#[test]
fn what_is_no_load_is_passed_over() {
    let plain = history(30, |hour| hour as f64);
    let mut odd = plain.clone();
    for load in [f64::NAN, f64::INFINITY, -1.0, f64::MAX] {
        odd.record(29 * HOUR_MS, load);
    }
    // And so is a clock that went back.
    odd.record(3 * HOUR_MS, 1_000.0);
    assert_eq!(odd, plain);
}

#[test]
fn the_load_to_be_ready_for_is_that_of_the_buffer_too() {
    // 1 in the first half of the day, 9 in the second.
    let forecast =
        history(96, |hour| if hour % 24 < 12 { 1.0 } else { 9.0 }).forecast(96 * HOUR_MS);
    let forecast = forecast.unwrap();
    let ready = |hour: u64, minute: u64, buffer_minutes: u64| {
        let now_ms = hour * HOUR_MS + minute * 60_000;
        ahead(&forecast, now_ms, buffer_minutes * 60_000).map(f64::round)
    };
    assert_eq!(ready(107, 50, 5), Some(1.0));
    assert_eq!(ready(107, 55, 5), Some(9.0));
    assert_eq!(ready(107, 55, 0), Some(1.0));
    // On the way back the hour that runs counts as well.
    assert_eq!(ready(119, 59, 5), Some(9.0));
    assert_eq!(ready(120, 0, 5), Some(1.0));
    assert_eq!(ready(95, 0, 5), None);
    assert_eq!(ready(96 + FORECAST_HOURS as u64, 0, 5), None);
}

/// PR-01 and what stands around it.
#[test]
fn the_maximum_gives_way_if_it_may() {
    let ten = Breach::IncreaseMaximum { buffer: 10 };
    assert_eq!(maximum(50, 40, ten), 55);
    assert_eq!(maximum(50, 40, Breach::HonorMaximum), 40);
    assert_eq!(maximum(50, 40, Breach::IncreaseMaximum { buffer: 0 }), 50);
    assert_eq!(maximum(38, 40, ten), 41);
    assert_eq!(maximum(20, 40, ten), 40);
    assert_eq!(maximum(u32::MAX, 40, ten), u32::MAX);
}

proptest! {
    /// Foreign bytes are refused, or are a history that can be used.
    #[test]
    fn no_bytes_are_too_much(
        foreign in prop::collection::vec(any::<u8>(), 0..64),
        at in 0usize..BYTES, byte in any::<u8>(), cut in 0usize..BYTES, now in any::<u64>(),
    ) {
        prop_assert!(History::from_bytes(&foreign).is_err());
        let good = history(40, |hour| hour as f64).to_bytes();
        prop_assert_eq!(good.len(), BYTES);
        prop_assert!(History::from_bytes(&good[..cut]).is_err());
        let mut bent = good;
        bent[at] = byte;
        if let Ok(mut history) = History::from_bytes(&bent) {
            history.record(now, 1.0);
            if let Ok(forecast) = history.forecast(now) {
                prop_assert!(ahead(&forecast, now, u64::MAX).is_none_or(|load| load >= 0.0));
            }
        }
    }

    /// Whatever was read and when, it comes back from its bytes, and what is
    /// foretold is a load: no more than twice the most there ever was.
    #[test]
    fn any_past_is_remembered_and_foretold(
        readings in prop::collection::vec((0u64..40, 0.0f64..1e9), 0..400), later in 0u64..1_000,
    ) {
        let (mut history, mut hour) = (History::default(), 0);
        for (hours, load) in &readings {
            hour += hours / 20;
            history.record(hour * HOUR_MS, *load);
        }
        prop_assert_eq!(&History::from_bytes(&history.to_bytes()).unwrap(), &history);
        let most = readings.iter().map(|(_, load)| *load).fold(0.0, f64::max);
        let now = hour + later;
        if let Ok(forecast) = history.forecast(now * HOUR_MS) {
            prop_assert!(history.hours() + 1 >= LEAST_HOURS);
            for ahead in 0..FORECAST_HOURS as u64 {
                let load = forecast.at((now + ahead) * HOUR_MS);
                prop_assert!(load.is_none_or(|load| load >= 0.0 && load <= 2.001 * most));
            }
        }
    }
}
