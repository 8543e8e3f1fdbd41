//! Values of a TOML file, apart from what any key expects.

use toml::de::{DeInteger, DeValue};

/// What sort of value it is, as this program names it elsewhere.
pub const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time of day",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A whole number of the file; `None` if it has more than 38 digits.
pub fn whole(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A TOML value as JSON, as policies are given their settings. What JSON cannot
/// say (infinity, dates) is a string, which the policy then judges.
pub fn json(value: &DeValue<'_>) -> serde_json::Value {
    let string = |text: &str| serde_json::Value::from(text);
    match value {
        DeValue::String(text) => string(text),
        DeValue::Integer(number) => whole(number)
            .and_then(serde_json::Number::from_i128)
            .map_or_else(|| string(number.as_str()), Into::into),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| string(number.as_str()), Into::into),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(moment) => string(&moment.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = table.iter();
            entries.map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}
