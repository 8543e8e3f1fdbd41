//! Numbers kept as bytes come back, and nothing else reads as numbers.

use hooke_policy_sdk::kept::{decode, encode};
use hooke_policy_sdk::metric::{Metric, statistic};
use hooke_policy_sdk::metrics::Statistic;
use proptest::prelude::*;

const FORM: [u8; 4] = *b"try1";

proptest! {
    #[test]
    fn what_was_written_is_read(a in any::<u64>(), b in any::<u64>()) {
        prop_assert_eq!(decode(FORM, &encode(FORM, [a, b])), Some([a, b]));
    }

    #[test]
    fn what_is_damaged_or_cut_off_is_not(a in any::<u64>(), at in 0usize..16, with in 1u8..) {
        let mut bytes = encode(FORM, [a]);
        bytes[at] ^= with;
        prop_assert_eq!(decode::<1>(FORM, &bytes), None);
        bytes.truncate(at);
        prop_assert_eq!(decode::<1>(FORM, &bytes), None);
    }

    #[test]
    fn what_another_wrote_is_not(bytes in prop::collection::vec(any::<u8>(), 0..64), a in any::<u64>()) {
        prop_assert_eq!(decode::<1>(FORM, &bytes), None);
        prop_assert_eq!(decode::<2>(FORM, &encode(FORM, [a])), None);
        prop_assert_eq!(decode::<1>(FORM, &encode(*b"try2", [a])), None);
    }
}

#[test]
fn metrics_and_statistics_go_by_the_names_in_a_site_file() {
    assert!(Metric::WORDS.iter().all(|(name, metric)| metric.name() == *name));
    assert_eq!(statistic("average"), Some(Statistic::Average));
    assert_eq!(statistic("p95"), Some(Statistic::Percentile(95.0)));
    for wrong in ["", "p", "p0", "p101", "p-1", "mean", "95"] {
        assert_eq!(statistic(wrong), None, "{wrong}");
    }
}
