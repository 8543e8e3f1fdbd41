//! One field of a cron expression, or the set of numbers it stands for.

use std::fmt;

/// Which field, with what may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} \"{found}\": {why}")]
pub struct FieldError {
    /// Which field: `minute`, `hour`, `day of the month`, `month` or `day of
    /// the week`.
    pub field: &'static str,
    /// The part of it that is wrong.
    pub found: String,
    /// What is wrong with that, and what to write.
    pub why: String,
}

/// Numbers up to 63.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set(u64);

impl Set {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn has(self, number: u8) -> bool {
        self.0 >> (number & 63) & 1 == 1
    }

    fn with(self, number: u8) -> Self {
        Self(self.0 | 1 << (number & 63))
    }

    /// The least number in it, this one or above.
    pub(crate) fn at_least(self, number: u8) -> Option<u8> {
        (number..64).find(|number| self.has(*number))
    }

    /// The greatest number in it, this one or below.
    pub(crate) fn at_most(self, number: u8) -> Option<u8> {
        (0..=number).rev().find(|number| self.has(*number))
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Field {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day of the month",
            Self::Month => "month",
            Self::Weekday => "day of the week",
        }
    }

    /// The least and the most. Sunday is 0 and 7.
    const fn range(self) -> (u8, u8) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    /// Names that may stand for numbers, from the least on.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Month => &MONTHS,
            Self::Weekday => &WEEKDAYS,
            Self::Minute | Self::Hour | Self::Day => &[],
        }
    }

    /// Reads a field: a list of `*`, `5`, `1-5`, each with `/2` behind it if it
    /// is more than one number.
    pub(crate) fn read(self, text: &str) -> Result<Set, FieldError> {
        let mut set = Set::EMPTY;
        for part in text.split(',') {
            let (first, last, step) = self.part(part)?;
            for number in (first..=last).step_by(usize::from(step)) {
                let sunday = self == Self::Weekday && number == 7;
                set = set.with(if sunday { 0 } else { number });
            }
        }
        Ok(set)
    }

    fn part(self, part: &str) -> Result<(u8, u8, u8), FieldError> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (least, most) = self.range();
        let (first, last) = match range.split_once('-') {
            // The week has one Sunday where all of it is meant.
            None if range == "*" => (least, if self == Self::Weekday { 6 } else { most }),
            None if step.is_some() => {
                let why = format!("write \"{range}-{most}\" or \"*\" before the /");
                return Err(self.wrong(part, why));
            }
            None => {
                let number = self.number(range, part)?;
                (number, number)
            }
            Some((first, last)) => {
                let (first, last) = (self.number(first, part)?, self.number(last, part)?);
                // From Friday to Sunday, to whom Sunday is the first day.
                let sunday = self == Self::Weekday && last == 0 && first > 0;
                (first, if sunday { 7 } else { last })
            }
        };
        if first > last {
            let why = "the range ends before it begins: write it as two".to_owned();
            return Err(self.wrong(part, why));
        }
        Ok((first, last, self.step(part, step)?))
    }

    fn step(self, part: &str, step: Option<&str>) -> Result<u8, FieldError> {
        let most = self.range().1;
        let Some(step) = step else { return Ok(1) };
        match digits(step) {
            Some(number) if number >= 1 && number <= most => Ok(number),
            _ => Err(self.wrong(part, format!("write a number from 1 to {most} behind the /"))),
        }
    }

    fn number(self, text: &str, part: &str) -> Result<u8, FieldError> {
        let (least, most) = self.range();
        let word = self.words().iter().position(|word| text.eq_ignore_ascii_case(word));
        let number = match word.and_then(|nth| u8::try_from(nth).ok()) {
            Some(nth) => Some(nth + least),
            None => digits(text),
        };
        number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            let or = match self.words() {
                [] => "",
                [first, ..] => &format!(" or a name such as {first}"),
            };
            self.wrong(part, format!("write a number from {least} to {most}{or}, or *"))
        })
    }

    fn wrong(self, found: &str, why: String) -> FieldError {
        FieldError { field: self.name(), found: found.to_owned(), why }
    }
}

/// A number of digits alone: `parse` would take a sign.
fn digits(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
