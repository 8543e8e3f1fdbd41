//! The rule, as a table of situations and decisions, and what holds of it
//! whatever the situation.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::num::NonZeroU64;

use expect_test::{Expect, expect};
use policy_threshold::decide::{Backlog, IdleVm, Quality, Situation, Undecided, Workers, decide};
use policy_threshold::settings::{Add, Settings};
use proptest::prelude::*;

const ONE: Settings = Settings {
    threshold: 100,
    minimum: None,
    add: Add::One,
    queue_idle_ms: 300_000,
    vm_idle_ms: 3_600_000,
};

fn ratio(threshold: u64, messages: u64) -> Settings {
    Settings { threshold, add: Add::PerMessages(NonZeroU64::new(messages).unwrap()), ..ONE }
}

/// A situation written as words: `minimum=2 capacity=5 booting=1 beyond=2
/// ready=950 unacked=3 idle=6 (minutes) stale missing`; a figure not named is
/// 0, and `ready`, `unacked` and `idle` are then not known.
fn situation(words: &str) -> Situation {
    let figure = |name: &str| {
        let mut parts = words.split_whitespace().filter_map(|word| word.split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value.parse::<u64>().unwrap())
    };
    let count = |name: &str| u32::try_from(figure(name).unwrap_or(0)).unwrap();
    let quality = match words {
        _ if words.contains("missing") => Quality::Missing,
        _ if words.contains("stale") => Quality::Stale,
        _ => Quality::Fresh,
    };
    Situation {
        minimum: count("minimum"),
        workers: Workers {
            capacity: count("capacity"),
            booting: count("booting"),
            idle_beyond_first: count("beyond"),
        },
        backlog: Backlog {
            quality,
            age_ms: 42_000,
            ready: figure("ready"),
            unacked: figure("unacked"),
            idle_ms: figure("idle").map(|minutes| minutes * 60_000),
        },
    }
}

/// Decides every line of a table; after `|` stand the idle machines, as the
/// number of workers on each.
fn check(settings: Settings, table: &str, expected: Expect) {
    let mut said = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (words, machines) = line.split_once('|').unwrap_or((line, ""));
        let idle = || {
            let workers = machines.split_whitespace().map(|count| count.parse().unwrap());
            let name = |(nth, workers)| IdleVm { id: format!("vm-{}", nth + 1), workers };
            workers.enumerate().map(name).collect()
        };
        said += &match decide(&settings, &situation(words), idle) {
            Ok(done) if done.suspend.is_empty() => format!("{:+} {}\n", done.delta, done.reason),
            Ok(done) => format!("{:+} {:?} {}\n", done.delta, done.suspend, done.reason),
            Err(Undecided::MissingData(why)) => format!("missing data: {why}\n"),
        };
    }
    expected.assert_eq(&said);
}

#[test]
fn a_backlog_above_the_threshold_asks_for_one_worker() {
    check(
        ONE,
        "capacity=3 ready=101 unacked=3
         capacity=0 ready=950
         capacity=3 ready=950 booting=1
         capacity=5 ready=950 booting=3
         capacity=3 ready=950 stale
         capacity=3 ready=100
         capacity=3 ready=1 idle=90 | 1 1",
        expect![[r#"
            +1 backlog 101 > threshold 100: one more worker
            +1 backlog 950 > threshold 100: one more worker
            +0 backlog 950 > threshold 100: hold (1 booting counted)
            +0 backlog 950 > threshold 100: hold (3 booting counted)
            +1 backlog 950 > threshold 100: one more worker
            +0 backlog 100 within the threshold 100: hold
            +0 backlog 1 within the threshold 100: hold
        "#]],
    );
}

#[test]
fn fewer_workers_than_the_minimum_ask_for_one_whatever_the_queue_says() {
    check(
        ONE,
        "minimum=5 capacity=3 ready=0 unacked=0 idle=90
         minimum=5 capacity=3 ready=50
         minimum=5 capacity=3 booting=2
         minimum=5 capacity=3 missing
         minimum=5 capacity=4 booting=1 ready=950
         minimum=5 capacity=4 ready=950
         minimum=5 capacity=5 missing
         minimum=5 capacity=6",
        expect![[r#"
            +1 3 workers < minimum 5: one more worker
            +1 3 workers < minimum 5: one more worker
            +1 3 workers < minimum 5: one more worker
            +1 3 workers < minimum 5: one more worker
            +1 4 workers < minimum 5: one more worker
            +1 backlog 950 > threshold 100: one more worker
            missing data: the backlog is missing, and 5 workers are not below the minimum 5
            missing data: the backlog is missing, and 6 workers are not below the minimum 5
        "#]],
    );
}

#[test]
fn a_ratio_divides_the_backlog_and_subtracts_the_booting() {
    // Rubber's own figures: threshold 3, spawn_ratio 0.2. Of 4 messages it
    // asked for none, int(0.8); here one is the least.
    check(
        ratio(3, 5),
        "ready=3
         ready=4
         ready=5
         ready=9
         ready=50 booting=4
         ready=50 booting=10
         ready=50 booting=11
         ready=4 booting=1
         minimum=4 capacity=1 ready=5
         minimum=2 capacity=1 ready=50
         minimum=4 capacity=1 missing
         ready=18446744073709551615",
        expect![[r#"
            +0 backlog 3 within the threshold 3: hold
            +1 backlog 4 > threshold 3: one more worker (1 at 5 messages each, 0 booting counted)
            +1 backlog 5 > threshold 3: one more worker (1 at 5 messages each, 0 booting counted)
            +1 backlog 9 > threshold 3: one more worker (1 at 5 messages each, 0 booting counted)
            +6 backlog 50 > threshold 3: 6 more workers (10 at 5 messages each, 4 booting counted)
            +0 backlog 50 > threshold 3: hold (10 at 5 messages each, 10 booting counted)
            +0 backlog 50 > threshold 3: hold (10 at 5 messages each, 11 booting counted)
            +0 backlog 4 > threshold 3: hold (1 at 5 messages each, 1 booting counted)
            +3 1 worker < minimum 4: 3 more workers
            +10 backlog 50 > threshold 3: 10 more workers (10 at 5 messages each, 0 booting counted)
            +3 1 worker < minimum 4: 3 more workers
            +2147483647 backlog 18446744073709551615 > threshold 3: 3689348814741910323 more workers (3689348814741910323 at 5 messages each, 0 booting counted)
        "#]],
    );
}

#[test]
fn an_idle_queue_gives_up_workers_beyond_the_first_on_each_machine() {
    check(
        ONE,
        "minimum=1 capacity=6 beyond=3 ready=0 unacked=0 idle=6
         minimum=1 capacity=6 beyond=3 ready=0 unacked=0 idle=5
         minimum=5 capacity=6 beyond=3 ready=0 unacked=0 idle=6
         minimum=6 capacity=6 beyond=3 ready=0 unacked=0 idle=6
         minimum=1 capacity=6 beyond=3 ready=0 unacked=0 idle=4
         minimum=1 capacity=6 beyond=3 ready=0 unacked=0
         minimum=1 capacity=6 beyond=3 ready=0 unacked=2 idle=6
         minimum=1 capacity=6 beyond=3 ready=0 idle=6
         minimum=1 capacity=6 beyond=3 ready=0 unacked=0 idle=6 stale
         minimum=1 capacity=6 beyond=3 ready=0 unacked=0 idle=6 missing",
        expect![[r#"
            -3 queue idle for 6m >= 5m: 3 workers fewer, keeping the minimum 1 and the first on each machine
            -3 queue idle for 5m >= 5m: 3 workers fewer, keeping the minimum 1 and the first on each machine
            -1 queue idle for 6m >= 5m: 1 worker fewer, keeping the minimum 5 and the first on each machine
            +0 queue idle for 6m >= 5m: hold, 6 workers, minimum 6
            +0 queue idle for 4m < 5m: hold, 6 workers, minimum 1
            +0 backlog 0, queue active or its idle time not known: hold, 6 workers, minimum 1
            +0 backlog 0, 2 messages in work: hold, 6 workers, minimum 1
            +0 backlog 0, messages in work not known: hold, 6 workers, minimum 1
            +0 backlog 0 is 42s old: hold, scale in waits for a fresh one
            missing data: the backlog is missing, and 6 workers are not below the minimum 1
        "#]],
    );
}

#[test]
fn a_machine_long_idle_is_suspended_while_the_minimum_stays() {
    check(
        ONE,
        "minimum=1 capacity=3 ready=0 unacked=0 idle=90 | 1
         minimum=1 capacity=3 ready=0 unacked=0 idle=90 | 1 1 1
         minimum=1 capacity=4 ready=0 unacked=0 idle=90 | 4 2 2 1 0
         minimum=3 capacity=3 ready=0 unacked=0 idle=90 | 1 0
         minimum=0 capacity=2 ready=0 unacked=0 idle=90 | 1 1
         minimum=1 capacity=3 ready=0 unacked=7 | 1 1
         minimum=1 capacity=3 ready=0 | 1 1
         minimum=1 capacity=3 ready=0 unacked=0 idle=90 stale | 1 1
         minimum=1 capacity=4 beyond=1 ready=0 unacked=0 idle=90 | 2 1",
        expect![[r#"
            +0 ["vm-1"] 1 machine idle for 1h or more: suspend, minimum 1
            +0 ["vm-1", "vm-2"] 2 machines idle for 1h or more: suspend, minimum 1
            +0 ["vm-2", "vm-4", "vm-5"] 3 machines idle for 1h or more: suspend, minimum 1
            +0 ["vm-2"] 1 machine idle for 1h or more: suspend, minimum 3
            +0 ["vm-1", "vm-2"] 2 machines idle for 1h or more: suspend, minimum 0
            +0 ["vm-1", "vm-2"] 2 machines idle for 1h or more: suspend, minimum 1
            +0 backlog 0, messages in work not known: hold, 3 workers, minimum 1
            +0 backlog 0 is 42s old: hold, scale in waits for a fresh one
            -1 queue idle for 1h30m >= 5m: 1 worker fewer, keeping the minimum 1 and the first on each machine
        "#]],
    );
}

fn any_settings() -> impl Strategy<Value = Settings> {
    (0u64..200, prop::option::of(1u64..50)).prop_map(|(threshold, messages)| match messages {
        Some(messages) => ratio(threshold, messages),
        None => Settings { threshold, ..ONE },
    })
}

fn any_situation() -> impl Strategy<Value = Situation> {
    let quality = prop_oneof![3 => Just(Quality::Fresh), 1 => Just(Quality::Stale), 1 => Just(Quality::Missing)];
    let ready = prop::option::of(prop_oneof![Just(0), 0u64..1_000, any::<u64>()]);
    let unacked = prop::option::of(prop_oneof![Just(0), any::<u64>()]);
    let backlog = (quality, ready, unacked, prop::option::of(0u64..10_000_000));
    let workers = (0u32..20, 0u32..20, 0u32..20, 0u32..20);
    (backlog, workers).prop_map(|((quality, ready, unacked, idle_ms), counts)| Situation {
        minimum: counts.0,
        workers: Workers {
            capacity: counts.1,
            booting: counts.2.min(counts.1),
            idle_beyond_first: counts.3.min(counts.1),
        },
        backlog: Backlog { quality, age_ms: 1, ready, unacked, idle_ms },
    })
}

/// Workers after the decision, those on suspended machines taken away too.
fn desired(settings: &Settings, situation: &Situation, idle: &[u32]) -> Option<i64> {
    let name = |nth: usize, workers: u32| IdleVm { id: nth.to_string(), workers };
    let machines = || idle.iter().enumerate().map(|(nth, workers)| name(nth, *workers)).collect();
    let decision = decide(settings, situation, machines).ok()?;
    let nth = |id: &String| id.parse::<usize>().unwrap();
    let gone: u32 = decision.suspend.iter().map(|id| idle[nth(id)]).sum();
    Some(i64::from(situation.workers.capacity) + i64::from(decision.delta) - i64::from(gone))
}

fn idle_machines() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0u32..5, 0..6)
}

proptest! {
    #[test]
    fn it_never_goes_below_the_minimum(
        settings in any_settings(), situation in any_situation(), idle in idle_machines(),
    ) {
        let capacity = i64::from(situation.workers.capacity);
        if let Some(desired) = desired(&settings, &situation, &idle) {
            prop_assert!(desired >= capacity.min(i64::from(situation.minimum)));
        }
    }

    #[test]
    fn it_scales_in_only_on_a_fresh_and_empty_backlog(
        settings in any_settings(), situation in any_situation(), idle in idle_machines(),
    ) {
        let Situation { workers, backlog, .. } = situation;
        let capacity = i64::from(workers.capacity);
        let Some(desired) = desired(&settings, &situation, &idle) else { return Ok(()) };
        if desired < capacity {
            prop_assert_eq!(backlog.quality, Quality::Fresh);
            prop_assert_eq!(backlog.ready, Some(0));
            prop_assert!(backlog.unacked.is_some());
            let idle_enough = backlog.unacked == Some(0)
                && backlog.idle_ms.is_some_and(|idle| idle >= settings.queue_idle_ms);
            prop_assert!(idle_enough || !idle.is_empty());
            let most = workers.idle_beyond_first.max(idle.iter().sum());
            prop_assert!(capacity - desired <= i64::from(most));
        }
    }

    #[test]
    fn a_larger_backlog_never_asks_for_fewer(
        settings in any_settings(), situation in any_situation(), idle in idle_machines(),
        more in any::<u64>(),
    ) {
        let Some(ready) = situation.backlog.ready else { return Ok(()) };
        let backlog = Backlog { ready: Some(ready.saturating_add(more)), ..situation.backlog };
        let larger = Situation { backlog, ..situation };
        let answers =
            (desired(&settings, &situation, &idle), desired(&settings, &larger, &idle));
        if let (Some(before), Some(after)) = answers {
            prop_assert!(before <= after, "{before} then {after}");
        }
    }

    #[test]
    fn booting_workers_answer_for_the_backlog(
        settings in any_settings(), situation in any_situation(),
    ) {
        let Situation { workers, minimum, .. } = situation;
        if let Add::PerMessages(messages) = settings.add
            && let Some(desired) = desired(&settings, &situation, &[])
            && workers.capacity >= minimum
            && desired > i64::from(workers.capacity)
        {
            let wanted = situation.backlog.ready.unwrap() / messages;
            let more = u64::try_from(desired).unwrap() - u64::from(workers.capacity);
            prop_assert!(more + u64::from(workers.booting) <= wanted.max(1));
        }
    }
}
