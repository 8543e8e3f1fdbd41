//! Which policies a profile asks: a name, or a table with more about it. Knows
//! nothing of what policies there are; the shelf does.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::section::{Section, read};
use super::value::{Given, Name};
use hooke_places::Problems;

/// What a policy's answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It counts.
    Live,
    /// It is written down beside what counts, and never acted upon.
    Shadow,
}

impl Mode {
    /// As the site file writes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Shadow => "shadow",
        }
    }
}

/// One policy that is asked.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) name: Name,
    pub(super) at: Range<usize>,
    pub(super) mode: Mode,
    /// Who answers while it is in quarantine.
    pub(super) fallback: Option<(Name, Range<usize>)>,
}

impl AsRef<str> for Choice {
    fn as_ref(&self) -> &str {
        &self.name.0
    }
}

/// Every policy that a list of choices names, fallbacks included.
pub(super) fn named(choices: &[Choice]) -> impl Iterator<Item = (&Name, &Range<usize>)> + Clone {
    choices.iter().flat_map(|choice| {
        let fallback = choice.fallback.iter().map(|(name, at)| (name, at));
        std::iter::once((&choice.name, &choice.at)).chain(fallback)
    })
}

/// Reads `policy` of a site or profile: one choice or a list of them. One wrong
/// choice makes the whole wrong, and every wrong choice is a problem.
pub(super) fn read_all(section: &mut Section<'_>, problems: &mut Problems) -> Given<Vec<Choice>> {
    let Some(value) = section.raw("policy") else { return Given::Absent };
    let path = section.path_of("policy");
    let items: Vec<_> = match value.get_ref().as_array() {
        Some(items) => items.iter().collect(),
        None => vec![value],
    };
    if items.is_empty() {
        let instead = "write at least one, such as [\"threshold\"], or remove the key";
        problems.add(value.span(), format!("{path}: the list is empty"), instead);
        return Given::Wrong;
    }
    let choices: Vec<_> = items.into_iter().map(|item| choice(&path, item, problems)).collect();
    let Some(choices) = choices.into_iter().collect::<Option<Vec<Choice>>>() else {
        return Given::Wrong;
    };
    once(&path, &choices, problems);
    if choices.iter().all(|choice| choice.mode == Mode::Shadow) {
        let what = format!("{path}: only shadows are named, so that nobody decides");
        let instead = "name a policy that is live beside them, such as [\"threshold\", ...]";
        problems.add(value.span(), what, instead);
    }
    Given::Right(choices)
}

fn choice(path: &str, value: &Spanned<DeValue<'_>>, problems: &mut Problems) -> Option<Choice> {
    let at = value.span();
    let Some(table) = value.get_ref().as_table() else {
        let name = read(path, value, problems)?;
        return Some(Choice { name, at, mode: Mode::Live, fallback: None });
    };
    let mut section = Section::new(path, at.clone(), table);
    let name = section.required::<Name>("name", problems);
    let at = section.place("name");
    let mode = if section.has("mode") {
        let modes = [Mode::Live, Mode::Shadow];
        let word = section.word("mode", &modes.map(Mode::as_str), problems);
        word.and_then(|word| modes.into_iter().find(|mode| mode.as_str() == word))
    } else {
        section.raw("mode");
        Some(Mode::Live)
    };
    let fallback = section.ask::<Name>("fallback", problems);
    let fallback_at = section.place("fallback");
    section.finish(problems);
    let fallback = match fallback {
        Given::Wrong => return None,
        Given::Absent => None,
        Given::Right(_) if mode == Some(Mode::Shadow) => {
            let what = format!("{path}: a shadow decides nothing, so nobody need stand in for it");
            problems.add(fallback_at, what, "remove `fallback`");
            return None;
        }
        Given::Right(fallback) => Some((fallback, fallback_at)),
    };
    Some(Choice { name: name?, at, mode: mode?, fallback })
}

/// A policy has one memory and one place in the records of a profile.
fn once(path: &str, choices: &[Choice], problems: &mut Problems) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, at) in named(choices) {
        if seen.contains(&name.0.as_str()) {
            let what = format!("{path}: `{}` is named twice", name.0);
            problems.add(at.clone(), what, "name it once");
        }
        seen.push(&name.0);
    }
}
