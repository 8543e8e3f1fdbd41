//! Durations as a site file writes them ("90s", "1h 30m"), in whole
//! milliseconds. Reads a subset of what the `humantime` crate reads, and reads
//! it the same; that crate would add 14 KiB to a component of 50.

/// The units, with their milliseconds; the longer name of two that begin alike
/// needs no precedence, as a unit is read to its last letter.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// Reads a duration: whole numbers, each with a unit (`ms`, `s`, `m`, `h`, `d`,
/// `w`), added up; blanks are free. `None` if it is not one, or is longer than
/// `u64` milliseconds.
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    loop {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*millis)?)?;
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(total);
        }
    }
}

fn split(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// Writes a duration of `millis` milliseconds as an operator reads it: `450ms`,
/// `7s`, `12m30s`, `3h05m`, `2d04h`. Two units at most, cut and not rounded.
pub fn write(millis: u64) -> String {
    let seconds = millis / 1_000;
    let (large, large_unit, small, small_unit) = match seconds {
        0 => return format!("{millis}ms"),
        1..60 => return format!("{seconds}s"),
        60..3_600 => (seconds / 60, 'm', seconds % 60, 's'),
        3_600..86_400 => (seconds / 3_600, 'h', seconds % 3_600 / 60, 'm'),
        _ => (seconds / 86_400, 'd', seconds % 86_400 / 3_600, 'h'),
    };
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small:02}{small_unit}")
    }
}
