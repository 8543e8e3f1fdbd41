//! The limits of policies: their units, their hard caps, what they come to.

use std::time::Duration;

use expect_test::expect;
use hooke_runtime::{Limit, Limits, Own};

use super::{GOOD, check_short, read_text};

#[test]
fn every_wrong_limit_is_told_with_its_cap() {
    let wrong = r#"
[policies.limits]
wall_time = "31s"
memory = "1 GiB"
instances = 1000
log_bytes = "lots"
value_bytes = -1
walltime = "1s"
compile_memory = "1 MiB"
"#;
    check_short(
        &format!("{wrong}{GOOD}"),
        expect![[r#"
            3:13 policies.limits.wall_time: 31s is above the hard cap | write 30s or less
            4:10 policies.limits.memory: 1.0 GiB is above the hard cap | write 512.0 MiB or less
            5:13 policies.limits.instances: 1000 is above the hard cap | write 256 or less
            6:13 policies.limits.log_bytes: "lots" is not an amount of memory: couldn't parse "lots" into a ByteSize, cannot parse float from empty string | write bytes as a number, or "64 MiB"
            7:15 policies.limits.value_bytes: -1 is negative | write bytes as a number, or "64 MiB"
            8:1 policies.limits: unknown key `walltime` | remove it; the keys known here are compile_memory, compile_time, file_bytes, handles, host_calls, instances, log_bytes, log_line_bytes, log_lines, memories, memory, reason_bytes, remembered_bytes, staged_actions, table_elements, tables, value_bytes, wall_time
            9:18 policies.limits.compile_memory: with 1.0 MiB nothing compiles | write 32.0 MiB or more
        "#]],
    );
}

#[test]
fn what_is_given_holds_and_the_rest_keeps_its_default() {
    let given = "[policies.limits]\nwall_time = \"2s\"\nmemory = \"16 MiB\"\nlog_bytes = 100\n";
    let own = "[policy.threshold.limits]\nmemory = \"32 MiB\"\n";
    let policies = read_text(&format!("{given}{own}{GOOD}")).finish().unwrap().policies;
    let expected = Limits {
        wall_time: Duration::from_secs(2),
        memory: 16 << 20,
        log_bytes: 100,
        ..Limits::DEFAULT
    };
    assert_eq!(policies.limits, expected);
    let named = &policies.named.get("threshold").unwrap().limits;
    let own = Own { policy: "threshold".into(), limits: [Limit::Memory].into() };
    assert_eq!(*named, Limits { memory: 32 << 20, own: Some(own.into()), ..expected });
    let keys = [Limit::Memory, Limit::WallTime, Limit::Tables].map(|limit| limit.key(named));
    expect!["policy.threshold.limits.memory, policies.limits.wall_time, policies.limits.tables"]
        .assert_eq(&keys.join(", "));
}

#[test]
fn how_much_of_the_past_is_kept() {
    let wrong = "[history]\nkeep = \"30s\"\nseries = 0\nmore = 1\n";
    check_short(
        &format!("{wrong}{GOOD}"),
        expect![[r#"
        2:8 history.keep: 30s is out of range | write 1m to 1day
        3:10 history.series: 0 is out of range | write 1 to 2000000
        4:1 history: unknown key `more` | remove it; the keys known here are keep, series
    "#]],
    );
    check_short(
        &format!("[history]\nkeep = \"25h\"\nseries = 3000000\n{GOOD}"),
        expect![[r#"
        2:8 history.keep: 1day 1h is out of range | write 1m to 1day
        3:10 history.series: 3000000 is out of range | write 1 to 2000000
    "#]],
    );
    let kept = |text: &str| read_text(&format!("{text}{GOOD}")).finish().unwrap().sites[0].history;
    let default = kept("");
    assert_eq!((default.time, default.series), (Duration::from_secs(3 * 3600), 250_000));
    let given = kept("[history]\nkeep = \"1h\"\nseries = 10\n");
    assert_eq!((given.time, given.series), (Duration::from_secs(3600), 10));
}
