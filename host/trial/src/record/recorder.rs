//! Writes recordings, on a thread of its own. Whoever evaluates only hands
//! over: with the queue full an evaluation is dropped and counted, and a line
//! of the file says so.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde::Serialize;

use super::file::Lines;
use super::{Decided, Entry};

/// Where and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecorderConfig {
    /// The file that grows; older ones stand beside it, as `NAME.1`, `NAME.2`, ….
    pub path: PathBuf,
    /// Bytes of one file, unless one evaluation alone takes more.
    pub file_bytes: u64,
    /// Files at the most, the growing one among them; at least 1.
    pub files: usize,
    /// Evaluations that may wait for the disk.
    pub waiting: usize,
}

impl RecorderConfig {
    /// 8 files of 64 MiB, and 1,024 evaluations that wait: of a site of ten
    /// profiles and a hundred machines some days.
    pub const fn at(path: PathBuf) -> Self {
        Self { path, file_bytes: 64 << 20, files: 8, waiting: 1024 }
    }
}

/// How it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RecorderStatus {
    /// Evaluations written.
    pub written: u64,
    /// Evaluations and decisions dropped, as the disk was slow or failed.
    pub dropped: u64,
    /// What the system said at the last failure; `None` since a success.
    pub trouble: Option<String>,
}

/// A recording that is being written. Dropping it, or [`Recorder::close`],
/// waits until what was handed over is written.
#[derive(Debug)]
pub struct Recorder {
    queue: Option<SyncSender<Message>>,
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    written: AtomicU64,
    dropped: AtomicU64,
    trouble: Mutex<Option<String>>,
}

#[derive(Debug)]
enum Message {
    Evaluation(Box<Entry>),
    Decision(Box<Decided>),
}

impl Recorder {
    /// Opens the file, to add to it, and starts the thread that writes.
    pub fn start(config: &RecorderConfig) -> io::Result<Self> {
        let lines = Lines::open(&config.path, config.file_bytes, config.files)?;
        let (queue, waiting) = sync_channel(config.waiting);
        let shared = Arc::new(Shared::default());
        let of_writer = Arc::clone(&shared);
        let writer = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write(lines, &waiting, &of_writer))?;
        Ok(Self { queue: Some(queue), shared, writer: Some(writer) })
    }

    /// Hands over an evaluation. Returns at once, whatever the disk does.
    pub fn evaluated(&self, entry: Entry) {
        self.hand_over(Message::Evaluation(Box::new(entry)));
    }

    /// Hands over what became of a profile, after its evaluations.
    pub fn decided(&self, decided: Decided) {
        self.hand_over(Message::Decision(Box::new(decided)));
    }

    /// How it goes.
    pub fn status(&self) -> RecorderStatus {
        self.shared.status()
    }

    /// Writes what waits, and ends.
    pub fn close(mut self) -> RecorderStatus {
        self.end();
        self.shared.status()
    }

    fn hand_over(&self, message: Message) {
        let Some(queue) = &self.queue else { return };
        match queue.try_send(message) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn end(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to write.
            drop(writer.join());
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn status(&self) -> RecorderStatus {
        RecorderStatus {
            written: self.written.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            trouble: self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn went(&self, result: &io::Result<()>) {
        let trouble = result.as_ref().err().map(ToString::to_string);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

fn write(mut lines: Lines, waiting: &Receiver<Message>, shared: &Shared) {
    let mut told = 0;
    for message in waiting {
        let dropped = shared.dropped.load(Ordering::Relaxed);
        if dropped > told && lines.gap(dropped - told).is_ok() {
            told = dropped;
        }
        let result = match &message {
            Message::Evaluation(entry) => lines.evaluation(entry),
            Message::Decision(decided) => lines.decision(decided),
        };
        shared.went(&result);
        match (result, message) {
            (Ok(()), Message::Evaluation(_)) => {
                shared.written.fetch_add(1, Ordering::Relaxed);
            }
            (Ok(()), Message::Decision(_)) => {}
            (Err(_), Message::Evaluation(_) | Message::Decision(_)) => {
                shared.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    let dropped = shared.dropped.load(Ordering::Relaxed);
    if dropped > told {
        // Nobody is left to tell; the status has the count.
        drop(lines.gap(dropped - told));
    }
}
