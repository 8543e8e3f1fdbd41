//! The bytes of a policy file that a person names. Reads regular files alone,
//! and no more of one than its limit: a pipe may never end, and a device never
//! does.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hooke_runtime::{Limit, LimitHit, Limits, LoadProblem, Used};
use rustix::fs::OFlags;

use crate::judge::Refusal;
use crate::outcome::Outcome;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The system refused.
    #[error("cannot read {}: {source}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a directory, a pipe, a device or a socket.
    #[error("{} is no regular file. Name the .wasm file itself", path.display())]
    NotRegular {
        /// What was named.
        path: PathBuf,
    },
    /// It is larger than a policy may be.
    #[error("{}", LoadProblem::OverLimit(.0.clone()))]
    OverLimit(LimitHit),
}

/// Reads a policy file, whole. Never waits.
pub fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, NotRead> {
    let refused = |source| NotRead::Refused { path: path.to_owned(), source };
    // A pipe would make the opening wait for a writer.
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    if !metadata.is_file() {
        return Err(NotRead::NotRegular { path: path.to_owned() });
    }
    let over = |size| NotRead::OverLimit(Limit::FileBytes.hit(Used::Exactly(size), limits));
    let cap = Limit::FileBytes.cap(limits);
    if metadata.len() > cap {
        return Err(over(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // It may have grown since; and what the kernel makes up has no size.
    (&mut file).take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > cap {
        return Err(over(bytes.len() as u64));
    }
    Ok(bytes)
}

impl From<NotRead> for Refusal {
    fn from(error: NotRead) -> Self {
        let outcome = match &error {
            NotRead::Refused { .. } | NotRead::NotRegular { .. } => Outcome::RefusedFile,
            NotRead::OverLimit(_) => Outcome::RefusedLimit,
        };
        Self::new(outcome, error.to_string())
    }
}
