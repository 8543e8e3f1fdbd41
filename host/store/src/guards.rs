//! What guards remember of each profile, so that a restart neither forgets a
//! cooldown nor begins a window anew. Judges nothing of it.

use std::collections::BTreeMap;

use hooke_control::guard::Memory;
use hooke_control::ids::ProfileName;
use rusqlite::{Connection, Transaction, params};

use crate::error::Stop;
use crate::row::{GuardsRow, from_json, name, to_json};
use crate::sites::SiteId;

/// Puts each memory in place of the one before.
pub(crate) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    memories: &[(ProfileName, Memory)],
) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached(
        "INSERT INTO guard_memory (site, profile, memory) VALUES (?1, ?2, ?3)
         ON CONFLICT (site, profile) DO UPDATE SET memory = excluded.memory",
    )?;
    for (profile, memory) in memories {
        put.execute(params![site.0, profile.as_str(), to_json(&GuardsRow::from(memory))])?;
    }
    Ok(())
}

/// What the site's guards remember.
pub(crate) fn all(conn: &Connection, site: SiteId) -> Result<BTreeMap<ProfileName, Memory>, Stop> {
    let mut query =
        conn.prepare_cached("SELECT profile, memory FROM guard_memory WHERE site = ?1")?;
    let rows = query.query_map([site.0], |row| Ok((name(row, "profile")?, row.get("memory")?)))?;
    rows.map(|row| {
        let (profile, memory): (ProfileName, String) = row?;
        let what = format!("what the guards of {profile} remember");
        Ok((profile, from_json::<GuardsRow>(&memory, &what)?.into()))
    })
    .collect()
}
