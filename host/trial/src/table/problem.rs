//! What is wrong with a table of cases: where, and what to write instead. All
//! problems are collected before any is told.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    at: Range<usize>,
    what: String,
    instead: String,
}

/// All problems of one file; with none of them the file is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: PathBuf,
    text: String,
    found: Vec<Problem>,
}

/// A problem as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    /// The file.
    pub file: String,
    /// Its line; the first is 1.
    pub line: usize,
    /// The column, in characters; the first is 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub instead: String,
}

impl Problems {
    pub(super) fn new(file: &Path, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), found: Vec::new() }
    }

    /// Adds one, unless it is known: what `[defaults]` says is read once for
    /// each case.
    pub(super) fn add(
        &mut self,
        at: Range<usize>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let problem =
            Problem { at, what: visible(&what.into()), instead: visible(&instead.into()) };
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The line where a part of the file begins; the first is 1.
    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        self.place(at.start).0
    }

    /// In the order of the file, as data.
    pub fn views(&self) -> Vec<ProblemView> {
        let view = |problem: &Problem| {
            let (line, column) = self.place(problem.at.start);
            ProblemView {
                file: self.file.display().to_string(),
                line,
                column,
                problem: problem.what.clone(),
                instead: problem.instead.clone(),
            }
        };
        self.ordered().into_iter().map(view).collect()
    }

    /// In the order of the file, for people; without colour.
    pub fn render(&self) -> String {
        let (file, renderer) = (self.file.display().to_string(), Renderer::plain());
        let shown = self.ordered().into_iter().map(|problem| {
            let at = AnnotationKind::Primary.span(self.first_line(&problem.at)).label("");
            let snippet = Snippet::source(&self.text).path(&file).annotation(at);
            let title = Level::ERROR.primary_title(&problem.what).element(snippet);
            let help = Group::with_title(Level::HELP.secondary_title(&problem.instead));
            renderer.render(&[title, help])
        });
        shown.collect::<Vec<_>>().join("\n\n")
    }

    fn ordered(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.found.iter().collect();
        all.sort_by_key(|problem| problem.at.start);
        all
    }

    /// The first line of a span: a whole table would fill the screen.
    fn first_line(&self, at: &Range<usize>) -> Range<usize> {
        let start = at.start.min(self.text.len());
        let end = at.end.clamp(start, self.text.len());
        let line = self.text.get(start..end).and_then(|text| text.find(['\r', '\n']));
        start..line.map_or(end, |line| start + line)
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }
}

fn visible(text: &str) -> String {
    let escape =
        |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// What to write for a word that is not known: the nearest one, or all.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match near(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none to name".to_owned(),
        None => format!("write one of {}", known.join(", ")),
    }
}

/// The word that is near, if one is.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if word.chars().count() > 4 { 2 } else { 1 };
    let scored = known.map(|known| (strsim::damerau_levenshtein(known, word), known));
    let (_, near) = scored.filter(|(distance, _)| *distance <= allowed).min()?;
    Some(near)
}
