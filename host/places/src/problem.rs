//! What is wrong with a file: where, and what to write instead. Problems
//! are collected, never thrown: a reader gets all of them in one run. What was
//! marked as a secret is never shown.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    /// Which bytes of the file it is about.
    at: Range<usize>,
    /// What is wrong.
    what: String,
    /// What to write instead.
    instead: String,
}

/// All problems of one file; with none of them the file is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: PathBuf,
    /// The file's text, secrets covered byte for byte.
    text: String,
    found: Vec<Problem>,
}

/// A problem as `--format json` prints it.
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
    /// None yet. Passwords within URLs are covered at once, so that not even a
    /// fault of the syntax shows one.
    pub fn new(file: &Path, text: &str) -> Self {
        let mut problems = Self { file: file.to_owned(), text: text.to_owned(), found: Vec::new() };
        for (scheme, _) in text.match_indices("://") {
            let start = scheme + "://".len();
            let rest = text.get(start..).unwrap_or_default();
            let end = rest.find(['"', '\'', '\n', ' ']).unwrap_or(rest.len());
            if let Some(at) = rest.get(..end).and_then(|authority| authority.rfind('@')) {
                problems.hide(start..start + at);
            }
        }
        problems
    }

    /// Adds one, unless it is known already, as what a file says for all of its
    /// parts is found once for each. Control characters do not reach a
    /// terminal.
    pub fn add(&mut self, at: Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        let problem =
            Problem { at, what: visible(&what.into()), instead: visible(&instead.into()) };
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// Covers a part of the file that may hold a secret.
    pub fn hide(&mut self, at: Range<usize>) {
        let Some(secret) = self.text.get(at.clone()) else { return };
        let cover = |c: char| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) };
        let covered: String = secret.chars().map(cover).collect();
        self.text.replace_range(at, &covered);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// How many there are, in words.
    pub fn count(&self) -> String {
        match self.found.len() {
            1 => "1 problem".to_owned(),
            more => format!("{more} problems"),
        }
    }

    /// The line where a part of the file begins; the first is 1.
    pub fn line(&self, at: &Range<usize>) -> usize {
        self.place(at.start).0
    }

    /// In the order of the file, as data.
    pub fn views(&self) -> Vec<ProblemView> {
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
    pub fn render(&self, renderer: &Renderer) -> String {
        let file = self.file.display().to_string();
        let shown: Vec<String> = self
            .ordered()
            .into_iter()
            .map(|problem| {
                let snippet = Snippet::source(&self.text).path(&file).annotation(
                    AnnotationKind::Primary.span(self.first_line(&problem.at)).label(""),
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
