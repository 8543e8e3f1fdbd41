//! `hooke-policy.toml`: what a project says of itself. Reads text, touches no
//! file; tells everything that is wrong at once.

use std::fmt;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Identifier, Language};

/// The file's name.
pub const MANIFEST: &str = "hooke-policy.toml";

/// What is to be in it, for whoever has none.
pub(crate) const EXAMPLE: &str =
    "[policy]\nname = \"my-policy\"\nlanguage = \"rust\"\nworld = \"my-policy\"\n";

const KEYS: [&str; 3] = ["name", "language", "world"];

/// One thing that is wrong in a project's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// A project's manifest, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) name: Identifier,
    pub(crate) language: Language,
    pub(crate) world: Identifier,
}

/// Reads the text of a manifest; else everything wrong with it, by line.
pub(crate) fn read(text: &str) -> Result<Manifest, Vec<Problem>> {
    let mut reader = Reader { text, problems: Vec::new() };
    let manifest = match DeTable::parse(text) {
        Ok(table) => reader.manifest(table.get_ref()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.add(at, format!("this is no TOML: {}", error.message()));
            None
        }
    };
    match manifest {
        Some(manifest) if reader.problems.is_empty() => Ok(manifest),
        Some(_) | None => {
            reader.problems.sort_by_key(|problem| problem.line);
            Err(reader.problems)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn manifest(&mut self, table: &DeTable<'_>) -> Option<Manifest> {
        for (key, _) in table.iter().filter(|(key, _)| key.get_ref() != "policy") {
            let message = format!("`{}` is not known here; write `[policy]`", key.get_ref());
            self.add(key.span().start, message);
        }
        let Some(value) = table.get("policy") else {
            self.add(0, format!("the table `[policy]` is missing; write:\n{EXAMPLE}"));
            return None;
        };
        let DeValue::Table(policy) = value.get_ref() else {
            self.add(value.span().start, "`policy` must be a table: write `[policy]`".to_owned());
            return None;
        };
        for (key, _) in policy.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            let message =
                format!("`policy.{}` is not known; there are: {}", key.get_ref(), KEYS.join(", "));
            self.add(key.span().start, message);
        }
        let at = value.span().start;
        let name = self.value(policy, at, "name", "\"my-policy\"");
        let language = self.value(policy, at, "language", "\"rust\"");
        let world = self.value(policy, at, "world", "\"my-policy\", the world in wit/world.wit");
        Some(Manifest { name: name?, language: language?, world: world? })
    }

    /// The value of a key, parsed; a missing or wrong one is a problem.
    fn value<T: FromStr<Err: fmt::Display>>(
        &mut self,
        policy: &DeTable<'_>,
        table_at: usize,
        key: &str,
        example: &str,
    ) -> Option<T> {
        let Some(value) = policy.get(key) else {
            self.add(table_at, format!("`policy.{key}` is missing; write {key} = {example}"));
            return None;
        };
        let at = Spanned::span(value).start;
        let DeValue::String(text) = value.get_ref() else {
            self.add(at, format!("`policy.{key}` must be a text; write {key} = {example}"));
            return None;
        };
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.add(at, format!("`policy.{key}`: {error}"));
                None
            }
        }
    }

    fn add(&mut self, at: usize, message: String) {
        let line = 1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        self.problems.push(Problem { line, message });
    }
}
