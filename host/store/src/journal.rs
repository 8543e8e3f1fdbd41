//! The journal of intents: written before the cloud is called, closed when it
//! answered. Never changes or drops an open one.

use hooke_control::action::{Action, Intent};
use hooke_control::ids::{IntentKey, SiteName, VmId};
use hooke_control::units::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, ffi, params};

use crate::error::{Stop, StoreError};
use crate::record::{Closed, JournalEntry, TickRecord};
use crate::row::{ActionRow, ClosingRow, from_json, name, signed, to_json, unsigned};
use crate::sites::SiteId;
use hooke_control::recover::Closing;

/// The columns that [`entry`] reads.
const COLUMNS: &str = "key, tick, at, profile, action, reason, vm, closed_at, closing";

/// Writes the tick's intents, in order.
pub(crate) fn insert(tx: &Transaction<'_>, site: SiteId, record: &TickRecord) -> Result<(), Stop> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO intent (site, key, tick, at, profile, action, reason, vm)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for intent in &record.intents {
        let done = insert.execute(params![
            site.0,
            intent.key.as_str(),
            signed(record.tick),
            signed(intent.at.as_millis()),
            intent.profile.as_ref().map(|profile| profile.as_str()),
            to_json(&ActionRow::from(&intent.action)),
            intent.reason,
            intent.action.vm().map(VmId::as_str),
        ]);
        if let Err(error) = done {
            return Err(refused(error, &record.site, &intent.key));
        }
    }
    Ok(())
}

/// Closes an intent, unless it is closed in the same way.
pub(crate) fn close(
    tx: &Transaction<'_>,
    site: &SiteName,
    key: &IntentKey,
    closing: &Closing,
    at: Timestamp,
) -> Result<Closed, Stop> {
    let found = tx
        .prepare_cached(
            "SELECT intent.seq, intent.closing FROM intent JOIN site ON site.id = intent.site
             WHERE site.name = ?1 AND intent.key = ?2",
        )?
        .query_row([site.as_str(), key.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let (site, key) = (site.clone(), key.clone());
    let Some((seq, before)) = found else {
        return Err(StoreError::UnknownIntent { site, key }.into());
    };
    if let Some(text) = before {
        let before = Closing::from(from_json::<ClosingRow>(&text, "a closing")?);
        return if before == *closing {
            Ok(Closed::Already)
        } else {
            Err(StoreError::ClosedOtherwise { site, key, before: Box::new(before) }.into())
        };
    }
    tx.prepare_cached(
        "UPDATE intent SET closed_at = ?2, closing = ?3, vm = coalesce(vm, ?4) WHERE seq = ?1",
    )?
    .execute(params![
        seq,
        signed(at.as_millis()),
        to_json(&ClosingRow::from(closing)),
        closing.vm().map(VmId::as_str),
    ])?;
    Ok(Closed::Now)
}

/// The site's open intents, oldest first.
pub(crate) fn open(conn: &Connection, site: SiteId) -> Result<Vec<JournalEntry>, Stop> {
    let sql =
        format!("SELECT {COLUMNS} FROM intent WHERE site = ?1 AND closed_at IS NULL ORDER BY seq");
    let mut query = conn.prepare_cached(&sql)?;
    let mut rows = query.query([site.0])?;
    let mut open = Vec::new();
    while let Some(row) = rows.next()? {
        open.push(entry(row)?);
    }
    Ok(open)
}

/// The intent of that key.
pub(crate) fn find(
    conn: &Connection,
    site: SiteId,
    key: &IntentKey,
) -> Result<Option<JournalEntry>, Stop> {
    let sql = format!("SELECT {COLUMNS} FROM intent WHERE site = ?1 AND key = ?2");
    let mut query = conn.prepare_cached(&sql)?;
    let mut rows = query.query(params![site.0, key.as_str()])?;
    rows.next()?.map(entry).transpose()
}

/// The newest `limit` intents about that machine, newest first.
pub(crate) fn about(
    conn: &Connection,
    site: SiteId,
    vm: &VmId,
    limit: u32,
) -> Result<Vec<JournalEntry>, Stop> {
    let sql = format!(
        "SELECT {COLUMNS} FROM intent WHERE site = ?1 AND vm = ?2 ORDER BY seq DESC LIMIT ?3"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let mut rows = query.query(params![site.0, vm.as_str(), limit])?;
    let mut about = Vec::new();
    while let Some(row) = rows.next()? {
        about.push(entry(row)?);
    }
    Ok(about)
}

fn entry(row: &Row<'_>) -> Result<JournalEntry, Stop> {
    let action: String = row.get("action")?;
    let action = Action::from(from_json::<ActionRow>(&action, "an action")?);
    let closing: Option<String> = row.get("closing")?;
    let closed = match closing {
        None => None,
        Some(text) => {
            let closing = Closing::from(from_json::<ClosingRow>(&text, "a closing")?);
            Some((closing, moment(row, "closed_at")?))
        }
    };
    let intent = Intent {
        key: name(row, "key")?,
        action,
        profile: row.get::<_, Option<String>>("profile")?.map(Into::into),
        reason: row.get("reason")?,
        at: moment(row, "at")?,
    };
    let tick = unsigned(row.get("tick")?);
    let vm = row.get::<_, Option<String>>("vm")?.map(Into::into);
    Ok(JournalEntry { tick, intent, vm, closed })
}

fn moment(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(unsigned).map(Timestamp::from_millis)
}

fn refused(error: rusqlite::Error, site: &SiteName, key: &IntentKey) -> Stop {
    let unique = error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE);
    if unique {
        StoreError::KeyUsed { site: site.clone(), key: key.clone() }.into()
    } else {
        error.into()
    }
}
