//! How far each site has come. Never lets a tick number be used twice: intent
//! keys are made of it.

use hooke_control::ids::SiteName;
use hooke_control::units::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::error::{Stop, StoreError};
use crate::record::{SiteProgress, TickRecord};
use crate::row::{name, signed, unsigned};

/// The number of a site in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SiteId(pub(crate) i64);

/// Moves the site to the record's tick; it is made if it is new.
pub(crate) fn advance(tx: &Transaction<'_>, record: &TickRecord) -> Result<SiteId, Stop> {
    let last = find(tx, &record.site)?.map_or(0, |(_, tick)| tick);
    if record.tick <= last {
        let (site, tick) = (record.site.clone(), record.tick);
        return Err(StoreError::TickNotNewer { site, tick, last }.into());
    }
    let id = tx
        .prepare_cached(
            "INSERT INTO site (name, tick, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET tick = excluded.tick, at = excluded.at
             RETURNING id",
        )?
        .query_row(
            params![record.site.as_str(), signed(record.tick), signed(record.at.as_millis())],
            |row| row.get(0),
        )?;
    Ok(SiteId(id))
}

/// The site with its last tick, if it ever had one.
pub(crate) fn find(conn: &Connection, site: &SiteName) -> rusqlite::Result<Option<(SiteId, u64)>> {
    conn.prepare_cached("SELECT id, tick FROM site WHERE name = ?1")?
        .query_row([site.as_str()], |row| Ok((SiteId(row.get(0)?), unsigned(row.get(1)?))))
        .optional()
}

/// Every site, by name.
pub(crate) fn all(conn: &Connection) -> rusqlite::Result<Vec<SiteProgress>> {
    conn.prepare_cached("SELECT name, tick, at FROM site ORDER BY name")?
        .query_map([], |row| {
            Ok(SiteProgress {
                site: name(row, "name")?,
                tick: unsigned(row.get("tick")?),
                at: Timestamp::from_millis(unsigned(row.get("at")?)),
            })
        })?
        .collect()
}
