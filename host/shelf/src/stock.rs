//! All names at one moment. Readers hold one moment for as long as they like;
//! a change makes the next and swaps it in whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hooke_control::ids::PolicyName;

use crate::config::Rules;
use crate::entry::Entry;
use crate::status::DirectoryState;

/// The shelf at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// Counts changes of what is live, and of the rules it is bound by.
    pub(crate) version: u64,
    pub(crate) entries: BTreeMap<PolicyName, Arc<Entry>>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) directory: DirectoryState,
}

/// The shelf now. Written by one at a time: whoever holds the keeper.
#[derive(Debug)]
pub(crate) struct Stock(ArcSwap<Moment>);

impl Stock {
    pub(crate) fn new(rules: Rules, directory: DirectoryState) -> Self {
        let rules = Arc::new(rules);
        let entries = BTreeMap::new();
        Self(ArcSwap::from_pointee(Moment { version: 0, entries, rules, directory }))
    }

    pub(crate) fn now(&self) -> Arc<Moment> {
        self.0.load_full()
    }

    pub(crate) fn entry(&self, name: &str) -> Option<Arc<Entry>> {
        self.0.load().entries.get(name).cloned()
    }

    /// Puts an entry in place of the one before.
    pub(crate) fn put(&self, entry: Entry) {
        let before = self.entry(entry.name.as_str());
        let was = before.as_ref().map(|before| (before.digest(), &before.origin));
        let other = was != Some((entry.digest(), &entry.origin));
        self.change(|moment| {
            moment.version += u64::from(other);
            moment.entries.insert(entry.name.clone(), Arc::new(entry));
        });
    }

    /// Takes a name off the shelf.
    pub(crate) fn remove(&self, name: &PolicyName) {
        self.change(|moment| {
            moment.version += 1;
            moment.entries.remove(name);
        });
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        self.change(|moment| {
            moment.version += 1;
            moment.rules = Arc::new(rules);
        });
    }

    pub(crate) fn set_directory(&self, state: DirectoryState) {
        self.change(|moment| moment.directory = state);
    }

    fn change(&self, change: impl FnOnce(&mut Moment)) {
        let mut moment = Moment::clone(&self.0.load());
        change(&mut moment);
        self.0.store(Arc::new(moment));
    }
}
