//! Native code of policies that were compiled before, in a directory that only
//! the host may enter. Every entry is sealed; whatever is damaged, foreign or
//! made for another engine counts as not there. Trouble with the cache costs
//! time and is never an error of a policy.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use hooke_runtime::{Digest, Host, NativeCode, SealKey};
use rustix::fs::{AtFlags, Mode, OFlags};

use crate::key;

/// A write that was cut off leaves a file that nobody finishes after this time.
const STALE: Duration = Duration::from_secs(600);

/// Why a directory cannot be the cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Others may enter it, and could put native code there.
    #[error(
        "the cache directory {directory} is open to others (mode {mode:03o}): close it with \
         `chmod 700`, or name another one", directory = directory.display()
    )]
    Open {
        /// Which.
        directory: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error(
        "the cache directory {directory} belongs to user {owner}, not to the user of this host: \
         name another one", directory = directory.display()
    )]
    Foreign {
        /// Which.
        directory: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// The system refused.
    #[error("the cache directory {directory} cannot be used", directory = directory.display())]
    Io {
        /// Which.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The cache of native code.
#[derive(Debug)]
pub struct Cache {
    directory: OwnedFd,
    key: SealKey,
    most_bytes: u64,
    writes: AtomicU64,
}

impl Cache {
    /// What is kept at the most, if nothing else is said: 512 MiB.
    pub const MOST_BYTES: u64 = 512 << 20;

    /// Opens the cache, and makes it if it is not there. `most_bytes` bounds all
    /// entries together; those not used for longest go first.
    pub fn open(path: &Path, most_bytes: u64) -> Result<Self, CacheError> {
        let failed = |source| CacheError::Io { directory: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory =
            rustix::fs::open(path, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
        let stat = rustix::fs::fstat(&directory).map_err(|error| failed(error.into()))?;
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return Err(CacheError::Foreign { directory: path.to_owned(), owner: stat.st_uid });
        }
        let mode = stat.st_mode & 0o777;
        if mode & 0o077 != 0 {
            return Err(CacheError::Open { directory: path.to_owned(), mode });
        }
        let key = key::of(directory.as_fd()).map_err(failed)?;
        let cache = Self { directory, key, most_bytes, writes: AtomicU64::new(0) };
        cache.prune().map_err(failed)?;
        Ok(cache)
    }

    /// The native code of this content, if it is here and whole.
    pub(crate) fn get(&self, host: &Host, wasm: Digest) -> Option<NativeCode> {
        let name = entry_name(host, wasm);
        let sealed = match self.read(&name) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(entry = name, "the policy cache cannot be read: {error}");
                return None;
            }
        };
        match NativeCode::open(&self.key, host, wasm, &sealed) {
            Ok(code) => Some(code),
            Err(broken) => {
                tracing::warn!(entry = name, "an entry of the policy cache is dropped: {broken}");
                self.remove(wasm, host);
                None
            }
        }
    }

    /// Keeps native code.
    pub(crate) fn put(&self, host: &Host, code: &NativeCode) {
        let name = entry_name(host, code.wasm());
        let kept = self.write(&name, &code.seal(&self.key)).and_then(|()| self.prune());
        if let Err(error) = kept {
            tracing::warn!(entry = name, "the policy cache cannot be written: {error}");
        }
    }

    /// Forgets what this content was compiled to.
    pub(crate) fn remove(&self, wasm: Digest, host: &Host) {
        let name = entry_name(host, wasm);
        if let Err(error) = rustix::fs::unlinkat(&self.directory, &name, AtFlags::empty()) {
            tracing::debug!(entry = name, "no entry of the policy cache to remove: {error}");
        }
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.directory, name, flags, Mode::empty())?;
        let mut file = File::from(fd);
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.size() > self.most_bytes {
            return Err(io::Error::other("it is no file, or a huge one"));
        }
        let mut sealed = Vec::with_capacity(usize::try_from(metadata.size()).unwrap_or(0));
        (&mut file).take(self.most_bytes).read_to_end(&mut sealed)?;
        // What was used last goes last; a cache that cannot say so still serves.
        if let Err(error) = file.set_modified(SystemTime::now()) {
            tracing::debug!(entry = name, "the policy cache cannot mark an entry: {error}");
        }
        Ok(sealed)
    }

    /// Writes under another name, syncs, and renames: an entry is whole or not
    /// there, whenever the host is killed.
    fn write(&self, name: &str, sealed: &[u8]) -> io::Result<()> {
        let count = self.writes.fetch_add(1, Ordering::Relaxed);
        let temporary = format!(".{name}.{}-{count}.tmp", std::process::id());
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.directory, &temporary, flags, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(fd);
        let written = file.write_all(sealed).and_then(|()| file.sync_all()).and_then(|()| {
            Ok(rustix::fs::renameat(&self.directory, &temporary, &self.directory, name)?)
        });
        if written.is_err() {
            // Half an entry takes up the room that there may be none of.
            rustix::fs::unlinkat(&self.directory, &temporary, AtFlags::empty())?;
        }
        written?;
        Ok(rustix::fs::fsync(&self.directory)?)
    }

    /// Removes what was not used for longest until the rest is within bounds.
    fn prune(&self) -> io::Result<()> {
        let mut kept: Vec<(SystemTime, u64, String)> = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.directory)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let Ok(stat) = rustix::fs::statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW)
            else {
                continue; // Another host removed it meanwhile.
            };
            let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
            let nanos = u32::try_from(stat.st_mtime_nsec).unwrap_or(0);
            let used = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            if name.ends_with(".tmp") {
                let age = SystemTime::now().duration_since(used).unwrap_or_default();
                if age > STALE {
                    self.drop_entry(&name);
                }
            } else if name.ends_with(ENDING) {
                kept.push((used, u64::try_from(stat.st_size).unwrap_or(0), name));
            }
        }
        kept.sort();
        let mut total: u64 = kept.iter().map(|(_, size, _)| size).sum();
        for (_, size, name) in &kept {
            if total <= self.most_bytes {
                break;
            }
            self.drop_entry(name);
            total -= size;
        }
        Ok(())
    }

    fn drop_entry(&self, name: &str) {
        if let Err(error) = rustix::fs::unlinkat(&self.directory, name, AtFlags::empty()) {
            tracing::debug!(entry = name, "the policy cache cannot drop an entry: {error}");
        }
    }
}

const ENDING: &str = ".cwasm";

fn entry_name(host: &Host, wasm: Digest) -> String {
    format!("{wasm}-{}{ENDING}", host.engine_key())
}

/// Whether the cache would stand in the policies directory, which others write.
pub(crate) fn is_within(cache: &Path, policies: &Path) -> bool {
    match (fs::canonicalize(cache), fs::canonicalize(policies)) {
        (Ok(cache), Ok(policies)) => cache.starts_with(policies),
        (Err(_), _) | (_, Err(_)) => cache.starts_with(policies),
    }
}
