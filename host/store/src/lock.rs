//! One host for one store. The lock is the kernel's: it goes with the process,
//! however that ends, so the file it is held on is never deleted and a left
//! one means nothing.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Held for as long as a host has the store open.
#[derive(Debug)]
pub(crate) struct HostLock {
    held: File,
}

impl Drop for HostLock {
    fn drop(&mut self) {
        // Closing would do, were it not for processes being started just now:
        // until they have become another program they share the open file, and
        // with it the lock. If this fails, closing does it a moment later.
        let _ = self.held.unlock();
    }
}

impl HostLock {
    /// Takes the lock of the store at `store`, or says who has it.
    pub(crate) fn take(store: &Path) -> Result<Self, StoreError> {
        let path = lock_path(store);
        let fault = |source| StoreError::from_io(&path, "locking the store", source);
        let mut options = File::options();
        // Not truncated: until the lock is ours, the text is the holder's.
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let holder = file.read_to_string(&mut text).ok().and(text.trim().parse().ok());
                return Err(StoreError::Locked { path: store.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(fault)?;
        writeln!(file, "{}", std::process::id()).map_err(fault)?;
        Ok(Self { held: file })
    }
}

fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
