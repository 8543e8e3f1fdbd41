//! The store as its one host has it. Never keeps anything in memory that the
//! file does not have: to die at any moment is to lose nothing.

use std::path::Path;
use std::time::Duration;

use hooke_control::ids::{IntentKey, SiteName};
use hooke_control::units::Timestamp;
use rusqlite::params;

use crate::database::Database;
use crate::error::StoreError;
use crate::prune::{Pruned, prune};
use crate::reader::Reader;
use crate::record::{Closed, HistoryWritten, Recovered, TickRecord};
use crate::row::signed;
use crate::{decisions, guards, history, journal, memory, recover, sites};
use hooke_control::recover::Closing;

/// A store that this process alone writes, until it is dropped or dies.
#[derive(Debug)]
pub struct Store {
    database: Database,
    generation: String,
}

impl Store {
    /// Opens the store at `path`, makes it if there is none, brings it up to
    /// date, and keeps other hosts out.
    ///
    /// # Errors
    /// `Locked` by another host; `NoDirectory`, `NoAccess`, `DiskFull`,
    /// `DiskFailed`, `Busy`; `NotAStore`, `Damaged`, `TooNew`, which leave the
    /// file as it is.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let mut database = Database::open(path)?;
        let generation = database.write("making the store", |tx| {
            // The moment and 32 bits of the system's randomness: a store that
            // is deleted and made again never uses its keys again.
            tx.execute(
                "INSERT OR IGNORE INTO store (only_row, generation, created_at)
                 VALUES (1, ?1 || '-' || lower(hex(randomblob(4))), ?2)",
                params![format!("{:x}", now.as_millis()), signed(now.as_millis())],
            )?;
            Ok(tx.query_row("SELECT generation FROM store", [], |row| row.get(0))?)
        })?;
        Ok(Self { database, generation })
    }

    /// Opens the store at `path` beside its host, if one runs, to look only.
    ///
    /// # Errors
    /// `NoStore`, `NoDirectory`, `NoAccess`, `NotAStore`, `TooNew`, `TooOld`.
    pub fn open_read_only(path: &Path) -> Result<Reader, StoreError> {
        Reader::open(path)
    }

    /// Names this file among all that were ever at its path: up to 25 lower
    /// case letters, digits and a dash. Part of every intent key.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// What a host that starts must know of a site.
    ///
    /// # Errors
    /// `Damaged`, `Unreadable`, `DiskFailed`.
    pub fn recover(&self, site: &SiteName) -> Result<Recovered, StoreError> {
        self.database.read("recovering a site", |conn| recover::all(conn, site))
    }

    /// Keeps a tick: all of it, on disk when this returns, or nothing. Only
    /// what was read may be lost alone.
    ///
    /// # Errors
    /// `TickNotNewer`, `KeyUsed`, `UnknownIntent` for a record that is wrong;
    /// `DiskFull`, `Busy` and the like, after which the same record may be
    /// given again.
    pub fn record_tick(&mut self, record: &TickRecord) -> Result<HistoryWritten, StoreError> {
        let lost = self.database.write("recording a tick", |tx| {
            let site = sites::advance(tx, record)?;
            journal::insert(tx, site, record)?;
            decisions::record(tx, site, record)?;
            memory::write(tx, site, &record.memory)?;
            guards::write(tx, site, &record.guards)?;
            let Some(row) = &record.history else { return Ok(None) };
            Ok(history::write(tx, site, record, row).err())
        })?;
        let path = self.database.path();
        let sorted = |error| StoreError::from_sqlite(path, "keeping what was read", error);
        Ok(lost.map_or(HistoryWritten::Kept, |error| HistoryWritten::Lost(sorted(error))))
    }

    /// Gives what was read since `from`, tick after tick, with what is needed to
    /// understand it; `None` for a tick that cannot be read.
    ///
    /// # Errors
    /// `Damaged` and the like: what was given until then stands.
    pub fn history(
        &self,
        site: &SiteName,
        from: Timestamp,
        each: impl FnMut(Option<(Timestamp, &[u8])>),
    ) -> Result<(), StoreError> {
        self.database.read("reading what was read before", |conn| match sites::find(conn, site)? {
            Some((id, _)) => Ok(history::read(conn, id, from, each)?),
            None => Ok(()),
        })
    }

    /// Closes an intent, on disk when this returns. The machine that the
    /// outcome names becomes the intent's machine.
    ///
    /// # Errors
    /// `UnknownIntent`; `ClosedOtherwise`, and the first closing stands;
    /// `DiskFull`, `Busy` and the like, after which it is still open.
    pub fn close_intent(
        &mut self,
        site: &SiteName,
        key: &IntentKey,
        closing: &Closing,
        at: Timestamp,
    ) -> Result<Closed, StoreError> {
        self.database.write("closing an intent", |tx| journal::close(tx, site, key, closing, at))
    }

    /// Forgets one batch of the decisions and closed intents that ended more
    /// than `keep_for` ago; open intents are never forgotten. Call it between
    /// ticks for as long as it says that there is more.
    ///
    /// # Errors
    /// `DiskFull`, `Busy` and the like; nothing was forgotten then.
    pub fn prune(&mut self, keep_for: Duration, now: Timestamp) -> Result<Pruned, StoreError> {
        self.database.write("pruning", |tx| Ok(prune(tx, now.minus(keep_for))?))
    }
}
