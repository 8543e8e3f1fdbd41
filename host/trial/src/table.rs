//! Tables of cases: a situation, and the needs that are expected of it, in
//! TOML. `src/table/format.md` describes the form; `tests/tables/example.toml`
//! shows all of it. A table is read whole or not at all, with every mistake
//! told at once, and runs in the real host.

mod expect;
mod facts;
mod layers;
mod machines;
mod past;
mod report;
mod value;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use annotate_snippets::Renderer;
use hooke_history::Past;
use hooke_runtime::{BoundPolicy, Evaluated};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use expect::Miss;
pub use hooke_places::{ProblemView, Problems};
pub use report::{CaseReport, StepReport, TableReport};

use crate::situation::Situation;
use expect::Expected;
use layers::{Layers, Place};
use value::Value;

/// What makes a folder the project of a policy.
const MANIFEST: &str = "hooke-policy.toml";

/// Time between two steps, where nothing is said.
const STEP: Duration = Duration::from_secs(30);

/// A file of cases.
#[derive(Debug, Clone)]
pub struct Table {
    file: PathBuf,
    cases: Vec<Case>,
}

#[derive(Debug, Clone)]
struct Case {
    name: String,
    line: usize,
    steps: Vec<Step>,
}

/// One question of a case; most have one.
#[derive(Debug, Clone)]
struct Step {
    situation: Situation,
    memory: Remembered,
    expected: Expected,
}

/// Where the memory of a step comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Remembered {
    Nothing,
    Bytes(Arc<[u8]>),
    /// What this case has in memory after its last step.
    OfCase(String),
    /// What the step before left.
    Carried,
}

/// A file of cases that could not be used, by what its author does next.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file or folder could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no table at all.
    #[error(
        "{} has no tables of cases: write tests/first.toml in the project, with a [[case]] in it",
        folder.display()
    )]
    None {
        /// The folder.
        folder: PathBuf,
    },
    /// Mistakes in the file.
    #[error("{}", .0.render(&Renderer::plain()))]
    Mistakes(Problems),
}

impl Table {
    /// The files of cases of a policy: `path` itself, or every `*.toml` of the
    /// folder `tests` in it, or of the folder, in order of name.
    pub fn files(path: &Path) -> Result<Vec<PathBuf>, TableError> {
        if path.is_file() {
            return Ok(vec![path.to_owned()]);
        }
        let folder = path.join("tests");
        let folder = match (folder.is_dir(), path.join(MANIFEST).is_file()) {
            // What else is there is no table.
            (false, true) => return Err(TableError::None { folder: path.to_owned() }),
            (true, _) => folder,
            (false, false) => path.to_owned(),
        };
        let unreadable = |source| TableError::Unreadable { path: folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|ending| ending == "toml") && file.is_file() {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() { Err(TableError::None { folder }) } else { Ok(files) }
    }

    /// Reads one file.
    pub fn read(file: &Path) -> Result<Self, TableError> {
        let unreadable = |source| TableError::Unreadable { path: file.to_owned(), source };
        let text = fs::read_to_string(file).map_err(unreadable)?;
        Self::parse(file, &text).map_err(TableError::Mistakes)
    }

    /// Reads the text of a file; its path is only shown.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Problems> {
        let mut problems = Problems::new(file, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let mut lines = BTreeSet::new();
            for error in &errors {
                let at = error.span().unwrap_or(0..0);
                // One slip makes the parser stumble several times along its line.
                if lines.insert(problems.line(&at)) {
                    problems.add(at, error.message(), "see https://toml.io/en/v1.0.0 for the form");
                }
            }
            return Err(problems);
        }
        let cases = cases(table.get_ref(), &mut problems);
        if problems.is_empty() { Ok(Self { file: file.to_owned(), cases }) } else { Err(problems) }
    }

    /// The file it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The names of its cases, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|case| case.name.as_str())
    }

    /// The situation of a case, its first step; for the bench.
    pub fn situation(&self, case: &str) -> Option<&Situation> {
        let case = self.cases.iter().find(|known| known.name == case)?;
        case.steps.first().map(|step| &step.situation)
    }

    /// Asks the policy every case, in order.
    pub fn run(&self, policy: &BoundPolicy) -> TableReport {
        let mut left: Vec<(&str, Option<Arc<[u8]>>)> = Vec::new();
        let mut reports = Vec::new();
        for case in &self.cases {
            let mut memory: Option<Arc<[u8]>> = None;
            let first = case.steps.first().map(|step| step.situation.past.clone());
            let mut past = first.unwrap_or_default();
            let mut steps = Vec::new();
            for step in &case.steps {
                match &step.memory {
                    Remembered::Nothing => memory = None,
                    Remembered::Bytes(bytes) => memory = Some(Arc::clone(bytes)),
                    Remembered::OfCase(name) => {
                        let of_case = left.iter().find(|(case, _)| case == name);
                        memory = of_case.and_then(|(_, memory)| memory.clone());
                    }
                    Remembered::Carried => {}
                }
                let evaluated = step.ask(policy, memory.clone(), &mut past);
                // As the host does: an answer without memory leaves it as it is.
                if let Some(stored) = &evaluated.answer.memory {
                    memory = Some(Arc::from(stored.as_slice()));
                }
                steps.push(StepReport::new(step.expected.misses(&evaluated), &evaluated));
            }
            left.push((&case.name, memory));
            reports.push(CaseReport { name: case.name.clone(), line: case.line, steps });
        }
        TableReport { file: self.file.display().to_string(), cases: reports }
    }
}

impl Step {
    /// Asks; what it read is past for the step after it.
    fn ask(&self, policy: &BoundPolicy, memory: Option<Arc<[u8]>>, past: &mut Past) -> Evaluated {
        let mut evaluation = self.situation.evaluation_after(past);
        evaluation.memory = memory;
        policy.evaluate(&evaluation)
    }
}

/// A table with nothing in it.
fn empty() -> &'static DeTable<'static> {
    static EMPTY: LazyLock<Spanned<DeTable<'static>>> =
        LazyLock::new(|| DeTable::parse("").expect("an empty text is TOML"));
    EMPTY.get_ref()
}

fn cases(root: &DeTable<'_>, problems: &mut Problems) -> Vec<Case> {
    let root = Place::new("the file".to_owned(), 0..0, root);
    root.only_or(&["defaults", "case"], &[("cases", "case"), ("default", "defaults")], problems);
    let defaults = root.get("defaults");
    let defaults = defaults.and_then(|value| Place::of("defaults".to_owned(), value, problems));
    if let Some(defaults) = &defaults {
        defaults.only(&facts::KEYS, problems);
        facts::situation(&Layers::new(vec![defaults.clone()]), problems);
    }
    let places = root.get("case").map(|value| Place::all_of("case", value, problems));
    let places = places.unwrap_or_default();
    // A list by another name is a problem already.
    if places.is_empty() && root.get("cases").is_none() {
        problems.add(0..0, "the file has no case", "write at least one [[case]]");
    }
    let mut cases: Vec<Case> = Vec::new();
    for place in places {
        let case = case(place.clone(), defaults.as_ref(), &cases, problems);
        if let Some(same) = cases.iter().find(|known| known.name == case.name) {
            let what = format!(
                "there are two cases named {:?}, the first in line {}",
                case.name, same.line
            );
            problems.add(place.at, what, "give one of them another name");
        }
        cases.push(case);
    }
    cases
}

fn case<'a>(
    mut place: Place<'a>,
    defaults: Option<&Place<'a>>,
    before: &[Case],
    problems: &mut Problems,
) -> Case {
    let line = problems.line(&place.at);
    let name = place.ask("name", value::text, problems).map(str::to_owned);
    if place.get("name").is_none() {
        problems.add(place.at.clone(), "case: `name` is missing", "write name = \"what it shows\"");
    }
    let name = name.unwrap_or_else(|| format!("the case of line {line}"));
    place.path = format!("case {name:?}");
    let known: Vec<&str> =
        facts::KEYS.into_iter().chain(["name", "expect", "step", "history"]).collect();
    place.only(&known, problems);
    let mut steps = Vec::new();
    let whole = place.clone();
    match place.get("step") {
        None => steps.push(step(vec![place], defaults, before, problems)),
        Some(given) => {
            if place.get("expect").is_some() {
                let what = format!("{}: with steps each of them expects", place.path);
                problems.add(
                    place.at.clone(),
                    what,
                    "move `expect` into the [[case.step]] it is of",
                );
            }
            sequence(&place, given, defaults, before, &mut steps, problems);
        }
    }
    if let Some(first) = steps.first_mut() {
        first.situation.past = past::read(&whole, &first.situation, problems);
    }
    Case { name, line, steps }
}

/// Steps, one after another: each has what its case has unless it says
/// otherwise, time passes, and memory carries over.
fn sequence<'a>(
    case: &Place<'a>,
    given: Value<'a>,
    defaults: Option<&Place<'a>>,
    before: &[Case],
    steps: &mut Vec<Step>,
    problems: &mut Problems,
) {
    let places = Place::all_of(&format!("{}: step", case.path), given, problems);
    let mut passed = Duration::ZERO;
    for (nth, mut place) in places.into_iter().enumerate() {
        place.path = format!("{}, step {}", case.path, nth + 1);
        let known: Vec<&str> = facts::KEYS.into_iter().chain(["after", "expect"]).collect();
        place.only(&known, problems);
        let after = place.ask("after", value::span, problems);
        passed += after.unwrap_or(if nth == 0 { Duration::ZERO } else { STEP });
        let says_when = place.get("now").is_some();
        let says_memory = place.get("memory").is_some();
        let mut step = step(vec![place, case.clone()], defaults, before, problems);
        if !says_when {
            step.situation.now = step.situation.now.plus(passed);
        }
        if nth > 0 && !says_memory {
            step.memory = Remembered::Carried;
        }
        steps.push(step);
    }
}

fn step<'a>(
    mut places: Vec<Place<'a>>,
    defaults: Option<&Place<'a>>,
    before: &[Case],
    problems: &mut Problems,
) -> Step {
    let expected = match places.first() {
        Some(own) => expected(own, problems),
        None => Expected::default(),
    };
    places.extend(defaults.cloned());
    let layers = Layers::new(places);
    let mut situation = facts::situation(&layers, problems);
    let memory = memory(&layers, before, problems);
    if let Remembered::Bytes(bytes) = &memory {
        situation.memory = Some(Arc::clone(bytes));
    }
    Step { situation, memory, expected }
}

fn expected(own: &Place<'_>, problems: &mut Problems) -> Expected {
    let Some(given) = own.get("expect") else {
        let what = format!("{}: it expects nothing", own.path);
        problems.add(own.at.clone(), what, "write for example expect = { delta = 1 }");
        return Expected::default();
    };
    match Place::of(format!("{}: expect", own.path), given, problems) {
        Some(place) => Expected::read(&place, problems),
        None => Expected::default(),
    }
}

fn memory(layers: &Layers<'_>, before: &[Case], problems: &mut Problems) -> Remembered {
    let Some((place, given)) = layers.find("memory") else { return Remembered::Nothing };
    if let DeValue::String(text) = given.get_ref() {
        return Remembered::Bytes(Arc::from(text.as_bytes()));
    }
    let Some(table) = Place::of(format!("{}: memory", place.path), given, problems) else {
        return Remembered::Nothing;
    };
    table.only(&["hex", "from_case"], problems);
    let known = |name: &str| before.iter().any(|case| case.name == name);
    match (table.get("hex"), table.get("from_case")) {
        (Some(_), None) => {
            let bytes = table.ask("hex", value::hex, problems).unwrap_or_default();
            Remembered::Bytes(Arc::from(bytes))
        }
        (None, Some(value)) => {
            let name = table.ask("from_case", value::text, problems).unwrap_or_default();
            if !known(name) {
                let at: Range<usize> = value.span();
                let what = format!("{}: there is no case {name:?} before this one", table.path);
                let names = before.iter().map(|case| case.name.as_str());
                problems.add(at, what, value::nearest(name, names));
            }
            Remembered::OfCase(name.to_owned())
        }
        (Some(_), Some(_)) | (None, None) => {
            let what = format!("{}: either `hex` or `from_case` is expected", table.path);
            problems.add(table.at, what, "write memory = \"text\", or { hex = \"00ff\" }");
            Remembered::Nothing
        }
    }
}
