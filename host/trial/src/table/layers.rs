//! The tables that a case is read from, the nearest first: a step, its case,
//! `[defaults]`. A key of a nearer one stands in place of the same key farther
//! out, whole.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::nearest;
use super::value::{self, Value, Wrong};
use hooke_places::Problems;

/// One table, and its place in the file.
#[derive(Clone)]
pub(super) struct Place<'a> {
    /// Its name in messages, such as `case "holds"`.
    pub(super) path: String,
    /// Its bytes.
    pub(super) at: Range<usize>,
    table: &'a DeTable<'a>,
}

impl<'a> Place<'a> {
    pub(super) const fn new(path: String, at: Range<usize>, table: &'a DeTable<'a>) -> Self {
        Self { path, at, table }
    }

    /// The value as a table, or a problem.
    pub(super) fn of(path: String, value: Value<'a>, problems: &mut Problems) -> Option<Self> {
        let at = value.span();
        let read = |value: Value<'a>| match value.get_ref().as_table() {
            Some(table) => Ok(table),
            None => value::not(value, "a table", "{ key = 1 }"),
        };
        let table = value::read(&path, value, read, problems)?;
        Some(Self { path, at, table })
    }

    /// The tables of a list of tables, or of one alone; anything else is a problem.
    pub(super) fn all_of(path: &str, value: Value<'a>, problems: &mut Problems) -> Vec<Self> {
        let items = match value.get_ref().as_array() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        };
        items.into_iter().filter_map(|item| Self::of(path.to_owned(), item, problems)).collect()
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.table.get(key)
    }

    /// The key's value, read; a wrong one is a problem.
    pub(super) fn ask<T>(
        &self,
        key: &str,
        reader: impl FnOnce(Value<'a>) -> Result<T, Wrong>,
        problems: &mut Problems,
    ) -> Option<T> {
        value::read(&format!("{}: {key}", self.path), self.get(key)?, reader, problems)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, Value<'a>)> {
        self.table.iter().map(|(key, value): (_, &Spanned<DeValue<'a>>)| {
            (key.get_ref().as_ref(), key.span(), value)
        })
    }

    /// Makes a problem of every key that is not among these.
    pub(super) fn only(&self, known: &[&str], problems: &mut Problems) {
        self.only_or(known, &[], problems);
    }

    /// As [`only`](Self::only); `meant` says what is meant by some others.
    pub(super) fn only_or(&self, known: &[&str], meant: &[(&str, &str)], problems: &mut Problems) {
        for (key, at, _) in self.entries().filter(|(key, ..)| !known.contains(key)) {
            // What is there already was not meant.
            let absent = known.iter().copied().filter(|known| self.get(known).is_none());
            let instead = match meant.iter().find(|(other, _)| *other == key) {
                Some((_, meant)) => format!("did you mean `{meant}`?"),
                None => nearest(key, absent),
            };
            problems.add(at, format!("{}: unknown key `{key}`", self.path), instead);
        }
    }
}

/// The tables of one case or step, the nearest first.
pub(super) struct Layers<'a>(Vec<Place<'a>>);

impl<'a> Layers<'a> {
    pub(super) const fn new(places: Vec<Place<'a>>) -> Self {
        Self(places)
    }

    /// The nearest table that has the key, with its value.
    pub(super) fn find(&self, key: &str) -> Option<(&Place<'a>, Value<'a>)> {
        self.0.iter().find_map(|place| Some((place, place.get(key)?)))
    }

    pub(super) fn ask<T>(
        &self,
        key: &str,
        reader: impl FnOnce(Value<'a>) -> Result<T, Wrong>,
        problems: &mut Problems,
    ) -> Option<T> {
        let (place, _) = self.find(key)?;
        place.ask(key, reader, problems)
    }

    /// The table under a key.
    pub(super) fn table(&self, key: &str, problems: &mut Problems) -> Option<Place<'a>> {
        let (place, value) = self.find(key)?;
        Place::of(format!("{}: {key}", place.path), value, problems)
    }

    /// The list of tables under a key.
    pub(super) fn tables(&self, key: &str, problems: &mut Problems) -> Vec<Place<'a>> {
        match self.find(key) {
            Some((place, value)) => {
                Place::all_of(&format!("{}: {key}", place.path), value, problems)
            }
            None => Vec::new(),
        }
    }
}
