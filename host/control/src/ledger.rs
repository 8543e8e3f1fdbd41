//! What the controller remembers between ticks: intents not yet seen to be
//! true, the last good readings, and what it had better not try again yet.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::action::{Action, Failure, Intent, Outcome};
use crate::back_off::BackOffs;
pub use crate::back_off::{BackOff, Target};
use crate::boots::Boots;
use crate::departures::Departures;
use crate::effects;
use crate::fleet::SeenVm;
use crate::guard::memories::Memories;
use crate::ids::{IntentKey, QueueName, VmId, WorkerId};
use crate::queue::QueueFacts;
use crate::recover::Closing;
use crate::share::Line;
use crate::units::{Span, Timestamp};

/// How long an action may be absent from the list of machines after the cloud
/// accepted it, or left it open, before it is forgotten. Clouds list with a
/// delay (EC2 documents minutes at worst); until then it counts against every cap.
pub const LISTING_GRACE: Duration = Duration::from_secs(300);

/// How long an answer of the cloud is waited for, the time included that a call
/// waits for others before it is made. Whoever makes the calls has to answer or
/// to drop them sooner than this: what is given up is counted no more.
pub const ANSWER_GRACE: Duration = Duration::from_secs(3600);

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Written down, or with the cloud; no answer yet.
    InFlight,
    /// The cloud accepted it at this moment; the list does not show it yet.
    Accepted(Timestamp),
    /// At this moment the cloud left open whether it was done.
    Unclear(Timestamp),
}

/// What follows from an accepted intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It can be closed.
    Final,
    /// It stays open until [`Ledger::resolve`] names it.
    NotShownYet,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) intent: Intent,
    pub(crate) progress: Progress,
    /// When it was given to the cloud; `None` before it is on disk.
    sent: Option<Timestamp>,
    /// The workers its machine had before it starts one more; `None` if unknown.
    pub(crate) before: Option<BTreeSet<WorkerId>>,
    /// The machine on which the list shows its effect.
    pub(crate) shown: Option<VmId>,
    /// How it went, of a launch that is closed only when the list shows it.
    outcome: Option<Outcome>,
}

/// The controller's memory.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    open: BTreeMap<IntentKey, Entry>,
    readings: BTreeMap<QueueName, (QueueFacts, Timestamp)>,
    back_offs: BackOffs,
    departures: Departures,
    pub(crate) boots: Boots,
    line: Line,
    /// What the guards go by.
    pub(crate) guards: Memories,
}

impl Ledger {
    /// Intents whose effect the list of machines does not show yet.
    pub fn open(&self) -> impl Iterator<Item = &Intent> {
        self.open.values().filter(|entry| entry.shown.is_none()).map(|entry| &entry.intent)
    }

    /// Every intent that may still have something to do with the cloud, those
    /// included that the list shows before the cloud has answered.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.open.values()
    }

    /// Intents that the cloud has not answered yet.
    pub fn in_flight(&self) -> impl Iterator<Item = &Intent> {
        let waits = |entry: &&Entry| entry.progress == Progress::InFlight;
        self.open.values().filter(waits).map(|entry| &entry.intent)
    }

    /// What is asked of each existing machine and not seen to be true yet.
    pub fn open_by_vm(&self) -> BTreeMap<&VmId, Vec<&Action>> {
        let mut by_vm: BTreeMap<&VmId, Vec<&Action>> = BTreeMap::new();
        for intent in self.open() {
            if let Some(vm) = intent.action.vm() {
                by_vm.entry(vm).or_default().push(&intent.action);
            }
        }
        by_vm
    }

    /// Takes note of an intent that is about to be written down.
    pub fn begin(&mut self, intent: Intent) {
        self.insert(intent, None, None);
    }

    /// Takes note of an intent that an earlier host left, or that is given to
    /// the cloud once more.
    pub fn begin_again(&mut self, intent: Intent, now: Timestamp) {
        self.insert(intent, None, Some(now));
    }

    /// Takes note of an intent to start a worker on a machine that has these.
    pub fn begin_beside(&mut self, intent: Intent, workers: BTreeSet<WorkerId>) {
        self.insert(intent, Some(workers), None);
    }

    /// Takes note that an intent is on disk and given to the cloud. `None` if
    /// it is not known any more: then it must not be.
    pub fn sent(&mut self, key: &IntentKey, now: Timestamp) -> Option<Intent> {
        let entry = self.open.get_mut(key)?;
        entry.sent = Some(now);
        Some(entry.intent.clone())
    }

    fn insert(
        &mut self,
        intent: Intent,
        before: Option<BTreeSet<WorkerId>>,
        sent: Option<Timestamp>,
    ) {
        let progress = Progress::InFlight;
        let entry = Entry { intent, progress, sent, before, shown: None, outcome: None };
        self.open.insert(entry.intent.key.clone(), entry);
    }

    /// Takes note that the cloud accepted an intent: it counts until the list
    /// shows it. Says whether it can be closed; `None` if it is not known, or
    /// was given up.
    ///
    /// A launch stays open until then also on disk, or a host that is killed
    /// meanwhile would not know of it and launch once more.
    pub fn accepted(
        &mut self,
        key: &IntentKey,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<Acceptance> {
        let entry = self.open.get_mut(key)?;
        self.back_offs.succeeded(&entry.intent.action);
        entry.progress = Progress::Accepted(now);
        let launch = matches!(entry.intent.action, Action::Launch { .. });
        if entry.shown.is_some() {
            self.open.remove(key);
        } else if launch {
            entry.outcome = Some(outcome.clone());
            return Some(Acceptance::NotShownYet);
        }
        Some(Acceptance::Final)
    }

    /// Takes note that an intent came to nothing, and stays away for a while.
    /// What may have been done all the same counts on until the list tells.
    pub fn failed(&mut self, key: &IntentKey, failure: &Failure, now: Timestamp) -> Option<Intent> {
        let entry = self.open.get_mut(key)?;
        let intent = entry.intent.clone();
        if matches!(failure, Failure::Unclear { .. }) {
            entry.progress = Progress::Unclear(now);
        } else {
            self.open.remove(key);
            self.guards.undo(key);
        }
        self.back_offs.failed(&intent.action, failure, now);
        Some(intent)
    }

    /// Drops an intent without judging what it was about.
    pub fn forget(&mut self, key: &IntentKey) {
        self.open.remove(key);
    }

    /// Drops an intent that was not carried out: what it was to change did not
    /// change.
    pub fn abandon(&mut self, key: &IntentKey) {
        self.forget(key);
        self.guards.undo(key);
    }

    /// Takes note of a complete list of machines: drops accepted intents that
    /// it shows, and those it never will.
    pub fn settle(&mut self, seen: &[SeenVm], now: Timestamp) {
        if !self.open.is_empty() {
            effects::look_for(&mut self.open, seen);
            self.open.retain(|_, entry| match entry.progress {
                Progress::InFlight | Progress::Unclear(_) => true,
                Progress::Accepted(_) if entry.outcome.is_some() => true,
                Progress::Accepted(at) => entry.shown.is_none() && now.since(at) < LISTING_GRACE,
            });
        }
        self.departures.note(seen, now);
    }

    /// Takes out every intent that is still to be closed, and that the list has
    /// shown, or not shown for long enough; with how it ended.
    pub fn resolve(&mut self, now: Timestamp) -> Vec<(Intent, Closing)> {
        let ended: Vec<(IntentKey, Closing)> = self
            .open
            .iter()
            .filter_map(|(key, entry)| Some((key.clone(), ended(entry, now)?)))
            .collect();
        for (key, closing) in &ended {
            if !matches!(closing, Closing::Done(_)) {
                self.guards.undo(key);
            }
        }
        let take = |(key, closing)| Some((self.open.remove(&key)?.intent, closing));
        ended.into_iter().filter_map(take).collect()
    }

    /// How long each machine has been on its way out or to suspension.
    pub fn leaving(&self, now: Timestamp) -> impl Iterator<Item = (&VmId, Duration)> {
        self.departures.vms(now)
    }

    /// How long each worker has been leaving a machine that stays.
    pub fn leaving_workers(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (&WorkerId, &VmId, Duration)> {
        self.departures.workers(now)
    }

    /// Who has been held up by the site's limits, and for how long.
    pub const fn line(&self) -> &Line {
        &self.line
    }

    /// Takes note of whom the last plan leaves held up.
    pub fn keep_line(&mut self, line: Line) {
        self.line = line;
    }

    /// The last good reading of a queue.
    pub fn reading(&self, queue: &QueueName) -> Option<&(QueueFacts, Timestamp)> {
        self.readings.get(queue)
    }

    /// Keeps a good reading for the ticks that get none.
    pub fn keep_reading(&mut self, queue: QueueName, facts: QueueFacts, now: Timestamp) {
        self.readings.insert(queue, (facts, now));
    }

    /// The pause that holds for `target`, if one does.
    pub fn pause(&self, target: &Target, now: Timestamp) -> Option<&BackOff> {
        self.back_offs.pause(target, now)
    }

    /// Every pause that holds now.
    pub fn pauses(&self, now: Timestamp) -> impl Iterator<Item = (&Target, &BackOff)> {
        self.back_offs.pauses(now)
    }
}

/// How an intent ended, as far as the list of machines tells by now; `None`
/// while it has not told, and may yet.
fn ended(entry: &Entry, now: Timestamp) -> Option<Closing> {
    let late = |since: Timestamp| now.since(since) >= LISTING_GRACE;
    let done = |vm: &VmId| Closing::Done(Outcome::Applied { vm: vm.clone() });
    match (entry.progress, &entry.shown) {
        (Progress::Accepted(at), shown) => {
            let outcome = entry.outcome.clone().filter(|_| shown.is_some() || late(at))?;
            Some(Closing::Done(outcome))
        }
        (Progress::Unclear(_), Some(vm)) => Some(done(vm)),
        (Progress::Unclear(at), None) => late(at).then(|| {
            let grace = Span(LISTING_GRACE);
            let why = format!("the list of machines has not shown it for {grace}");
            Closing::Failed(Failure::Unclear { why })
        }),
        (Progress::InFlight, shown) => {
            let overdue = now.since(entry.sent?) >= ANSWER_GRACE;
            overdue.then(|| match shown {
                Some(vm) => done(vm),
                None => Closing::Abandoned {
                    why: format!("the cloud gave no answer for {}", Span(ANSWER_GRACE)),
                },
            })
        }
    }
}
