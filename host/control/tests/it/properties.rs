//! What holds of every plan, in any situation.

use std::collections::{BTreeMap, BTreeSet};

use hooke_control::action::{Action, Intent};
use hooke_control::answer::Verdict;
use hooke_control::draft::Usage;
use hooke_control::explain::Stage as Step;
use hooke_control::fleet::VmState;
use hooke_control::ids::{ProfileName, VmId, WorkerId};
use hooke_control::planner::Plan;
use hooke_control::snapshot::{Inside, Occupancy, Quality, Snapshot, Stage, Vm};
use proptest::prelude::*;

use crate::situation::{START, Situation, show, situation};

const PROFILES: [&str; 3] = ["aa", "bb", "cc"];
const IMAGES: [&str; 3] = ["one", "two", "three"];
const MACHINES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

fn image(name: &'static str) -> impl Strategy<Value = String> {
    let hosts = prop::sample::subsequence(PROFILES.to_vec(), 1..=2);
    (hosts, 1..3u32, 1..6u32, 0..4u32, any::<bool>()).prop_map(
        move |(hosts, boots, vcpus, cost, ends)| {
            let hosts: Vec<String> = hosts.iter().map(|p| format!("{p}:{boots}")).collect();
            let ends = if ends { " when-idle=terminate" } else { "" };
            let mem = vcpus * 512;
            format!(
                "image {name} vcpus={vcpus} mem={mem} cost=0.{cost} hosts={}{ends}",
                hosts.join(",")
            )
        },
    )
}

fn profile(name: &'static str) -> impl Strategy<Value = String> {
    let quality = prop::sample::select(vec!["", "", "", "", "stale", "missing", "uncounted"]);
    (0..4u32, 0..6u32, quality)
        .prop_map(move |(min, more, quality)| format!("profile {name} {min}..{} {quality}", min + more))
}

fn machine(name: &'static str) -> impl Strategy<Value = String> {
    let states = [
        "running", "running", "running", "running", "running", "suspended", "suspended",
        "suspending", "booting", "pending", "stopped", "terminating", "draining", "failed",
    ];
    let doing = ["idle:9m", "idle:5m", "idle:5m", "busy", "unknown", "booting", "silent", "draining"];
    let worker = (prop::sample::select(PROFILES.to_vec()), prop::sample::select(doing.to_vec()));
    let workers = prop::collection::vec(worker, 0..4);
    let load = prop::sample::select(vec!["", " load=0", " load=0.7", " load=1.5", " load=9"]);
    let extra = prop::sample::select(vec!["", "", "", " age=1m", " hidden"]);
    let image = prop::sample::select(vec!["one", "two", "three", "three", "retired"]);
    let state = prop::sample::select(states.to_vec());
    (image, state, load, extra, workers).prop_map(move |(image, state, load, extra, workers)| {
        let workers: Vec<String> = workers.iter().map(|(p, doing)| format!(" {p}={doing}")).collect();
        format!("vm {name} {image} {state}{load}{extra}{}", workers.concat())
    })
}

fn answer() -> impl Strategy<Value = String> {
    let verb = prop::sample::select(vec!["suspend", "terminate", "stop", "start", "resume"]);
    let about = prop::sample::select(MACHINES.to_vec());
    let on_machine = (verb, about).prop_map(|(verb, vm)| format!(" {verb}:{vm}"));
    let launch = prop::sample::select(IMAGES.to_vec()).prop_map(|image| format!(" launch:{image}"));
    let asked = prop::collection::vec(prop_oneof![4 => on_machine, 1 => launch], 0..4);
    let profile = prop::sample::select(PROFILES.to_vec());
    let policy = prop::sample::select(vec!["p", "q"]);
    (profile, policy, -5..6i32, asked, 0..12u8).prop_map(|(profile, policy, delta, asked, fails)| {
        match fails {
            0 => format!("says {profile} {policy} fail"),
            _ => format!("says {profile} {policy} {delta:+}{}", asked.concat()),
        }
    })
}

fn under_way() -> impl Strategy<Value = String> {
    let verb = prop::sample::select(vec!["resume", "suspend", "terminate"]);
    let vm = || prop::sample::select(MACHINES.to_vec());
    let start = (vm(), prop::sample::select(PROFILES.to_vec()));
    prop_oneof![
        prop::sample::select(IMAGES.to_vec()).prop_map(|image| format!("under-way launch {image}")),
        (verb, vm()).prop_map(|(verb, vm)| format!("under-way {verb} {vm}")),
        start.prop_map(|(vm, profile)| format!("under-way start {vm} {profile}")),
        vm().prop_map(|vm| format!("under-way stop {vm} {vm}.1")),
        vm().prop_map(|vm| format!("failed suspend {vm} rejected")),
        vm().prop_map(|vm| format!("failed resume {vm} unclear")),
        prop::sample::select(IMAGES.to_vec()).prop_map(|image| format!("failed launch {image} no-capacity")),
    ]
}

fn limits() -> impl Strategy<Value = String> {
    (2..12u32, 4..40u32, 1..20u32, 0..8u8).prop_map(|(vms, vcpus, mem, which)| {
        let mut line = "limits".to_owned();
        if which & 1 == 0 {
            line.push_str(&format!(" vms={vms}"));
        }
        if which & 2 == 0 {
            line.push_str(&format!(" vcpus={vcpus}"));
        }
        if which & 4 == 0 {
            line.push_str(&format!(" mem={} cost=0.{mem}", mem * 1024));
        }
        line
    })
}

prop_compose! {
    fn text()(
        limits in limits(),
        images in (image("one"), image("two"), image("three")),
        profiles in (profile("aa"), profile("bb"), profile("cc")),
        machines in prop::sample::subsequence(MACHINES.to_vec(), 0..=7)
            .prop_flat_map(|names| names.into_iter().map(machine).collect::<Vec<_>>()),
        answers in prop::collection::vec(answer(), 0..6),
        under_way in prop::collection::vec(under_way(), 0..4),
        out in prop::sample::select(vec!["", "", "", "", "", "", "cloud missing", "consumers missing"]),
    ) -> String {
        let mut lines = vec![limits, images.0, images.1, images.2, profiles.0, profiles.1, profiles.2];
        lines.extend(machines);
        lines.extend(answers);
        lines.extend(under_way);
        lines.push(out.to_owned());
        lines.join("\n")
    }
}

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
            for worker in &vm(id).workers {
                *lost.entry(worker.profile.clone()).or_default() -= 1;
            }
            lost
        }
    }
}

struct Seen {
    snapshot: std::sync::Arc<Snapshot>,
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
            let idle = |w: &hooke_control::snapshot::Worker| {
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
            assert!(removed <= chain.capacity.saturating_sub(chain.desired), "{name} loses {removed}");
            assert!(chain.capacity < bounds.min() || chain.capacity - removed >= bounds.min());
            // Only those that serve are counted on.
            assert!(removed == 0 || view.counts.serving - removed >= chain.desired);
            let inside = (bounds.min()..=bounds.max()).contains(&chain.desired);
            assert!(inside || chain.desired == chain.capacity, "{name} wants {}", chain.desired);
            let added = self.added.get(name).copied().unwrap_or(0);
            assert_eq!(chain.planned, chain.capacity + added - removed, "{name}");
        }
    }

    fn doubt_holds(&self) {
        for (name, view) in &self.snapshot.profiles {
            let answers = self.read.answers.get(name).map_or(&[][..], Vec::as_slice);
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
                .map(|answer| match &answer.verdict {
                    Verdict::Wish(wish) => wish.staged.len(),
                    Verdict::Failed(_) => 0,
                })
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
        let failure = crate::situation::failure(kinds[failures[steps % failures.len()]]);
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
