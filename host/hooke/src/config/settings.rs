//! A policy's settings: a TOML table that only the policy understands. Keeps
//! where each key stands, so that the policy's complaints point into the file.
//! Never judges a setting itself.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::choice::{Choice, named as named_in};
use super::names::nearest;
use super::problem::Problems;
use super::section::Section;
use super::value::{json, kind};

/// The policies that a profile asks.
pub(super) type Policies = [Choice];

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

    /// Lays a table over what is there: the profile's over the site's, key by
    /// key. A table within it replaces the one below as a whole.
    pub(crate) fn lay(&mut self, at: Range<usize>, table: &DeTable<'_>) {
        self.whole = at;
        for (key, value) in table {
            let key = key.get_ref().to_string();
            let inside = format!("{key}.");
            self.keys.retain(|path, _| !path.starts_with(&inside));
            self.values.insert(key, json(value.get_ref()));
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
            // A key that heads its own section stands before its value or
            // around it; only a key and a value side by side are one place.
            let (name, at) = (key.span(), value.span());
            self.keys
                .insert(path.clone(), if name.end <= at.start { name.start..at.end } else { name });
            self.note_inside(&path, value.get_ref());
        }
    }

    /// Notes what stands in a table, and the items of a list by their number.
    fn note_inside(&mut self, path: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(inner) => self.note(path, inner),
            DeValue::Array(items) => {
                for (nth, item) in items.iter().enumerate() {
                    let path = format!("{path}.{nth}");
                    self.keys.insert(path.clone(), item.span());
                    self.note_inside(&path, item.get_ref());
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// The part of the site's `settings` that is meant for `policy`.
pub(super) fn of_site<'a>(
    settings: &Section<'a>,
    policy: &str,
) -> Option<(Range<usize>, &'a DeTable<'a>)> {
    named(settings.contents().get(policy)?)
}

/// The part of a profile's `settings` that is meant for `policy`. The only
/// policy may have the whole table; of several each has a table of its name.
pub(super) fn of_profile<'a>(
    settings: &Section<'a>,
    policy: &str,
    policies: &Policies,
) -> Option<(Range<usize>, &'a DeTable<'a>)> {
    let own = settings.contents().get(policy).and_then(named);
    if own.is_none() && named_in(policies).count() == 1 {
        return Some((settings.at.clone(), settings.contents()));
    }
    own
}

fn named<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<(Range<usize>, &'a DeTable<'a>)> {
    value.get_ref().as_table().map(|table| (value.span(), table))
}

/// Makes a problem of every key of a profile's settings that none of its
/// policies will be told.
pub(super) fn strangers_of_profile(
    settings: &Section<'_>,
    policies: &Policies,
    problems: &mut Problems,
) {
    let mut all = named_in(policies);
    let nested = |policy: &str| of_site(settings, policy).is_some();
    if all.clone().count() > 1 || all.any(|(policy, _)| nested(&policy.0)) {
        strangers(settings, policies, "none of the profile's policies", problems);
    }
}

/// Makes a problem of every key of the site's settings that no policy of any of
/// its profiles will be told.
pub(super) fn strangers_of_site(
    settings: &Section<'_>,
    policies: &Policies,
    problems: &mut Problems,
) {
    strangers(settings, policies, "no policy that a profile here asks", problems);
}

fn strangers(settings: &Section<'_>, policies: &Policies, none: &str, problems: &mut Problems) {
    let path = &settings.path;
    for (key, at, value) in settings.entries() {
        let known = named_in(policies).map(|(policy, _)| policy.0.as_str());
        if known.clone().all(|policy| policy != key) {
            let first = known.clone().next().unwrap_or("POLICY");
            let instead = if value.get_ref().is_table() {
                nearest(key, known)
            } else {
                format!("write it into the table of its policy, such as [{path}.{first}]")
            };
            problems.add(at, format!("{path}: `{key}` is {none}"), instead);
        } else if !value.get_ref().is_table() {
            let what = format!("{path}.{key}: a table is expected, not {}", kind(value.get_ref()));
            let instead =
                format!("write the settings of policy `{key}` as a section, [{path}.{key}]");
            problems.add(value.span(), what, instead);
        }
    }
}
