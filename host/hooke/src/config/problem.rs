//! What is wrong with a site file: where, and what to write instead. Problems
//! are collected, never thrown: a reader gets all of them in one run.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Which bytes of the file it is about.
    pub(crate) at: Range<usize>,
    /// What is wrong.
    pub(crate) what: String,
    /// What to write instead.
    pub(crate) instead: String,
}

/// All problems of one file.
#[derive(Debug, Clone)]
pub(crate) struct Problems {
    file: PathBuf,
    text: String,
    found: Vec<Problem>,
}

/// A problem as `--format json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemView {
    file: String,
    line: usize,
    column: usize,
    problem: String,
    instead: String,
}

impl Problems {
    /// None yet.
    pub(crate) fn new(file: &Path, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), found: Vec::new() }
    }

    /// Adds one.
    pub(crate) fn add(&mut self, at: Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        self.found.push(Problem { at, what: what.into(), instead: instead.into() });
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// In the order of the file, as data.
    pub(crate) fn views(&self) -> Vec<ProblemView> {
        self.ordered()
            .into_iter()
            .map(|problem| {
                let (line, column) = self.place(problem.at.start);
                ProblemView {
                    file: self.file.display().to_string(),
                    line,
                    column,
                    problem: problem.what.clone(),
                    instead: problem.instead.clone(),
                }
            })
            .collect()
    }

    /// In the order of the file, for people.
    pub(crate) fn render(&self, renderer: &Renderer) -> String {
        let file = self.file.display().to_string();
        let shown: Vec<String> = self
            .ordered()
            .into_iter()
            .map(|problem| {
                let snippet = Snippet::source(&self.text).path(&file).annotation(
                    AnnotationKind::Primary.span(self.visible(&problem.at)).label(""),
                );
                let title = Level::ERROR.primary_title(&problem.what).element(snippet);
                let help = Group::with_title(Level::HELP.secondary_title(&problem.instead));
                renderer.render(&[title, help])
            })
            .collect();
        shown.join("\n\n")
    }

    fn ordered(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.found.iter().collect();
        all.sort_by_key(|problem| problem.at.start);
        all
    }

    /// The first line of a span: a whole table would fill the screen.
    fn visible(&self, at: &Range<usize>) -> Range<usize> {
        let start = at.start.min(self.text.len());
        let end = at.end.clamp(start, self.text.len());
        let line = self.text.get(start..end).and_then(|text| text.find('\n'));
        start..line.map_or(end, |line| start + line)
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }
}
