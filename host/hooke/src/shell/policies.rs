//! The host's policies: the shelf, the thread that keeps it in step with the
//! policies directory, and the sites that have a say in what is replaced.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hooke_shelf::{ShelfError, Users, Watch};

use crate::clock;
use crate::config::PoliciesConfig;
use crate::desk::{Desks, Policies};
use crate::metrics::Metrics;
use crate::shelf::{self, CacheUse, Shelf};

/// How long a reload of the site file waits for files that were put into the
/// policies directory just before it.
const SETTLE: Duration = Duration::from_secs(3);

/// Time between looks while files settle.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The policies of a running host.
#[derive(Debug)]
pub(super) struct HostPolicies {
    config: PoliciesConfig,
    shelf: Arc<Shelf>,
    desks: Arc<Desks>,
    watch: Watch,
}

impl HostPolicies {
    /// Starts to keep a shelf in step with its directory.
    pub(super) fn watch(config: PoliciesConfig, shelf: Arc<Shelf>) -> io::Result<Self> {
        let desks = Arc::new(Desks::default());
        let watch = watched(&shelf, &desks)?;
        Ok(Self { config, shelf, desks, watch })
    }

    /// The shelf, and what the site file says of failing policies.
    pub(super) fn at_hand(&self) -> Policies {
        Policies { shelf: Arc::clone(&self.shelf), rule: self.config.quarantine }
    }

    /// Who has a say.
    pub(super) const fn desks(&self) -> &Arc<Desks> {
        &self.desks
    }

    /// The shelf that another site file asks for: this one, with what was put
    /// into its directory until now, or a new one. Blocks, for a few seconds at
    /// the most: what is still being compiled then comes when it is done.
    pub(super) fn shelf_for(
        &self,
        config: &PoliciesConfig,
        metrics: &Arc<Metrics>,
    ) -> Result<Arc<Shelf>, ShelfError> {
        if !config.is_same_place(&self.config) {
            return shelf::open(config, CacheUse::Make, Some(Arc::clone(metrics))).map(Arc::new);
        }
        let users: &dyn Users = &*self.desks;
        let begun = Instant::now();
        while self.shelf.look(clock::wall(), users) && begun.elapsed() < SETTLE {
            thread::sleep(LOOK_AGAIN);
        }
        Ok(Arc::clone(&self.shelf))
    }

    /// Has files that were refused judged again, by the sites as they are now.
    pub(super) fn judge_again(&self) {
        self.shelf.judge_again(clock::wall());
    }

    /// Goes on with another site file and the shelf that it asked for. Blocks
    /// while a look is under way.
    pub(super) fn go_on(
        &mut self,
        mut config: PoliciesConfig,
        shelf: Arc<Shelf>,
    ) -> io::Result<()> {
        if Arc::ptr_eq(&shelf, &self.shelf) {
            self.config.used.become_as(&config.used);
            config.used = self.config.used.clone();
            self.shelf.set_rules(shelf::rules(&config), clock::wall());
        } else {
            self.watch = watched(&shelf, &self.desks)?;
            self.shelf = shelf;
        }
        self.config = config;
        Ok(())
    }
}

fn watched(shelf: &Arc<Shelf>, desks: &Arc<Desks>) -> io::Result<Watch> {
    let users: Arc<dyn Users> = Arc::clone(desks) as _;
    shelf.watch(users, Arc::new(clock::wall))
}
