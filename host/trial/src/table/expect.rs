//! What a case expects of the answer. Reads it, and compares; a case that
//! expects nothing is a mistake.

use hooke_control::answer::Verdict;
use hooke_runtime::Evaluated;

use super::layers::Place;
use super::value::{self, Value, Wrong, near, not};
use crate::hex;
use hooke_places::Problems;

/// The kinds of failure that a case can expect, as metrics and the journal name
/// them; `any` is each of them.
const FAILURES: [(&str, &str); 8] = [
    ("any", "any"),
    ("invalid-settings", "invalid-settings"),
    ("missing-data", "missing-data"),
    ("unsupported", "unsupported"),
    ("internal", "internal"),
    ("other", "other"),
    ("limit", "limit"),
    ("trap", "trap"),
];

const KEYS: [&str; 8] = [
    "delta",
    "at_least",
    "at_most",
    "reason_contains",
    "failed",
    "staged",
    "stores",
    "log_contains",
];

/// What a staged action begins with, before the image or the machine.
const STAGED: [&str; 6] =
    ["launch", "resume", "suspend", "terminate", "start a worker on", "stop a worker on"];

/// What is expected of one answer; what is `None` or empty is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Expected {
    delta: Option<i32>,
    at_least: Option<i32>,
    at_most: Option<i32>,
    reason_contains: Vec<String>,
    failed: Option<&'static str>,
    staged: Option<Vec<String>>,
    stores: Option<Stored>,
    log_contains: Vec<String>,
}

/// What the policy stores.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stored {
    Nothing,
    Something,
    Bytes(Vec<u8>),
}

/// One expectation that is not met.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Miss {
    /// What was expected.
    pub expected: String,
    /// What came instead.
    pub got: String,
}

impl Expected {
    pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Self {
        place.only(&KEYS, problems);
        if place.entries().next().is_none() {
            let what = format!("{}: nothing is expected", place.path);
            problems.add(place.at.clone(), what, "write for example expect = { delta = 1 }");
        }
        let number = value::number::<i32>;
        let expected = Self {
            delta: place.ask("delta", number, problems),
            at_least: place.ask("at_least", number, problems),
            at_most: place.ask("at_most", number, problems),
            reason_contains: place
                .ask("reason_contains", value::texts, problems)
                .unwrap_or_default(),
            failed: place.ask("failed", |value| value::word(value, &FAILURES), problems),
            staged: place.ask("staged", staged, problems),
            stores: place.ask("stores", stored, problems),
            log_contains: place.ask("log_contains", value::texts, problems).unwrap_or_default(),
        };
        expected.contradictions(place, problems);
        expected
    }

    fn contradictions(&self, place: &Place<'_>, problems: &mut Problems) {
        let mut add = |what: &str, instead: &str| {
            problems.add(place.at.clone(), format!("{}: {what}", place.path), instead);
        };
        let number = self.delta.or(self.at_least).or(self.at_most);
        if self.failed.is_some() && number.is_some() {
            add("a policy that fails answers no delta", "keep one of `failed` and the number");
        }
        if self.failed.is_some() && (self.staged.is_some() || self.stores.is_some()) {
            add(
                "of a policy that fails nothing is staged or stored",
                "keep one of `failed` and the rest",
            );
        }
        if self.delta.is_some() && self.at_least.or(self.at_most).is_some() {
            add("an exact delta and a range", "keep one of `delta` and `at_least`, `at_most`");
        }
        if let (Some(least), Some(most)) = (self.at_least, self.at_most)
            && least > most
        {
            add("no number is in this range", "write at_most no smaller than at_least");
        }
    }

    /// All expectations that an answer does not meet.
    pub(super) fn misses(&self, evaluated: &Evaluated) -> Vec<Miss> {
        let mut misses = Misses(Vec::new());
        match &evaluated.answer.verdict {
            Verdict::Failed(failure) => self.of_failure(failure.kind(), failure.why(), &mut misses),
            Verdict::Wish(wish) => {
                if let Some(kind) = self.failed {
                    misses.add(format!("failed: {kind}"), format!("delta {:+}", wish.delta));
                }
                self.of_delta(wish.delta, &mut misses);
                let staged: Vec<String> = wish.staged.iter().map(|r| r.what.to_string()).collect();
                if let Some(expected) = &self.staged
                    && *expected != staged
                {
                    misses.add(listed("staged", expected), listed("staged", &staged));
                }
                self.of_memory(evaluated.answer.memory.as_deref(), &mut misses);
                misses.text("reason", &self.reason_contains, &wish.reason);
            }
        }
        let log: Vec<&str> = evaluated.log.iter().map(|line| line.text.as_str()).collect();
        misses.text("log", &self.log_contains, &log.join("\n"));
        misses.0
    }

    fn of_failure(&self, kind: &str, why: &str, misses: &mut Misses) {
        match self.failed {
            Some("any") => {}
            Some(expected) if expected == kind => {}
            Some(expected) => {
                misses.add(format!("failed: {expected}"), format!("failed: {kind}: {why}"))
            }
            None => misses.add("an answer".to_owned(), format!("failed: {kind}: {why}")),
        }
        misses.text("reason", &self.reason_contains, why);
    }

    fn of_delta(&self, delta: i32, misses: &mut Misses) {
        let got = || format!("delta {delta:+}");
        if let Some(expected) = self.delta.filter(|expected| *expected != delta) {
            misses.add(format!("delta {expected:+}"), got());
        }
        if let Some(least) = self.at_least.filter(|least| delta < *least) {
            misses.add(format!("delta {least:+} or more"), got());
        }
        if let Some(most) = self.at_most.filter(|most| delta > *most) {
            misses.add(format!("delta {most:+} or less"), got());
        }
    }

    fn of_memory(&self, memory: Option<&[u8]>, misses: &mut Misses) {
        let (met, expected) = match &self.stores {
            None => return,
            Some(Stored::Nothing) => (memory.is_none(), "stores nothing".to_owned()),
            Some(Stored::Something) => (memory.is_some(), "stores something".to_owned()),
            Some(Stored::Bytes(bytes)) => {
                (memory == Some(bytes), format!("stores {}", shown(bytes)))
            }
        };
        if !met {
            let got =
                memory.map_or("stores nothing".to_owned(), |m| format!("stores {}", shown(m)));
            misses.add(expected, got);
        }
    }
}

struct Misses(Vec<Miss>);

impl Misses {
    fn add(&mut self, expected: String, got: String) {
        self.0.push(Miss { expected, got });
    }

    fn text(&mut self, what: &str, parts: &[String], text: &str) {
        for part in parts.iter().filter(|part| !text.contains(part.as_str())) {
            self.add(format!("{what} contains {part:?}"), format!("{what} {text:?}"));
        }
    }
}

fn listed(what: &str, items: &[String]) -> String {
    if items.is_empty() {
        format!("{what} nothing")
    } else {
        format!("{what} {}", items.join(", "))
    }
}

/// Bytes as text where they are text, else in hex.
pub(super) fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => format!("{text:?}"),
        Ok(_) | Err(_) => format!("hex {}", hex::encode(bytes)),
    }
}

/// The actions that are expected, each as reports write it.
fn staged(value: Value<'_>) -> Result<Vec<String>, Wrong> {
    let acts = value::texts(value)?;
    match acts.iter().find(|act| !is_act(act)) {
        None => Ok(acts),
        Some(act) => {
            // The last word is an image or a machine.
            let (verb, object) = act.rsplit_once(' ').unwrap_or((act, "NAME"));
            let instead = match near(verb, STAGED.into_iter()) {
                Some(near) => format!("write \"{near} {object}\""),
                None => format!("write one of {} and a name", STAGED.join(", ")),
            };
            value::wrong(format!("{act:?} is no action"), instead)
        }
    }
}

fn is_act(act: &str) -> bool {
    let object = |verb: &str| act.strip_prefix(verb)?.strip_prefix(' ');
    let named = |object: &str| !object.is_empty() && !object.contains(' ');
    STAGED.into_iter().filter_map(object).any(named)
}

/// `"text"`, `{ hex = "00ff" }`, or whether anything at all.
fn stored(value: Value<'_>) -> Result<Stored, Wrong> {
    if let Some(anything) = value.get_ref().as_bool() {
        return Ok(if anything { Stored::Something } else { Stored::Nothing });
    }
    if let Some(text) = value.get_ref().as_str() {
        return Ok(Stored::Bytes(text.as_bytes().to_vec()));
    }
    let table = value.get_ref().as_table();
    match table.filter(|table| table.len() == 1).and_then(|table| table.get("hex")) {
        Some(digits) => value::hex(digits).map(Stored::Bytes),
        None => not(value, "text, true or false, or { hex = … }", "\"text\""),
    }
}
