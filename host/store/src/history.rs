//! What was read in each tick, kept for as long as a question may go back. No
//! safety rests on it: it fails alone, and what cannot be read is left out.

use hooke_control::units::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::record::{HistoryRow, TickRecord};
use crate::row::{signed, unsigned};
use crate::sites::SiteId;

/// Frames that one tick removes at the most; it adds one.
const REMOVED_AT_ONCE: u32 = 16;

/// The last whole frame by a moment: nothing before it is needed any more.
const NEEDED_FROM: &str = "
    SELECT max(tick) FROM history_frame WHERE site = ?1 AND whole = 1 AND at <= ?2";

/// Writes a tick's frame and forgets some of what is too old. What fails is
/// undone, and the tick goes on without.
pub(crate) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &TickRecord,
    row: &HistoryRow,
) -> rusqlite::Result<()> {
    tx.execute_batch("SAVEPOINT history")?;
    let written = put(tx, site, record, row);
    if written.is_err() {
        tx.execute_batch("ROLLBACK TO history")?;
    }
    tx.execute_batch("RELEASE history")?;
    written
}

fn put(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &TickRecord,
    row: &HistoryRow,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO history_frame (site, tick, at, whole, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        site.0,
        signed(record.tick),
        signed(record.at.as_millis()),
        row.whole,
        row.bytes
    ])?;
    tx.prepare_cached(&format!(
        "DELETE FROM history_frame WHERE seq IN (
            SELECT seq FROM history_frame WHERE site = ?1 AND tick < ({NEEDED_FROM})
            ORDER BY tick LIMIT ?3)"
    ))?
    .execute(params![site.0, signed(row.keep_from.as_millis()), REMOVED_AT_ONCE])?;
    Ok(())
}

/// Gives every frame that is needed to know what was read since `from`, the
/// oldest first; `None` for one that cannot be read.
pub(crate) fn read(
    conn: &Connection,
    site: SiteId,
    from: Timestamp,
    mut each: impl FnMut(Option<(Timestamp, &[u8])>),
) -> rusqlite::Result<()> {
    // From the indexes alone, so that damage to a frame is not damage to all.
    let frames: Vec<i64> = conn
        .prepare_cached(&format!(
            "SELECT seq FROM history_frame
             WHERE site = ?1 AND tick >= coalesce(({NEEDED_FROM}), 0) ORDER BY tick"
        ))?
        .query_map(params![site.0, signed(from.as_millis())], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut frame = conn.prepare_cached("SELECT at, bytes FROM history_frame WHERE seq = ?1")?;
    for seq in frames {
        let found = frame.query_row([seq], |row| {
            let at = Timestamp::from_millis(unsigned(row.get(0)?));
            each(Some((at, row.get_ref(1)?.as_blob()?)));
            Ok(())
        });
        if !matches!(found.optional(), Ok(Some(()))) {
            each(None);
        }
    }
    Ok(())
}

/// Removes one batch of the frames of sites that had no tick since a moment.
pub(crate) fn forget_gone(
    tx: &Transaction<'_>,
    before: i64,
    batch: u32,
) -> rusqlite::Result<usize> {
    tx.prepare_cached(
        "DELETE FROM history_frame WHERE seq IN (
            SELECT seq FROM history_frame
            WHERE site IN (SELECT id FROM site WHERE at < ?1) LIMIT ?2)",
    )?
    .execute(params![before, batch])
}
