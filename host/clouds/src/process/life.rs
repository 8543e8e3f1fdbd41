//! Proof of life: a keeper locks a file for as long as it lives, and the
//! kernel lets go of it when the keeper dies, however it dies. Pids prove
//! nothing, for they are used again.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::layout::VmDir;

/// Held by the one keeper of a machine, or by a host that takes away a machine
/// without one. Closed on exec, so that no worker inherits it.
#[derive(Debug)]
pub(super) struct Life {
    _file: File,
}

/// One second: a host that looks whether the lock is held holds it for some
/// microseconds, shared, which must not pass for another keeper.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(5);

impl Life {
    /// Takes the machine's life; `None` if another has it, or if the machine
    /// went while we waited.
    pub(super) fn take(dir: &VmDir) -> io::Result<Option<Self>> {
        let inode = dir.inode()?;
        let file = dir.lock_file()?;
        let deadline = Instant::now() + PATIENCE;
        let locked = wait_for_lock(&file, deadline)?;
        let same = dir.inode().is_ok_and(|now| now == inode) && dir.is_there();
        Ok((locked && same).then_some(Self { _file: file }))
    }

    /// Whether some keeper lives in this directory.
    pub(super) fn is_taken(dir: &VmDir) -> io::Result<bool> {
        match dir.lock_file()?.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }
}

/// Whether the lock could be had before the deadline.
pub(super) fn wait_for_lock(file: &File, deadline: Instant) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(e)) => return Err(e),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}
