//! What tells whether a file is still the one that was looked at, from its
//! metadata alone. Never the time of reading, which our own reading changes.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// A file's identity, size and times. The time of the last change of the inode
/// is in it because the time of the last write can be set back by a copy that
/// keeps times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Bytes of the file.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }
}
