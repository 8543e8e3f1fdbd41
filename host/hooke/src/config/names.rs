//! Names that refer to each other within a site file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::problem::Problems;

/// Makes a problem of every name that was given before.
pub(crate) fn duplicates<'a>(
    what: &str,
    named: impl Iterator<Item = (&'a str, Range<usize>)>,
    problems: &mut Problems,
) {
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    for (name, at) in named {
        if seen.insert(name, ()).is_some() {
            problems.add(at, format!("there are two {what}s named `{name}`"), "give one of them another name");
        }
    }
}

/// What to write for a name that nothing has: the nearest that exists.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known.iter().filter(|k| strsim::damerau_levenshtein(k, name) <= 2);
    match near.min_by_key(|k| strsim::damerau_levenshtein(k, name)) {
        Some(known) => format!("did you mean `{known}`?"),
        None if known.is_empty() => "there is none to name".to_owned(),
        None => format!("write one of {}", known.join(", ")),
    }
}
