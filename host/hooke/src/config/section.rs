//! Reads one table of a site file, key by key. What is asked for and wrong, or
//! there and never asked for, becomes a problem; nothing stops at the first.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problems;
use super::value::{Expected, Wrong};

/// One table and what has been asked of it.
pub(crate) struct Section<'a> {
    /// Its place in the file, as keys joined by dots.
    pub(crate) path: String,
    /// Its bytes in the file.
    pub(crate) at: Range<usize>,
    table: &'a DeTable<'a>,
    asked: BTreeSet<&'static str>,
}

impl<'a> Section<'a> {
    /// The table `path`.
    pub(crate) fn new(path: impl Into<String>, at: Range<usize>, table: &'a DeTable<'a>) -> Self {
        Self { path: path.into(), at, table, asked: BTreeSet::new() }
    }

    /// The value of a key, if it is there.
    pub(crate) fn raw(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    /// Where a key's value stands; the table itself if it is not there.
    pub(crate) fn place(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.at.clone(), Spanned::span)
    }

    /// The key's value, read as `T`; a wrong one is a problem and `None`.
    pub(crate) fn optional<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let value = self.raw(key)?;
        match T::read(value) {
            Ok(value) => Some(value),
            Err(Wrong { what, instead }) => {
                problems.add(value.span(), format!("{}.{key}: {what}", self.path), instead);
                None
            }
        }
    }

    /// As `optional`; a key that is not there is a problem too.
    pub(crate) fn required<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        if self.raw(key).is_none() {
            let what = format!("{}: `{key}` is missing", self.path);
            problems.add(self.at.clone(), what, format!("write {key} = {}", T::EXAMPLE));
            return None;
        }
        self.optional(key, problems)
    }

    /// A table inside this one.
    pub(crate) fn table(&mut self, key: &'static str, problems: &mut Problems) -> Option<Section<'a>> {
        let value = self.raw(key)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(Section::new(format!("{}.{key}", self.path), value.span(), table))
            }
            other => {
                let what = format!("{}.{key}: a table is expected, not {}", self.path, other.type_str());
                problems.add(value.span(), what, format!("write a section [{}.{key}]", self.path));
                None
            }
        }
    }

    /// The tables of an array of tables, `[[path.key]]`.
    pub(crate) fn tables(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Section<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let path = format!("{}.{key}", self.path).trim_start_matches('.').to_owned();
        let mut found = Vec::new();
        let items = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) if value.get_ref().is_array() => {
                    found.push(Section::new(path.clone(), item.span(), table));
                }
                _ => problems.add(
                    item.span(),
                    format!("{path}: a list of tables is expected"),
                    format!("write [[{path}]] with double brackets"),
                ),
            }
        }
        found
    }

    /// Every key and value, for tables whose keys are names.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, &'a Spanned<DeValue<'a>>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
    }

    /// The table itself.
    pub(crate) const fn contents(&self) -> &'a DeTable<'a> {
        self.table
    }

    /// Makes a problem of every key that nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for (key, at, _) in self.entries() {
            if self.asked.contains(key) {
                continue;
            }
            let near = self.asked.iter().filter(|known| strsim::damerau_levenshtein(known, key) <= 2);
            let instead = match near.min_by_key(|known| strsim::damerau_levenshtein(known, key)) {
                Some(known) => format!("did you mean `{known}`?"),
                None => {
                    let known: Vec<&str> = self.asked.iter().copied().collect();
                    format!("remove it; the keys known here are {}", known.join(", "))
                }
            };
            let path = if self.path.is_empty() { "the file" } else { &self.path };
            problems.add(at, format!("{path}: unknown key `{key}`"), instead);
        }
    }
}
