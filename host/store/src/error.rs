//! What can go wrong with a store, by what the caller or the operator does
//! next. Every message says what, where, and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use hooke_control::ids::{IntentKey, SiteName};
use rusqlite::ErrorCode;

use hooke_control::recover::Closing;

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another host runs on it; `holder` is its process id, where it told.
    #[error(
        "another host{} has the store {}: stop it, or give this one a store of its own",
        process(*holder),
        path.display()
    )]
    Locked { path: PathBuf, holder: Option<u32> },
    /// A program that is no host, a shell or a backup, kept it too long.
    #[error("the store {} is in use by another program: end it, then try again", path.display())]
    Busy { path: PathBuf, source: rusqlite::Error },
    /// The directory it should stand in does not exist.
    #[error(
        "the directory {} of the store does not exist: create it, or change `store.path`",
        directory.display()
    )]
    NoDirectory { directory: PathBuf },
    /// There is no store to read.
    #[error("there is no store at {}: has a host ever run with this file?", path.display())]
    NoStore { path: PathBuf },
    /// Permissions or a read-only disk are in the way.
    #[error(
        "no access to {}: the host must be able to write the file and its directory, \
         and so must whoever reads it while no host runs",
        path.display()
    )]
    NoAccess { path: PathBuf, source: Cause },
    /// No room left; nothing of the call was kept.
    #[error("no room left for the store {}: free some on that disk", path.display())]
    DiskFull { path: PathBuf, source: Cause },
    /// The disk failed; whether the call was kept shows when it is opened again.
    #[error("{doing}: the disk of {} failed: look at the system's log", path.display())]
    DiskFailed { path: PathBuf, doing: &'static str, source: Cause },
    /// Not a store of ours. It was left as it is.
    #[error("{} is not a store of Hooke, it is {found}: change `store.path`", path.display())]
    NotAStore { path: PathBuf, found: Foreign },
    /// The file is damaged. It was left as it is.
    #[error(
        "the store {} is damaged ({what}): put a backup in its place, or move it away \
         and begin a new one",
        path.display()
    )]
    Damaged { path: PathBuf, what: String },
    /// A row that this program does not understand.
    #[error("the store {} holds {what} that cannot be read", path.display())]
    Unreadable { path: PathBuf, what: String, source: serde_json::Error },
    /// Written by a newer program. It was left as it is.
    #[error(
        "the store {} has version {found}, this program knows versions up to {known}: \
         run a newer hooke",
        path.display()
    )]
    TooNew { path: PathBuf, found: i64, known: i64 },
    /// Not brought up to date yet, which a reader may not do.
    #[error(
        "the store {} has version {found}, this program reads version {known}: \
         start its host once to bring it up to date",
        path.display()
    )]
    TooOld { path: PathBuf, found: i64, known: i64 },
    /// A tick that is not after the last one recorded. Nothing was written.
    #[error("site {site}: tick {tick} is not after tick {last}, the last one recorded")]
    TickNotNewer { site: SiteName, tick: u64, last: u64 },
    /// A key that was used before. Nothing was written.
    #[error("site {site}: the intent key {key} was used before")]
    KeyUsed { site: SiteName, key: IntentKey },
    /// A key that was never recorded, or was pruned. Nothing was written.
    #[error("site {site}: no intent {key} in the journal")]
    UnknownIntent { site: SiteName, key: IntentKey },
    /// Closed before, and otherwise. The first closing stands.
    #[error("site {site}: the intent {key} was closed before, and otherwise")]
    ClosedOtherwise { site: SiteName, key: IntentKey, before: Box<Closing> },
    /// Anything else that SQLite says.
    #[error("{doing}: SQLite refused, store {}", path.display())]
    Sqlite { path: PathBuf, doing: &'static str, source: rusqlite::Error },
}

/// The error below a [`StoreError`].
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// From the operating system.
    #[error(transparent)]
    System(io::Error),
    /// From SQLite.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

/// What was found where a store was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A file of some other kind.
    NotSqlite,
    /// Another program's SQLite database.
    OtherProgram,
    /// No regular file.
    NotAFile,
    /// A symbolic link to nothing.
    LinkToNowhere,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSqlite => "no SQLite file",
            Self::OtherProgram => "the SQLite file of another program",
            Self::NotAFile => "no regular file",
            Self::LinkToNowhere => "a link that leads nowhere",
        })
    }
}

impl StoreError {
    /// Sorts what the operating system said of `path`.
    pub(crate) fn from_io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        let kind = source.kind();
        let source = Cause::System(source);
        if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return Self::DiskFull { path, source };
        }
        if matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
            return Self::NoAccess { path, source };
        }
        Self::DiskFailed { path, doing, source }
    }

    /// Sorts what SQLite said of the store at `path`.
    pub(crate) fn from_sqlite(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source: Cause::Sqlite(source) },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NoAccess { path, source: Cause::Sqlite(source) }
            }
            Some(ErrorCode::SystemIoFailure) => {
                Self::DiskFailed { path, doing, source: Cause::Sqlite(source) }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { path, source }
            }
            Some(ErrorCode::NotADatabase) => Self::NotAStore { path, found: Foreign::NotSqlite },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, what: source.to_string() },
            // Non-exhaustive: the rest is for whoever reads the source.
            _ => Self::Sqlite { path, doing, source },
        }
    }
}

/// What ends a transaction early: SQLite, or a rule of the store.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Still to be sorted, by whoever knows the path.
    Sqlite(rusqlite::Error),
    /// A row of the store is not what this program writes.
    Unreadable { what: String, source: serde_json::Error },
    /// Final.
    Store(StoreError),
}

impl From<rusqlite::Error> for Stop {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    /// The error for the caller.
    pub(crate) fn sorted(self, path: &Path, doing: &'static str) -> StoreError {
        match self {
            Self::Sqlite(source) => StoreError::from_sqlite(path, doing, source),
            Self::Unreadable { what, source } => {
                StoreError::Unreadable { path: path.to_owned(), what, source }
            }
            Self::Store(error) => error,
        }
    }
}

fn process(holder: Option<u32>) -> String {
    holder.map(|id| format!(" (process {id})")).unwrap_or_default()
}
