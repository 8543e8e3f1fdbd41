//! The file: found, locked, opened, checked, brought up to date. Nothing is
//! written to a file before it is known to be ours and sound.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{Foreign, Stop, StoreError};
use crate::lock::HostLock;
use crate::schema::{self, Identity};

/// How long to wait for a reader or a backup that is in the way. Longer than
/// any query of ours takes, shorter than a tick.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages the write-ahead log may gather before it is carried into the file:
/// 16 MiB, one tick of 10,000 profiles. SQLite's own 1000 would do it in the
/// middle of what is one commit.
const CHECKPOINT_PAGES: u32 = 4096;

/// All statements of this crate, so that none is ever prepared twice.
const STATEMENTS_CACHED: usize = 48;

/// A store file that this process alone writes.
#[derive(Debug)]
pub(crate) struct Database {
    // Before the lock: fields drop in this order, and the file must be closed
    // before another host may open it.
    conn: Connection,
    path: PathBuf,
    _lock: HostLock,
}

/// A store file that somebody else may be writing.
#[derive(Debug)]
pub(crate) struct ReadDatabase {
    conn: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens or creates the file and makes it this process's own.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        let lock = HostLock::take(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let conn = connect(&path, flags).and_then(prepare_to_look).map_err(opening(&path))?;
        let mut database = Self { conn, path, _lock: lock };
        match database.identify()? {
            Identity::Foreign => {
                return Err(not_a_store(&database.path, Foreign::OtherProgram));
            }
            Identity::Store { version } if version > schema::VERSION => {
                return Err(too_new(&database.path, version));
            }
            Identity::Store { version } => database.check_vital(version)?,
            Identity::Fresh => {}
        }
        set_durable(&database.conn).map_err(opening(&database.path))?;
        database.migrate()?;
        Ok(database)
    }

    /// Runs `work` in one transaction, which is on disk when this returns, or
    /// not there at all.
    pub(crate) fn write<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        let path = &self.path;
        let begun = self.conn.transaction_with_behavior(TransactionBehavior::Immediate);
        let tx = begun.map_err(|e| StoreError::from_sqlite(path, doing, e))?;
        let made = work(&tx).map_err(|stop| stop.sorted(path, doing))?;
        tx.commit().map_err(|e| StoreError::from_sqlite(path, doing, e))?;
        Ok(made)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on one state of the store.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        read(&self.conn, &self.path, doing, work)
    }

    fn identify(&self) -> Result<Identity, StoreError> {
        schema::identify(&self.conn).map_err(opening(&self.path))
    }

    fn check_vital(&self, version: i64) -> Result<(), StoreError> {
        for table in schema::vital(version) {
            let sql = format!("PRAGMA quick_check({table})");
            let what: String = self
                .conn
                .query_row(&sql, [], |row| row.get(0))
                .map_err(|e| StoreError::from_sqlite(&self.path, "checking the store", e))?;
            if what != "ok" {
                return Err(StoreError::Damaged { path: self.path.clone(), what: one_line(&what) });
            }
        }
        Ok(())
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let doing = "bringing the store up to date";
        schema::MIGRATIONS.to_latest(&mut self.conn).map_err(|error| {
            if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
                return StoreError::from_sqlite(&self.path, doing, err);
            }
            StoreError::Damaged { path: self.path.clone(), what: error.to_string() }
        })
    }
}

impl ReadDatabase {
    /// Opens an existing file without the means to change it.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        if !path.exists() {
            return Err(StoreError::NoStore { path });
        }
        let conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(opening(&path))?;
        let (found, known) = match schema::identify(&conn).map_err(opening(&path))? {
            Identity::Store { version } => (version, schema::VERSION),
            // A host was killed before it had made anything.
            Identity::Fresh => return Err(StoreError::NoStore { path }),
            Identity::Foreign => return Err(not_a_store(&path, Foreign::OtherProgram)),
        };
        match found {
            _ if found > known => Err(too_new(&path, found)),
            _ if found < known => Err(StoreError::TooOld { path, found, known }),
            _ => Ok(Self { conn, path }),
        }
    }

    /// Runs `work` on one state of the store, whatever is written meanwhile.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        read(&self.conn, &self.path, doing, work)
    }
}

fn read<T>(
    conn: &Connection,
    path: &Path,
    doing: &'static str,
    work: impl FnOnce(&Connection) -> Result<T, Stop>,
) -> Result<T, StoreError> {
    let tx = conn.unchecked_transaction().map_err(|e| StoreError::from_sqlite(path, doing, e))?;
    work(&tx).map_err(|stop| stop.sorted(path, doing))
}

/// The file's one true path: two hosts that come by different links must meet
/// at the same lock.
fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name() else {
        return Err(not_a_store(path, Foreign::NotAFile));
    };
    let directory = fs::canonicalize(parent).map_err(|source| {
        if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
            return StoreError::NoDirectory { directory: parent.to_owned() };
        }
        StoreError::from_io(parent, "finding the store", source)
    })?;
    let file = directory.join(name);
    let file = match fs::canonicalize(&file) {
        Ok(real) => real,
        Err(_) if !file.exists() && file.is_symlink() => {
            return Err(not_a_store(&file, Foreign::LinkToNowhere));
        }
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(file),
        Err(source) => return Err(StoreError::from_io(&file, "finding the store", source)),
    };
    if file.is_file() { Ok(file) } else { Err(not_a_store(&file, Foreign::NotAFile)) }
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // No links: `resolve` followed them, and the lock is that of what it found.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(conn)
}

/// Until the file is known to be ours and sound, closing it must not carry a
/// left log into it: a damaged file is evidence.
fn prepare_to_look(conn: Connection) -> rusqlite::Result<Connection> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

/// A commit is on disk when it returns, and readers are never in its way.
fn set_durable(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", "on")?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
}

/// What SQLite found, without its banner.
fn one_line(report: &str) -> String {
    let found: Vec<_> = report.lines().filter(|line| !line.starts_with("***")).collect();
    found.join("; ")
}

fn opening(path: &Path) -> impl Fn(rusqlite::Error) -> StoreError {
    move |source| StoreError::from_sqlite(path, "opening the store", source)
}

fn not_a_store(path: &Path, found: Foreign) -> StoreError {
    StoreError::NotAStore { path: path.to_owned(), found }
}

fn too_new(path: &Path, found: i64) -> StoreError {
    StoreError::TooNew { path: path.to_owned(), found, known: schema::VERSION }
}

#[cfg(test)]
mod tests;
