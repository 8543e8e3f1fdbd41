//! The arithmetic of rules, and what is said when facts are missing.

use expect_test::expect;
use hooke_policy_sdk::cloud::Refusal;
use hooke_policy_sdk::metrics::{BacklogSums, MetricsError};
use hooke_policy_sdk::{PolicyError, Quality, delta};

#[test]
fn a_delta_is_cut_and_never_wraps() {
    let table = [
        (0, 0),
        (7, 3),
        (3, 7),
        (u64::MAX, 0),
        (u64::MAX, u32::MAX),
        (0, u32::MAX),
        (1 << 31, 0),
        ((1 << 31) - 1, 0),
        (0, 1 << 31),
    ];
    let lines: String = table
        .into_iter()
        .map(|(wanted, capacity)| format!("{capacity} to {wanted}: {}\n", delta(wanted, capacity)))
        .collect();
    expect![[r#"
        0 to 0: 0
        3 to 7: 4
        7 to 3: -4
        0 to 18446744073709551615: 2147483647
        4294967295 to 18446744073709551615: 2147483647
        4294967295 to 0: -2147483648
        0 to 2147483648: 2147483647
        0 to 2147483647: 2147483647
        2147483648 to 0: -2147483648
    "#]]
    .assert_eq(&lines);
}

#[test]
fn missing_is_never_zero() {
    let mut lines = String::new();
    for quality in [Quality::Fresh, Quality::Stale, Quality::Missing] {
        for ready in [Some(0), None] {
            let sums = BacklogSums {
                quality,
                age_ms: 0,
                ready,
                unacked: None,
                consumers: None,
                arrival_rate: None,
                service_rate: None,
                idle_ms: None,
            };
            let (said, shrink) = (sums.ready_or_missing(), sums.may_shrink());
            lines += &format!("{quality:?} {ready:?}: {said:?}, may shrink: {shrink}\n");
        }
    }
    expect![[r#"
        Quality::Fresh Some(0): Ok(0), may shrink: true
        Quality::Fresh None: Err(PolicyError::MissingData("the backlog is missing")), may shrink: false
        Quality::Stale Some(0): Ok(0), may shrink: false
        Quality::Stale None: Err(PolicyError::MissingData("the backlog is missing")), may shrink: false
        Quality::Missing Some(0): Err(PolicyError::MissingData("the backlog is missing")), may shrink: false
        Quality::Missing None: Err(PolicyError::MissingData("the backlog is missing")), may shrink: false
    "#]]
    .assert_eq(&lines);
}

#[test]
fn what_the_host_says_is_passed_on() {
    let unknown = PolicyError::from(MetricsError::UnknownProfile("ocr".to_owned()));
    let other = PolicyError::from(MetricsError::Other("not now".to_owned()));
    let refusal = Refusal::Busy("vm-1 is busy".to_owned());
    expect![[r#"
        PolicyError::MissingData("the site has no profile ocr")
        PolicyError::MissingData("not now")
        busy: vm-1 is busy
    "#]]
    .assert_eq(&format!("{unknown:?}\n{other:?}\n{}: {}\n", refusal.kind(), refusal.why()));
}
