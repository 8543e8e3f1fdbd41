//! The secret of a cache: 32 random bytes in a file that only the host reads.
//! Made once, whole or not at all; one that others could read is replaced.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::BorrowedFd;
use std::os::unix::fs::MetadataExt as _;

use hooke_runtime::SealKey;
use rustix::fs::{AtFlags, Mode, OFlags};

const NAME: &str = "key";
const BYTES: usize = 32;
/// Rounds of reading and making before the directory is given up.
const ROUNDS: usize = 8;

/// A key of true chance.
pub(crate) fn random() -> io::Result<[u8; BYTES]> {
    let mut key = [0; BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    Ok(key)
}

/// The key of the cache in this directory, made if there is none.
pub(crate) fn of(directory: BorrowedFd<'_>) -> io::Result<SealKey> {
    for _round in 0..ROUNDS {
        match read(directory) {
            Ok(Some(key)) => return Ok(SealKey::new(key)),
            Ok(None) => {
                tracing::warn!(
                    "the key of the policy cache is damaged or open to others: replaced"
                );
                rustix::fs::unlinkat(directory, NAME, AtFlags::empty())?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        make(directory)?;
    }
    Err(io::Error::other("its key keeps changing: another program writes there"))
}

/// Reads the key; none if what is there is no key to be trusted.
fn read(directory: BorrowedFd<'_>) -> io::Result<Option<[u8; BYTES]>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = match rustix::fs::openat(directory, NAME, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::LOOP) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut file = File::from(fd);
    let metadata = file.metadata()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if !ours || !metadata.is_file() || metadata.mode() & 0o077 != 0 || metadata.size() != 32 {
        return Ok(None);
    }
    let mut key = [0; BYTES];
    file.read_exact(&mut key)?;
    Ok(Some(key))
}

/// Makes a key, unless another host makes one first: it is written under
/// another name and then linked, which is done whole or not at all.
fn make(directory: BorrowedFd<'_>) -> io::Result<()> {
    let random = random()?;
    let temporary =
        format!(".key-{:02x}{:02x}{:02x}.tmp", random[0], random[1], std::process::id());
    let key = self::random()?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(directory, &temporary, flags, Mode::RUSR | Mode::WUSR)?;
    let mut file = File::from(fd);
    let written = file.write_all(&key).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| {
        match rustix::fs::linkat(directory, &temporary, directory, NAME, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    });
    rustix::fs::unlinkat(directory, &temporary, AtFlags::empty())?;
    linked?;
    rustix::fs::fsync(directory)?;
    Ok(())
}
