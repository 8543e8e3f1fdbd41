//! Nobody starves, whatever the others ask: many ticks of a site that is always
//! full, whose machines come free one at a time, with small ones that always
//! fit and large ones that never would.
//!
//! The bound: a profile that wants a worker and has none is served before more
//! machines have left than the machines that it and all others wait for have
//! vCPUs. Each of the others goes before it once at most, each keeps what comes
//! free until it has enough, and whatever leaves frees one vCPU at the least.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::action::{Action, Outcome};
use hooke_control::controller::{Beginning, Controller, Effect, Event};
use hooke_control::ids::VmId;
use hooke_control::share::PATIENCE;
use hooke_control::spec::SiteSpec;
use hooke_control::units::Timestamp;

use crate::seeds;
use crate::situation::{START, Situation, situation};
use crate::world::Chance;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=6;

/// Ticks between two machines that leave by themselves.
const PACE: u64 = 3;

/// A pace at which none ever leaves.
const NEVER: u64 = u64::MAX;

/// A machine is seen a tick after it was asked for, and is gone as late.
const LAG: u64 = 2;

/// Images by profile, and the vCPUs of one machine.
const PROFILES: [(&str, u64); 4] = [("large", 6), ("small", 1), ("middle", 3), ("tiny", 1)];

fn site() -> String {
    let mut text = "room 99\n limits vcpus=8\n".to_owned();
    for (name, vcpus) in PROFILES {
        text.push_str(&format!("image {name} vcpus={vcpus} hosts={name}:1\n"));
        text.push_str(&format!("profile {name} 0..99\n says {name} p +9\n"));
    }
    text
}

struct Machine {
    profile: String,
    key: String,
    leaves: bool,
}

/// What a controller remembers from tick to tick.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Memory {
    Kept,
    /// It is killed, and another takes over, every so many ticks.
    LostEvery(u64),
}

struct Site {
    spec: Arc<SiteSpec>,
    controller: Controller,
    chance: Chance,
    machines: BTreeMap<String, Machine>,
    names: u64,
    tick: u64,
    departures: u64,
    /// Who has no machine: since which tick, and after how many departures.
    waits: BTreeMap<&'static str, (u64, u64)>,
    served: BTreeMap<&'static str, u64>,
    longest: (u64, u64),
    pace: u64,
    /// Per cent of the workers that are idle when they are looked at.
    idle: u64,
    /// The last tick in which anything was planned.
    active: u64,
}

impl Site {
    fn new(seed: u64) -> Self {
        let spec = Arc::new(situation(&site(), START).site);
        Self {
            controller: controller(&spec, 0, START),
            spec,
            chance: Chance(seed),
            machines: BTreeMap::new(),
            names: 0,
            tick: 0,
            departures: 0,
            waits: PROFILES.into_iter().map(|(name, _)| (name, (0, 0))).collect(),
            served: BTreeMap::new(),
            longest: (0, 0),
            pace: PACE,
            idle: 20,
            active: 0,
        }
    }

    /// So many small machines that were there before anything else.
    fn filled(mut self, small: u64) -> Self {
        for n in 0..small {
            let (profile, key) = ("small".to_owned(), format!("k{n}"));
            self.machines.insert(format!("first{n}"), Machine { profile, key, leaves: false });
        }
        self
    }

    fn now(&self) -> Timestamp {
        START.plus(Duration::from_secs(60 * self.tick))
    }

    fn run(mut self, ticks: u64, memory: Memory) -> Self {
        while self.tick < ticks {
            self.tick += 1;
            if let Memory::LostEvery(every) = memory
                && self.tick.is_multiple_of(every)
            {
                self.controller = controller(&self.spec, self.tick * 1000, self.now());
            }
            self.leave();
            self.plan();
            self.note_waits();
        }
        self
    }

    /// What was told to leave is gone; and now and then one leaves by itself,
    /// a small one if there is any.
    fn leave(&mut self) {
        let before = self.machines.len();
        self.machines.retain(|_, machine| !machine.leaves);
        if self.tick.is_multiple_of(self.pace) {
            let small = |m: &Machine| m.profile == "small" || m.profile == "tiny";
            let mut ids: Vec<&String> =
                self.machines.iter().filter(|(_, m)| small(m)).map(|(id, _)| id).collect();
            if ids.is_empty() {
                ids = self.machines.keys().collect();
            }
            let at = self.chance.below(ids.len() as u64) as usize;
            if let Some(id) = ids.get(at).map(|id| (*id).clone()) {
                self.machines.remove(&id);
            }
        }
        self.departures += (before - self.machines.len()) as u64;
    }

    fn look(&mut self) -> Situation {
        let mut text = site();
        for (id, Machine { profile, key, leaves }) in &self.machines {
            let state = if *leaves { "terminating" } else { "running" };
            let doing = if self.chance.happens(self.idle) { "idle:1m" } else { "busy" };
            text.push_str(&format!(
                "vm {id} {profile} {state} load=1 key={key} {profile}={doing}\n"
            ));
        }
        situation(&text, self.now())
    }

    fn plan(&mut self) {
        let read = self.look();
        let mut events = vec![Event::Wake];
        while let Some(event) = events.pop() {
            for effect in self.controller.handle(event, self.now()) {
                match effect {
                    Effect::Observe => events.push(Event::Observed(read.observation.clone())),
                    Effect::Evaluate(_) => events.push(Event::Evaluated(read.said())),
                    Effect::Record(record) => events.push(Event::Recorded(record.batch)),
                    Effect::Act(intent) => {
                        let vm = self.carry(&intent.action, intent.key.as_str());
                        events.push(Event::Acted(intent.key, Ok(Outcome::Applied { vm })));
                    }
                    Effect::Close(..) => {}
                    Effect::Warn(text) => panic!("{text}"),
                }
            }
        }
        let vcpus = |m: &Machine| PROFILES.iter().find(|(name, _)| *name == m.profile).unwrap().1;
        assert!(self.machines.values().map(vcpus).sum::<u64>() <= 8);
    }

    fn carry(&mut self, action: &Action, key: &str) -> VmId {
        self.active = self.tick;
        match action {
            Action::Launch { image } => {
                self.names += 1;
                let id = format!("m{:04}", self.names);
                let (profile, key) = (image.to_string(), key.to_owned());
                self.machines.insert(id.clone(), Machine { profile, key, leaves: false });
                VmId::from(id)
            }
            Action::Terminate { vm } => {
                self.machines.get_mut(vm.as_str()).unwrap().leaves = true;
                vm.clone()
            }
            Action::Resume { .. }
            | Action::Suspend { .. }
            | Action::StartWorker { .. }
            | Action::StopWorker { .. } => panic!("{action}"),
        }
    }

    fn note_waits(&mut self) {
        for (name, _) in PROFILES {
            if !self.machines.values().any(|m| m.profile == name && !m.leaves) {
                self.waits.entry(name).or_insert((self.tick, self.departures));
            } else if let Some((tick, departures)) = self.waits.remove(name) {
                let (ticks, departures) = (self.tick - tick, self.departures - departures);
                self.longest = (self.longest.0.max(ticks), self.longest.1.max(departures));
                *self.served.entry(name).or_default() += 1;
            }
        }
    }
}

fn controller(site: &Arc<SiteSpec>, tick: u64, now: Timestamp) -> Controller {
    let beginning =
        Beginning { generation: "g".into(), tick, open: Vec::new(), guards: Default::default() };
    Controller::new(Arc::clone(site), beginning, now)
}

#[test]
fn everybody_is_served_within_the_bound() {
    let departures: u64 = PROFILES.iter().map(|(_, vcpus)| vcpus).sum();
    let ticks = u64::from(PATIENCE) + LAG + departures * PACE;
    seeds::each(SEEDS, |seed, _| {
        let site = Site::new(seed).run(400, Memory::Kept);
        for (name, _) in PROFILES {
            assert!(site.served.contains_key(name), "{name} was never served");
        }
        for (name, (since, after)) in &site.waits {
            assert!(site.tick - since <= ticks, "{name} still waits");
            assert!(site.departures - after <= departures, "{name} still waits");
        }
        assert!(site.longest.0 <= ticks, "{} ticks, and {ticks} are allowed", site.longest.0);
        assert!(site.longest.1 <= departures, "{} departures", site.longest.1);
    });
}

/// What the line is for: hosts that live too short to remember anything serve
/// the small ones for ever.
#[test]
fn without_memory_the_large_one_starves() {
    seeds::each(1..=2, |seed, _| {
        let site = Site::new(seed).filled(8).run(300, Memory::LostEvery(u64::from(PATIENCE)));
        assert_eq!(site.served.get("large"), None);
    });
}

/// A new host counts anew, and then the bound is the same.
#[test]
fn a_restart_only_begins_the_wait_again() {
    let departures: u64 = PROFILES.iter().map(|(_, vcpus)| vcpus).sum();
    let ticks = u64::from(PATIENCE) + LAG + departures * PACE;
    seeds::each(1..=2, |seed, _| {
        let site = Site::new(seed).run(900, Memory::LostEvery(ticks * 2));
        assert!(site.longest.0 <= ticks * 3, "{} ticks", site.longest.0);
        assert!(site.served.contains_key("large"));
    });
}

/// Everybody wants more, everybody is idle, nobody leaves by itself: what is
/// borrowed is taken back, and then nothing is taken back and forth. The middle
/// one needs more than anybody can give back: it waits until one leaves, and the
/// tiny one behind it, for which the bound counts departures and not ticks.
#[test]
fn borrowers_and_owners_come_to_rest() {
    let mut site = Site::new(1).filled(8);
    (site.pace, site.idle) = (NEVER, 100);
    let site = site.run(200, Memory::Kept);
    assert!(site.active < 100, "something is still done in tick {}", site.active);
    let has = |name: &str| site.machines.values().filter(|m| m.profile == name).count();
    let all: Vec<String> =
        PROFILES.iter().map(|(name, _)| format!("{name} {}", has(name))).collect();
    expect_test::expect!["large 1, small 2, middle 0, tiny 0"].assert_eq(&all.join(", "));
}
