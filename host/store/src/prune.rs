//! Forgetting what is too old to be asked about. Never touches an open intent,
//! nor a decision that is still in force.

use hooke_control::units::Timestamp;
use rusqlite::{Transaction, params};

use crate::history;
use crate::row::signed;

/// Rows of each table that one call removes at the most, so that a tick never
/// waits long behind it.
const BATCH_ROWS: u32 = 2000;

/// As `BATCH_ROWS`, of rows that may have hundreds of kilobytes each.
const BATCH_FRAMES: u32 = 100;

/// What one call of `prune` removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Runs of decisions.
    pub decisions: usize,
    /// Closed intents.
    pub intents: usize,
    /// Whether that was all.
    pub rest: Rest,
}

/// Whether there is more to prune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing older is left.
    None,
    /// A batch was full: call again when there is time.
    Some,
}

/// Removes one batch of what ended before `before`.
pub(crate) fn prune(tx: &Transaction<'_>, before: Timestamp) -> rusqlite::Result<Pruned> {
    let before = signed(before.as_millis());
    let gone = end_vanished(tx, before)?;
    let limits = params![before, BATCH_ROWS];
    let decisions = tx
        .prepare_cached(
            "DELETE FROM decision_history WHERE seq IN (
                SELECT seq FROM decision_history WHERE seen_until < ?1
                ORDER BY seen_until LIMIT ?2)",
        )?
        .execute(limits)?;
    let intents = tx
        .prepare_cached(
            "DELETE FROM intent WHERE seq IN (
                SELECT seq FROM intent WHERE closed_at < ?1 ORDER BY closed_at LIMIT ?2)",
        )?
        .execute(limits)?;
    let frames = history::forget_gone(tx, before, BATCH_FRAMES)?;
    let full = BATCH_ROWS as usize;
    let rest = if gone.max(decisions).max(intents) < full && frames < BATCH_FRAMES as usize {
        Rest::None
    } else {
        Rest::Some
    };
    Ok(Pruned { decisions, intents, rest })
}

/// Ends the runs of profiles that nobody decided about since: their sites no
/// longer name them, so no tick will ever end those runs.
fn end_vanished(tx: &Transaction<'_>, before: i64) -> rusqlite::Result<usize> {
    let ended: Vec<(i64, i64, i64, i64)> = tx
        .prepare_cached(
            "SELECT id, history, at, times FROM decision_latest WHERE at < ?1 LIMIT ?2",
        )?
        .query_map(params![before, BATCH_ROWS], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut settle = tx
        .prepare_cached("UPDATE decision_history SET seen_until = ?2, times = ?3 WHERE seq = ?1")?;
    let mut remove = tx.prepare_cached("DELETE FROM decision_latest WHERE id = ?1")?;
    for (id, history, at, times) in &ended {
        settle.execute([history, at, times])?;
        remove.execute([id])?;
    }
    Ok(ended.len())
}
