//! The rule, as a table of situations and decisions, and what holds of it
//! whatever the situation.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_latency_goal::decide::{Quality, Situation, Undecided, decide};
use policy_latency_goal::learned::Learned;
use policy_latency_goal::past::{BOOT_MINUTES, PEAK_MINUTES, Past, SERVICE_MINUTES, at_work};
use policy_latency_goal::settings::Settings;
use proptest::prelude::*;

const TEN_SECONDS: Settings = Settings { start_within_ms: 10_000 };

/// A situation written as words: `ready=1500 rate=5 most=8 (the peak rate)
/// waited=90 (the most ready) busy=10 idle=2 booting=1 takes=100 boots=5000
/// (milliseconds, learned) rests=1 (minutes, 3 otherwise) measured=2 (minutes) short (of minutes) stale missing`. What is not named
/// is none, or not known; with a rate the past is complete.
fn situation(words: &str) -> Situation {
    let figure = |name: &str| {
        let mut parts = words.split_whitespace().filter_map(|word| word.split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value.parse::<f64>().unwrap())
    };
    let count = |name: &str| figure(name).unwrap_or(0.0) as u32;
    let has = |name: &str| words.split_whitespace().any(|word| word == name);
    let quality = match () {
        () if has("missing") => Quality::Missing,
        () if has("stale") => Quality::Stale,
        () => Quality::Fresh,
    };
    let minutes = |values: [Option<f64>; 2], known: usize| {
        let mut minutes = vec![None; PEAK_MINUTES as usize - known];
        minutes.extend(vec![values[1]; known]);
        minutes[PEAK_MINUTES as usize - 3] = values[0];
        minutes
    };
    let known = if has("short") { 4 } else { PEAK_MINUTES as usize };
    let rate = figure("rate");
    Situation {
        quality,
        age_ms: 42_000,
        ready: figure("ready").map(|ready| ready as u64),
        arrival_rate: rate,
        capacity: count("busy") + count("idle") + count("booting"),
        idle: count("idle"),
        busy: count("busy"),
        past: Past {
            arrival_rate: minutes([figure("most").or(rate), rate], known),
            ready_most: minutes([figure("waited").or(figure("ready")), figure("ready")], known),
            busy: vec![Some(1.0); count("measured") as usize],
            service_rate: vec![Some(1.0); count("measured") as usize],
            ..Past::default()
        },
        learned: Learned {
            service_s: figure("takes").map(|ms| ms / 1_000.0),
            service_minutes: figure("rests").unwrap_or(3.0) as u8,
            boot_s: figure("boots").map(|ms| ms / 1_000.0),
        },
    }
}

fn check(settings: Settings, table: &str, expected: Expect) {
    let mut said = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        said += &match decide(&settings, &situation(line)) {
            Ok(decision) => format!("{:+} {}\n", decision.delta, decision.reason),
            Err(Undecided::MissingData(why)) => format!("missing data: {why}\n"),
        };
    }
    expected.assert_eq(&said);
}

/// TT-01 first.
#[test]
fn a_backlog_asks_for_what_starts_it_in_time() {
    check(
        TEN_SECONDS,
        "ready=1500 rate=0 busy=10 takes=100
         ready=1500 rate=0 busy=10 takes=100 boots=2000
         ready=1500 rate=0 busy=10 takes=100 boots=60000
         ready=1000 rate=0 busy=10 takes=100
         ready=1500 rate=0 busy=10 booting=5 takes=100
         ready=1500 rate=0 takes=100
         ready=1500 busy=10 takes=100",
        expect![[r#"
            +5 1500 messages ready, 100 ms each, to start within 10s: 15 workers, 5 more
            +7 1500 messages ready, 100 ms each, to start within 10s: 17 workers, 7 more, each 2 s to boot
            +10 1500 messages ready, 100 ms each, to start within 10s: 20 workers, 10 more, each 60 s to boot
            +0 0/s arriving, 1000 ready, 100 ms each, to start within 10s: hold at 10 workers, for the peak of 15 minutes 10 are needed
            +0 0/s arriving, 1500 ready, 100 ms each, to start within 10s: hold at 15 workers, for the peak of 15 minutes 15 are needed
            +15 1500 messages ready, 100 ms each, to start within 10s: 15 workers, 15 more
            +5 1500 messages ready, 100 ms each, to start within 10s: 15 workers, 5 more
        "#]],
    );
}

#[test]
fn a_first_measure_at_most_doubles_those_who_serve() {
    check(
        TEN_SECONDS,
        "ready=850 rate=5 busy=2 takes=13850 measured=1
         ready=850 rate=5 busy=2 booting=2 takes=13850 measured=2
         ready=850 rate=5 busy=2 booting=2 takes=13850 measured=3
         ready=1500 rate=0 busy=10 takes=100 measured=1",
        expect![[r#"
            +2 850 messages ready, 13.85 s each, to start within 10s: 4 workers, 2 more, no more than twice those who serve by a first measure (851)
            +0 850 messages ready, 13.85 s each, to start within 10s: 851 by a first measure, hold at 4 workers until it is sure
            +847 850 messages ready, 13.85 s each, to start within 10s: 851 workers, 847 more
            +5 1500 messages ready, 100 ms each, to start within 10s: 15 workers, 5 more
        "#]],
    );
}

/// A minute of work, in which hardly any finished, and then silence.
#[test]
fn what_is_remembered_is_no_surer_than_it_was() {
    check(
        TEN_SECONDS,
        "ready=850 rate=5 busy=2 takes=13850 rests=1
         ready=850 rate=5 takes=13850 rests=2
         ready=850 rate=5 busy=2 takes=13850 rests=3",
        expect![[r#"
            +2 850 messages ready, 13.85 s each, to start within 10s: 4 workers, 2 more, no more than twice those who serve by a first measure (851)
            +1 850 messages ready, 13.85 s each, to start within 10s: 1 worker, 1 more, no more than twice those who serve by a first measure (850)
            +849 850 messages ready, 13.85 s each, to start within 10s: 851 workers, 849 more
        "#]],
    );
    let mut learned = Learned::default();
    let mut said = String::new();
    // Messages a second finished in each minute, by one worker.
    let rates = [&[1.0; 4][..], &[0.0; 12], &[0.1], &[0.0; 12], &[1.0; 3]].concat();
    for minute in 1..=rates.len() {
        let seen = &rates[minute.saturating_sub(SERVICE_MINUTES as usize)..minute];
        let past = Past {
            busy: seen.iter().map(|rate| Some(f64::from(*rate > 0.0))).collect(),
            service_rate: seen.iter().copied().map(Some).collect(),
            ..Past::default()
        };
        learned = Learned::from_bytes(&learned.to_bytes()).with(&past);
        said += &format!("{}", learned.service_minutes);
    }
    expect!["12333333333333331111111111111123"].assert_eq(&said);
}

#[test]
fn a_rate_asks_for_what_keeps_up_with_it_and_some_more() {
    check(
        TEN_SECONDS,
        "ready=0 rate=50 busy=4 takes=100
         ready=0 rate=5 busy=4 takes=60000
         ready=0 rate=50 busy=4 idle=4 takes=100
         ready=200 rate=120 busy=10 takes=100 boots=30000",
        expect![[r#"
            +2 50/s arriving, 0 ready, 100 ms each, to start within 10s: 6 workers, 2 more
            +309 5/s arriving, 0 ready, 60 s each, to start within 10s: 313 workers, 309 more
            -2 at the peak 50/s, 0 ready, 100 ms each: 6 workers, 2 fewer
            +3 120/s arriving, 200 ready, 100 ms each, to start within 10s: 13 workers, 3 more, each 30 s to boot
        "#]],
    );
}

/// The newest minute still has the burst, the last reading has not.
#[test]
fn a_burst_that_is_over_makes_nothing_pile_up() {
    let over = Situation {
        arrival_rate: Some(0.0),
        ..situation("ready=0 rate=120 busy=0 idle=13 takes=100 boots=30000")
    };
    assert_eq!(decide(&TEN_SECONDS, &over).unwrap().delta, 0);
    let rising = Situation { arrival_rate: Some(200.0), ..over };
    let fewer = Situation { capacity: 10, idle: 10, ..rising };
    expect!["120/s arriving, 0 ready, 100 ms each, to start within 10s: 13 workers, 3 more, each 30 s to boot"].assert_eq(&decide(&TEN_SECONDS, &fewer).unwrap().reason);
}

#[test]
fn long_tasks_are_counted_one_by_one() {
    check(
        TEN_SECONDS,
        "ready=7 rate=0 busy=3 takes=3600000
         ready=7 rate=0 busy=3 idle=7 takes=3600000
         ready=7 rate=0.01 busy=3 takes=3600000",
        expect![[r#"
            +7 7 messages ready, 3600 s each, to start within 10s: 10 workers, 7 more
            +0 0/s arriving, 7 ready, 3600 s each, to start within 10s: hold at 10 workers, for the peak of 15 minutes 10 are needed
            +45 0.01/s arriving, 7 ready, 3600 s each, to start within 10s: 48 workers, 45 more
        "#]],
    );
}

#[test]
fn nothing_is_known_at_first() {
    check(
        TEN_SECONDS,
        "ready=1500 rate=50
         ready=1500 rate=50 booting=1
         ready=1500 rate=50 busy=1
         ready=0 rate=0
         ready=0 rate=0 idle=3",
        expect![[r#"
            +1 1500 messages ready, how long one takes was never measured: one worker to measure it with
            +0 1500 messages ready, how long one takes was never measured: hold at 1 worker until one is finished
            +0 1500 messages ready, how long one takes was never measured: hold at 1 worker until one is finished
            +0 0 messages ready, how long one takes was never measured: hold until there is one
            +0 0 messages ready, how long one takes was never measured: hold at 3 workers until one is finished
        "#]],
    );
}

#[test]
fn fewer_are_asked_for_only_below_the_peak_with_a_margin_and_on_fresh_data() {
    check(
        TEN_SECONDS,
        "ready=0 rate=50 busy=5 idle=15 takes=100
         ready=0 rate=50 most=120 busy=5 idle=15 takes=100
         ready=0 rate=50 waited=1900 busy=5 idle=15 takes=100
         ready=0 rate=50 busy=19 idle=1 takes=100
         ready=0 rate=50 busy=5 idle=15 takes=100 stale
         ready=0 rate=50 busy=5 idle=15 takes=100 short
         ready=0 busy=5 idle=15 takes=100
         ready=0 rate=0 idle=3 takes=100
         rate=50 busy=5 idle=15 takes=100
         ready=0 rate=50 busy=5 idle=15 takes=100 missing
         ready=2000 rate=50 busy=5 takes=100 stale",
        expect![[r#"
            -14 at the peak 50/s, 0 ready, 100 ms each: 6 workers, 14 fewer
            -7 at the peak 120/s, 0 ready, 100 ms each: 13 workers, 7 fewer
            -1 at the peak 50/s, 1900 ready, 100 ms each: 19 workers, 1 fewer
            -1 at the peak 50/s, 0 ready, 100 ms each: 19 workers, 1 fewer
            +0 50/s arriving, 0 ready, 100 ms each, to start within 10s: hold at 20 workers, scale in waits for a backlog fresher than 42s
            +0 50/s arriving, 0 ready, 100 ms each, to start within 10s: hold at 20 workers, scale in waits for 15 minutes of readings
            +0 0 ready, 100 ms each, to start within 10s: hold at 20 workers, scale in waits for a rate of arrival, which the source did not give
            -3 at the peak 0/s, 0 ready, 100 ms each: 0 workers, 3 fewer
            missing data: how many messages are ready is not known: does the source answer?
            missing data: how many messages are ready is not known: does the source answer?
            +15 2000 messages ready, 100 ms each, to start within 10s: 20 workers, 15 more
        "#]],
    );
}

#[test]
fn times_are_measured_by_littles_law_and_remembered() {
    let minutes = |values: &[(usize, f64)]| {
        values.iter().flat_map(|(count, value)| vec![Some(*value); *count]).collect::<Vec<_>>()
    };
    let past = Past {
        busy: minutes(&[(SERVICE_MINUTES as usize, 6.0)]),
        service_rate: minutes(&[(SERVICE_MINUTES as usize, 2.0)]),
        // Four come up, each of them having booted for two minutes.
        booting: minutes(&[(30, 0.0), (2, 4.0), (28, 0.0)]),
        serving: minutes(&[(32, 1.0), (28, 5.0)]),
        ..Past::default()
    };
    assert_eq!(past.booting.len(), BOOT_MINUTES as usize);
    let learned = Learned::default().with(&past);
    assert_eq!(learned, Learned { service_s: Some(3.0), service_minutes: 3, boot_s: Some(120.0) });
    // Silence: nothing finished, nobody came.
    let silent = Past {
        busy: minutes(&[(10, 0.0)]),
        service_rate: minutes(&[(10, 0.0)]),
        serving: minutes(&[(60, 5.0)]),
        booting: minutes(&[(60, 0.0)]),
        ..Past::default()
    };
    let remembered = Learned::from_bytes(&learned.to_bytes());
    assert_eq!(remembered.with(&silent), learned);
    assert_eq!(Learned::default().with(&silent), Learned::default());
    // One minute is enough; one in which the fleet doubled is not looked at.
    let first = Past { busy: vec![Some(6.0)], service_rate: vec![Some(3.0)], ..Past::default() };
    assert_eq!(first.service_s(), Some(2.0));
    let doubled = Past {
        busy: vec![Some(6.0), Some(6.0), Some(12.0)],
        service_rate: vec![Some(3.0), Some(3.0), Some(3.1)],
        ..Past::default()
    };
    assert_eq!(doubled.service_s(), Some(2.0));
    // What is too short for a time is none.
    let short = Learned { service_s: Some(1e-300), service_minutes: 2, boot_s: Some(-1.0) };
    assert_eq!(Learned::from_bytes(&short.to_bytes()), Learned::default());
    // Of workers of which nothing is proven, as many as have a message work.
    let one = |value: Option<f64>| [value];
    let work = |busy, unknown, unacked| at_work(&one(busy), &one(unknown), &one(unacked))[0];
    assert_eq!(work(Some(2.0), Some(5.0), Some(4.0)), Some(4.0));
    assert_eq!(work(Some(2.0), Some(5.0), Some(90.0)), Some(7.0));
    assert_eq!(work(Some(2.0), Some(5.0), None), None);
    assert_eq!(work(Some(2.0), Some(0.0), None), Some(2.0));
    assert_eq!(work(None, Some(0.0), Some(1.0)), None);
}

fn odd() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        0.0..1e3,
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::MIN_POSITIVE),
    ]
}

fn values(count: u32) -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(prop::option::weighted(0.9, odd()), 0..=count as usize)
}

prop_compose! {
    fn anything()(
        arrival_rate in values(PEAK_MINUTES), ready_most in values(PEAK_MINUTES),
        service_rate in values(SERVICE_MINUTES), busy_past in values(SERVICE_MINUTES),
        booting in values(BOOT_MINUTES), serving in values(BOOT_MINUTES),
        ready in prop::option::weighted(0.9, any::<u64>()), now in prop::option::of(odd()),
        counts in (any::<u32>(), 0u32..1_000, 0u32..1_000),
        bytes in prop::collection::vec(any::<u8>(), 0..24),
        seconds in prop::option::of((odd(), odd())), minutes in 0u8..=3,
        quality in prop::sample::select(&[Quality::Fresh, Quality::Stale, Quality::Missing][..]),
    ) -> Situation {
        let past = Past { arrival_rate, ready_most, service_rate, busy: busy_past, booting, serving };
        let known = match seconds {
            Some((service_s, boot_s)) => {
                let learned = Learned { service_s: Some(service_s), service_minutes: minutes, boot_s: Some(boot_s) };
                Learned::from_bytes(&learned.to_bytes())
            }
            None => Learned::from_bytes(&bytes),
        };
        let (capacity, idle, busy) = counts;
        let learned = known.with(&past);
        Situation { quality, age_ms: 1, ready, arrival_rate: now, capacity, idle, busy, past, learned }
    }
}

proptest! {
    /// Never a panic, never in without fresh data, never without data.
    #[test]
    fn nothing_is_too_odd(situation in anything(), start_within_ms in 1u64..u64::MAX) {
        match decide(&Settings { start_within_ms }, &situation) {
            Ok(decision) => {
                prop_assert!(situation.ready.is_some() && situation.quality != Quality::Missing);
                if decision.delta < 0 {
                    prop_assert_eq!(situation.quality, Quality::Fresh);
                    prop_assert!(situation.past.complete() && situation.arrival_rate.is_some());
                    let left = i64::from(situation.capacity) + i64::from(decision.delta);
                    prop_assert!(left >= i64::from(situation.busy) || decision.delta == i32::MIN);
                }
                prop_assert!(!decision.reason.is_empty() && decision.reason.len() < 512);
            }
            Err(Undecided::MissingData(_)) => {
                prop_assert!(situation.ready.is_none() || situation.quality == Quality::Missing);
            }
        }
    }

    /// More messages never ask for fewer workers; and what was asked for, once
    /// it boots, is not asked for again.
    #[test]
    fn the_wish_grows_with_the_backlog_and_is_met_once(
        ready in 0u64..100_000, more in 0u64..100_000, rate in 0u32..1_000, busy in 0u32..100,
        takes in 1u32..100_000, boots in 0u32..200_000,
    ) {
        let words = |ready: u64| {
            situation(&format!("ready={ready} rate={rate} busy={busy} takes={takes} boots={boots}"))
        };
        let wish = |situation: &Situation| decide(&TEN_SECONDS, situation).unwrap().delta;
        let (little, much) = (words(ready), words(ready + more));
        prop_assert!(wish(&little) <= wish(&much));
        let wanted = wish(&much);
        if wanted > 0 {
            let met = Situation { capacity: much.capacity + wanted.unsigned_abs(), ..much };
            prop_assert!(wish(&met) <= 0);
        }
    }
}
