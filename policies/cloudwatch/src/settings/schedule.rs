//! One scheduled action, by the fields of `PutScheduledUpdateGroupAction`.

use hooke_policy_sdk::Table;
use hooke_timetable::{Cron, Zone};

use super::{name, seconds};
use crate::schedule::{Action, When};

/// Reads one; its name, and `None` where it was refused.
pub(super) fn read(table: &mut Table) -> (String, Option<Action>) {
    let name = name(table, "ScheduledActionName");
    table.pass(&["ScheduledActionARN", "AutoScalingGroupName", "Time"]);
    let most = u64::from(u32::MAX);
    let minimum = table.whole("MinSize", 0..=most).map(seconds);
    let maximum = table.whole("MaxSize", 0..=most).map(seconds);
    let desired = table.whole("DesiredCapacity", 0..=most).map(seconds);
    if minimum.or(maximum).or(desired).is_none() {
        let message = "it changes nothing: write MinSize, MaxSize or DesiredCapacity";
        table.problem("", message.to_owned());
    }
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        table
            .problem("MinSize", format!("{minimum} is more than MaxSize: write {maximum} or less"));
    }
    if let Some(desired) = desired {
        let least = minimum.filter(|minimum| desired < *minimum).map(|n| (n, "less than MinSize"));
        let most = maximum.filter(|maximum| desired > *maximum).map(|n| (n, "more than MaxSize"));
        if let Some((bound, is)) = least.or(most) {
            table.problem("DesiredCapacity", format!("{desired} is {is}: write {bound}"));
        }
    }
    let action =
        when(table).map(|when| Action { name: name.clone(), when, minimum, maximum, desired });
    (name, action)
}

fn when(table: &mut Table) -> Option<When> {
    let zone = match table.text("TimeZone").map(|name| Zone::named(&name)) {
        None => Some(Zone::utc()),
        Some(Ok(zone)) => Some(zone),
        Some(Err(unknown)) => {
            table.problem("TimeZone", unknown.to_string());
            None
        }
    };
    let starts = table.has("StartTime");
    let from_ms = instant(table, "StartTime");
    let until_ms = instant(table, "EndTime");
    if !table.has("Recurrence") {
        if !starts {
            table.problem("StartTime", "missing: write it, or a Recurrence".to_owned());
        }
        return from_ms.map(When::Once);
    }
    if let (Some(from), Some(until)) = (from_ms, until_ms)
        && from >= until
    {
        table.problem("EndTime", "not after StartTime: write a later one".to_owned());
    }
    match Cron::parse(&table.text("Recurrence")?) {
        Ok(cron) => Some(When::Recurring { cron, zone: zone?, from_ms, until_ms }),
        Err(wrong) => {
            table.problem("Recurrence", wrong.to_string());
            None
        }
    }
}

fn instant(table: &mut Table, key: &'static str) -> Option<u64> {
    let text = table.text(key)?;
    let read = rfc_3339(&text);
    if read.is_none() {
        let message = format!("no time {text}: write one such as \"2026-05-31T08:00:00Z\"");
        table.problem(key, message);
    }
    read
}

/// Reads a time with its offset, such as `2026-05-31T08:00:00Z`, to
/// milliseconds since the Unix epoch. By hand: a library for times would be
/// larger than this component.
pub(super) fn rfc_3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let signs = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    if !signs.iter().all(|(at, sign)| bytes.get(*at) == Some(sign)) {
        return None;
    }
    matches!(bytes.get(10)?, b'T' | b't' | b' ').then_some(())?;
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let sane = (1970..).contains(&year)
        && (1..=12).contains(&month)
        && (1..=month_days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let rest = text.get(19..)?;
    let fraction = rest
        .strip_prefix('.')
        .map_or(0, |rest| 1 + rest.bytes().take_while(u8::is_ascii_digit).count());
    let offset_s = match rest.get(fraction..)? {
        "Z" | "z" => 0,
        offset => {
            let at = 19 + fraction;
            let hours = number(at + 1, at + 3)?;
            let minutes = number(at + 4, at + 6)?;
            let sign = match (offset.len(), offset.as_bytes()) {
                (6, [b'+', _, _, b':', ..]) => 1,
                (6, [b'-', _, _, b':', ..]) => -1,
                _ => return None,
            };
            sign * (hours * 3_600 + minutes * 60)
        }
    };
    let days = (1970..year).map(|year| if leaps(year) { 366 } else { 365 }).sum::<i64>()
        + (1..month).map(|month| month_days(year, month)).sum::<i64>()
        + day
        - 1;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset_s;
    sane.then(|| u64::try_from(seconds).ok())?.map(|seconds| seconds * 1_000)
}

const fn leaps(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if leaps(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
