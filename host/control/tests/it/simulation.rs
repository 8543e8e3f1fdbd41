//! The controller against a small world in which everything comes late, twice,
//! wrong or not at all, and hosts are killed. What is safe is checked at every
//! step; when the faults stop, the site must come to what its policies want.
//!
//! `SEED=7 cargo test -p hooke-control simulation` runs one seed and tells what
//! happened.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use hooke_control::action::{Action, Failure, Intent};
use hooke_control::controller::{Beginning, Controller, Effect, Event, Record};
use hooke_control::guard::Memory;
use hooke_control::ids::{IntentKey, PolicyName, ProfileName, QueueName, WorkerId};
use hooke_control::observe::{Observation, SourceObservation};
use hooke_control::queue::{Activity, Missing, QueueFacts, SourceReading};
use hooke_control::units::Timestamp;

use crate::happenings::{Fate, Happening};
use crate::policies::{Mood, Policies};
use crate::seeds::{self, Telling};
use crate::situation::{START, situation};
use crate::world::{Chance, World};

/// Each takes an eighth of a second. Hundreds more were run when this was written.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

const ROOMY: &str = "limits vms=14";

/// Less than what is wanted at times: only a part of it can be had.
const TIGHT: &str = "limits vms=4";

/// Guards that remember, short enough to come to rest in time.
const GUARDED: &str = "limits vms=14
    guards aa in.stabilisation=3m out.cooldown=1m in.cooldown=2m out.rates=2/1m,50%/1m
    guards bb in.rates=2/2m out.stabilisation=1m in.cooldown=3m";

const SITE: &str = "image one vcpus=3 hosts=aa:1
    image two vcpus=4 hosts=bb:2 when-idle=terminate
    image both vcpus=3 cost=0.1 hosts=aa:1,bb:1
    drain-deadline 30m
    profile aa 1..6
    profile bb 0..6";

const MINUTE: u64 = 60_000;
const FAULTS_STOP: u64 = 120 * MINUTE;
const END: u64 = FAULTS_STOP + 120 * MINUTE;
/// From here on nothing is to happen any more.
const CALM: u64 = END - 20 * MINUTE;

struct Run {
    world: World,
    chance: Chance,
    controller: Controller,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next: u64,
    now: u64,
    tick: u64,
    journal: BTreeMap<IntentKey, Intent>,
    guards: BTreeMap<ProfileName, Memory>,
    written: BTreeSet<IntentKey>,
    acting: BTreeSet<IntentKey>,
    not_idle: BTreeSet<WorkerId>,
    policies: Policies,
    calm_actions: u32,
    telling: Telling,
}

fn at(now: u64) -> Timestamp {
    START.plus(std::time::Duration::from_millis(now))
}

impl Run {
    fn new(seed: u64, limits: &str, telling: Telling) -> Self {
        let mut site = situation(&format!("{SITE}\n{limits}"), START).site;
        for (name, profile) in &mut site.profiles {
            let policy = PolicyName::from("p");
            let binding = hooke_control::spec::Binding { policy, settings: "{}".into() };
            Arc::make_mut(profile).policies = vec![binding];
            assert!(["aa", "bb"].contains(&name.as_str()));
        }
        let beginning = Beginning::first("g".into());
        let controller = Controller::new(Arc::new(site.clone()), beginning, at(0));
        let mut world = World::new(site, seed);
        world.advance_to(START.as_millis());
        let mut run = Self {
            world,
            chance: Chance(seed.wrapping_mul(77)),
            controller,
            agenda: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next: 0,
            now: 0,
            tick: 0,
            journal: BTreeMap::new(),
            guards: BTreeMap::new(),
            written: BTreeSet::new(),
            acting: BTreeSet::new(),
            not_idle: BTreeSet::new(),
            policies: Policies::new(seed),
            calm_actions: 0,
            telling,
        };
        run.enter(0, Happening::Wake);
        run
    }

    fn enter(&mut self, after: u64, happening: Happening) {
        self.next += 1;
        self.agenda.push(Reverse((self.now + after, self.next)));
        self.happenings.insert(self.next, happening);
    }

    fn faulty(&self) -> bool {
        self.now < FAULTS_STOP
    }

    fn fault(&mut self, percent: u64) -> bool {
        self.faulty() && self.chance.happens(percent)
    }

    fn run(mut self) -> Self {
        let mut crash = 0;
        while let Some(Reverse((time, number))) = self.agenda.pop() {
            if time > END {
                break;
            }
            self.now = time;
            self.world.advance_to(START.as_millis() + time);
            if !self.faulty() {
                self.world.work = 0;
            }
            if self.faulty() && time > crash {
                crash = time + MINUTE * (5 + self.chance.below(25));
                self.enter(crash - time, Happening::Crash);
            }
            let Some(happening) = self.happenings.remove(&number) else { continue };
            self.happen(happening);
        }
        self
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wake => {
                self.handle(Event::Wake);
                let due = self.controller.next_wakeup().since(START).as_millis() as u64;
                self.enter(due.max(self.now + 1000) - self.now, Happening::Wake);
            }
            Happening::Observed(observation, not_idle) => {
                self.not_idle = not_idle;
                self.handle(Event::Observed(observation));
            }
            Happening::Evaluate(snapshot) => {
                let mood = if self.faulty() { Mood::Fickle } else { Mood::Steady };
                let answers = self.policies.answers(&snapshot, mood);
                self.handle(Event::Evaluated(answers.into()));
            }
            Happening::Write(record) => self.write(record),
            Happening::Carry(intent, fate) => self.carry(&intent, fate),
            Happening::Answer(key, result) => self.handle(Event::Acted(key, result)),
            Happening::Crash if self.faulty() => self.crash(),
            Happening::Crash => {}
        }
    }

    fn handle(&mut self, event: Event) {
        for effect in self.controller.handle(event, at(self.now)) {
            match effect {
                Effect::Observe => self.observe(),
                Effect::Evaluate(snapshot) => {
                    let takes = self.chance.below(2000);
                    self.enter(takes, Happening::Evaluate(snapshot));
                }
                Effect::Record(record) => {
                    self.check(&record);
                    let takes = self.chance.below(1000);
                    self.enter(takes, Happening::Write(record));
                }
                Effect::Act(intent) => self.act(intent),
                Effect::Close(key, closing) => {
                    self.tell(&format!("close {key}: {closing}"));
                    assert!(self.journal.remove(&key).is_some(), "{key} is closed, and not open");
                }
                Effect::Warn(text) => self.tell(&text),
            }
        }
    }

    fn tell(&self, text: &str) {
        if self.telling == Telling::All {
            println!("{:>6}s {text}", self.now / 1000);
        }
    }

    /// Everything is read at this moment, and told later.
    fn observe(&mut self) {
        let cloud = match self.fault(10) {
            true => Err(Missing("the cloud is out".into())),
            false => Ok(self.world.list()),
        };
        let queues: BTreeSet<QueueName> = ["aa", "bb"].map(QueueName::from).into();
        let facts = QueueFacts {
            ready: Some(0),
            unacked: Some(0),
            consumers: None,
            arrival_rate: None,
            service_rate: None,
            activity: Activity::Unknown,
        };
        let reading = match self.fault(10) {
            true => Err(Missing("the broker is out".into())),
            false => Ok(SourceReading {
                queues: queues.iter().map(|queue| (queue.clone(), Ok(facts))).collect(),
                consumers: Ok(self.world.consumers()),
            }),
        };
        let sources = vec![SourceObservation { queues, reading }];
        let takes = self.chance.below(8000);
        let not_idle = self.world.not_idle();
        self.enter(takes, Happening::Observed(Observation { cloud, sources }, not_idle));
    }

    /// What is planned takes away nobody who was not idle when it was looked.
    fn check(&mut self, record: &Record) {
        assert!(record.tick > self.tick, "tick {} is used twice", record.tick);
        self.tick = record.tick;
        for intent in &record.intents {
            self.tell(&format!("plan {} {} ({})", intent.key, intent.action, intent.reason));
            assert!(self.written.insert(intent.key.clone()), "key {} is used twice", intent.key);
            self.calm_actions += u32::from(self.now > CALM);
            let leave = match &intent.action {
                Action::StopWorker { worker, .. } => vec![worker.clone()],
                Action::Suspend { vm } | Action::Terminate { vm } => self.world.workers_of(vm),
                Action::Launch { .. } | Action::Resume { .. } | Action::StartWorker { .. } => {
                    Vec::new()
                }
            };
            for worker in leave {
                assert!(
                    !self.not_idle.contains(&worker),
                    "{}: {worker} was not idle",
                    intent.action
                );
            }
        }
    }

    fn write(&mut self, record: Record) {
        let Record { batch, intents, guards, .. } = record;
        if self.fault(3) {
            return self.handle(Event::NotRecorded(batch));
        }
        self.guards.extend(guards);
        self.journal.extend(intents.into_iter().map(|intent| (intent.key.clone(), intent)));
        self.handle(Event::Recorded(batch));
    }

    fn act(&mut self, intent: Intent) {
        assert!(self.journal.contains_key(&intent.key), "{} is not on disk", intent.key);
        assert!(self.acting.insert(intent.key.clone()), "{} is called twice", intent.key);
        let fate = match self.fault(35) {
            false => Fate::Answered,
            true => match self.chance.below(5) {
                0 => Fate::Lost,
                1 => Fate::LostUndone,
                2 => Fate::Unclear,
                3 => Fate::UnclearUndone,
                _ => Fate::Refused,
            },
        };
        // Now and then a call waits long for its turn.
        let most = if self.fault(5) {
            45 * MINUTE
        } else if self.faulty() {
            90_000
        } else {
            10_000
        };
        let takes = self.chance.below(most);
        self.enter(takes, Happening::Carry(intent, fate));
    }

    fn carry(&mut self, intent: &Intent, fate: Fate) {
        let why = format!("{fate:?}");
        let done = match fate {
            Fate::Answered | Fate::Lost | Fate::Unclear => {
                self.world.apply(&intent.action, &intent.key)
            }
            Fate::LostUndone | Fate::UnclearUndone => Err(Failure::Unclear { why: why.clone() }),
            Fate::Refused => Err(match self.chance.below(3) {
                0 => Failure::QuotaExceeded { why: why.clone() },
                1 => Failure::NoCapacity { why: why.clone() },
                _ => Failure::Rejected { why: why.clone() },
            }),
        };
        self.tell(&format!("{} {}: {fate:?} {done:?}", intent.key, intent.action));
        let result = match fate {
            Fate::Lost | Fate::LostUndone => return,
            Fate::Answered | Fate::Refused => done,
            Fate::Unclear | Fate::UnclearUndone => Err(Failure::Unclear { why }),
        };
        let takes = self.chance.below(20_000);
        self.enter(takes, Happening::Answer(intent.key.clone(), result));
    }

    /// The host is killed. What it was writing is written or not; what it was
    /// asking of the cloud arrives or not; nobody hears the answers.
    fn crash(&mut self) {
        self.tell("crash");
        let happenings = std::mem::take(&mut self.happenings);
        self.agenda.clear();
        for happening in happenings.into_values() {
            match happening {
                Happening::Write(record) if self.chance.happens(50) => {
                    let intents = record.intents.into_iter();
                    self.guards.extend(record.guards);
                    self.journal.extend(intents.map(|intent| (intent.key.clone(), intent)));
                }
                Happening::Carry(intent, Fate::Answered | Fate::Lost | Fate::Unclear)
                    if self.chance.happens(50) =>
                {
                    let _ = self.world.apply(&intent.action, &intent.key);
                }
                Happening::Wake
                | Happening::Observed(..)
                | Happening::Evaluate(_)
                | Happening::Write(_)
                | Happening::Carry(..)
                | Happening::Answer(..)
                | Happening::Crash => {}
            }
        }
        self.acting.clear();
        let open = self.journal.values().cloned().collect();
        let beginning = Beginning {
            tick: self.tick,
            open,
            guards: self.guards.clone(),
            ..Beginning::first("g".into())
        };
        let site = Arc::new(self.world.site.clone());
        self.controller = Controller::new(site, beginning, at(self.now));
        self.enter(0, Happening::Wake);
    }

    fn must_be_at_rest(&self) {
        assert_eq!(self.calm_actions, 0, "it does not come to rest; {}", self.world.describe());
        let in_flight = self.controller.ledger().in_flight().next();
        assert!(in_flight.is_none(), "without an answer: {in_flight:?}");
        assert!(self.journal.is_empty(), "never closed: {:?}", self.journal.keys());
    }

    fn must_have_what_is_wanted(&self) {
        let active = self.world.active();
        for (profile, target) in &self.policies.targets {
            let bounds = self.world.site.profiles[profile].workers;
            let wanted = bounds.clamp(*target);
            let is = active.get(profile).copied().unwrap_or(0);
            assert_eq!(is, wanted, "workers of {profile}; {}", self.world.describe());
        }
    }
}

fn check(limits: &str, end: impl Fn(&Run)) {
    seeds::each(SEEDS, |seed, telling| {
        let run = Run::new(seed, limits, telling).run();
        run.must_be_at_rest();
        end(&run);
    });
}

#[test]
fn whatever_happens_it_is_safe_and_comes_to_what_is_wanted() {
    check(ROOMY, Run::must_have_what_is_wanted);
}

#[test]
fn guards_slow_it_down_and_stop_nothing() {
    check(GUARDED, Run::must_have_what_is_wanted);
}

#[test]
fn whatever_happens_the_limits_are_kept() {
    check(TIGHT, |_| ());
}
