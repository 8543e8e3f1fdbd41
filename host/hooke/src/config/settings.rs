//! A policy's settings: a TOML table that only the policy understands. Keeps
//! where each key stands, so that the policy's complaints point into the file.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::section::Section;
use super::value::json;

/// One binding's settings and where they stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsPlace {
    values: serde_json::Map<String, serde_json::Value>,
    keys: BTreeMap<String, Range<usize>>,
    whole: Range<usize>,
}

impl SettingsPlace {
    /// No settings; complaints about what is missing point to `at`.
    pub(crate) fn none(at: Range<usize>) -> Self {
        Self { whole: at, ..Self::default() }
    }

    /// Lays a table over what is there: the profile's over the site's.
    pub(crate) fn lay(&mut self, at: Range<usize>, table: &DeTable<'_>) {
        self.whole = at;
        for (key, value) in table {
            self.values.insert(key.get_ref().to_string(), json(value.get_ref()));
        }
        self.note("", table);
    }

    /// The settings as one JSON object.
    pub(crate) fn json(&self) -> String {
        serde_json::Value::Object(self.values.clone()).to_string()
    }

    /// Where the setting `path` stands, keys joined by dots; the nearest table
    /// around it if it is not there.
    pub(crate) fn place(&self, path: &str) -> Range<usize> {
        let mut path = path;
        loop {
            if let Some(at) = self.keys.get(path) {
                return at.clone();
            }
            match path.rsplit_once('.') {
                Some((outer, _)) => path = outer,
                None => return self.whole.clone(),
            }
        }
    }

    fn note(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = match prefix {
                "" => key.get_ref().to_string(),
                _ => format!("{prefix}.{}", key.get_ref()),
            };
            self.keys.insert(path.clone(), key.span().start..value.span().end);
            if let DeValue::Table(inner) = value.get_ref() {
                self.note(&path, inner);
            }
        }
    }
}

/// The part of a `settings` table that is meant for `policy`. With one policy
/// the table is its own; with several each has a table of its name.
pub(crate) fn part<'a>(
    settings: &Section<'a>,
    policy: &str,
    alone: bool,
) -> Option<(Range<usize>, &'a DeTable<'a>)> {
    let own = settings.contents().get(policy);
    match own.map(|value| (value.span(), value.get_ref())) {
        Some((at, DeValue::Table(table))) => Some((at, table)),
        _ if alone => Some((settings.at.clone(), settings.contents())),
        _ => None,
    }
}
