//! What holds of every plan, in any situation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hooke_control::action::{Action, Intent};
use hooke_control::answer::Verdict;
use hooke_control::combine::Combine;
use hooke_control::draft::Usage;
use hooke_control::explain::Stage as Step;
use hooke_control::fleet::VmState;
use hooke_control::ids::{ProfileName, VmId, WorkerId};
use hooke_control::planner::Plan;
use hooke_control::snapshot::{Inside, Occupancy, Quality, Snapshot, Stage, Vm, Worker};
use proptest::prelude::*;

use crate::shown::show;
use crate::situation::{START, Situation, situation};
use crate::situations::text;
use crate::words::failure;

/// What an action does to the workers of each profile.
fn change(snapshot: &Snapshot, action: &Action) -> BTreeMap<ProfileName, i64> {
    let vm = |id: &VmId| snapshot.vm(id).expect("an action names a machine of the snapshot");
    let boots = |hosts: &BTreeMap<ProfileName, u32>| {
        hosts.iter().map(|(p, n)| (p.clone(), i64::from(*n))).collect()
    };
    match action {
        Action::Launch { image } => boots(&snapshot.site.images[image].hosts),
        Action::Resume { vm: id } => boots(&vm(id).image.hosts),
        Action::StartWorker { profile, .. } => BTreeMap::from([(profile.clone(), 1)]),
        Action::StopWorker { vm: id, worker } => {
            let found = vm(id).workers.iter().find(|w| w.id == *worker).expect("it is there");
            BTreeMap::from([(found.profile.clone(), -1)])
        }
        Action::Suspend { vm: id } | Action::Terminate { vm: id } => {
            let mut lost = BTreeMap::new();
            // On a failed machine nobody serves: none is in any capacity.
            let serving = vm(id).workers.iter().filter(|_| vm(id).state != VmState::Failed);
            for worker in serving {
                *lost.entry(worker.profile.clone()).or_default() -= 1;
            }
            lost
        }
    }
}

struct Seen {
    snapshot: Arc<Snapshot>,
    plan: Plan,
    removed: BTreeMap<ProfileName, u32>,
    added: BTreeMap<ProfileName, u32>,
    read: Situation,
}

fn seen(text: &str) -> Seen {
    let mut read = situation(text, START);
    let plan = read.plan();
    let snapshot = plan.draft.snapshot.clone();
    let (mut removed, mut added) = (BTreeMap::new(), BTreeMap::new());
    for intent in &plan.intents {
        for (profile, by) in change(&snapshot, &intent.action) {
            let sum = if by < 0 { &mut removed } else { &mut added };
            *sum.entry(profile).or_default() += by.unsigned_abs() as u32;
        }
    }
    Seen { snapshot, plan, removed, added, read }
}

impl Seen {
    fn removed(&self, profile: &ProfileName) -> u32 {
        self.removed.get(profile).copied().unwrap_or(0)
    }

    fn within_limits(&self) {
        let (mut before, limits) = (Usage::default(), &self.snapshot.site.limits);
        self.snapshot.vms.iter().for_each(|vm| before.add(&vm.image));
        let mut after = before;
        for intent in &self.plan.intents {
            if let Action::Launch { image } = &intent.action {
                after.add(&self.snapshot.site.images[image]);
            }
        }
        assert!(after == before || after.over(limits).is_none(), "{after:?} over {limits:?}");
    }

    fn only_idle_victims(&self) {
        for intent in self.plan.intents.iter().filter(|intent| intent.action.removes()) {
            let vm = self.snapshot.vm(intent.action.vm().unwrap()).unwrap();
            let idle = |w: &Worker| {
                w.stage == Stage::Serving && matches!(w.occupancy, Occupancy::Idle { .. })
            };
            match &intent.action {
                Action::StopWorker { worker, .. } => {
                    assert_eq!((vm.state, vm.inside), (VmState::Running, Inside::Visible));
                    assert!(idle(vm.workers.iter().find(|w| w.id == *worker).unwrap()));
                }
                Action::Suspend { .. } => {
                    assert_eq!(vm.state, VmState::Running);
                    assert!(vm.workers.iter().all(idle), "{vm:?}");
                }
                // Left over from before it failed, and idle for all that.
                Action::Terminate { .. } if vm.state == VmState::Failed => {
                    let quiet = |w: &Worker| matches!(w.occupancy, Occupancy::Idle { .. });
                    assert!(vm.workers.iter().all(quiet), "{vm:?}");
                }
                Action::Terminate { .. }
                | Action::Launch { .. }
                | Action::Resume { .. }
                | Action::StartWorker { .. } => assert!(vm.workers.iter().all(idle), "{vm:?}"),
            }
        }
    }

    fn numbers_hold(&self) {
        for (name, chain) in &self.plan.chains {
            let view = &self.snapshot.profiles[name];
            let (removed, bounds) = (self.removed(name), view.spec.workers);
            assert!(
                removed <= chain.capacity.saturating_sub(chain.desired),
                "{name} loses {removed}"
            );
            assert!(chain.capacity < bounds.min() || chain.capacity - removed >= bounds.min());
            // Only those that serve are counted on.
            let reclaimed = chain.steps.iter().any(|step| step.stage == Step::Reclaim);
            let least = if reclaimed { bounds.min().max(1) } else { chain.desired };
            assert!(
                removed == 0 || view.counts.serving - removed >= least,
                "{name} loses {removed}"
            );
            let inside = (bounds.min()..=bounds.max()).contains(&chain.desired);
            assert!(inside || chain.desired == chain.capacity, "{name} wants {}", chain.desired);
            let added = self.added.get(name).copied().unwrap_or(0);
            assert_eq!(chain.planned, chain.capacity + added - removed, "{name}");
        }
    }

    fn doubt_holds(&self) {
        for (name, view) in &self.snapshot.profiles {
            let answers = self.read.answers.get(name).map_or(&[][..], Vec::as_slice);
            // With first-ok the others are not heard: they come one after the other.
            let rule = view.spec.combine;
            let heard = if rule == Combine::FirstOk { answers.len().min(1) } else { answers.len() };
            let answers = &answers[..heard];
            let failed = answers.iter().any(|a| matches!(a.verdict, Verdict::Failed(_)));
            let doubt = view.backlog.quality != Quality::Fresh
                || view.backlog.ready.is_none()
                || !self.snapshot.consumers.is_empty();
            if failed || answers.is_empty() || doubt {
                assert_eq!(self.removed(name), 0, "{name} shrinks");
            }
        }
        if self.snapshot.cloud.quality() != Quality::Fresh {
            assert!(self.plan.intents.is_empty());
        }
    }

    fn nothing_conflicts(&self) {
        let mut whole: BTreeSet<&VmId> = BTreeSet::new();
        let mut single: BTreeMap<&VmId, BTreeSet<&str>> = BTreeMap::new();
        let mut stopped: BTreeSet<&WorkerId> = BTreeSet::new();
        let under_way: BTreeSet<&VmId> = self.read.ledger.open_by_vm().into_keys().collect();
        for Intent { action, .. } in &self.plan.intents {
            let Some(vm) = action.vm() else { continue };
            match action {
                Action::StartWorker { .. } => {
                    single.entry(vm).or_default().insert("start");
                }
                Action::StopWorker { worker, .. } => {
                    single.entry(vm).or_default().insert("stop");
                    assert!(stopped.insert(worker), "{worker} is stopped twice");
                }
                Action::Launch { .. }
                | Action::Resume { .. }
                | Action::Suspend { .. }
                | Action::Terminate { .. } => {
                    assert!(whole.insert(vm), "two actions for {vm}");
                    assert!(!under_way.contains(vm), "{vm} has something under way");
                }
            }
        }
        for (vm, kinds) in &single {
            assert!(!whole.contains(vm), "{vm} as a whole and in part");
            assert_eq!(kinds.len(), 1, "{vm} both loses and gets workers");
        }
    }

    fn additions_make_sense(&self) {
        let keys: BTreeSet<_> = self.plan.intents.iter().map(|intent| &intent.key).collect();
        assert_eq!(keys.len(), self.plan.intents.len(), "a key is used twice");
        let room = self.snapshot.site.cpu_buffer_room;
        let mut slots: BTreeMap<&VmId, f64> = BTreeMap::new();
        for intent in &self.plan.intents {
            match &intent.action {
                Action::StartWorker { vm: id, profile } => {
                    let vm: &Vm = self.snapshot.vm(id).unwrap();
                    assert!(vm.state == VmState::Running && vm.hosts(profile));
                    let started = slots.entry(id).or_default();
                    if !intent.reason.starts_with("the policy asked") {
                        let load = vm.load.expect("a slot is free only if the load is known");
                        assert!(f64::from(vm.image.vcpus) > load + *started + room);
                    }
                    *started += 1.0;
                }
                Action::Resume { vm } => {
                    let state = self.snapshot.vm(vm).unwrap().state;
                    assert!(matches!(state, VmState::Suspended | VmState::Suspending));
                }
                Action::Launch { .. }
                | Action::Suspend { .. }
                | Action::Terminate { .. }
                | Action::StopWorker { .. } => {}
            }
        }
    }

    /// Every request is either an action of the policy's or a step that refuses it.
    fn no_request_gets_lost(&self) {
        for (name, answers) in &self.read.answers {
            let asked: usize = answers
                .iter()
                .map(|answer| answer.verdict.wish().map_or(0, |wish| wish.staged.len()))
                .sum();
            let chain = &self.plan.chains[name];
            let refused = chain.steps.iter().filter(|step| step.stage == Step::Request);
            let refused: u32 = refused.map(|step| step.times).sum();
            assert!(refused as usize + chain.intents.len() >= asked, "of {asked}: {refused}");
        }
    }
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(1000), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_plan_is_safe(text in text()) {
        let seen = seen(&text);
        seen.within_limits();
        seen.only_idle_victims();
        seen.numbers_hold();
        seen.doubt_holds();
        seen.nothing_conflicts();
        seen.additions_make_sense();
        seen.no_request_gets_lost();
    }

    #[test]
    fn the_same_situation_gives_the_same_plan(text in text()) {
        prop_assert_eq!(show(&seen(&text).plan), show(&seen(&text).plan));
    }

    #[test]
    fn every_failure_is_survived(text in text(), failures in prop::collection::vec(0..6usize, 1..6)) {
        every_failure(&text, &failures);
    }
}

/// Lets the actions that bring workers fail, one after the other: what replaces
/// them keeps to the limits, and there is an end to it.
fn every_failure(text: &str, failures: &[usize]) {
    let mut seen = seen(text);
    let kinds = ["rejected", "no-capacity", "quota", "not-found", "throttled", "unauthorized"];
    let mut waiting: Vec<Intent> = seen.plan.intents.clone();
    let mut keys: BTreeSet<_> = waiting.iter().map(|intent| intent.key.clone()).collect();
    let mut kept = Vec::new();
    let mut steps = 0;
    while let Some(intent) = waiting.pop() {
        steps += 1;
        assert!(steps < 500, "there is no end to it");
        let failure = failure(kinds[failures[steps % failures.len()]]);
        if steps % 3 == 0 || intent.action.removes() {
            kept.push(intent);
            continue;
        }
        seen.read.ledger.begin(intent.clone());
        seen.read.ledger.failed(&intent.key, &failure, START);
        let next = seen.plan.replace(&seen.read.ledger, &intent, &failure.to_string(), START);
        for intent in next {
            assert!(keys.insert(intent.key.clone()), "key {} is used twice", intent.key);
            waiting.push(intent);
        }
    }
    seen.plan.intents = kept;
    seen.within_limits();
    seen.nothing_conflicts();
}
