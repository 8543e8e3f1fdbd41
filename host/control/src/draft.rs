//! A plan in the making: what of the site is still free once the steps chosen
//! so far are carried out. Chooses nothing itself.

mod kept;
mod shelf;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::action::Action;
use crate::fleet::VmState;
use crate::ids::{ImageName, ProfileName, VmId, WorkerId};
use crate::ledger::{Ledger, Target};
use crate::snapshot::{ProfileView, Snapshot, Stage, Vm, count};
use crate::spec::ImageSpec;
use crate::units::{Span, Timestamp};
pub(crate) use kept::Kept;
pub(crate) use shelf::Shelf;
pub use usage::Usage;

/// A plan in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The facts it rests on.
    pub snapshot: Arc<Snapshot>,
    /// What the site uses once the plan is carried out.
    pub usage: Usage,
    /// Images that host each profile, the cheapest worker first.
    images: BTreeMap<ProfileName, Vec<Arc<ImageSpec>>>,
    /// Workers that are being started on a machine, by this plan or before it,
    /// and that no list shows; each is taken to load one CPU.
    started: BTreeMap<VmId, u32>,
    /// Machines that an action of this plan already concerns.
    touched: BTreeSet<VmId>,
    /// Of those, the ones that only lose single workers.
    trimmed: BTreeSet<VmId>,
    /// Workers that this plan stops.
    stopped: BTreeSet<WorkerId>,
    /// Machines that are not to be touched in this tick, and why.
    barred: BTreeMap<VmId, String>,
    /// Workers this plan adds to each profile.
    added: BTreeMap<ProfileName, u32>,
    /// Room that is not to be had, as somebody has waited for it.
    kept: Option<Kept>,
    /// Where the next worker of a profile may be had.
    shelves: BTreeMap<ProfileName, Shelf>,
}

impl Draft {
    /// Nothing planned yet. Machines with an action under way, or that failed
    /// lately, are barred.
    pub fn new(snapshot: Arc<Snapshot>, ledger: &Ledger, now: Timestamp) -> Self {
        let mut usage = Usage::default();
        for vm in &snapshot.vms {
            usage.add(&vm.image);
        }
        let mut images: BTreeMap<ProfileName, Vec<Arc<ImageSpec>>> = BTreeMap::new();
        for image in snapshot.site.images.values() {
            for profile in image.hosts.keys() {
                images.entry(profile.clone()).or_default().push(Arc::clone(image));
            }
        }
        for (profile, images) in &mut images {
            images.sort_by(|a, b| cost_of_one(a, profile).total_cmp(&cost_of_one(b, profile)));
        }
        let mut draft = Self {
            snapshot,
            usage,
            images,
            started: BTreeMap::new(),
            touched: BTreeSet::new(),
            trimmed: BTreeSet::new(),
            stopped: BTreeSet::new(),
            barred: BTreeMap::new(),
            added: BTreeMap::new(),
            kept: None,
            shelves: BTreeMap::new(),
        };
        draft.heed(ledger, now);
        draft
    }

    fn heed(&mut self, ledger: &Ledger, now: Timestamp) {
        for (target, pause) in ledger.pauses(now) {
            if let Target::Vm(vm) = target {
                let wait = Span(pause.until.since(now));
                let why = format!("{vm} is left alone for {wait}: {}", pause.why);
                self.barred.insert(vm.clone(), why);
            }
        }
        for entry in ledger.entries() {
            let action = &entry.intent.action;
            match action {
                Action::Launch { .. } => {}
                Action::StartWorker { vm, .. } => {
                    *self.started.entry(vm.clone()).or_default() +=
                        u32::from(entry.shown.is_none());
                }
                Action::Resume { vm }
                | Action::Suspend { vm }
                | Action::Terminate { vm }
                | Action::StopWorker { vm, .. } => {
                    self.barred.insert(vm.clone(), format!("under way since before: {action}"));
                }
            }
        }
    }

    /// Images that host a profile, the cheapest worker first, then by name.
    pub fn images_of(&self, profile: &ProfileName) -> &[Arc<ImageSpec>] {
        self.images.get(profile).map_or(&[], Vec::as_slice)
    }

    /// Workers that this plan adds to a profile.
    pub fn added(&self, profile: &ProfileName) -> u32 {
        self.added.get(profile).copied().unwrap_or(0)
    }

    /// Workers the profile has, those of the plan included.
    pub fn capacity(&self, profile: &ProfileName) -> u32 {
        let now = self.snapshot.profiles.get(profile).map_or(0, |view| view.counts.capacity());
        now.saturating_add(self.added(profile))
    }

    /// Whether an action of this plan already concerns the machine.
    pub fn is_touched(&self, vm: &VmId) -> bool {
        self.touched.contains(vm)
    }

    /// Whether a step may concern the machine: nothing else does, none is
    /// under way and none failed lately.
    pub fn is_free(&self, vm: &VmId) -> bool {
        !self.touched.contains(vm) && !self.barred.contains_key(vm)
    }

    /// Why no step may concern the machine.
    pub(crate) fn obstacle(&self, vm: &VmId) -> Option<String> {
        match self.barred.get(vm) {
            Some(why) => Some(why.clone()),
            None => self.is_touched(vm).then(|| format!("{vm} is in this plan already")),
        }
    }

    /// Why the machine may not lose one more worker.
    pub(crate) fn obstacle_to_stop(&self, vm: &VmId) -> Option<String> {
        self.obstacle(vm).filter(|_| !self.trimmed.contains(vm))
    }

    /// Why the machine may not leave, or be brought back, as a whole.
    pub(crate) fn obstacle_to_move(&self, vm: &VmId) -> Option<String> {
        let starts = || format!("a worker is being started on {vm}");
        self.obstacle(vm).or_else(|| self.started.contains_key(vm).then(starts))
    }

    /// Whether this plan stops the worker.
    pub(crate) fn stops(&self, worker: &WorkerId) -> bool {
        self.stopped.contains(worker)
    }

    /// CPUs that a machine has beyond its load and the room it keeps free, the
    /// workers being started on it counted as one CPU each; `None` when the
    /// load is not known. A slot is free when it is above zero.
    pub fn room(&self, vm: &Vm) -> Option<f64> {
        let booting = vm.workers.iter().filter(|worker| worker.stage == Stage::Booting);
        let unseen = self.started.get(&vm.id).copied().unwrap_or(0);
        let load = vm.load? + f64::from(count(booting)) + f64::from(unseen);
        Some(f64::from(vm.image.vcpus) - load - self.snapshot.site.cpu_buffer_room)
    }

    /// The shelf of a profile, to be put back by [`Draft::put_back`].
    pub(crate) fn take_shelf(&mut self, view: &ProfileView) -> Shelf {
        self.shelves.remove(&view.spec.name).unwrap_or_else(|| Shelf::new(self, view))
    }

    pub(crate) fn put_back(&mut self, profile: &ProfileName, shelf: Shelf) {
        self.shelves.insert(profile.clone(), shelf);
    }

    /// Takes what `action` takes.
    pub(crate) fn take(&mut self, action: &Action) {
        match action {
            Action::StartWorker { vm, profile } => self.start_worker(vm, profile),
            Action::Resume { vm } => self.resume(vm),
            Action::Launch { image } => self.launch(image),
            Action::Suspend { vm } | Action::Terminate { vm } => self.remove(vm),
            Action::StopWorker { vm, worker } => {
                self.remove(vm);
                self.trimmed.insert(vm.clone());
                self.stopped.insert(worker.clone());
            }
        }
    }

    /// Takes a free slot.
    pub fn start_worker(&mut self, vm: &VmId, profile: &ProfileName) {
        *self.started.entry(vm.clone()).or_default() += 1;
        *self.added.entry(profile.clone()).or_default() += 1;
    }

    /// Takes a suspended machine: all that it hosts comes back.
    pub fn resume(&mut self, vm: &VmId) {
        self.touched.insert(vm.clone());
        if let Some(image) = self.snapshot.vm(vm).map(|vm| Arc::clone(&vm.image)) {
            self.add_hosted(&image);
        }
    }

    /// Takes back what `action` took, as it failed; its machine stays out of
    /// this plan. Only for what brings workers: nothing is taken away twice.
    pub fn failed(&mut self, action: &Action) {
        match action {
            Action::Resume { vm } => {
                if let Some(image) = self.snapshot.vm(vm).map(|vm| Arc::clone(&vm.image)) {
                    self.take_back_hosted(&image);
                }
            }
            Action::StartWorker { vm, profile } => {
                self.touched.insert(vm.clone());
                if let Some(added) = self.added.get_mut(profile) {
                    *added = added.saturating_sub(1);
                }
            }
            Action::Launch { image } => {
                if let Some(image) = self.snapshot.site.images.get(image).map(Arc::clone) {
                    self.usage.take_back(&image);
                    self.take_back_hosted(&image);
                }
            }
            Action::Suspend { .. } | Action::Terminate { .. } | Action::StopWorker { .. } => {}
        }
        self.shelves.clear();
    }

    /// Takes one machine's worth of the limits.
    pub fn launch(&mut self, image: &ImageName) {
        if let Some(image) = self.snapshot.site.images.get(image).map(Arc::clone) {
            self.usage.add(&image);
            self.add_hosted(&image);
        }
    }

    /// Takes a machine or one worker of it away.
    pub fn remove(&mut self, vm: &VmId) {
        self.touched.insert(vm.clone());
    }

    fn add_hosted(&mut self, image: &ImageSpec) {
        for (profile, workers) in &image.hosts {
            *self.added.entry(profile.clone()).or_default() += workers;
        }
    }

    fn take_back_hosted(&mut self, image: &ImageSpec) {
        for (profile, workers) in &image.hosts {
            if let Some(added) = self.added.get_mut(profile) {
                *added = added.saturating_sub(*workers);
            }
        }
    }
}

/// Whether a machine can be brought back.
pub(crate) const fn resumable(state: VmState) -> bool {
    matches!(state, VmState::Suspended | VmState::Suspending)
}

fn cost_of_one(image: &ImageSpec, profile: &ProfileName) -> f64 {
    let workers = image.hosts.get(profile).copied().unwrap_or(1).max(1);
    image.cost_per_hour / f64::from(workers)
}
