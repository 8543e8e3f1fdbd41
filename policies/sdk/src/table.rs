//! One table of settings being read. Every key is asked for once; what is
//! wrong, and what nobody asked for, is gathered and handed back at the end.

use std::ops::RangeInclusive;

use crate::span;
use crate::value::Value;

/// One thing wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which key; empty when it is the settings as a whole.
    pub path: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// Settings being read; out of line, as rules read many of them and every byte
/// of a component counts. A wrong value reads as absent and is remembered;
/// [`Table::finish`] then refuses the whole.
#[derive(Debug)]
pub struct Table {
    entries: Vec<(String, Value)>,
    known: Vec<&'static str>,
    /// Their places are those within this table.
    problems: Vec<Problem>,
}

/// A key of a table, and the number in the list under it if it is one.
type Place = (&'static str, Option<usize>);

/// Keys of a table that are asked for without more memory: those of most.
const KNOWN: usize = 16;

impl Table {
    /// Reads one JSON object with `read`, which asks for the keys it knows.
    /// All problems at once, in the order they were met.
    pub fn read<T>(json: &str, read: impl FnOnce(&mut Self) -> T) -> Result<T, Vec<Problem>> {
        let mut table = Self::parse(json);
        let settings = read(&mut table);
        table.finish(settings)
    }

    /// Begins to read one JSON object. What is not one reads as empty, and is
    /// a problem.
    pub fn parse(json: &str) -> Self {
        let mut table = Self::of(Vec::new());
        match serde_json::from_str(json) {
            Ok(Value::Table(entries)) => table.entries = entries,
            Ok(other) => table.refuse("", format!("expected a table of settings, found {other}")),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                table.refuse("", format!("not JSON: fault at line {line}, column {column}"));
            }
        }
        table
    }

    fn of(entries: Vec<(String, Value)>) -> Self {
        Self { entries, known: Vec::with_capacity(KNOWN), problems: Vec::new() }
    }

    /// Whether `key` was given, right or wrong.
    #[inline(never)]
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name == key)
    }

    /// Remembers that something is wrong with `key`, or with the table as a
    /// whole if it is empty: what, and what to write instead.
    #[inline(never)]
    pub fn problem(&mut self, key: &str, message: String) {
        self.refuse(key, message);
    }

    /// Passes over keys that say nothing here, such as those that the export of
    /// another system adds.
    #[inline(never)]
    pub fn pass(&mut self, keys: &[&str]) {
        self.entries.retain(|(name, _)| !keys.contains(&name.as_str()));
    }

    /// A whole number in `range`.
    #[inline(never)]
    pub fn whole(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let found = self.take(key)?;
        let (least, most) = (*range.start(), *range.end());
        if let Value::Whole(number) = found
            && number >= least
        {
            if number <= most {
                return Some(number);
            }
            self.refuse(key, format!("found {number}: write {most} or less"));
        } else {
            self.refuse(key, format!("found {found}: write a whole number, {least} or more"));
        }
        None
    }

    /// A number in `range`, whole or not; always finite.
    #[inline(never)]
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let found = self.take(key)?;
        let number = match &found {
            Value::Whole(number) => *number as f64,
            Value::Negative(number) => *number as f64,
            Value::Fraction(number) => *number,
            Value::Null | Value::Switch(_) | Value::Text(_) | Value::List(_) | Value::Table(_) => {
                self.refuse(key, format!("found {found}: write a number"));
                return None;
            }
        };
        if range.contains(&number) {
            return Some(number);
        }
        // Limits are whole in all rules there are; fractions cost too much code.
        let (least, most) = (*range.start() as i64, *range.end() as i64);
        self.refuse(key, format!("out of range: write a number from {least} to {most}"));
        None
    }

    /// A text.
    #[inline(never)]
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let found = self.take(key)?;
        let Value::Text(text) = found else {
            self.refuse(key, format!("found {found}: write a text in quotes"));
            return None;
        };
        Some(text)
    }

    /// A list of texts.
    #[inline(never)]
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for (nth, found) in self.items(key)?.into_iter().enumerate() {
            let Value::Text(text) = found else {
                let at = format!("{key}.{nth}");
                self.refuse(&at, format!("found {found}: write a text in quotes"));
                continue;
            };
            texts.push(text);
        }
        Some(texts)
    }

    /// A table, read with `read`, which asks for the keys it knows. Problems
    /// inside are those of the whole.
    pub fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let found = self.take(key)?;
        self.inner((key, None), found, read)
    }

    /// A list of tables, each read with `read`. One that is no table is left out.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Self) -> T,
    ) -> Option<Vec<T>> {
        let mut tables = Vec::new();
        for (nth, item) in self.items(key)?.into_iter().enumerate() {
            tables.extend(self.inner((key, Some(nth)), item, &mut read));
        }
        Some(tables)
    }

    #[inline(never)]
    fn items(&mut self, key: &'static str) -> Option<Vec<Value>> {
        let found = self.take(key)?;
        let Value::List(items) = found else {
            self.refuse(key, format!("found {found}: write a list"));
            return None;
        };
        Some(items)
    }

    fn inner<T>(
        &mut self,
        place: Place,
        found: Value,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let mut table = self.open(place, found)?;
        let made = read(&mut table);
        self.close(place, table);
        Some(made)
    }

    #[inline(never)]
    fn open(&mut self, place: Place, found: Value) -> Option<Self> {
        let Value::Table(entries) = found else {
            self.refuse(&written(place), format!("found {found}: write a table"));
            return None;
        };
        Some(Self::of(entries))
    }

    /// Takes over the problems of a table in this one. Its place is written only
    /// where there are some: settings are read in every evaluation, and are good
    /// in almost all of them.
    #[inline(never)]
    fn close(&mut self, place: Place, mut table: Self) {
        table.strangers();
        for Problem { path, message } in table.problems {
            let within = if path.is_empty() { "" } else { "." };
            let path = format!("{}{within}{path}", written(place));
            self.problems.push(Problem { path, message });
        }
    }

    /// A duration above zero, in milliseconds.
    #[inline(never)]
    pub fn span_ms(&mut self, key: &'static str) -> Option<u64> {
        let found = self.take(key)?;
        if let Value::Text(text) = &found {
            match span::parse(text) {
                Some(0) => {
                    self.refuse(key, format!("found {found}: write a duration above zero"));
                    return None;
                }
                Some(millis) => return Some(millis),
                None => {}
            }
        }
        self.refuse(
            key,
            format!(
                "found {found}: write a duration such as \"90s\" or \"1h 30m\" (units ms, s, m, h, d, w)"
            ),
        );
        None
    }

    /// One word out of `words`, each with what it means.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let found = self.take(key)?;
        if let Value::Text(text) = &found
            && let Some((_, meaning)) = words.iter().find(|(word, _)| word == text)
        {
            return Some(*meaning);
        }
        let mut message = format!("found {found}: write one of");
        for (nth, (word, _)) in words.iter().enumerate() {
            message.push_str(if nth == 0 { " \"" } else { ", \"" });
            message.push_str(word);
            message.push('"');
        }
        self.refuse(key, message);
        None
    }

    /// `true` or `false`.
    #[inline(never)]
    pub fn switch(&mut self, key: &'static str) -> Option<bool> {
        let found = self.take(key)?;
        if let Value::Switch(value) = found {
            return Some(value);
        }
        self.refuse(key, format!("found {found}: write true or false"));
        None
    }

    /// Ends the reading: `settings` if nothing was wrong and every key given
    /// was asked for, else all problems, in the order they were met.
    pub fn finish<T>(mut self, settings: T) -> Result<T, Vec<Problem>> {
        self.strangers();
        if self.problems.is_empty() { Ok(settings) } else { Err(self.problems) }
    }

    /// Refuses every key that nobody asked for.
    fn strangers(&mut self) {
        for (key, _) in std::mem::take(&mut self.entries) {
            let message = self.unknown(&key);
            self.refuse(&key, message);
        }
    }

    #[inline(never)]
    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        let position = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(position).1)
    }

    #[inline(never)]
    fn refuse(&mut self, key: &str, message: String) {
        self.problems.push(Problem { path: key.to_owned(), message });
    }

    fn unknown(&self, key: &str) -> String {
        if self.known.contains(&key) {
            return "given twice: write it once".to_owned();
        }
        match self.known.iter().find(|known| alike(known, key)) {
            Some(known) => format!("unknown setting: write {known}"),
            None => format!("unknown setting: write one of {}", self.known.join(", ")),
        }
    }
}

fn written((key, nth): Place) -> String {
    nth.map_or_else(|| key.to_owned(), |nth| format!("{key}.{nth}"))
}

/// Whether two keys differ only in case, `-` and `_`.
fn alike(a: &str, b: &str) -> bool {
    let letters = |text: &str| {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (a, b): (Vec<u8>, Vec<u8>) = (letters(a), letters(b));
    a == b
}
