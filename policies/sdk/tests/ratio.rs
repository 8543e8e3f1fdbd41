//! The arithmetic of targets, against fractions.

use hooke_policy_sdk::workers_for;
use proptest::prelude::*;

#[test]
fn ex_01_never_above_the_exact_ceiling() {
    for (capacity, metric, target, exact) in [
        (15, 62.0, 30.0, 31),
        (13, 135.0, 65.0, 27),
        (50, 90.0, 75.0, 60),
        (1, 1.1, 0.1, 11),
        (10, 0.3, 0.1, 30),
        (10, 150.0, 100.0, 15),
        (0, 5.0, 1.0, 0),
        (7, 0.0, 3.0, 0),
        (3, 1.0, 1e9, 1),
        (u32::MAX, 1e300, 1e-300, u32::MAX),
    ] {
        assert_eq!(
            workers_for(capacity, metric, target),
            Some(exact),
            "{capacity} {metric} {target}"
        );
    }
    for (metric, target) in [
        (f64::NAN, 1.0),
        (-1.0, 1.0),
        (f64::INFINITY, 1.0),
        (1.0, 0.0),
        (1.0, -2.0),
        (1.0, f64::NAN),
    ] {
        assert_eq!(workers_for(3, metric, target), None, "{metric} {target}");
    }
}

proptest! {
    /// Decimals with two places, as people write them, divided as whole numbers.
    #[test]
    fn decimals_are_divided_as_written(capacity in 0_u32..5000, metric in 0_u64..1_000_000, target in 1_u64..100_000) {
        let exact = (u128::from(capacity) * u128::from(metric)).div_ceil(u128::from(target));
        let (written, wanted) = (metric as f64 / 100.0, target as f64 / 100.0);
        prop_assert_eq!(workers_for(capacity, written, wanted), Some(u32::try_from(exact).unwrap()));
    }

    /// More of the metric never asks for fewer workers.
    #[test]
    fn it_is_monotone(capacity in 0_u32..100_000, a in 0.0_f64..1e6, more in 0.0_f64..1e6, target in 1e-3_f64..1e6) {
        prop_assert!(workers_for(capacity, a, target) <= workers_for(capacity, a + more, target));
    }
}

#[test]
fn figures_are_short() {
    let shown = |value: f64| hooke_policy_sdk::Figure(value).to_string();
    let all = [7.0, 7.25, 0.5, -0.5, 0.004, -0.004, 0.996, 12.05, 1e300, f64::NAN].map(shown);
    assert_eq!(all.join(" "), "7 7.25 0.5 -0.5 0 0 1 12.05 184467440737095516.15 no number");
}
