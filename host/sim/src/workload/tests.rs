//! Totals of every pattern against what it promises.

use super::*;
use crate::chance::{Probability, Stream};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

fn rate(per_hour: f64) -> Rate {
    Rate::per_hour(per_hour).unwrap()
}

/// Every arrival until `until`: moments in milliseconds, with counts.
fn arrivals(workload: &Workload, seed: u64, until: Duration) -> Vec<(u64, u64)> {
    let mut arrivals = Arrivals::new(workload.clone(), Stream::of(seed, "arrivals", "test"));
    let mut seen = Vec::new();
    let until = u64::try_from(until.as_millis()).unwrap();
    while arrivals.next() <= until {
        let at = arrivals.next();
        let count = arrivals.take(at);
        if count > 0 {
            seen.push((at, count));
        }
    }
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0), "moments out of order");
    seen
}

fn total(seen: &[(u64, u64)]) -> u64 {
    seen.iter().map(|(_, count)| count).sum()
}

/// Drawn totals must lie within five standard deviations of the curve, for
/// several seeds, and so must those of the first half.
fn check_drawn(workload: &Workload, until: Duration) {
    for seed in 0..5 {
        let seen = arrivals(workload, seed, until);
        for part in [until / 2, until] {
            let millis = u64::try_from(part.as_millis()).unwrap();
            let count = seen.iter().filter(|(at, _)| *at <= millis).map(|(_, n)| n).sum::<u64>();
            let expected = workload.expected(part);
            let off = (count as f64 - expected).abs();
            assert!(off <= 5.0 * expected.sqrt(), "seed {seed}: {count}, expected {expected}");
        }
    }
}

#[test]
fn a_constant_rate_comes_to_its_mean() {
    let workload = Workload::from(Pattern::constant(rate(2000.0)));
    assert_eq!(workload.expected(HOUR), 2000.0);
    check_drawn(&workload, 12 * HOUR);
    check_drawn(&Pattern::constant(rate(7.0)).into(), 100 * HOUR);
}

#[test]
fn a_large_rate_comes_in_batches_and_to_its_mean() {
    let workload = Workload::from(Pattern::constant(Rate::per_second(5000.0).unwrap()));
    check_drawn(&workload, 2 * MINUTE);
    assert!(arrivals(&workload, 1, MINUTE).len() <= 60, "more than one batch a second");
}

#[test]
fn a_sine_day_has_its_mean_its_peak_and_its_trough() {
    let workload = Workload::from(Pattern::sine_day(rate(1000.0), Probability::ALWAYS, 15 * HOUR));
    check_drawn(&workload, 24 * HOUR);
    let hour = |from: u32| workload.expected((from + 1) * HOUR) - workload.expected(from * HOUR);
    assert!((workload.expected(24 * HOUR) - 24_000.0).abs() < 1e-6);
    assert!((1980.0..2000.0).contains(&hour(15)), "peak {}", hour(15));
    assert!((0.0..20.0).contains(&hour(3)), "trough {}", hour(3));
}

#[test]
fn a_step_begins_and_ends_at_its_moments() {
    let (from, to) = (10 * MINUTE + Duration::from_secs(30), 30 * MINUTE);
    let workload = Workload::from(Pattern::step(from, to, rate(3600.0)).unwrap());
    assert_eq!(workload.expected(HOUR), 1170.0);
    check_drawn(&workload, HOUR);
    let seen = arrivals(&workload, 3, HOUR);
    let (first, last) = (seen[0].0, seen[seen.len() - 1].0);
    assert!((630_000..645_000).contains(&first), "first at {first}");
    assert!((1_785_000..=1_800_000).contains(&last), "last at {last}");
}

#[test]
fn a_burst_is_exact_and_even() {
    for (span, count) in [(0, 1), (1, 7), (20, 500), (60, 12_345), (3600, 999)] {
        let burst = Pattern::burst(Duration::from_secs(90), Duration::from_secs(span), count);
        let seen = arrivals(&burst.into(), 1, 3 * HOUR);
        assert_eq!(total(&seen), u64::from(count), "over {span} s");
        assert!(seen[0].0 > 90_000, "first at {}", seen[0].0);
        let last = seen[seen.len() - 1].0;
        assert!(last <= (90 + span.max(1)) * 1000, "last at {last} over {span} s");
    }
}

#[test]
fn a_trace_is_exact_by_the_minute_and_then_silent() {
    let counts = [3, 0, 61, 10_000, 1];
    let seen = arrivals(&Pattern::trace(&counts, 1.0).unwrap().into(), 1, HOUR);
    let mut by_minute = [0; 6];
    for (at, count) in seen {
        // A slot's last moment is the first of the next minute.
        by_minute[usize::try_from((at - 1) / 60_000).unwrap()] += count;
    }
    assert_eq!(by_minute, [3, 0, 61, 10_000, 1, 0]);
}

#[test]
fn a_scaled_trace_adds_its_fractions_up() {
    let trace = Pattern::trace(&[10; 30], 0.05).unwrap();
    assert_eq!(total(&arrivals(&trace.into(), 1, HOUR)), 15);
}

#[test]
fn patterns_add_up() {
    let workload = Workload::none()
        .and(Pattern::constant(rate(600.0)))
        .and(Pattern::burst(HOUR, MINUTE, 300))
        .and(Pattern::step(HOUR, 2 * HOUR, rate(60.0)).unwrap());
    assert!((workload.expected(3 * HOUR) - 2160.0).abs() < 1e-6);
    check_drawn(&workload, 3 * HOUR);
    assert_eq!(arrivals(&Workload::none(), 1, 3 * HOUR), []);
}

#[test]
fn what_makes_no_sense_is_no_pattern() {
    assert_eq!(Rate::per_second(-1.0), None);
    assert_eq!(Rate::per_second(f64::NAN), None);
    assert_eq!(Rate::per_second(1e7), None);
    assert_eq!(Pattern::step(HOUR, HOUR, rate(1.0)), None);
    assert_eq!(Pattern::sine(rate(1.0), Probability::NEVER, Duration::ZERO, HOUR), None);
    assert_eq!(Pattern::trace(&[1], f64::INFINITY), None);
    assert_eq!(Pattern::trace(&[u32::MAX; 3], 1.0), None);
}
