//! A small cloud with its machines, workers and work. It carries out what it is
//! told, at most once for one key, and finds fault with what it should not
//! have been told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{ImageName, IntentKey, ProfileName, QueueName, VmId, WorkerId};
use hooke_control::queue::{Activity, Consumer};
use hooke_control::spec::SiteSpec;
use hooke_control::units::Timestamp;

/// Chance from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }

    pub(crate) fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Debug)]
struct Machine {
    key: IntentKey,
    image: ImageName,
    state: VmState,
    launched: u64,
    /// When what it is doing by itself is over.
    until: u64,
    crew: bool,
    workers: Vec<Worker>,
}

#[derive(Debug)]
struct Worker {
    id: WorkerId,
    profile: ProfileName,
    port: u16,
    started: u64,
    registered: u64,
    busy_until: u64,
    leaves: bool,
}

/// The cloud, its machines and their work. Time is in milliseconds.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) site: SiteSpec,
    pub(crate) chance: Chance,
    /// Per cent of the workers that are given work in every second.
    pub(crate) work: u64,
    pub(crate) now: u64,
    machines: BTreeMap<VmId, Machine>,
    answers: BTreeMap<IntentKey, Outcome>,
    names: u64,
}

impl World {
    pub(crate) fn new(site: SiteSpec, seed: u64) -> Self {
        let (machines, answers) = (BTreeMap::new(), BTreeMap::new());
        Self { site, chance: Chance(seed), work: 10, now: 0, machines, answers, names: 0 }
    }

    /// Lets time pass, second by second.
    pub(crate) fn advance_to(&mut self, now: u64) {
        while self.now / 1000 < now / 1000 {
            self.now = (self.now / 1000 + 1) * 1000;
            self.second();
        }
        self.now = self.now.max(now);
    }

    fn second(&mut self) {
        let (now, work) = (self.now, self.work);
        let ids: Vec<VmId> = self.machines.keys().cloned().collect();
        for id in ids {
            let Some(machine) = self.machines.get_mut(&id) else { continue };
            for worker in &mut machine.workers {
                let free = worker.busy_until <= now && worker.registered <= now && !worker.leaves;
                if free && self.chance.happens(work) {
                    worker.busy_until = now + 1000 * (1 + self.chance.below(90));
                }
            }
            machine.workers.retain(|worker| !worker.leaves || worker.busy_until > now);
            let empty = machine.workers.is_empty();
            match machine.state {
                VmState::Booting if machine.until <= now => {
                    machine.state = VmState::Running;
                    // The cloud calls it running before its workers are there.
                    machine.until = now + 1000 * self.chance.below(40);
                    machine.crew = false;
                }
                VmState::Running if !machine.crew && machine.until <= now => self.crew(&id),
                VmState::Suspending if empty => machine.state = VmState::Suspended,
                VmState::Terminating if empty => {
                    self.machines.remove(&id);
                }
                VmState::Pending
                | VmState::Booting
                | VmState::Running
                | VmState::Draining
                | VmState::Suspending
                | VmState::Suspended
                | VmState::Stopped
                | VmState::Terminating
                | VmState::Failed => {}
            }
        }
    }

    fn crew(&mut self, id: &VmId) {
        let hosts = self.site.images[&self.machines[id].image].hosts.clone();
        for (profile, number) in hosts {
            let of_profile = |worker: &&Worker| worker.profile == profile && !worker.leaves;
            let there = self.machines[id].workers.iter().filter(of_profile).count();
            for _ in there..number as usize {
                self.start(id, &profile);
            }
        }
        self.machines.get_mut(id).unwrap().crew = true;
    }

    fn start(&mut self, id: &VmId, profile: &ProfileName) {
        self.names += 1;
        let worker = Worker {
            id: WorkerId::from(format!("w{}", self.names)),
            profile: profile.clone(),
            port: self.names as u16,
            started: self.now,
            registered: self.now + 1000 * self.chance.below(30),
            busy_until: self.now,
            leaves: false,
        };
        self.machines.get_mut(id).unwrap().workers.push(worker);
    }

    /// Carries out an action, at most once for one key.
    pub(crate) fn apply(&mut self, action: &Action, key: &IntentKey) -> Result<Outcome, Failure> {
        if let Some(Outcome::Applied { vm } | Outcome::AlreadyTrue { vm: Some(vm) }) =
            self.answers.get(key)
        {
            return Ok(Outcome::AlreadyTrue { vm: Some(vm.clone()) });
        }
        let before = self.active();
        let vm = match action {
            Action::Launch { image } => self.launch(image, key),
            Action::Resume { vm }
            | Action::Suspend { vm }
            | Action::Terminate { vm }
            | Action::StartWorker { vm, .. }
            | Action::StopWorker { vm, .. } => {
                self.change(action, vm)?;
                vm.clone()
            }
        };
        if action.removes() {
            for (profile, spec) in &self.site.profiles {
                let count =
                    |counts: &BTreeMap<ProfileName, u32>| counts.get(profile).copied().unwrap_or(0);
                let (before, after, min) =
                    (count(&before), count(&self.active()), spec.workers.min());
                assert!(
                    before < min || after >= min,
                    "{action} leaves {after} of {profile}, below {min}"
                );
            }
        }
        self.answers.insert(key.clone(), Outcome::Applied { vm: vm.clone() });
        Ok(Outcome::Applied { vm })
    }

    fn launch(&mut self, image: &ImageName, key: &IntentKey) -> VmId {
        assert!(self.machines.values().all(|machine| machine.key != *key), "{key} twice");
        self.names += 1;
        let id = VmId::from(format!("vm{}", self.names));
        let machine = Machine {
            key: key.clone(),
            image: image.clone(),
            state: VmState::Booting,
            launched: self.now,
            until: self.now + 1000 * (20 + self.chance.below(100)),
            crew: false,
            workers: Vec::new(),
        };
        self.machines.insert(id.clone(), machine);
        let vms = self.site.limits.vms.unwrap();
        assert!(self.machines.len() <= vms as usize, "{} machines", self.machines.len());
        id
    }

    fn change(&mut self, action: &Action, id: &VmId) -> Result<(), Failure> {
        let now = self.now;
        let rejected = |why: &str| Err(Failure::Rejected { why: why.to_owned() });
        let Some(machine) = self.machines.get_mut(id) else {
            return Err(Failure::NotFound { why: format!("no {id}") });
        };
        match (action, machine.state) {
            (Action::Resume { .. }, VmState::Suspended | VmState::Suspending) => {
                machine.workers.iter_mut().for_each(|worker| worker.leaves = false);
                machine.state = VmState::Booting;
                machine.until = now + 1000 * (5 + self.chance.below(30));
            }
            (Action::Suspend { .. }, VmState::Running) => {
                machine.workers.iter_mut().for_each(|worker| worker.leaves = true);
                machine.state = VmState::Suspending;
            }
            (Action::Terminate { .. }, _) => {
                machine.workers.iter_mut().for_each(|worker| worker.leaves = true);
                machine.state = VmState::Terminating;
            }
            (Action::StartWorker { profile, .. }, VmState::Running) => {
                let profile = profile.clone();
                self.start(id, &profile);
            }
            (Action::StopWorker { worker, .. }, VmState::Running) => {
                if let Some(worker) = machine.workers.iter_mut().find(|w| w.id == *worker) {
                    worker.leaves = true;
                }
            }
            (
                Action::Launch { .. }
                | Action::Resume { .. }
                | Action::Suspend { .. }
                | Action::StartWorker { .. }
                | Action::StopWorker { .. },
                state,
            ) => return rejected(&format!("{action}, and it is {}", state.as_str())),
        }
        Ok(())
    }

    /// Workers that serve, or will as soon as they are registered.
    pub(crate) fn active(&self) -> BTreeMap<ProfileName, u32> {
        let mut counts = BTreeMap::new();
        let running = self.machines.values().filter(|machine| machine.state == VmState::Running);
        for worker in running.flat_map(|machine| &machine.workers).filter(|w| !w.leaves) {
            *counts.entry(worker.profile.clone()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn list(&self) -> Vec<SeenVm> {
        let time = |at: u64| Timestamp::from_millis(at);
        let vm = |(id, machine): (&VmId, &Machine)| SeenVm {
            id: id.clone(),
            key: machine.key.clone(),
            image: machine.image.clone(),
            state: machine.state,
            launched_at: time(machine.launched),
            address: None,
            load: Some(machine.workers.iter().filter(|w| w.busy_until > self.now).count() as f64),
            workers: Some(machine.workers.iter().map(|worker| self.seen(worker)).collect()),
        };
        self.machines.iter().map(vm).collect()
    }

    fn seen(&self, worker: &Worker) -> SeenWorker {
        SeenWorker {
            id: worker.id.clone(),
            profile: worker.profile.clone(),
            phase: if worker.leaves { WorkerPhase::Draining } else { WorkerPhase::Running },
            started_at: Timestamp::from_millis(worker.started),
            endpoints: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, worker.port))],
        }
    }

    fn registered(&self) -> impl Iterator<Item = &Worker> {
        let workers = self.machines.values().flat_map(|machine| &machine.workers);
        workers.filter(|worker| worker.registered <= self.now)
    }

    pub(crate) fn consumers(&self) -> Vec<Consumer> {
        let consumer = |worker: &Worker| {
            let busy = worker.busy_until > self.now;
            let since = Timestamp::from_millis(worker.busy_until);
            Consumer {
                queue: QueueName::from(worker.profile.as_str()),
                host: IpAddr::V4(Ipv4Addr::LOCALHOST),
                port: worker.port,
                unacked: Some(u64::from(busy)),
                activity: if busy { Activity::Active } else { Activity::IdleSince(since) },
            }
        };
        self.registered().map(consumer).collect()
    }

    /// Workers that nobody may take away now: busy, or not yet registered.
    pub(crate) fn not_idle(&self) -> BTreeSet<WorkerId> {
        let workers = self.machines.values().flat_map(|machine| &machine.workers);
        let not_idle = workers.filter(|w| w.busy_until > self.now || w.registered > self.now);
        not_idle.map(|worker| worker.id.clone()).collect()
    }

    /// The workers of a machine.
    pub(crate) fn workers_of(&self, vm: &VmId) -> Vec<WorkerId> {
        let machine = self.machines.get(vm);
        machine.into_iter().flat_map(|m| &m.workers).map(|worker| worker.id.clone()).collect()
    }

    pub(crate) fn describe(&self) -> String {
        let vm = |(id, m): (&VmId, &Machine)| {
            format!("{id} {} {} {}w", m.image, m.state.as_str(), m.workers.len())
        };
        self.machines.iter().map(vm).collect::<Vec<_>>().join("; ")
    }
}
