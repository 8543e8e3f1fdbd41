//! The files of a recording: one that grows, and older ones beside it,
//! `name.1` the youngest of them. Each stands by itself: it never refers to
//! another. Does the writing; decides nothing.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hooke_control::ids::SiteName;
use hooke_control::snapshot::Snapshot;

use super::facts::Facts;
use super::line::{Evaluated, Line, Numbered, What};
use super::{Decided, Entry};

/// The open file.
pub(super) struct Lines {
    path: PathBuf,
    most_bytes: u64,
    files: usize,
    file: File,
    bytes: u64,
    /// A write failed half-way: what it left has to be ended first.
    torn: bool,
    next: u64,
    /// The snapshot of each site that the file ends with, and its number.
    written: HashMap<SiteName, (Arc<Snapshot>, u64)>,
}

impl Lines {
    /// Opens a recording to add to it.
    pub(super) fn open(path: &Path, most_bytes: u64, files: usize) -> io::Result<Self> {
        let mut file = append_to(path)?;
        let bytes = file.metadata()?.len();
        let torn = !ends_a_line(&mut file, bytes)?;
        Ok(Self {
            path: path.to_owned(),
            most_bytes,
            files: files.max(1),
            file,
            bytes,
            torn,
            // No number of an earlier run is used again: each line before took bytes.
            next: bytes.max(1),
            written: HashMap::new(),
        })
    }

    /// Writes an evaluation, after its snapshot where the file lacks it.
    pub(super) fn evaluation(&mut self, entry: &Entry) -> io::Result<()> {
        let mut text = Vec::new();
        let mut number = self.evaluation_text(entry, &mut text)?;
        if self.is_full(text.len()) {
            self.rotate()?;
            // The new file has no snapshot yet.
            text.clear();
            number = self.evaluation_text(entry, &mut text)?;
        }
        self.append(&text)?;
        let snapshot = &entry.evaluation.snapshot;
        self.written.insert(snapshot.site.name.clone(), (Arc::clone(snapshot), number));
        self.next = self.next.max(number + 1);
        Ok(())
    }

    /// Writes what became of a profile.
    pub(super) fn decision(&mut self, decided: &Decided) -> io::Result<()> {
        self.one(What::Decision(decided.into()))
    }

    /// Writes that evaluations are missing here.
    pub(super) fn gap(&mut self, dropped: u64) -> io::Result<()> {
        self.one(What::Gap { dropped })
    }

    fn one(&mut self, what: What) -> io::Result<()> {
        let mut text = Vec::new();
        Line::of(what).write(&mut text)?;
        if self.is_full(text.len()) {
            self.rotate()?;
        }
        self.append(&text)
    }

    fn evaluation_text(&self, entry: &Entry, text: &mut Vec<u8>) -> io::Result<u64> {
        let snapshot = &entry.evaluation.snapshot;
        let number = match self.written.get(&snapshot.site.name) {
            Some((known, number)) if Arc::ptr_eq(known, snapshot) => *number,
            Some(_) | None => {
                let facts = Facts::from(&**snapshot);
                let numbered = Box::new(Numbered { number: self.next, facts });
                Line::of(What::Snapshot(numbered)).write(text)?;
                self.next
            }
        };
        let evaluated = Box::new(Evaluated::of(entry, number));
        Line::of(What::Evaluation(evaluated)).write(text)?;
        Ok(number)
    }

    fn is_full(&self, more: usize) -> bool {
        self.bytes > 0 && self.bytes.saturating_add(more as u64) > self.most_bytes
    }

    /// One write: lines are whole, or the last of the file is torn.
    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        if self.torn {
            self.file.write_all(b"\n")?;
            self.torn = false;
        }
        if let Err(error) = self.file.write_all(text) {
            self.torn = true;
            self.written.clear();
            return Err(error);
        }
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.files == 1 {
            fs::remove_file(&self.path)?;
        }
        for nth in (1..self.files).rev() {
            let from = if nth == 1 { self.path.clone() } else { older(&self.path, nth - 1) };
            match fs::rename(from, older(&self.path, nth)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        self.file = append_to(&self.path)?;
        (self.bytes, self.torn, self.next) = (self.file.metadata()?.len(), false, 1);
        self.written.clear();
        Ok(())
    }
}

/// The files of a recording that are there, the oldest first.
pub(super) fn all(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        (1..).map(|nth| older(path, nth)).take_while(|file| file.exists()).collect();
    files.reverse();
    if path.exists() || files.is_empty() {
        files.push(path.to_owned());
    }
    files
}

fn older(path: &Path, nth: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{nth}"));
    PathBuf::from(name)
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).read(true).append(true).open(path)
}

fn ends_a_line(file: &mut File, bytes: u64) -> io::Result<bool> {
    if bytes == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
