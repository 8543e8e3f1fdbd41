//! Single values of a site file, read into the types that the host works with.
//! Knows nothing of keys and sections, and never guesses: a wrong value is wrong.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hooke_places::{kind, whole};
use toml::Spanned;
use toml::de::DeValue;

/// The longest duration. Far beyond use, and far from where sums of times overflow.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

/// The shortest duration that is not zero: the core counts in milliseconds.
const SHORTEST: Duration = Duration::from_millis(1);

/// What is wrong with a value, and what to write instead.
pub(crate) struct Wrong {
    pub(crate) what: String,
    pub(crate) instead: String,
}

/// What a key of the file gave. Whatever is `Wrong` is a problem already, and
/// nobody may complain a second time that it is not there.
pub(crate) enum Given<T> {
    /// The key is not there.
    Absent,
    /// It is there and cannot be read.
    Wrong,
    /// It is there and right.
    Right(T),
}

impl<T> Given<T> {
    /// The value, if it is there and right.
    pub(crate) fn right(self) -> Option<T> {
        match self {
            Self::Right(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }
}

/// A type that a key's value can be read as.
pub(crate) trait Expected<'a>: Sized {
    /// What a correct value looks like.
    const EXAMPLE: &'static str;
    /// Reads the value.
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong>;
}

fn wrong<T>(what: impl Into<String>, instead: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { what: what.into(), instead: instead.into() })
}

/// The text of a string that is to become a `T`.
pub(crate) fn text<'a, T: Expected<'a>>(value: &'a Spanned<DeValue<'a>>) -> Result<&'a str, Wrong> {
    value.get_ref().as_str().ok_or_else(|| not::<T>(value.get_ref(), "a string"))
}

fn not<'a, T: Expected<'a>>(value: &DeValue<'_>, expected: &str) -> Wrong {
    Wrong {
        what: format!("{expected} is expected, not {}", kind(value)),
        instead: format!("write for example {}", T::EXAMPLE),
    }
}

impl<'a> Expected<'a> for &'a str {
    const EXAMPLE: &'static str = "\"text\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        text::<Self>(value)
    }
}

impl<'a> Expected<'a> for PathBuf {
    const EXAMPLE: &'static str = "\"a/path\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        match text::<Self>(value)? {
            "" => wrong("the path is empty", "write a path, or remove the key"),
            path if path.contains('\0') => wrong("a path holds no NUL character", "remove it"),
            path => Ok(Self::from(path)),
        }
    }
}

/// A name: letters, digits, `-`, `_` and `.`, at most 63 of them, so that it can
/// stand in a file name, a metric label and a cloud tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) String);

impl<'a> Expected<'a> for Name {
    const EXAMPLE: &'static str = "\"a-name\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let text = text::<Self>(value)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let long = text.is_empty() || text.len() > 63;
        if long || !text.chars().all(allowed) || text.starts_with('.') {
            return wrong(
                format!("{text:?} cannot be a name"),
                "use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot",
            );
        }
        Ok(Self(text.to_owned()))
    }
}

/// A duration from zero on: a moment of a simulation, a lag.
pub(crate) struct FromZero(pub(crate) Duration);

impl<'a> Expected<'a> for FromZero {
    const EXAMPLE: &'static str = "\"30s\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        span(value, "write a duration such as \"0s\", \"90s\" or \"1h 30m\"").map(Self)
    }
}

fn span(value: &Spanned<DeValue<'_>>, instead: &str) -> Result<Duration, Wrong> {
    let value = value.get_ref();
    if let DeValue::Integer(number) = value {
        let number = number.as_str();
        if number.starts_with('-') {
            return wrong(format!("{number} is negative"), instead);
        }
        return wrong(
            format!("{number} has no unit"),
            format!("write \"{number}s\" if seconds are meant"),
        );
    }
    let text = value.as_str().ok_or_else(|| not::<Duration>(value, "a duration"))?;
    if text.trim_start().starts_with('-') {
        return wrong(format!("{text:?} is negative"), instead);
    }
    match humantime::parse_duration(text.trim()) {
        Ok(span) if span > LONGEST => {
            wrong(format!("{text:?} is too long"), "write at most \"3650d\"")
        }
        Ok(span) if !span.is_zero() && span < SHORTEST => {
            wrong(format!("{text:?} is too short"), "write at least \"1ms\"")
        }
        Ok(span) => Ok(span),
        Err(error) => wrong(format!("{text:?} is not a duration: {error}"), instead),
    }
}

impl<'a> Expected<'a> for Duration {
    const EXAMPLE: &'static str = FromZero::EXAMPLE;
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        const INSTEAD: &str =
            "write a duration above zero, such as \"500ms\", \"90s\" or \"1h 30m\"";
        match span(value, INSTEAD)? {
            span if span.is_zero() => wrong("the duration is zero", INSTEAD),
            span => Ok(span),
        }
    }
}

impl<'a> Expected<'a> for u64 {
    const EXAMPLE: &'static str = "10";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(not::<Self>(value.get_ref(), "a whole number"));
        };
        let text = number.as_str();
        match whole(number).map(Self::try_from) {
            Some(Ok(number)) => Ok(number),
            _ if text.starts_with('-') => wrong(format!("{text} is negative"), "write 0 or more"),
            _ => wrong(format!("{text} is too large"), "write a smaller number"),
        }
    }
}

impl<'a> Expected<'a> for u32 {
    const EXAMPLE: &'static str = "10";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let number = u64::read(value)?;
        Self::try_from(number).or_else(|_| {
            wrong(format!("{number} is too large"), format!("write at most {}", Self::MAX))
        })
    }
}

impl<'a> Expected<'a> for f64 {
    const EXAMPLE: &'static str = "0.5";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let value = value.get_ref();
        let (text, number) = if let Some(number) = value.as_float() {
            (number.as_str(), number.as_str().parse().ok())
        } else if let Some(number) = value.as_integer() {
            // Counts and prices stay far below what an f64 holds exactly.
            (number.as_str(), whole(number).map(|number| number as Self))
        } else {
            return Err(not::<Self>(value, "a number"));
        };
        match number {
            Some(number) if !Self::is_finite(number) => {
                wrong(format!("{text} is not finite"), "write a plain number, such as 0.5")
            }
            Some(number) if number < 0.0 => wrong(format!("{text} is negative"), "write 0 or more"),
            // TOML's -0.0 is 0.
            Some(number) => Ok(number.abs()),
            None => wrong(format!("{text} is too large"), "write a smaller number"),
        }
    }
}

impl<'a> Expected<'a> for bool {
    const EXAMPLE: &'static str = "true";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        value.get_ref().as_bool().ok_or_else(|| not::<Self>(value.get_ref(), "true or false"))
    }
}

/// An address that only this machine reaches.
pub(crate) struct Loopback(pub(crate) SocketAddr);

impl<'a> Expected<'a> for Loopback {
    const EXAMPLE: &'static str = "\"127.0.0.1:9464\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let text = text::<Self>(value)?;
        let Ok(address) = text.parse::<SocketAddr>() else {
            return wrong(
                format!("{text:?} is not an IP address with a port"),
                format!("write for example {}", Self::EXAMPLE),
            );
        };
        if address.ip().is_loopback() {
            return Ok(Self(address));
        }
        wrong(
            format!("{} is reachable from other machines", address.ip()),
            format!(
                "write a loopback address such as {} and put a proxy that asks for credentials \
                 in front of it",
                Self::EXAMPLE
            ),
        )
    }
}
