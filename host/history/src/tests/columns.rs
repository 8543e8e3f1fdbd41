//! Packed readings are the readings that were packed.

use proptest::prelude::*;

use crate::code;
use crate::column::{Column, Slot};

/// Numbers of every kind that brokers and machines say.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0_u32..20).prop_map(f64::from),
        (0_u64..1 << 60).prop_map(|n| n as f64),
        (0_u32..100_000).prop_map(|n| f64::from(n) / 1000.0),
        (0.0..1e300),
        Just(f64::MIN_POSITIVE),
        Just(0.1 + 0.2),
    ]
}

/// Runs of ticks: a gap before, how many, what was read.
fn runs() -> impl Strategy<Value = Vec<(u32, u32, f64)>> {
    let gap = prop_oneof![4 => Just(0_u32), 1 => 1_u32..300];
    let len = prop_oneof![3 => Just(1_u32), 1 => 1_u32..400];
    prop::collection::vec((gap, len, value()), 0..200)
}

fn unpacked(column: &Column, range: std::ops::Range<Slot>) -> Vec<(Slot, f64)> {
    let runs = column.runs(range);
    runs.flat_map(|run| (run.start..run.end()).map(move |slot| (slot, run.value))).collect()
}

/// A column, and what is in it.
fn packed(runs: &[(u32, u32, f64)]) -> (Column, Vec<(Slot, f64)>) {
    let (mut column, mut all, mut slot) = (Column::new(), Vec::new(), 0);
    for (gap, len, value) in runs {
        slot += gap;
        for _ in 0..*len {
            column.push(slot, 1, *value);
            all.push((slot, *value));
            slot += 1;
        }
    }
    (column, all)
}

proptest! {
    #[test]
    fn any_range_comes_back(runs in runs(), from in 0_u32..5000, len in 0_u32..5000) {
        let (column, all) = packed(&runs);
        let range = from..from + len;
        let expected: Vec<_> = all.into_iter().filter(|(slot, _)| range.contains(slot)).collect();
        prop_assert_eq!(unpacked(&column, range), expected);
    }

    #[test]
    fn what_is_cut_is_gone_and_the_rest_stays(runs in runs(), from in 0_u32..5000) {
        let (mut column, all) = packed(&runs);
        column.cut(from);
        let expected: Vec<_> = all.into_iter().filter(|(slot, _)| *slot < from).collect();
        prop_assert_eq!(unpacked(&column, 0..Slot::MAX), expected);
    }

    #[test]
    fn forgetting_takes_nothing_that_is_young_enough(runs in runs(), before in 0_u32..5000) {
        let (mut column, all) = packed(&runs);
        column.forget(before);
        let expected: Vec<_> = all.into_iter().filter(|(slot, _)| *slot >= before).collect();
        prop_assert_eq!(unpacked(&column, before..Slot::MAX), expected);
    }

    #[test]
    fn a_difference_comes_back_bit_for_bit(before in value(), after in value()) {
        let (kind, payload) = code::difference(before, after);
        prop_assert_eq!(code::apply(before, kind, payload).to_bits(), after.to_bits());
    }
}
