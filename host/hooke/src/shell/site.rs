//! One site's loop. Whatever takes time runs beside it and reports back, so
//! that a slow cloud, source, policy or disk holds up nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_clouds::Cloud;
use hooke_control::action::{Action, Failure, Intent, Outcome};
use hooke_control::controller::{Beginning, Controller, Effect, Event, Record};
use hooke_control::ids::{IntentKey, SiteName};
use hooke_control::planner::Said;
use hooke_control::recover::Closing;
use hooke_control::snapshot::Snapshot;
use hooke_history::{Restored, Restoring};
use hooke_store::HistoryWritten;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::archive::{self, Archive, ArchiveError};
use crate::board::Board;
use crate::clock::Clock;
use crate::config::SiteConfig;
use crate::crash::{self, Step};
use crate::desk::{Chronicle, Desk, Desks, Memory, Policies};
use crate::driver::Drivers;
use crate::metrics::Metrics;
use crate::observer::observe;

/// Calls to one cloud at a time: what a private cloud's API takes without
/// answering "too many requests".
const CALLS_AT_ONCE: usize = 8;

/// How long an action waits for its turn. The core stops counting an action that
/// is not answered within an hour, so it must not start after that.
const PERMIT_DEADLINE: Duration = Duration::from_secs(600);

/// How long one call to a cloud may take before its outcome counts as unclear.
const CALL_DEADLINE: Duration = Duration::from_secs(120);

/// How often it is told that readings are still being read back.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// What all sites share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) archive: Archive,
    pub(crate) board: Arc<Board>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) policies: Policies,
    pub(crate) desks: Arc<Desks>,
}

/// Why a site's loop could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteFailure {
    #[error("the store could not say what the last host left of this site")]
    Recover(#[from] ArchiveError),
}

/// How far the tick under way has come.
enum Tick {
    /// None is under way; the controller says when it wants the next.
    Awaited,
    /// The cloud and the sources are being asked.
    Looking(AbortHandle),
    /// The policies are being asked.
    Asking,
}

/// One site, running.
pub(crate) struct SiteLoop {
    name: SiteName,
    controller: Controller,
    drivers: Arc<Drivers>,
    desk: Arc<Desk>,
    clock: Clock,
    common: Common,
    calls: Arc<Semaphore>,
    tasks: JoinSet<Option<Event>>,
    tick: Tick,
    /// What the cloud was told, until it is written down how that ended.
    told: BTreeMap<IntentKey, Action>,
    woke: Instant,
}

impl SiteLoop {
    /// Makes the loop of a site from its configuration and what the store holds.
    pub(crate) async fn new(
        config: &SiteConfig,
        drivers: Arc<Drivers>,
        clock: Clock,
        common: Common,
    ) -> Result<Self, SiteFailure> {
        let name = config.spec.name.clone();
        let recovered = common.archive.recover(name.clone()).await?;
        let memory: Memory =
            recovered.memory.into_iter().map(|(key, bytes)| (key, bytes.into())).collect();
        let past = past(config, clock, &common).await?;
        let desk = Arc::new(Desk::new(config, &common.policies, memory, past));
        common.desks.add(&name, &desk);
        for (policy, failure) in desk.unavailable() {
            let why = failure.why();
            tracing::error!(site = %name, %policy, "policy unavailable, its profiles hold: {why}");
        }
        if !recovered.open.is_empty() {
            let open = recovered.open.len();
            tracing::info!(site = %name, open, "intents of the last host are open; they are adopted or finished");
        }
        let told = recovered.open.iter().map(|i| (i.key.clone(), i.action.clone())).collect();
        let beginning = Beginning {
            generation: common.archive.generation().to_owned(),
            tick: recovered.tick,
            open: recovered.open,
            guards: recovered.guards,
        };
        let controller = Controller::new(Arc::clone(&config.spec), beginning, clock.now());
        Ok(Self {
            name,
            controller,
            drivers,
            desk,
            clock,
            common,
            calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
            tasks: JoinSet::new(),
            tick: Tick::Awaited,
            told,
            woke: Instant::now(),
        })
    }

    /// Runs until told to stop, then finishes what is in flight. A look at
    /// the world is given up: nothing was decided on it yet, and a source that
    /// does not answer must not hold up the end. The fleet stays as it is.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let stopping = *stop.borrow();
            if let (true, Tick::Looking(look)) = (stopping, &self.tick) {
                look.abort();
            }
            if stopping && self.tasks.is_empty() {
                tracing::info!(site = %self.name, "stopped; the fleet runs on");
                return;
            }
            // While a tick is under way the next one may be overdue, and to be
            // woken for it would be in vain.
            let awaited = matches!(self.tick, Tick::Awaited) && !stopping;
            let sleep = self.clock.until(self.controller.next_wakeup());
            tokio::select! {
                Some(done) = self.tasks.join_next(), if !self.tasks.is_empty() => self.finished(done),
                () = tokio::time::sleep(sleep), if awaited => self.handle(Event::Wake),
                _ = stop.changed(), if !stopping => {}
            }
        }
    }

    fn finished(&mut self, done: Result<Option<Event>, tokio::task::JoinError>) {
        match done {
            Ok(Some(event)) => self.handle(event),
            Ok(None) => {}
            Err(error) if error.is_cancelled() => {}
            Err(error) => tracing::error!(site = %self.name, "a task of the loop broke: {error}"),
        }
    }

    fn handle(&mut self, event: Event) {
        if matches!(event, Event::Evaluated(_)) {
            self.tick = Tick::Awaited;
        }
        let now = self.clock.now();
        for effect in self.controller.handle(event, now) {
            match effect {
                Effect::Observe => self.observe(),
                Effect::Evaluate(snapshot) => self.evaluate(snapshot),
                Effect::Record(record) => self.record(record),
                Effect::Act(intent) => self.act(intent),
                Effect::Close(key, closing) => self.close(key, closing),
                Effect::Warn(text) => {
                    tracing::warn!(site = %self.name, "{text}");
                    self.common.board.troubled(&self.name, text);
                }
            }
        }
    }

    fn observe(&mut self) {
        self.woke = Instant::now();
        let drivers = Arc::clone(&self.drivers);
        let look =
            async move { Some(Event::Observed(observe(&drivers.cloud, &drivers.sources).await)) };
        self.tick = Tick::Looking(self.tasks.spawn(look));
    }

    fn evaluate(&mut self, snapshot: Arc<Snapshot>) {
        let (desk, metrics) = (Arc::clone(&self.desk), Arc::clone(&self.common.metrics));
        let (board, name) = (Arc::clone(&self.common.board), self.name.clone());
        let desks = Arc::clone(&self.common.desks);
        self.tick = Tick::Asking;
        let asked = move || {
            board.observed(&snapshot);
            metrics.observed(&snapshot);
            let said = desk.ask(&snapshot);
            metrics.policies.evaluated(&snapshot, &said);
            board.evaluated(&snapshot.site.name, &said.seats);
            let kept = desk.past().kept();
            board.remembers(&snapshot.site.name, &kept);
            metrics.history.kept(snapshot.site.name.as_str(), &kept);
            desks.keep(&snapshot.site.name, desk.records());
            said.answers
        };
        self.tasks.spawn(async move {
            let answers = tokio::task::spawn_blocking(asked).await.unwrap_or_else(|error| {
                tracing::error!(site = %name, "asking the policies broke, every profile holds: {error}");
                Said::default()
            });
            Some(Event::Evaluated(answers))
        });
    }

    fn record(&mut self, record: Record) {
        for intent in &record.intents {
            crash::point(Step::Decided, &intent.action);
            let profile = intent.profile.as_ref().map_or("-", |profile| profile.as_str());
            tracing::info!(site = %self.name, profile, key = %intent.key, "{}: {}", intent.action, intent.reason);
        }
        let seconds = self.woke.elapsed().as_secs_f64();
        self.common.board.decided(&self.name, &record.chains);
        self.desk.decided(&self.name, &record.chains);
        self.common.metrics.decided(self.name.as_str(), &record.chains, seconds);
        let (archive, board, name) =
            (self.common.archive.clone(), Arc::clone(&self.common.board), self.name.clone());
        let (batch, intents) = (record.batch, record.intents.clone());
        let past = Arc::clone(self.desk.past());
        let written = archive.record(archive::row(name.clone(), &record, past.take_row()));
        self.tasks.spawn(async move {
            match written.await {
                Ok(written) => {
                    match written {
                        HistoryWritten::Kept => past.written(),
                        HistoryWritten::Lost(error) if past.lost() => {
                            tracing::warn!(site = %name, "a tick's readings were not written down, a restart will not know them: {error}");
                        }
                        HistoryWritten::Lost(_) => {}
                    }
                    for intent in &intents {
                        crash::point(Step::Recorded, &intent.action);
                    }
                    Some(Event::Recorded(batch))
                }
                Err(error) => {
                    let _known = past.lost();
                    let why = format!(
                        "the store refused a tick, so nothing of it is done: {}",
                        crate::shelf::chain(&error)
                    );
                    tracing::error!(site = %name, "{why}");
                    board.troubled(&name, why);
                    Some(Event::NotRecorded(batch))
                }
            }
        });
    }

    fn act(&mut self, intent: Intent) {
        self.told.insert(intent.key.clone(), intent.action.clone());
        let (drivers, calls) = (Arc::clone(&self.drivers), Arc::clone(&self.calls));
        let (metrics, site) = (Arc::clone(&self.common.metrics), self.name.clone());
        self.tasks.spawn(async move {
            let result = match timeout(PERMIT_DEADLINE, calls.acquire()).await {
                Ok(_permit) => call(&drivers, &intent).await,
                Err(_) => Err(Failure::Throttled {
                    retry_after: None,
                    why: format!("{CALLS_AT_ONCE} calls to the cloud are under way and none ended within {PERMIT_DEADLINE:?}"),
                }),
            };
            crash::point(Step::Applied, &intent.action);
            let outcome = match &result {
                Ok(Outcome::Applied { .. }) => "applied",
                Ok(Outcome::AlreadyTrue { .. }) => "already-true",
                Err(failure) => failure.kind(),
            };
            metrics.acted(site.as_str(), intent.action.kind(), outcome);
            Some(Event::Acted(intent.key, result))
        });
    }

    fn close(&mut self, key: IntentKey, closing: Closing) {
        let (archive, name, now) =
            (self.common.archive.clone(), self.name.clone(), self.clock.now());
        let action = self.told.remove(&key);
        self.tasks.spawn(async move {
            if let Some(action) = &action {
                tracing::info!(site = %name, %key, "{action}: {closing}");
            }
            match archive.close(name.clone(), key.clone(), closing, now).await {
                Ok(()) => action.iter().for_each(|action| crash::point(Step::Closed, action)),
                Err(error) => {
                    tracing::error!(site = %name, %key, "an outcome was not written down; the next start settles it: {error}");
                }
            }
            None
        });
    }
}

/// What was read of a site: by the desk before, else by the host before. Nothing
/// depends on it, so that a site starts without it if need be.
async fn past(
    config: &SiteConfig,
    clock: Clock,
    common: &Common,
) -> Result<Arc<Chronicle>, ArchiveError> {
    let (name, keep) = (&config.spec.name, config.history);
    if let Some(past) = common.desks.past(name) {
        past.keep_from_now(keep);
        return Ok(past);
    }
    let now = clock.now();
    let begun = Instant::now();
    let restoring = Restoring::new(keep, now);
    let reading = common.archive.history(name.clone(), now.minus(keep.time), restoring);
    tokio::pin!(reading);
    let read = loop {
        match timeout(PROGRESS_EVERY, &mut reading).await {
            Ok(read) => break read?,
            Err(_) => {
                let so_far = begun.elapsed();
                tracing::info!(site = %name, ?so_far, "reading back what the last host read");
            }
        }
    };
    let Restored { history, frames, lost } = read.restoring.finish();
    let seconds = begun.elapsed().as_secs_f64();
    if frames > 0 {
        tracing::info!(site = %name, ticks = frames, seconds, "readings of the last host are at hand");
    }
    if let Some(error) = read.trouble {
        tracing::warn!(site = %name, "readings of the last host are lost in part: {error}");
    } else if lost > 0 {
        tracing::warn!(site = %name, ticks = lost, "readings of the last host are damaged; these ticks are gaps");
    }
    Ok(Arc::new(Chronicle::new(history)))
}

async fn call(drivers: &Drivers, intent: &Intent) -> Result<Outcome, Failure> {
    match timeout(CALL_DEADLINE, drivers.cloud.apply(&intent.action, &intent.key)).await {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(error)) => Err(error.failure()),
        Err(_) => Err(Failure::Unclear { why: format!("no answer within {CALL_DEADLINE:?}") }),
    }
}
