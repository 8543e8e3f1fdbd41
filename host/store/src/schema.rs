//! The tables, version by version. Never edits a version that was released.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// "Hook" in ASCII, in the header of every store; `schema/1.sql` writes it.
const APPLICATION_ID: i64 = 0x486f_6f6b;

const STEPS: &[M<'_>] = &[
    M::up(include_str!("schema/1.sql")),
    M::up(include_str!("schema/2.sql")),
    M::up(include_str!("schema/3.sql")),
];

/// How a file becomes one of the newest version.
pub(crate) const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// The newest version that this program knows.
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// Tables on which it depends that no VM is lost or doubled. They are small,
/// so each is checked whole before a host trusts it; with the version that
/// brought it.
const VITAL: [(&str, i64); 5] =
    [("store", 1), ("site", 1), ("intent", 1), ("policy_memory", 1), ("guard_memory", 2)];

/// The vital tables that a file of this version has.
pub(crate) fn vital(version: i64) -> impl Iterator<Item = &'static str> {
    VITAL.into_iter().filter(move |(_, since)| *since <= version).map(|(table, _)| table)
}

/// What an SQLite file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Empty: nobody's yet.
    Fresh,
    /// A store of this version.
    Store { version: i64 },
    /// Another program's database.
    Foreign,
}

/// Finds out whose file it is, by reading only.
pub(crate) fn identify(conn: &Connection) -> rusqlite::Result<Identity> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    if application == APPLICATION_ID {
        return Ok(Identity::Store { version });
    }
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let nobodys = application == 0 && version == 0 && tables == 0;
    Ok(if nobodys { Identity::Fresh } else { Identity::Foreign })
}
