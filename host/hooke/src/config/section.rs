//! Reads one table of a site file, key by key. What is asked for and wrong, or
//! there and never asked for, becomes a problem; nothing stops at the first.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names::{near, nearest};
use super::value::{Expected, Given, Wrong};
use hooke_places::Problems;
use hooke_places::kind;

/// One table and what has been asked of it.
pub(crate) struct Section<'a> {
    /// Its place in the file, as keys joined by dots; empty for the whole file.
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

    /// The path of a key in here.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a key, if it is there.
    pub(crate) fn raw(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    /// Whether the key is there, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where a key's value stands; the table itself if it is not there.
    pub(crate) fn place(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.at.clone(), Spanned::span)
    }

    /// Makes a problem of a key that is not there.
    pub(crate) fn missing(&self, key: &str, instead: impl Into<String>, problems: &mut Problems) {
        let what = format!("{}: `{key}` is missing", self.path);
        problems.add(self.at.clone(), what, instead);
    }

    /// The key's value, read as `T`; a wrong one is a problem.
    pub(crate) fn ask<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Given<T> {
        let Some(value) = self.raw(key) else { return Given::Absent };
        let path = self.path_of(key);
        read(&path, value, problems).map_or(Given::Wrong, Given::Right)
    }

    /// The key's value, if it is there and right.
    pub(crate) fn optional<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        self.ask(key, problems).right()
    }

    /// As `optional`; a key that is not there is a problem too.
    pub(crate) fn required<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let given = self.ask(key, problems);
        if matches!(given, Given::Absent) {
            self.missing(key, format!("write {key} = {}", T::EXAMPLE), problems);
        }
        given.right()
    }

    /// One of a few words, which the file must give.
    pub(crate) fn word(
        &mut self,
        key: &'static str,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<&'static str> {
        let Some(value) = self.raw(key) else {
            let instead = format!("write {key} = \"{}\"", known.join("\" or \""));
            self.missing(key, instead, problems);
            return None;
        };
        let path = self.path_of(key);
        let given = read::<&str>(&path, value, problems)?;
        let found = known.iter().copied().find(|word| *word == given);
        if found.is_none() {
            let instead = nearest(given, known.iter().copied());
            problems.add(value.span(), format!("{path}: there is no {key} {given:?}"), instead);
        }
        found
    }

    /// One value or a list of them, each with its place. One wrong item makes
    /// the whole wrong, and every wrong item is a problem.
    pub(crate) fn list<T: Expected<'a>>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Given<Vec<(T, Range<usize>)>> {
        let Some(value) = self.raw(key) else { return Given::Absent };
        let path = self.path_of(key);
        let items = match value.get_ref().as_array() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        };
        if items.is_empty() {
            let instead =
                format!("write at least one, such as [{}], or remove the key", T::EXAMPLE);
            problems.add(value.span(), format!("{path}: the list is empty"), instead);
            return Given::Wrong;
        }
        // First all, then none or all: every wrong item is told.
        let read: Vec<_> = items
            .into_iter()
            .map(|item| Some((read(&path, item, problems)?, item.span())))
            .collect();
        read.into_iter().collect::<Option<_>>().map_or(Given::Wrong, Given::Right)
    }

    /// A table inside this one.
    pub(crate) fn table(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Section<'a>> {
        let value = self.raw(key)?;
        let path = self.path_of(key);
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Section::new(path, value.span(), table));
        }
        let what = format!("{path}: a table is expected, not {}", kind(value.get_ref()));
        problems.add(value.span(), what, format!("write it as a section, [{path}]"));
        None
    }

    /// The tables of an array of tables, `[[path.key]]`. Single brackets are a
    /// problem, and their table is read all the same.
    pub(crate) fn tables(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<Section<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let path = self.path_of(key);
        let (items, listed) = match value.get_ref().as_array() {
            Some(items) => (items.iter().collect(), true),
            None => (vec![value], false),
        };
        let mut found = Vec::new();
        for item in items {
            let table = item.get_ref().as_table();
            if table.is_none() || !listed {
                let what = format!("{path}: a list of tables is expected");
                let instead =
                    format!("write [[{path}]], with two brackets, before all that belongs to it");
                problems.add(item.span(), what, instead);
            }
            found.extend(table.map(|table| Section::new(path.clone(), item.span(), table)));
        }
        found
    }

    /// As `tables`; that there are none is a problem too, told as `none`.
    pub(crate) fn some_tables(
        &mut self,
        key: &'static str,
        none: &str,
        problems: &mut Problems,
    ) -> Vec<Section<'a>> {
        let given = self.raw(key).map(Spanned::get_ref);
        if given.is_none_or(|given| given.as_array().is_some_and(|items| items.is_empty())) {
            let owner = if self.path.is_empty() { "the file" } else { &self.path };
            let instead = format!("write at least one [[{}]]", self.path_of(key));
            problems.add(self.place(key), format!("{owner} has no {key}{none}"), instead);
        }
        self.tables(key, problems)
    }

    /// Every key and value, for tables whose keys are names.
    pub(crate) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'a str, Range<usize>, &'a Spanned<DeValue<'a>>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
    }

    /// The table itself.
    pub(crate) const fn contents(&self) -> &'a DeTable<'a> {
        self.table
    }

    /// Makes a problem of every key that nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for (key, at, value) in self.entries().filter(|(key, ..)| !self.asked.contains(key)) {
            if is_secret(key) {
                problems.hide(value.span());
            }
            // What is there already was not meant.
            let absent = self.asked.iter().copied().filter(|known| !self.has(known));
            let instead = near(key, absent).unwrap_or_else(|| {
                let known: Vec<&str> = self.asked.iter().copied().collect();
                format!("remove it; the keys known here are {}", known.join(", "))
            });
            let path = if self.path.is_empty() { "the file" } else { &self.path };
            problems.add(at, format!("{path}: unknown key `{key}`"), instead);
        }
    }
}

/// Reads one value; a wrong one is a problem at its place.
pub(crate) fn read<'a, T: Expected<'a>>(
    path: &str,
    value: &'a Spanned<DeValue<'a>>,
    problems: &mut Problems,
) -> Option<T> {
    match T::read(value) {
        Ok(value) => Some(value),
        Err(Wrong { what, instead }) => {
            problems.add(value.span(), format!("{path}: {what}"), instead);
            None
        }
    }
}

/// Whether a key that does not exist looks as if somebody wrote a secret there.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["pass", "pwd", "secret", "token", "credential", "auth", "key"]
        .iter()
        .any(|word| key.contains(word))
}
