//! A log that several processes append to, and its bound. Never renames one:
//! those who have it open would go on writing to the old one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// 16 MiB: days of a worker that says something now and then, and minutes of
/// one that cries; a machine has two logs, and the end of an old one of each.
const LOG_MAX: u64 = 16 * 1024 * 1024;

/// Opens a log to append to, wherever its end is then: it may be cut.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Lets a log that is too long begin anew, and keeps its end beside it. Lines
/// written at that very moment may be lost.
pub(super) fn trim(path: &Path) -> io::Result<()> {
    let len = match fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?.len(),
    };
    if len <= LOG_MAX {
        return Ok(());
    }
    let mut log = OpenOptions::new().read(true).write(true).open(path)?;
    let kept = keep_end(&mut log, len - LOG_MAX, path);
    // Cut in any case: on a full disk nothing is kept, and this makes room.
    log.set_len(0)?;
    kept
}

fn keep_end(log: &mut File, from: u64, path: &Path) -> io::Result<()> {
    log.seek(SeekFrom::Start(from))?;
    let mut options = OpenOptions::new();
    let mut kept = options.write(true).create(true).truncate(true).mode(0o600).open(old(path))?;
    io::copy(&mut log.take(LOG_MAX), &mut kept)?;
    Ok(())
}

/// Where the end of a log is kept.
fn old(path: &Path) -> PathBuf {
    path.with_added_extension("1")
}
