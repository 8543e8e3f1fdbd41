//! A controller driven by a script: one command a line, its effects below it.
//!
//! ```text
//! tick                    wake, observe the situation, evaluate its answers
//! wake | observe | evaluate
//! due                     waits for the next wakeup, and wakes
//! recorded | not-recorded the oldest batch
//! ok 1 | quota 1 | …      the cloud's answer to the first act, second act …
//! after 30s
//! now vm a small running  replaces the line of the same two first words
//! gone vm a
//! restart                 a new controller, from what is on disk
//! ```
//!
//! Acts are numbered in the order in which they were asked for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::action::{Intent, Outcome};
use hooke_control::controller::{Batch, Beginning, Controller, Effect, Event};
use hooke_control::guard::Memory;
use hooke_control::ids::{IntentKey, ProfileName, VmId};
use hooke_control::planner::Said;
use hooke_control::spec::SiteSpec;
use hooke_control::units::Timestamp;

use crate::situation::{START, Situation, situation};
use crate::words::{failure, span};

pub(crate) struct Script {
    lines: Vec<String>,
    controller: Controller,
    now: Timestamp,
    tick: u64,
    batches: Vec<Batch>,
    journal: BTreeMap<IntentKey, Intent>,
    guards: BTreeMap<ProfileName, Memory>,
    acts: Vec<Intent>,
    out: String,
}

impl Script {
    pub(crate) fn new(text: &str) -> Self {
        let lines = text.lines().map(|line| line.trim().to_owned()).collect();
        let site = Arc::new(situation(text, START).site);
        let beginning = Beginning::first("g".into());
        let controller = Controller::new(site, beginning, START);
        Self {
            lines,
            controller,
            now: START,
            tick: 0,
            batches: Vec::new(),
            journal: BTreeMap::new(),
            guards: BTreeMap::new(),
            acts: Vec::new(),
            out: String::new(),
        }
    }

    pub(crate) fn run(mut self, script: &str) -> String {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.out.push_str(&format!("{line}\n"));
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            self.command(verb, rest);
        }
        self.out
    }

    fn command(&mut self, verb: &str, rest: &str) {
        match verb {
            "due" => {
                self.now = self.now.max(self.controller.next_wakeup());
                self.event(Event::Wake);
            }
            "tick" => {
                self.command("due", "");
                self.command("observe", "");
                self.command("evaluate", "");
            }
            "wake" => self.event(Event::Wake),
            "observe" => {
                let observation = self.situation().observation;
                self.event(Event::Observed(observation));
            }
            "evaluate" => {
                let said = self.situation().said();
                self.event(Event::Evaluated(said));
            }
            "recorded" => {
                let batch = self.batches.remove(0);
                self.event(Event::Recorded(batch));
            }
            "not-recorded" => {
                let batch = self.batches.remove(0);
                self.event(Event::NotRecorded(batch));
            }
            "reconfigured" => {
                let site = Arc::new(self.situation().site);
                self.event(Event::Reconfigured(site));
            }
            "after" => self.now = self.now.plus(span(rest)),
            "back" => self.now = self.now.minus(span(rest)),
            "now" => {
                self.forget(rest);
                self.lines.push(rest.to_owned());
            }
            "gone" => self.forget(rest),
            "quiet?" => self.out.push_str(&format!("  {}\n", self.controller.is_quiet())),
            "restart" => self.restart(),
            "ok" => {
                let key = self.act(rest).key;
                let vm = VmId::from("some");
                self.event(Event::Acted(key, Ok(Outcome::Applied { vm })));
            }
            kind => {
                let key = self.act(rest).key;
                self.event(Event::Acted(key, Err(failure(kind))));
            }
        }
    }

    fn forget(&mut self, words: &str) {
        let first: Vec<&str> = words.split_whitespace().take(2).collect();
        self.lines.retain(|line| !line.split_whitespace().take(2).eq(first.iter().copied()));
    }

    fn situation(&self) -> Situation {
        situation(&self.lines.join("\n"), self.now)
    }

    fn act(&self, number: &str) -> Intent {
        let number: usize = number.parse().unwrap();
        self.acts[number - 1].clone()
    }

    fn restart(&mut self) {
        let site: SiteSpec = self.situation().site;
        let open = self.journal.values().cloned().collect();
        let beginning = Beginning {
            tick: self.tick,
            open,
            guards: self.guards.clone(),
            ..Beginning::first("g".into())
        };
        self.batches.clear();
        self.controller = Controller::new(Arc::new(site), beginning, self.now);
    }

    fn event(&mut self, event: Event) {
        for effect in self.controller.handle(event, self.now) {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: Effect) {
        let line = match effect {
            Effect::Observe | Effect::Evaluate(_) => return,
            Effect::Record(record) => {
                assert!(record.tick > self.tick, "tick {} is used twice", record.tick);
                self.tick = record.tick;
                self.batches.push(record.batch);
                self.guards.extend(record.guards);
                let mut lines = String::new();
                for chain in &record.chains {
                    lines.push_str(&format!("  tick {} {}: ", record.tick, chain.profile));
                    lines.push_str(&format!("{}\n", chain.headline()));
                }
                for intent in record.intents {
                    lines.push_str(&format!("  plan {} {}\n", intent.key, intent.action));
                    self.journal.insert(intent.key.clone(), intent);
                }
                return self.out.push_str(&lines);
            }
            Effect::Act(intent) => {
                self.acts.push(intent.clone());
                format!("act {}: {} {}", self.acts.len(), intent.key, intent.action)
            }
            Effect::Close(key, closing) => {
                self.journal.remove(&key);
                format!("close {key}: {closing}")
            }
            Effect::Warn(text) => format!("warn: {text}"),
        };
        self.out.push_str(&format!("  {line}\n"));
    }
}

/// What a controller does in a situation that changes.
pub(crate) fn check(situation: &str, script: &str, expected: expect_test::Expect) {
    expected.assert_eq(&Script::new(situation).run(script));
}

/// The times between the first wakeups of a site.
pub(crate) fn intervals(site: &str, number: usize) -> Vec<Duration> {
    let mut spec = situation("", START).site;
    spec.name = site.into();
    let beginning = Beginning::first("g".into());
    let mut controller = Controller::new(Arc::new(spec), beginning, START);
    let mut intervals = Vec::new();
    let mut now = controller.next_wakeup();
    while intervals.len() < number {
        controller.handle(Event::Wake, now);
        let empty = situation("", now).observation;
        controller.handle(Event::Observed(empty), now);
        controller.handle(Event::Evaluated(Said::default()), now);
        intervals.push(controller.next_wakeup().since(now));
        now = controller.next_wakeup();
    }
    intervals
}
