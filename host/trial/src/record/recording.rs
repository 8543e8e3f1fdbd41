//! Reads recordings back, line by line, the oldest file first. A line that
//! cannot be used is told with its place, and the next one is read.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hooke_control::ids::{PolicyName, ProfileName};
use hooke_control::snapshot::Snapshot;
use hooke_history::{History, Past, View};
use hooke_runtime::{Evaluation, Grants, Limits};

use super::line::{self, Evaluated, Head, Line, Numbered, What};
use super::said::Said;
use super::{Decided, Mode, VERSION, file};
use crate::hex;

/// Bytes that tell whether a file is a recording.
const LONGEST_HEAD: u64 = 64;

/// An evaluation as it was recorded, ready to be asked again.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What was asked.
    pub evaluation: Evaluation,
    /// Who was asked.
    pub policy: PolicyName,
    /// The SHA-256 of it, in hex digits.
    pub sha256: String,
    /// Whether the answer counted.
    pub mode: Mode,
    /// What it was granted.
    pub grants: Grants,
    /// What it might use.
    pub limits: Limits,
    /// What it answered.
    pub said: Said,
}

/// What a recording holds.
#[derive(Debug, Clone)]
pub enum Item {
    /// An evaluation.
    Evaluation(Box<Recorded>),
    /// What became of a profile.
    Decision(Decided),
    /// So many evaluations were dropped here.
    Gap {
        /// How many.
        dropped: u64,
    },
}

/// A line that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {what}", file.display())]
pub struct Trouble {
    /// The file.
    pub file: PathBuf,
    /// The line; the first is 1.
    pub line: usize,
    /// Why.
    pub what: TroubleKind,
}

/// Why a line could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TroubleKind {
    /// The file could not be read on.
    #[error("the file cannot be read: {0}; the rest of it is left out")]
    Unreadable(#[source] io::Error),
    /// It ends within the line: the host was stopped, or the disk was full.
    #[error("the line is torn: the host was stopped, or the disk was full, while it was written")]
    Torn,
    /// It is no line of a recording.
    #[error("this is no line of a recording: {0}")]
    NotALine(String),
    /// Another version wrote it.
    #[error("version {found} of the form; this host reads {VERSION}: use a host of that time")]
    OtherVersion {
        /// The version.
        found: u32,
    },
    /// It read more of the past than a line holds.
    #[error(
        "the evaluation read more of the past than a recording holds, so that it cannot be \
         answered again: it is left out"
    )]
    TooMuchRead,
    /// The snapshot it refers to could not be read, or is not there.
    #[error("snapshot {number} is not in this file before it: the evaluation is left out")]
    NoSnapshot {
        /// Its number.
        number: u64,
    },
}

/// A recording that is being read.
#[derive(Debug)]
pub struct Recording {
    waiting: VecDeque<PathBuf>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    reader: BufReader<File>,
    line: usize,
    /// The last snapshot of each site.
    snapshots: BTreeMap<String, (u64, Arc<Snapshot>)>,
}

impl Recording {
    /// A recording and its older files, as [`super::Recorder`] names them.
    pub fn open(path: &Path) -> Self {
        Self { waiting: file::all(path).into(), open: None }
    }

    /// Whether a file begins as recordings do; an empty one is one.
    pub fn is_one(path: &Path) -> io::Result<bool> {
        let mut line = Vec::new();
        BufReader::new(File::open(path)?).take(LONGEST_HEAD).read_until(b'\n', &mut line)?;
        // Whatever its version, and cut short too.
        Ok(line.trim_ascii().is_empty() || line.starts_with(b"{\"v\":"))
    }

    /// The recordings in a folder, without their older files, in order of name.
    pub fn files_in(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        files.sort();
        files
    }

    /// One file alone.
    pub fn of_file(path: &Path) -> Self {
        Self { waiting: VecDeque::from([path.to_owned()]), open: None }
    }
}

impl Iterator for Recording {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                match open.next() {
                    Ok(Some(item)) => return Some(Ok(item)),
                    Ok(None) => self.open = None,
                    Err(what) => {
                        let trouble = Trouble { file: open.path.clone(), line: open.line, what };
                        if matches!(trouble.what, TroubleKind::Unreadable(_)) {
                            self.open = None;
                        }
                        return Some(Err(trouble));
                    }
                }
                continue;
            }
            let path = self.waiting.pop_front()?;
            match File::open(&path) {
                Ok(file) => {
                    let (reader, snapshots) = (BufReader::new(file), BTreeMap::new());
                    self.open = Some(Open { path, reader, line: 0, snapshots });
                }
                Err(error) => {
                    let what = TroubleKind::Unreadable(error);
                    return Some(Err(Trouble { file: path, line: 1, what }));
                }
            }
        }
    }
}

impl Open {
    /// The next item; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Item>, TroubleKind> {
        let mut text = Vec::new();
        loop {
            text.clear();
            self.line += 1;
            if self.reader.read_until(b'\n', &mut text).map_err(TroubleKind::Unreadable)? == 0 {
                return Ok(None);
            }
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match self.item(parse(&text)?)? {
                Some(item) => return Ok(Some(item)),
                None => continue,
            }
        }
    }

    fn item(&mut self, what: What) -> Result<Option<Item>, TroubleKind> {
        match what {
            What::Snapshot(numbered) => {
                let Numbered { number, facts } = *numbered;
                let site = facts.site.clone();
                // Whatever comes of it, the one before does not stand any more.
                self.snapshots.remove(&site);
                let snapshot = Snapshot::try_from(facts).map_err(TroubleKind::NotALine)?;
                self.snapshots.insert(site, (number, Arc::new(snapshot)));
                Ok(None)
            }
            What::Evaluation(evaluated) => self.recorded(*evaluated).map(Some),
            What::Decision(decision) => Ok(Some(Item::Decision(decision.into()))),
            What::Gap { dropped } => Ok(Some(Item::Gap { dropped })),
        }
    }

    fn recorded(&self, mut line: Evaluated) -> Result<Item, TroubleKind> {
        let number = line.snapshot;
        let known = self.snapshots.get(&line.site).filter(|(known, _)| *known == number);
        let (_, snapshot) = known.ok_or(TroubleKind::NoSnapshot { number })?;
        let odd = |what: &str| TroubleKind::NotALine(what.to_owned());
        let memory = match &line.memory {
            Some(digits) => Some(hex::decode(digits).ok_or_else(|| odd("its memory is not hex"))?),
            None => None,
        };
        if line.past.cut {
            return Err(TroubleKind::TooMuchRead);
        }
        let past = Past::try_from(std::mem::take(&mut line.past)).map_err(TroubleKind::NotALine)?;
        let history = View::of(History::from(&past), snapshot);
        let grants = line::grants(&line.grants).ok_or_else(|| odd("it names an unknown grant"))?;
        Ok(Item::Evaluation(Box::new(Recorded {
            policy: line.policy(),
            evaluation: Evaluation {
                snapshot: Arc::clone(snapshot),
                history,
                profile: ProfileName::from(line.profile),
                settings: Arc::from(line.settings),
                memory: memory.map(Arc::from),
            },
            sha256: line.sha256,
            mode: line.mode,
            grants,
            limits: Limits::from(&line.limits),
            said: line.answer,
        })))
    }
}

fn parse(text: &[u8]) -> Result<What, TroubleKind> {
    let broken = |error: serde_json::Error| {
        // A line that was ended after a failed write reads as cut short too.
        if error.is_eof() { TroubleKind::Torn } else { TroubleKind::NotALine(error.to_string()) }
    };
    let Head { v } = serde_json::from_slice(text).map_err(broken)?;
    if v != VERSION {
        return Err(TroubleKind::OtherVersion { found: v });
    }
    let Line { what, .. } = serde_json::from_slice(text).map_err(broken)?;
    Ok(what)
}
