//! Names that refer to each other within a site file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::value::Name;
use hooke_places::Problems;

/// The names that the tables of one list have. A table whose name cannot be
/// read may be the one that somebody refers to, so that nothing is then said of
/// names that are not there.
#[derive(Debug, Default)]
pub(super) struct Declared {
    names: Vec<(String, Range<usize>)>,
    nameless: usize,
}

impl Declared {
    /// Adds a table's name, which stands at `at`.
    pub(super) fn add(&mut self, name: Option<&Name>, at: Range<usize>) {
        match name {
            Some(name) => self.names.push((name.0.clone(), at)),
            None => self.nameless += 1,
        }
    }

    /// The names, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    /// Whether certainly no table has this name.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.nameless == 0 && self.iter().all(|known| known != name)
    }

    /// Makes a problem of every name that an earlier table has.
    pub(super) fn unique(&self, what: &str, problems: &mut Problems) {
        let mut seen: BTreeMap<&str, &Range<usize>> = BTreeMap::new();
        for (name, at) in &self.names {
            let Some(first) = seen.get(name.as_str()) else {
                seen.insert(name, at);
                continue;
            };
            let line = problems.line(first);
            problems.add(
                at.clone(),
                format!("there are two {what}s named `{name}`, the first in line {line}"),
                "give one of them another name",
            );
        }
    }
}

/// Makes a problem of every item of a list that is there twice.
pub(super) fn once<T: AsRef<str>>(
    path: &str,
    items: &[(T, Range<usize>)],
    problems: &mut Problems,
) {
    for (place, (name, at)) in items.iter().enumerate() {
        let name = name.as_ref();
        if items.iter().take(place).any(|(earlier, _)| earlier.as_ref() == name) {
            problems.add(at.clone(), format!("{path}: `{name}` is named twice"), "name it once");
        }
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// "did you mean …?", if one of the names is near. Short names are near only if
/// one letter differs: of two letters every other name of two is two away.
pub(crate) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let allowed = if name.chars().count() > 4 { 2 } else { 1 };
    let scored = known.map(|known| (strsim::damerau_levenshtein(known, name), known));
    let (_, known) = scored.filter(|(distance, _)| *distance <= allowed).min()?;
    Some(format!("did you mean `{known}`?"))
}

/// What to write for a name that nothing has: the nearest that exists, or all.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.collect();
    let mut seen = BTreeSet::new();
    known.retain(|name| seen.insert(*name));
    near(name, known.iter().copied()).unwrap_or_else(|| match known[..] {
        [] => "there is none to name".to_owned(),
        [only] => format!("write {only}"),
        _ => format!("write one of {}", known.join(", ")),
    })
}
