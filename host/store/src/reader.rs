//! The store as everybody else has it: looking, while a host may be writing.
//! Each answer is of one moment. Cannot change the file.

use std::path::Path;

use hooke_control::ids::{IntentKey, ProfileName, SiteName, VmId};
use hooke_control::units::Timestamp;
use rusqlite::Connection;

use crate::database::ReadDatabase;
use crate::error::{Stop, StoreError};
use crate::record::{Decision, JournalEntry, Recovered, SiteProgress};
use crate::sites::SiteId;
use crate::{decisions, history, journal, recover, sites};

/// A store open for looking. A site that it does not know has no answers,
/// which is no error. Any call may fail with `Busy`, `Damaged`, `Unreadable`
/// or `DiskFailed`.
#[derive(Debug)]
pub struct Reader {
    database: ReadDatabase,
}

/// All that is known about one machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VmStory {
    /// The intents about it, newest first.
    pub intents: Vec<JournalEntry>,
    /// The decisions that asked for them, newest first.
    pub decisions: Vec<Decision>,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        ReadDatabase::open(path).map(|database| Self { database })
    }

    /// Every site with its last tick, by name.
    pub fn sites(&self) -> Result<Vec<SiteProgress>, StoreError> {
        self.database.read("listing sites", |conn| Ok(sites::all(conn)?))
    }

    /// What a host that started now would be told of a site.
    pub fn recover(&self, site: &SiteName) -> Result<Recovered, StoreError> {
        self.database.read("recovering a site", |conn| recover::all(conn, site))
    }

    /// Gives what was read since `from`, as [`Store::history`](crate::Store::history)
    /// does. What was given before an error stands.
    pub fn readings(
        &self,
        site: &SiteName,
        from: Timestamp,
        each: impl FnMut(Option<(Timestamp, &[u8])>),
    ) -> Result<(), StoreError> {
        self.of_site(site, |conn, id| Ok(history::read(conn, id, from, each)?))
    }

    /// The newest decision of every profile, with its newest chain, by name.
    pub fn latest(&self, site: &SiteName) -> Result<Vec<Decision>, StoreError> {
        self.of_site(site, decisions::latest)
    }

    /// The newest decision of one profile, with its newest chain.
    pub fn latest_of(
        &self,
        site: &SiteName,
        profile: &ProfileName,
    ) -> Result<Option<Decision>, StoreError> {
        self.of_site(site, |conn, id| decisions::latest_of(conn, id, profile))
    }

    /// What was decided for a profile, the last tick's first whatever the clocks
    /// said, at most `limit` runs; each with the chain that began it.
    pub fn history(
        &self,
        site: &SiteName,
        profile: &ProfileName,
        limit: u32,
    ) -> Result<Vec<Decision>, StoreError> {
        self.of_site(site, |conn, id| decisions::history(conn, id, profile, limit))
    }

    /// The decision in force at a moment: the last that began by then. If its
    /// `seen_until` is earlier, nobody was deciding at that moment.
    pub fn decision_at(
        &self,
        site: &SiteName,
        profile: &ProfileName,
        at: Timestamp,
    ) -> Result<Option<Decision>, StoreError> {
        self.of_site(site, |conn, id| decisions::begun_by(conn, id, profile, at))
    }

    /// What concerns a machine: at most `limit` intents and as many decisions.
    pub fn about_vm(&self, site: &SiteName, vm: &VmId, limit: u32) -> Result<VmStory, StoreError> {
        self.of_site(site, |conn, id| {
            Ok(VmStory {
                intents: journal::about(conn, id, vm, limit)?,
                decisions: decisions::about(conn, id, vm, limit)?,
            })
        })
    }

    /// The intents of those keys, in their order; unknown ones are left out.
    pub fn intents(
        &self,
        site: &SiteName,
        keys: &[IntentKey],
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.of_site(site, |conn, id| {
            keys.iter().filter_map(|key| journal::find(conn, id, key).transpose()).collect()
        })
    }

    /// The intents that wait for an answer, oldest first.
    pub fn open_intents(&self, site: &SiteName) -> Result<Vec<JournalEntry>, StoreError> {
        self.of_site(site, journal::open)
    }

    fn of_site<T: Default>(
        &self,
        site: &SiteName,
        ask: impl FnOnce(&Connection, SiteId) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        self.database.read("reading the store", |conn| match sites::find(conn, site)? {
            Some((id, _)) => ask(conn, id),
            None => Ok(T::default()),
        })
    }
}
