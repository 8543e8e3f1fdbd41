//! What was decided, and why. Every tick replaces a profile's newest decision;
//! history grows only where something new happened, so a quiet fleet of any
//! size costs no room.

use hooke_control::ids::{IntentKey, ProfileName, VmId};
use hooke_control::units::Timestamp;
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, ToSql, Transaction, params};

use crate::error::{Stop, StoreError};
use crate::record::{Decision, DecisionRow, TickRecord, Verdict};
use crate::row::{name, signed, unsigned};
use crate::sites::SiteId;

/// Runs of decisions, with the chain that began each.
const RUNS: &str = "
    SELECT h.seq, h.profile, h.tick, h.since, coalesce(h.seen_until, l.at) AS seen_until,
           coalesce(h.times, l.times) AS times, h.verdict, h.headline, h.chain, h.fingerprint
    FROM decision_history AS h LEFT JOIN decision_latest AS l ON l.history = h.seq";

/// The run that goes on of each profile, with its newest chain.
const LATEST: &str = "
    SELECT h.seq, l.profile, l.tick, h.since, l.at AS seen_until, l.times,
           l.verdict, l.headline, l.chain, l.fingerprint
    FROM decision_latest AS l JOIN decision_history AS h ON h.seq = l.history";

/// Writes the tick's decisions.
pub(crate) fn record(tx: &Transaction<'_>, site: SiteId, record: &TickRecord) -> Result<(), Stop> {
    let mut writer = Writer::new(tx, site, record)?;
    record.decisions.iter().try_for_each(|decision| writer.put(decision))
}

/// The newest decision of every profile, by name.
pub(crate) fn latest(conn: &Connection, site: SiteId) -> Result<Vec<Decision>, Stop> {
    list(conn, &format!("{LATEST} WHERE l.site = ?1 ORDER BY l.profile"), &[&site.0])
}

/// The newest decision of one profile.
pub(crate) fn latest_of(
    conn: &Connection,
    site: SiteId,
    profile: &ProfileName,
) -> Result<Option<Decision>, Stop> {
    let sql = format!("{LATEST} WHERE l.site = ?1 AND l.profile = ?2");
    Ok(list(conn, &sql, &[&site.0, &profile.as_str()])?.pop())
}

/// The newest `limit` runs of one profile, newest first: in the order in which
/// they were decided, which is not that of their times where a clock was set
/// back or time is simulated.
pub(crate) fn history(
    conn: &Connection,
    site: SiteId,
    profile: &ProfileName,
    limit: u32,
) -> Result<Vec<Decision>, Stop> {
    let sql = format!("{RUNS} WHERE h.site = ?1 AND h.profile = ?2 ORDER BY h.seq DESC LIMIT ?3");
    list(conn, &sql, &[&site.0, &profile.as_str(), &limit])
}

/// The last run of one profile, by its time, that began by then.
pub(crate) fn begun_by(
    conn: &Connection,
    site: SiteId,
    profile: &ProfileName,
    at: Timestamp,
) -> Result<Option<Decision>, Stop> {
    let sql = format!(
        "{RUNS} WHERE h.site = ?1 AND h.profile = ?2 AND h.since <= ?3
         ORDER BY h.since DESC, h.seq DESC LIMIT 1"
    );
    Ok(list(conn, &sql, &[&site.0, &profile.as_str(), &signed(at.as_millis())])?.pop())
}

/// The newest `limit` runs that asked for something about that machine.
pub(crate) fn about(
    conn: &Connection,
    site: SiteId,
    vm: &VmId,
    limit: u32,
) -> Result<Vec<Decision>, Stop> {
    let sql = format!(
        "{RUNS} WHERE h.seq IN (
            SELECT di.decision FROM intent AS i JOIN decision_intent AS di ON di.intent = i.seq
            WHERE i.site = ?1 AND i.vm = ?2)
         ORDER BY h.seq DESC LIMIT ?3"
    );
    list(conn, &sql, &[&site.0, &vm.as_str(), &limit])
}

/// The statements that write one tick.
struct Writer<'a> {
    site: SiteId,
    tick: i64,
    at: i64,
    prolong: CachedStatement<'a>,
    end: CachedStatement<'a>,
    begin: CachedStatement<'a>,
    replace: CachedStatement<'a>,
    find_intent: CachedStatement<'a>,
    link: CachedStatement<'a>,
    record: &'a TickRecord,
}

impl<'a> Writer<'a> {
    fn new(
        tx: &'a Transaction<'_>,
        site: SiteId,
        record: &'a TickRecord,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            site,
            tick: signed(record.tick),
            at: signed(record.at.as_millis()),
            prolong: tx.prepare_cached(PROLONG)?,
            end: tx.prepare_cached(END)?,
            begin: tx.prepare_cached(BEGIN)?,
            replace: tx.prepare_cached(REPLACE)?,
            find_intent: tx
                .prepare_cached("SELECT seq FROM intent WHERE site = ?1 AND key = ?2")?,
            link: tx.prepare_cached("INSERT OR IGNORE INTO decision_intent VALUES (?1, ?2)")?,
            record,
        })
    }

    fn put(&mut self, row: &DecisionRow) -> Result<(), Stop> {
        if row.intents.is_empty() && self.prolong_run(row)? {
            return Ok(());
        }
        self.begin_run(row)
    }

    /// Whether the profile's run goes on with this decision.
    fn prolong_run(&mut self, row: &DecisionRow) -> rusqlite::Result<bool> {
        let changed = self.prolong.execute(params![
            self.site.0,
            row.profile.as_str(),
            row.fingerprint.cast_signed(),
            row.verdict.as_str(),
            self.tick,
            self.at,
            row.headline,
            row.chain,
        ])?;
        Ok(changed == 1)
    }

    fn begin_run(&mut self, row: &DecisionRow) -> Result<(), Stop> {
        self.end.execute(params![self.site.0, row.profile.as_str()])?;
        let run = self.begin.insert(params![
            self.site.0,
            row.profile.as_str(),
            self.tick,
            self.at,
            row.verdict.as_str(),
            row.fingerprint.cast_signed(),
            row.headline,
            row.chain,
        ])?;
        self.replace.execute(params![
            self.site.0,
            row.profile.as_str(),
            run,
            self.tick,
            self.at,
            row.verdict.as_str(),
            row.fingerprint.cast_signed(),
            row.headline,
            row.chain,
        ])?;
        row.intents.iter().try_for_each(|key| self.link(run, key))
    }

    fn link(&mut self, run: i64, key: &IntentKey) -> Result<(), Stop> {
        let intent: Option<i64> = self
            .find_intent
            .query_row(params![self.site.0, key.as_str()], |row| row.get(0))
            .optional()?;
        let Some(intent) = intent else {
            let (site, key) = (self.record.site.clone(), key.clone());
            return Err(StoreError::UnknownIntent { site, key }.into());
        };
        self.link.execute([run, intent])?;
        Ok(())
    }
}

/// One statement for the common case: nothing new for this profile.
const PROLONG: &str = "
    UPDATE decision_latest SET tick = ?5, at = ?6, headline = ?7, chain = ?8, times = times + 1
    WHERE site = ?1 AND profile = ?2 AND fingerprint = ?3 AND verdict = ?4";

/// Settles the run that goes on, from where its end is kept meanwhile.
const END: &str = "
    UPDATE decision_history SET seen_until = l.at, times = l.times
    FROM decision_latest AS l
    WHERE l.site = ?1 AND l.profile = ?2 AND decision_history.seq = l.history";

const BEGIN: &str = "
    INSERT INTO decision_history
        (site, profile, tick, since, verdict, fingerprint, headline, chain)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const REPLACE: &str = "
    INSERT INTO decision_latest
        (site, profile, history, tick, at, times, verdict, fingerprint, headline, chain)
    VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9)
    ON CONFLICT (site, profile) DO UPDATE SET
        history = excluded.history, tick = excluded.tick, at = excluded.at, times = 1,
        verdict = excluded.verdict, fingerprint = excluded.fingerprint,
        headline = excluded.headline, chain = excluded.chain";

fn list(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Decision>, Stop> {
    let mut keys = conn.prepare_cached(
        "SELECT i.key FROM decision_intent AS di JOIN intent AS i ON i.seq = di.intent
         WHERE di.decision = ?1 ORDER BY i.seq",
    )?;
    let mut query = conn.prepare_cached(sql)?;
    let mut rows = query.query(params)?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        let mut decision = decision(row)?;
        let asked = keys.query_map([row.get::<_, i64>("seq")?], |row| name(row, "key"))?;
        decision.intents = asked.collect::<rusqlite::Result<_>>()?;
        decisions.push(decision);
    }
    Ok(decisions)
}

fn decision(row: &Row<'_>) -> rusqlite::Result<Decision> {
    let moment = |column| row.get(column).map(unsigned).map(Timestamp::from_millis);
    Ok(Decision {
        profile: name(row, "profile")?,
        tick: unsigned(row.get("tick")?),
        since: moment("since")?,
        seen_until: moment("seen_until")?,
        times: unsigned(row.get("times")?),
        verdict: verdict(row)?,
        headline: row.get("headline")?,
        chain: row.get("chain")?,
        fingerprint: row.get::<_, i64>("fingerprint")?.cast_unsigned(),
        intents: Vec::new(),
    })
}

fn verdict(row: &Row<'_>) -> rusqlite::Result<Verdict> {
    let text: String = row.get("verdict")?;
    Verdict::from_text(&text).ok_or_else(|| {
        rusqlite::Error::InvalidColumnType(0, format!("verdict {text:?}"), Type::Text)
    })
}
