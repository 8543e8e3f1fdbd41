//! Single values of a site file, read into the types that the host works with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

/// What is wrong with a value, and what to write instead.
pub(crate) struct Wrong {
    pub(crate) what: String,
    pub(crate) instead: String,
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

fn not<'a, T: Expected<'a>>(value: &DeValue<'_>, expected: &str) -> Wrong {
    Wrong {
        what: format!("{expected} is expected, not {}", value.type_str()),
        instead: format!("write for example {}", T::EXAMPLE),
    }
}

impl<'a> Expected<'a> for &'a str {
    const EXAMPLE: &'static str = "\"text\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        value.get_ref().as_str().ok_or_else(|| not::<Self>(value.get_ref(), "a string"))
    }
}

impl<'a> Expected<'a> for PathBuf {
    const EXAMPLE: &'static str = "\"a/path\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        match <&str>::read(value)? {
            "" => wrong("the path is empty", "write a path, or remove the key"),
            path => Ok(Self::from(path)),
        }
    }
}

/// A name: letters, digits, `-`, `_` and `.`, at most 63 of them, so that it can
/// stand in a file name, a metric label and a cloud tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) String);

impl Name {
    pub(crate) fn check(text: &str) -> Result<(), Wrong> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > 63 || !text.chars().all(allowed) || text.starts_with('.') {
            return wrong(
                format!("{text:?} cannot be a name"),
                "use 1 to 63 letters, digits, `-`, `_` or `.`, not beginning with a dot",
            );
        }
        Ok(())
    }
}

impl<'a> Expected<'a> for Name {
    const EXAMPLE: &'static str = "\"a-name\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let text = <&str>::read(value)?;
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl<'a> Expected<'a> for Duration {
    const EXAMPLE: &'static str = "\"30s\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        const INSTEAD: &str = "write a duration above zero, such as \"500ms\", \"90s\" or \"1h 30m\"";
        let text = match value.get_ref() {
            DeValue::String(text) => text,
            DeValue::Integer(number) => {
                let number = number.as_str();
                return wrong(format!("{number} has no unit"), format!("write \"{number}s\" if seconds are meant"));
            }
            other => return Err(not::<Self>(other, "a duration")),
        };
        if text.trim_start().starts_with('-') {
            return wrong(format!("{text:?} is negative"), INSTEAD);
        }
        match humantime::parse_duration(text) {
            Ok(span) if span.is_zero() => wrong("the duration is zero", INSTEAD),
            Ok(span) => Ok(span),
            Err(error) => wrong(format!("{text:?} is not a duration: {error}"), INSTEAD),
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
        match Self::from_str_radix(text, number.radix()) {
            Ok(number) => Ok(number),
            Err(_) if text.starts_with('-') => wrong(format!("{text} is negative"), "write 0 or more"),
            Err(_) => wrong(format!("{text} is too large"), "write a smaller number"),
        }
    }
}

impl<'a> Expected<'a> for u32 {
    const EXAMPLE: &'static str = "10";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let number = u64::read(value)?;
        Self::try_from(number).or_else(|_| wrong(format!("{number} is too large"), format!("write at most {}", Self::MAX)))
    }
}

impl<'a> Expected<'a> for f64 {
    const EXAMPLE: &'static str = "0.5";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let text = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) => number.as_str(),
            other => return Err(not::<Self>(other, "a number")),
        };
        match text.parse::<Self>() {
            Ok(number) if !number.is_finite() => wrong(format!("{text} is not finite"), "write a plain number"),
            Ok(number) if number < 0.0 => wrong(format!("{text} is negative"), "write 0 or more"),
            Ok(number) => Ok(number),
            Err(_) => wrong(format!("{text} is not a number"), "write for example 0.5"),
        }
    }
}

impl<'a> Expected<'a> for bool {
    const EXAMPLE: &'static str = "true";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        value.get_ref().as_bool().ok_or_else(|| not::<Self>(value.get_ref(), "true or false"))
    }
}

impl<'a> Expected<'a> for SocketAddr {
    const EXAMPLE: &'static str = "\"127.0.0.1:9464\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let text = <&str>::read(value)?;
        text.parse().or_else(|_| wrong(format!("{text:?} is not an address with a port"), "write for example \"127.0.0.1:9464\""))
    }
}

/// One value or a list of them, each with its place in the file.
pub(crate) struct OneOrMany<T>(pub(crate) Vec<(T, std::ops::Range<usize>)>);

impl<'a, T: Expected<'a>> Expected<'a> for OneOrMany<T> {
    const EXAMPLE: &'static str = T::EXAMPLE;
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let items = match value.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                return wrong("the list is empty", format!("write at least one, such as {}", T::EXAMPLE));
            }
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let read = items.into_iter().map(|item| Ok((T::read(item)?, item.span())));
        Ok(Self(read.collect::<Result<_, Wrong>>()?))
    }
}

/// A TOML value as JSON, as policies are given their settings.
pub(crate) fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().into(), Into::into),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| number.as_str().into(), serde_json::Value::Number),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = table.iter();
            entries.map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}
