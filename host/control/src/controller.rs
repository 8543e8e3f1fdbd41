//! The loop of one site as a state machine: events in, effects out. It never
//! waits, asks or writes; whoever runs it turns effects into calls and answers
//! into events. The same controller runs in the host and in the simulator.
//!
//! ```text
//! idle ──wake──► observing ──observed──► evaluating ──evaluated──► idle
//!                                                        │
//!                            record ──recorded──► act ──acted──► close
//! ```
//!
//! Acting does not hold up the next tick: what is in flight is counted, and the
//! machines it is about are left alone until the list shows what became of it.

mod events;
mod watch;

use std::collections::BTreeMap;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, Failure, Intent, Outcome};
use crate::explain::{Chain, Direction};
use crate::fleet::SeenVm;
use crate::guard::memories::Memories;
use crate::ids::{IntentKey, PolicyName, ProfileName, VmId};
use crate::ledger::{Acceptance, Ledger};
use crate::observe::{self, Observation};
use crate::planner::{self, Naming, Plan, Said};
use crate::recover::{self, Closing, Repair};
use crate::snapshot::{Quality, Snapshot};
use crate::spec::SiteSpec;
use crate::units::{Timestamp, millis};
pub use events::{Batch, Beginning, Effect, Event, Record};
use watch::Watch;

/// The shortest time for which a wakeup is put off: a site whose interval is a
/// few milliseconds must not turn into a busy loop.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

#[derive(Debug)]
enum Phase {
    Idle,
    Observing,
    Evaluating(Arc<Snapshot>),
}

/// One site's loop.
#[derive(Debug)]
pub struct Controller {
    site: Arc<SiteSpec>,
    generation: String,
    /// The last number that a tick or a record has.
    tick: u64,
    phase: Phase,
    next: Timestamp,
    ledger: Ledger,
    unrepaired: Vec<Intent>,
    batches: BTreeMap<Batch, Vec<Intent>>,
    batch: u64,
    /// The plan of the last tick, until the next one begins.
    plan: Option<Plan>,
    /// Whether the last list of machines was there.
    list: Quality,
    watch: Watch,
    /// Intents of this tick that no policy asked for; recorded with its plan.
    back: Vec<Intent>,
}

impl Controller {
    /// A controller that wants its first tick at once.
    pub fn new(site: Arc<SiteSpec>, beginning: Beginning, now: Timestamp) -> Self {
        let mut ledger = Ledger::default();
        ledger.guards = Memories::recovered(beginning.guards, &site, now);
        for intent in &beginning.open {
            ledger.begin_again(intent.clone(), now);
        }
        Self {
            site,
            generation: beginning.generation,
            tick: beginning.tick,
            phase: Phase::Idle,
            next: now,
            ledger,
            unrepaired: beginning.open,
            batches: BTreeMap::new(),
            batch: 0,
            plan: None,
            list: Quality::Missing,
            watch: Watch::default(),
            back: Vec::new(),
        }
    }

    /// When it wants to be woken. While a tick is under way a wake does nothing
    /// but put this off.
    pub const fn next_wakeup(&self) -> Timestamp {
        self.next
    }

    /// Whether nothing is in flight: no tick, no batch, no unanswered call.
    pub fn is_quiet(&self) -> bool {
        matches!(self.phase, Phase::Idle)
            && self.batches.is_empty()
            && self.ledger.in_flight().next().is_none()
    }

    /// What the ledger holds; for the status page.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether the last list of machines was complete; for the health page.
    pub fn is_observing_well(&self) -> bool {
        self.list == Quality::Fresh
    }

    /// Takes one event. One that does not fit what is under way is ignored.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Wake => self.wake(now),
            Event::Observed(observation) => self.observed(observation, now),
            Event::Evaluated(said) => self.evaluated(said, now),
            Event::Recorded(batch) => self.recorded(batch, now),
            Event::NotRecorded(batch) => self.not_recorded(batch),
            Event::Acted(key, result) => self.acted(&key, result, now),
            Event::Reconfigured(site) => {
                self.site = site;
                self.next = self.next.min(now.plus(self.site.every));
                Vec::new()
            }
        }
    }

    fn wake(&mut self, now: Timestamp) -> Vec<Effect> {
        match self.phase {
            Phase::Idle if self.is_due(now) => {
                self.tick += 1;
                self.next = now.plus(jittered(self.site.every, self.site.name.as_str(), self.tick));
                self.plan = None;
                self.phase = Phase::Observing;
                vec![Effect::Observe]
            }
            Phase::Idle => Vec::new(),
            Phase::Observing | Phase::Evaluating(_) => {
                // The tick takes longer than the interval. Looking again a
                // little later keeps whoever sleeps by this from spinning.
                if self.is_due(now) {
                    self.next = now.plus(self.site.every / 10 + SHORTEST_WAIT);
                }
                Vec::new()
            }
        }
    }

    /// A wakeup further away than any interval means that the clock was set
    /// back: the site is not left alone until it has caught up.
    fn is_due(&self, now: Timestamp) -> bool {
        now >= self.next || self.next.since(now) > self.site.every + self.site.every / 10
    }

    fn observed(&mut self, observation: Observation, now: Timestamp) -> Vec<Effect> {
        match self.phase {
            Phase::Observing => {}
            Phase::Idle | Phase::Evaluating(_) => return Vec::new(),
        }
        let mut effects = Vec::new();
        if let Ok(seen) = &observation.cloud {
            effects.extend(self.repair(seen, now));
            effects.extend(self.watch(seen, now));
        }
        let (site, ledger) = (&self.site, &mut self.ledger);
        let snapshot = Arc::new(observe::snapshot(site, ledger, observation, self.tick, now));
        self.list = snapshot.cloud.quality();
        if self.list == Quality::Fresh {
            effects.extend(self.resolve(now));
        }
        self.phase = Phase::Evaluating(Arc::clone(&snapshot));
        effects.push(Effect::Evaluate(snapshot));
        effects
    }

    /// Finishes, adopts or drops what an earlier host left open.
    fn repair(&mut self, seen: &[SeenVm], now: Timestamp) -> Vec<Effect> {
        let left = std::mem::take(&mut self.unrepaired);
        if left.is_empty() {
            return Vec::new();
        }
        let by_id: BTreeMap<&VmId, &SeenVm> = seen.iter().map(|vm| (&vm.id, vm)).collect();
        let by_key: BTreeMap<&IntentKey, &SeenVm> = seen.iter().map(|vm| (&vm.key, vm)).collect();
        let mut effects = Vec::new();
        for intent in left {
            let about = match intent.action.vm() {
                Some(vm) => by_id.get(vm),
                None => by_key.get(&intent.key),
            };
            let about = about.map_or(&[][..], |vm| slice::from_ref(*vm));
            match recover::judge(&intent, about) {
                Repair::Redo => {
                    self.ledger.begin_again(intent.clone(), now);
                    effects.push(Effect::Act(intent));
                }
                Repair::Close(closing) => {
                    match &closing {
                        Closing::Done(_) => self.ledger.forget(&intent.key),
                        Closing::Failed(_) | Closing::Abandoned { .. } => {
                            self.ledger.abandon(&intent.key);
                        }
                    }
                    effects.push(Effect::Close(intent.key, closing));
                }
            }
        }
        effects
    }

    /// Closes what the list of machines shows at last, or has not shown for too
    /// long.
    fn resolve(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (intent, closing) in self.ledger.resolve(now) {
            if !matches!(closing, Closing::Done(_)) {
                effects.push(Effect::Warn(format!("{}: {closing}", intent.action)));
            }
            effects.push(Effect::Close(intent.key, closing));
        }
        effects
    }

    fn evaluated(&mut self, said: Said, now: Timestamp) -> Vec<Effect> {
        let snapshot = match &self.phase {
            Phase::Evaluating(snapshot) => Arc::clone(snapshot),
            Phase::Idle | Phase::Observing => return Vec::new(),
        };
        self.phase = Phase::Idle;
        let naming = Naming::new(self.site.name.as_str(), &self.generation, self.tick);
        let mut plan = planner::plan(Arc::clone(&snapshot), &self.ledger, &said, naming, now);
        self.ledger.keep_line(plan.line.clone());
        let memory = said.live.into_iter().chain(said.shadows).flat_map(|(profile, answers)| {
            answers
                .into_iter()
                .filter_map(move |answer| Some((profile.clone(), answer.policy, answer.memory?)))
        });
        self.ledger.guards.note(&snapshot, &plan.wishes, &plan.intents);
        for intent in &plan.intents {
            self.begin(intent.clone(), &snapshot);
        }
        let mut intents = std::mem::take(&mut self.back);
        intents.append(&mut plan.intents);
        let chains = std::mem::take(&mut plan.chains);
        // Only what brings workers is ever replaced by something else.
        plan.chains = chains
            .iter()
            .filter(|(_, chain)| chain.direction() == Direction::Out && !chain.intents.is_empty())
            .map(|(name, chain)| (name.clone(), chain.clone()))
            .collect();
        self.plan = Some(plan);
        let chains = chains.into_values().collect();
        vec![self.record(intents, chains, memory.collect(), now)]
    }

    fn begin(&mut self, intent: Intent, snapshot: &Snapshot) {
        match &intent.action {
            Action::StartWorker { vm, .. } => {
                let workers = snapshot.vm(vm).map_or(&[][..], |vm| vm.workers.as_slice());
                let workers = workers.iter().map(|worker| worker.id.clone()).collect();
                self.ledger.begin_beside(intent, workers);
            }
            Action::Launch { .. }
            | Action::Resume { .. }
            | Action::Suspend { .. }
            | Action::Terminate { .. }
            | Action::StopWorker { .. } => self.ledger.begin(intent),
        }
    }

    /// Asks for what has begun to be written down.
    fn record(
        &mut self,
        intents: Vec<Intent>,
        chains: Vec<Chain>,
        memory: Vec<(ProfileName, PolicyName, Vec<u8>)>,
        now: Timestamp,
    ) -> Effect {
        self.batch += 1;
        let batch = Batch::new(self.batch);
        self.batches.insert(batch, intents.clone());
        let guards = self.ledger.guards.take_unwritten();
        Effect::Record(Record { batch, tick: self.tick, at: now, intents, chains, memory, guards })
    }

    fn recorded(&mut self, batch: Batch, now: Timestamp) -> Vec<Effect> {
        let intents = self.batches.remove(&batch).unwrap_or_default();
        let known = intents.iter().filter_map(|intent| self.ledger.sent(&intent.key, now));
        known.map(Effect::Act).collect()
    }

    fn not_recorded(&mut self, batch: Batch) -> Vec<Effect> {
        for intent in self.batches.remove(&batch).unwrap_or_default() {
            self.ledger.abandon(&intent.key);
        }
        self.ledger.guards.not_written();
        // What failed to be written counts for nothing: nor does the rest of
        // its plan, until the next tick looks anew.
        self.plan = None;
        Vec::new()
    }

    fn acted(
        &mut self,
        key: &IntentKey,
        result: Result<Outcome, Failure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        match result {
            Ok(outcome) => match self.ledger.accepted(key, &outcome, now) {
                Some(Acceptance::Final) => {
                    vec![Effect::Close(key.clone(), Closing::Done(outcome))]
                }
                // It is closed once the list shows it, or was closed before.
                Some(Acceptance::NotShownYet) | None => Vec::new(),
            },
            Err(failure) => {
                let Some(intent) = self.ledger.failed(key, &failure, now) else {
                    return Vec::new();
                };
                if let Failure::Unclear { why } = &failure {
                    let text = format!(
                        "{}: it is not clear whether it was done, and it counts until the list of machines tells: {why}",
                        intent.action
                    );
                    return vec![Effect::Warn(text)];
                }
                let warning = Effect::Warn(format!("{} failed, {failure}", intent.action));
                let mut effects = Vec::new();
                effects.extend(self.try_next(&intent, &failure, now));
                effects.push(warning);
                effects.push(Effect::Close(key.clone(), Closing::Failed(failure)));
                effects
            }
        }
    }

    /// The next rung of the ladder, at once, if the failed one was of the plan
    /// that is still current.
    fn try_next(&mut self, failed: &Intent, failure: &Failure, now: Timestamp) -> Option<Effect> {
        let plan = self.plan.as_mut()?;
        let profile = failed.profile.as_ref()?;
        if !plan.chains.get(profile)?.intents.contains(&failed.key) {
            return None;
        }
        let intents = plan.replace(&self.ledger, failed, &failure.to_string(), now);
        self.tick += 1;
        let chain = plan.chains.get_mut(profile)?;
        chain.tick = self.tick;
        let chain = chain.clone();
        let snapshot = Arc::clone(&plan.draft.snapshot);
        self.ledger.guards.changed(&snapshot, &intents);
        for intent in &intents {
            self.begin(intent.clone(), &snapshot);
        }
        Some(self.record(intents, vec![chain], Vec::new(), now))
    }
}

/// The interval, moved by up to a tenth either way, so that sites and hosts do
/// not beat in step. Drawn from the site's name and the tick, not from chance.
fn jittered(every: Duration, site: &str, tick: u64) -> Duration {
    let seed = site.bytes().fold(tick.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let every = millis(every);
    let tenth = every / 10;
    Duration::from_millis(every - tenth + (seed >> 16) % (2 * tenth + 1))
}
