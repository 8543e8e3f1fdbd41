//! Single values of a table of cases. A wrong one is wrong: nothing is guessed.

use std::time::Duration;

use hooke_places::{Problems, kind, whole};
use toml::Spanned;
use toml::de::DeValue;

/// The longest duration: far beyond use, and far from where sums overflow.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

/// A value and its place in the file.
pub(super) type Value<'a> = &'a Spanned<DeValue<'a>>;

/// What is wrong with a value, and what to write instead.
pub(super) struct Wrong {
    what: String,
    instead: String,
}

pub(super) fn wrong<T>(what: impl Into<String>, instead: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { what: what.into(), instead: instead.into() })
}

/// Reads one value of the key `path`; a wrong one is a problem at its place.
pub(super) fn read<'a, T>(
    path: &str,
    value: Value<'a>,
    reader: impl FnOnce(Value<'a>) -> Result<T, Wrong>,
    problems: &mut Problems,
) -> Option<T> {
    match reader(value) {
        Ok(value) => Some(value),
        Err(Wrong { what, instead }) => {
            problems.add(value.span(), format!("{path}: {what}"), instead);
            None
        }
    }
}

/// That another sort of value is expected.
pub(super) fn not<T>(value: Value<'_>, expected: &str, example: &str) -> Result<T, Wrong> {
    let what = format!("{expected} is expected, not {}", kind(value.get_ref()));
    wrong(what, format!("write for example {example}"))
}

pub(super) fn text<'a>(value: Value<'a>) -> Result<&'a str, Wrong> {
    value.get_ref().as_str().map_or_else(|| not(value, "a string", "\"text\""), Ok)
}

/// One string or a list of them.
pub(super) fn texts(value: Value<'_>) -> Result<Vec<String>, Wrong> {
    match value.get_ref().as_array() {
        Some(items) => items.iter().map(|item| text(item).map(str::to_owned)).collect(),
        None => text(value).map(|one| vec![one.to_owned()]),
    }
}

/// A name: not empty, not over 63 bytes, so that it may be one in a site file.
pub(super) fn name(value: Value<'_>) -> Result<String, Wrong> {
    let given = text(value)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if given.is_empty() || given.len() > 63 || !given.chars().all(allowed) {
        return wrong(
            format!("{given:?} cannot be a name"),
            "use 1 to 63 letters (a to z), digits, `-`, `_` or `.`",
        );
    }
    Ok(given.to_owned())
}

/// A whole number within the range of `T`.
pub(super) fn number<T: TryFrom<i128>>(value: Value<'_>) -> Result<T, Wrong> {
    let DeValue::Integer(number) = value.get_ref() else {
        return not(value, "a whole number", "10");
    };
    match whole(number).map(T::try_from) {
        Some(Ok(number)) => Ok(number),
        _ if number.as_str().starts_with('-') => {
            wrong(format!("{} is too small here", number.as_str()), "write a larger number")
        }
        _ => wrong(format!("{} is too large", number.as_str()), "write a smaller number"),
    }
}

/// A finite number from 0 on.
pub(super) fn rate(value: Value<'_>) -> Result<f64, Wrong> {
    let given = value.get_ref();
    let number = match (given.as_float(), given.as_integer()) {
        (Some(float), _) => float.as_str().parse::<f64>().ok(),
        (None, Some(integer)) => whole(integer).map(|number| number as f64),
        (None, None) => return not(value, "a number", "0.5"),
    };
    match number {
        Some(number) if number.is_finite() && number >= 0.0 => Ok(number.abs()),
        _ => wrong("it is not a finite number from 0 on", "write a plain number, such as 0.5"),
    }
}

/// A duration, such as `"90s"` or `"1h 30m"`.
pub(super) fn span(value: Value<'_>) -> Result<Duration, Wrong> {
    const INSTEAD: &str = "write a duration such as \"0s\", \"90s\" or \"1h 30m\"";
    if let DeValue::Integer(number) = value.get_ref() {
        let number = number.as_str();
        return wrong(format!("{number} has no unit"), format!("write \"{number}s\" for seconds"));
    }
    let Some(text) = value.get_ref().as_str() else {
        return not(value, "a duration", "\"30s\"");
    };
    match humantime::parse_duration(text.trim()) {
        Ok(span) if span > LONGEST => {
            wrong(format!("{text:?} is too long"), "write at most \"3650d\"")
        }
        Ok(span) => Ok(span),
        Err(error) => wrong(format!("{text:?} is not a duration: {error}"), INSTEAD),
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(value: Value<'_>, known: &[(&str, T)]) -> Result<T, Wrong> {
    let given = text(value)?;
    match known.iter().find(|(word, _)| *word == given) {
        Some((_, meaning)) => Ok(*meaning),
        None => {
            let instead = nearest(given, known.iter().map(|(word, _)| *word));
            wrong(format!("{given:?} is not known here"), instead)
        }
    }
}

/// A value, or the word `absent`: the broker or the cloud did not say.
pub(super) fn or_absent<'a, T>(
    reader: impl Fn(Value<'a>) -> Result<T, Wrong>,
) -> impl Fn(Value<'a>) -> Result<Option<T>, Wrong> {
    move |value| match value.get_ref().as_str() {
        Some("absent") => Ok(None),
        Some(_) | None => reader(value).map(Some),
    }
}

/// Bytes in hex digits, two for each.
pub(super) fn hex(value: Value<'_>) -> Result<Vec<u8>, Wrong> {
    let digits: String = text(value)?.split_whitespace().collect();
    match crate::hex::decode(&digits) {
        Some(bytes) => Ok(bytes),
        None => wrong("these are not hex digits, two for each byte", "write for example \"00ff\""),
    }
}

/// A moment: a TOML date and time with an offset, or milliseconds since 1970.
pub(super) fn moment(value: Value<'_>) -> Result<u64, Wrong> {
    const EXAMPLE: &str = "2026-01-01T08:00:00Z";
    match value.get_ref() {
        DeValue::Integer(_) => number::<u64>(value),
        DeValue::Datetime(given) => {
            let read = given.to_string().parse::<jiff::Timestamp>().ok();
            match read.and_then(|moment| u64::try_from(moment.as_millisecond()).ok()) {
                Some(millis) => Ok(millis),
                None => wrong(
                    format!("{given} is no moment since 1970"),
                    format!("write a date and a time with an offset, such as {EXAMPLE}"),
                ),
            }
        }
        DeValue::String(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => not(value, "a date and time", EXAMPLE),
    }
}

/// What to write for a word that is not known: the nearest one, or all.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match near(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none to name".to_owned(),
        None => format!("write one of {}", known.join(", ")),
    }
}

/// The word that is near, if one is.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if word.chars().count() > 4 { 2 } else { 1 };
    let scored = known.map(|known| (strsim::damerau_levenshtein(known, word), known));
    let (_, near) = scored.filter(|(distance, _)| *distance <= allowed).min()?;
    Some(near)
}
