//! One profile whose every machine is idle and whose every wish is carried out
//! at once, or refused: what is left is what the guards do over time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::action::{Action, Intent, Outcome};
use hooke_control::controller::{Beginning, Controller, Effect, Event};
use hooke_control::explain::Chain;
use hooke_control::guard::Memory;
use hooke_control::ids::{IntentKey, ProfileName, VmId};
use hooke_control::units::Timestamp;

use crate::situation::{START, Situation, situation};
use crate::words::failure;

/// What the cloud says to whatever it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cloud {
    Willing,
    Refusing,
}

pub(crate) struct Fleet {
    profile: String,
    controller: Controller,
    pub(crate) now: Timestamp,
    tick: u64,
    machines: BTreeMap<VmId, IntentKey>,
    journal: BTreeMap<IntentKey, Intent>,
    memory: BTreeMap<ProfileName, Memory>,
    cloud: Cloud,
}

impl Fleet {
    /// A fleet of so many workers; `profile` are the lines after the image's.
    pub(crate) fn new(profile: &str, workers: u32) -> Self {
        let site = Arc::new(scene(profile, &BTreeMap::new(), 0, START).site);
        let beginning = Beginning::first("g".into());
        let machine =
            |nth: u32| (VmId::from(format!("v{nth:03}")), IntentKey::from(format!("k{nth}")));
        Self {
            profile: profile.to_owned(),
            controller: Controller::new(site, beginning, START),
            now: START,
            tick: 0,
            machines: (0..workers).map(machine).collect(),
            journal: BTreeMap::new(),
            memory: BTreeMap::new(),
            cloud: Cloud::Willing,
        }
    }

    /// What the guards remember on disk.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory["ocr"]
    }

    pub(crate) fn workers(&self) -> u32 {
        u32::try_from(self.machines.len()).unwrap()
    }

    /// One tick, at this moment, in which the policy wants so many workers.
    pub(crate) fn tick(&mut self, wanted: u32, cloud: Cloud) -> Chain {
        self.cloud = cloud;
        let delta = i64::from(wanted) - i64::from(self.workers());
        let scene = scene(&self.profile, &self.machines, delta, self.now);
        self.handle(Event::Wake);
        self.handle(Event::Observed(scene.observation.clone()));
        let chains = self.handle(Event::Evaluated(scene.said()));
        chains.into_iter().next().expect("a tick is due")
    }

    pub(crate) fn after(&mut self, span: Duration) {
        self.now = self.now.plus(span);
    }

    pub(crate) fn back(&mut self, span: Duration) {
        self.now = self.now.minus(span);
    }

    /// The site file is read again.
    pub(crate) fn reconfigure(&mut self, profile: &str) {
        self.profile = profile.to_owned();
        let site = Arc::new(scene(profile, &self.machines, 0, self.now).site);
        self.handle(Event::Reconfigured(site));
    }

    /// The host is killed and started again.
    pub(crate) fn restart(&mut self) {
        let site = Arc::new(scene(&self.profile, &self.machines, 0, self.now).site);
        let beginning = Beginning {
            tick: self.tick,
            open: self.journal.values().cloned().collect(),
            guards: self.memory.clone(),
            ..Beginning::first("g".into())
        };
        self.controller = Controller::new(site, beginning, self.now);
    }

    /// Takes an event and all that follows; the chains that were recorded.
    fn handle(&mut self, event: Event) -> Vec<Chain> {
        let (mut events, mut chains) = (vec![event], Vec::new());
        while let Some(event) = events.pop() {
            for effect in self.controller.handle(event, self.now) {
                match effect {
                    Effect::Record(record) => {
                        self.tick = record.tick;
                        let intents = record.intents.into_iter();
                        self.journal.extend(intents.map(|intent| (intent.key.clone(), intent)));
                        self.memory.extend(record.guards);
                        chains.extend(record.chains);
                        events.push(Event::Recorded(record.batch));
                    }
                    Effect::Act(intent) => events.push(self.act(intent)),
                    Effect::Close(key, _) => {
                        self.journal.remove(&key);
                    }
                    Effect::Observe | Effect::Evaluate(_) | Effect::Warn(_) => {}
                }
            }
        }
        chains
    }

    fn act(&mut self, intent: Intent) -> Event {
        if self.cloud == Cloud::Refusing {
            return Event::Acted(intent.key, Err(failure("quota")));
        }
        let vm = match intent.action {
            Action::Launch { .. } => VmId::from(format!("w-{}", intent.key)),
            Action::Terminate { vm } => vm,
            Action::Resume { .. }
            | Action::Suspend { .. }
            | Action::StartWorker { .. }
            | Action::StopWorker { .. } => panic!("{}", intent.action),
        };
        if self.machines.remove(&vm).is_none() {
            self.machines.insert(vm.clone(), intent.key.clone());
        }
        Event::Acted(intent.key, Ok(Outcome::Applied { vm }))
    }
}

fn scene(
    profile: &str,
    machines: &BTreeMap<VmId, IntentKey>,
    delta: i64,
    now: Timestamp,
) -> Situation {
    let mut text = format!("image small vcpus=1 hosts=ocr:1 when-idle=terminate\n{profile}\n");
    for (vm, key) in machines {
        text.push_str(&format!("vm {vm} small running load=1 key={key} ocr=idle\n"));
    }
    text.push_str(&format!("says ocr p {delta:+}"));
    situation(&text, now)
}

/// One line for each wish, 40 seconds apart: what there was, was wanted and
/// came of it, and the steps that changed it.
pub(crate) fn story(fleet: &mut Fleet, wishes: &[u32], cloud: Cloud) -> String {
    let mut out = String::new();
    for wanted in wishes {
        let before = fleet.workers();
        let chain = fleet.tick(*wanted, cloud);
        let at = fleet.now.since(START).as_secs();
        out.push_str(&format!("{at}s {before} wants {wanted} -> {}", fleet.workers()));
        let guards = chain.steps.iter().filter(|step| step.text.contains("wanted, "));
        for step in guards {
            out.push_str(&format!("\n    {}: {}", step.stage.as_str(), step.text));
        }
        out.push('\n');
        fleet.after(Duration::from_secs(40));
    }
    out
}
