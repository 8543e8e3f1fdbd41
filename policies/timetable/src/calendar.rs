//! Days of the Gregorian calendar. Knows no zone.

/// One day, as the calendar on the wall shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
    /// 0 is Sunday.
    pub(crate) weekday: u8,
}

/// Days of 400 years, after which the calendar repeats itself.
const ERA_DAYS: i64 = 146_097;

/// From 0000-03-01 to 1970-01-01. A year that begins in March has its leap day
/// at the end, where it moves nothing.
const EPOCH_DAYS: i64 = 719_468;

impl Date {
    /// The date so many days after 1970-01-01 (Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms", `civil_from_days`).
    pub(crate) fn of_day(days: i64) -> Self {
        let in_era = (days + EPOCH_DAYS).rem_euclid(ERA_DAYS);
        let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year + year / 4 - year / 100);
        let march_month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let small = |number: i64| u8::try_from(number).unwrap_or(0);
        // 1970-01-01 was a Thursday.
        Self { month: small(month), day: small(day), weekday: small((days + 4).rem_euclid(7)) }
    }
}

/// The most days a month has, in any year; `month` from 1 to 12.
pub(crate) fn most_days(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
