//! What a host that starts must know of a site, out of all its tables. Looks
//! only, so that others may be told the same.

use hooke_control::ids::SiteName;
use rusqlite::Connection;

use crate::error::Stop;
use crate::record::Recovered;
use crate::{guards, journal, memory, sites};

/// All of it, of one moment; nothing for a site that never had a tick.
pub(crate) fn all(conn: &Connection, site: &SiteName) -> Result<Recovered, Stop> {
    let Some((id, tick)) = sites::find(conn, site)? else {
        return Ok(Recovered::default());
    };
    let open = journal::open(conn, id)?.into_iter().map(|entry| entry.intent).collect();
    let guards = guards::all(conn, id)?;
    Ok(Recovered { tick, open, memory: memory::all(conn, id)?, guards })
}
