//! What the benchmarks need of the program, and nothing else may use.

use std::path::Path;
use std::time::Duration;

/// How long one whole tick of a simulated site took.
#[derive(Debug, Clone, Copy)]
pub struct Tick {
    /// From the snapshot given to the plan on disk.
    pub decided_in: Duration,
    /// Intents in the plan.
    pub intents: usize,
    /// Decisions in the plan.
    pub decisions: usize,
}

/// A simulated site of a site file, for the benchmark of a tick.
#[derive(Debug)]
pub struct Bench(crate::rehearsal::Rehearsal);

impl Bench {
    /// The first site of a site file's text, with a store at `store`.
    ///
    /// # Errors
    /// Whatever is wrong with the text or the store.
    pub fn new(text: &str, store: &Path) -> anyhow::Result<Self> {
        use crate::config::{self, CloudConfig};
        let config = config::parse(Path::new("bench.toml"), Path::new("/"), text).finish()?;
        let shelf = crate::shelf::open(&config.policies, crate::shelf::CacheUse::IfThere, None)?;
        let rule = config.policies.quarantine;
        let policies = crate::desk::Policies { shelf: std::sync::Arc::new(shelf), rule };
        let site = config.sites.first().expect("the text has a site");
        let CloudConfig::Sim { world, .. } = &site.cloud else {
            anyhow::bail!("not a simulated site")
        };
        let now = crate::clock::wall();
        let store = hooke_store::Store::open(store, now)?;
        Ok(Self(crate::rehearsal::Rehearsal::new(site, world, &policies, store, now)?))
    }

    /// Plays one tick.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn tick(&mut self) -> anyhow::Result<Tick> {
        let played = self.0.tick()?;
        let intents = played.chains.iter().map(|chain| chain.intents.len()).sum();
        Ok(Tick { decided_in: played.decided_in, intents, decisions: played.chains.len() })
    }
}
