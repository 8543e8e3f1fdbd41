//! A five-field cron expression: minute, hour, day of the month, month, day of
//! the week. As in every cron since V7's successor by Vixie, a day has to match
//! one of the two day fields if neither begins with `*`, else both.
//!
//! A local time happens once. When clocks go back and show it twice, it is the
//! first of the two; when they skip it, it happens not at all, or at the change:
//! [`Skipped`] says which.

use crate::calendar::{Date, most_days};
use crate::field::{Field, FieldError, Set};
use crate::moment::Moment;
use crate::zone::{Resolved, Zone};

const HOUR_MINUTES: i64 = 60;
const DAY_MINUTES: i64 = 24 * HOUR_MINUTES;

/// As far as it is looked for the next day: 29 February falls on one day of the
/// week every 40 years at the least, when a year like 2100 lies between.
const DAYS_SEARCHED: i64 = 41 * 366;

/// A cron expression, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cron {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
    /// Whether one of the two day fields is enough.
    either_day: bool,
    /// Days of the week beside which all others are left out.
    only: Days,
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(Option<Set>);

/// What becomes of a time that clocks skip in spring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// It does not happen, as Amazon EventBridge has it.
    Dropped,
    /// It happens when the clocks change: 02:30 is 03:00 on that day.
    AtTheChange,
}

/// What is wrong with a cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It has not five fields, but so many.
    #[error("found {0} fields: write five: minute, hour, day of the month, month, day of the week")]
    Fields(usize),
    /// One of the fields is not what may stand there.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// No year has such a day.
    #[error("no such day in any year: none of the months is that long")]
    Never,
}

impl Days {
    /// Every day.
    pub const ALL: Self = Self(None);

    /// Reads days as they stand in the last field of a cron expression:
    /// `mon-fri`, `sat,sun`, `1-5`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        Ok(Self(Some(Field::Weekday.read(text)?)))
    }

    fn has(self, weekday: u8) -> bool {
        self.0.is_none_or(|set| set.has(weekday))
    }
}

impl Cron {
    /// Reads an expression such as `30 8 * * mon-fri`.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(CronError::Fields(fields.len()));
        };
        let cron = Self {
            minutes: Field::Minute.read(minute)?,
            hours: Field::Hour.read(hour)?,
            days: Field::Day.read(day)?,
            months: Field::Month.read(month)?,
            weekdays: Field::Weekday.read(weekday)?,
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
            only: Days::ALL,
        };
        let happens =
            |month| cron.months.has(month) && cron.days.at_most(most_days(month)).is_some();
        if cron.either_day || (1..=12).any(happens) { Ok(cron) } else { Err(CronError::Never) }
    }

    /// The same, on these days of the week only: `0 8 1-7 * *` on Mondays is
    /// the first Monday of each month, which no cron expression says.
    #[must_use]
    pub const fn only_on(self, days: Days) -> Self {
        Self { only: days, ..self }
    }

    /// The first time after a moment. `None` if it lies more than 40 years
    /// ahead.
    pub fn next_after(&self, zone: Zone, skipped: Skipped, at: Moment) -> Option<Moment> {
        let minute = at.minute();
        // No local time up to this one is still to come.
        let mut local = minute + zone.offset(minute);
        loop {
            local = self.local_from(local + 1)?;
            match happens(zone, skipped, local) {
                Some(when) if when > minute => return Some(Moment::from_minute(when)),
                Some(_) | None => {}
            }
        }
    }

    /// The last time before a moment; one at this very moment does not count.
    /// `None` if it lies more than 40 years back.
    pub fn last_before(&self, zone: Zone, skipped: Skipped, at: Moment) -> Option<Moment> {
        // The last whole minute that begins before it.
        let minute = Moment::from_ms(at.ms().checked_sub(1)?).minute();
        // Clocks gone back have shown local times later than they show now.
        let before = zone.offset(minute - DAY_MINUTES);
        let mut local = minute + zone.offset(minute).max(before) + 1;
        loop {
            local = self.local_to(local - 1)?;
            match happens(zone, skipped, local) {
                Some(when) if when <= minute => {
                    return (when >= 0).then(|| Moment::from_minute(when));
                }
                Some(_) | None => {}
            }
        }
    }

    /// The first local minute that matches, this one or later.
    fn local_from(&self, local: i64) -> Option<i64> {
        let (day, in_day) = (local.div_euclid(DAY_MINUTES), local.rem_euclid(DAY_MINUTES));
        let (hour, minute) = (small(in_day / HOUR_MINUTES), small(in_day % HOUR_MINUTES));
        if self.on(day) {
            let in_hour = self.minutes.at_least(minute).filter(|_| self.hours.has(hour));
            let this_hour = in_hour.map(|minute| (hour, minute));
            let later = || Some((self.hours.at_least(hour + 1)?, self.minutes.at_least(0)?));
            if let Some(time) = this_hour.or_else(later) {
                return Some(minute_of(day, time));
            }
        }
        let day = (day + 1..day + DAYS_SEARCHED).find(|day| self.on(*day))?;
        Some(minute_of(day, (self.hours.at_least(0)?, self.minutes.at_least(0)?)))
    }

    /// The last local minute that matches, this one or earlier.
    fn local_to(&self, local: i64) -> Option<i64> {
        let (day, in_day) = (local.div_euclid(DAY_MINUTES), local.rem_euclid(DAY_MINUTES));
        let (hour, minute) = (small(in_day / HOUR_MINUTES), small(in_day % HOUR_MINUTES));
        if self.on(day) {
            let in_hour = self.minutes.at_most(minute).filter(|_| self.hours.has(hour));
            let this_hour = in_hour.map(|minute| (hour, minute));
            let earlier =
                || Some((self.hours.at_most(hour.checked_sub(1)?)?, self.minutes.at_most(59)?));
            if let Some(time) = this_hour.or_else(earlier) {
                return Some(minute_of(day, time));
            }
        }
        let day = (day - DAYS_SEARCHED..day).rev().find(|day| self.on(*day))?;
        Some(minute_of(day, (self.hours.at_most(23)?, self.minutes.at_most(59)?)))
    }

    /// Whether it happens on a day, counted from 1970-01-01.
    fn on(&self, day: i64) -> bool {
        let Date { month, day, weekday } = Date::of_day(day);
        let (in_month, in_week) = (self.days.has(day), self.weekdays.has(weekday));
        let day = if self.either_day { in_month || in_week } else { in_month && in_week };
        day && self.months.has(month) && self.only.has(weekday)
    }
}

/// When a local minute happens, in minutes since the Unix epoch.
fn happens(zone: Zone, skipped: Skipped, local: i64) -> Option<i64> {
    match (zone.resolve(local), skipped) {
        (Resolved::Shown(when), Skipped::Dropped | Skipped::AtTheChange)
        | (Resolved::Skipped(when), Skipped::AtTheChange) => Some(when),
        (Resolved::Skipped(_), Skipped::Dropped) => None,
    }
}

fn minute_of(day: i64, (hour, minute): (u8, u8)) -> i64 {
    day * DAY_MINUTES + i64::from(hour) * HOUR_MINUTES + i64::from(minute)
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(0)
}
