//! What policies remember. Bytes in, the same bytes out; their meaning and
//! their limit are the runtime's.

use std::collections::BTreeMap;

use hooke_control::ids::{PolicyName, ProfileName};
use rusqlite::{Connection, Transaction, params};

use crate::record::MemoryRow;
use crate::row::name;
use crate::sites::SiteId;

/// Puts each row in place of the one before.
pub(crate) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    rows: &[MemoryRow],
) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached(
        "INSERT INTO policy_memory (site, profile, policy, bytes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (site, profile, policy) DO UPDATE SET bytes = excluded.bytes",
    )?;
    for row in rows {
        put.execute(params![site.0, row.profile.as_str(), row.policy.as_str(), row.bytes])?;
    }
    Ok(())
}

/// All that the site's policies remember.
pub(crate) fn all(
    conn: &Connection,
    site: SiteId,
) -> rusqlite::Result<BTreeMap<(ProfileName, PolicyName), Vec<u8>>> {
    conn.prepare_cached("SELECT profile, policy, bytes FROM policy_memory WHERE site = ?1")?
        .query_map([site.0], |row| {
            Ok(((name(row, "profile")?, name(row, "policy")?), row.get("bytes")?))
        })?
        .collect()
}
