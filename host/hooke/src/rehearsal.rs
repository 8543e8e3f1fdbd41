//! A simulated site, played in virtual time without waiting: the same
//! controller, policies, drivers and store as `run`, one tick after the other.
//! The demo and the benchmarks use it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_clouds::Cloud;
use hooke_control::controller::{Beginning, Controller, Effect, Event};
use hooke_control::explain::Chain;
use hooke_control::ids::SiteName;
use hooke_control::units::Timestamp;
use hooke_sim::{ManualClock, SimCloud, SimSource, Site as SimSite, World, WorldSpec};
use hooke_store::{Store, StoreError};
use tokio::runtime::Runtime;

use crate::archive;
use crate::config::SiteConfig;
use crate::desk::{Chronicle, Desk, Memory, Policies};
use crate::driver::{AnyCloud, AnySource, Drivers};
use crate::observer::observe;

/// One simulated site and everything that drives it.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    site: SiteName,
    controller: Controller,
    clock: ManualClock,
    drivers: Drivers,
    world: SimSite,
    desk: Desk,
    store: Store,
    /// The drivers are async; the simulated ones never wait.
    runtime: Runtime,
}

/// What one tick came to.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// The decisions, one a profile.
    pub(crate) chains: Vec<Chain>,
    /// What the operator is told.
    pub(crate) warnings: Vec<String>,
    /// From the snapshot given to the plan on disk.
    pub(crate) decided_in: Duration,
    asked_at: Option<Instant>,
}

impl Rehearsal {
    /// A site that begins at `start`.
    pub(crate) fn new(
        config: &SiteConfig,
        world: &WorldSpec,
        policies: &Policies,
        store: Store,
        start: Timestamp,
    ) -> std::io::Result<Self> {
        let clock = ManualClock::new(start);
        let world = SimSite::new(World::new(world.clone(), start), clock.reader());
        let sources = config.sources.iter().map(|source| {
            (
                source.name.clone(),
                AnySource::Sim(SimSource::new(world.clone())),
                source.queues.clone(),
            )
        });
        let drivers = Drivers {
            cloud: AnyCloud::Sim(SimCloud::new(world.clone())),
            sources: sources.collect(),
        };
        let beginning = Beginning::first(store.generation().to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(Self {
            site: config.spec.name.clone(),
            controller: Controller::new(Arc::clone(&config.spec), beginning, start),
            clock,
            drivers,
            world,
            desk: Desk::new(config, policies, Memory::new(), Chronicle::empty(config.history)),
            store,
            runtime,
        })
    }

    /// Its world.
    pub(crate) const fn world(&self) -> &SimSite {
        &self.world
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Goes on to the next tick and plays it to its end.
    pub(crate) fn tick(&mut self) -> Result<Played, StoreError> {
        self.clock.advance_to(self.controller.next_wakeup());
        let mut played = Played::default();
        let mut events = vec![Event::Wake];
        while let Some(event) = events.pop() {
            for effect in self.controller.handle(event, self.clock.now()) {
                events.extend(self.carry_out(effect, &mut played)?);
            }
        }
        Ok(played)
    }

    fn carry_out(
        &mut self,
        effect: Effect,
        played: &mut Played,
    ) -> Result<Option<Event>, StoreError> {
        Ok(match effect {
            Effect::Observe => Some(Event::Observed(
                self.runtime.block_on(observe(&self.drivers.cloud, &self.drivers.sources)),
            )),
            Effect::Evaluate(snapshot) => {
                played.asked_at = Some(Instant::now());
                Some(Event::Evaluated(self.desk.ask(&snapshot).answers))
            }
            Effect::Record(record) => {
                let batch = record.batch;
                let history = self.desk.past().take_row();
                // Nobody reads a rehearsal's readings back, so that losing them is nothing.
                drop(self.store.record_tick(&archive::row(self.site.clone(), &record, history))?);
                played.chains.extend(record.chains);
                if let Some(asked) = played.asked_at.take() {
                    played.decided_in = asked.elapsed();
                }
                Some(Event::Recorded(batch))
            }
            Effect::Act(intent) => {
                let result =
                    self.runtime.block_on(self.drivers.cloud.apply(&intent.action, &intent.key));
                Some(Event::Acted(intent.key, result.map_err(|error| error.failure())))
            }
            Effect::Close(key, closing) => {
                self.store.close_intent(&self.site, &key, &closing, self.clock.now())?;
                None
            }
            Effect::Warn(text) => {
                played.warnings.push(text);
                None
            }
        })
    }
}
