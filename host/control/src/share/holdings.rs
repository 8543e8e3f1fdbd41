//! Who holds what. A machine is held by the profiles whose workers are on it,
//! each for its part of them; one without workers by those that it hosts, as
//! its boot would start them. All that the limits count is held by somebody,
//! but machines of a retired image that nobody is on.

use std::collections::BTreeMap;

use super::amounts::{Amounts, Caps};
use crate::action::Action;
use crate::ids::{ProfileName, VmId};
use crate::snapshot::{Snapshot, Vm};
use crate::spec::{ImageSpec, Weight};

/// What every profile holds, with what the plan takes for it.
#[derive(Debug)]
pub(crate) struct Holdings {
    pub(crate) caps: Caps,
    held: BTreeMap<ProfileName, Amounts>,
    /// Workers that the plan starts on running machines.
    started: BTreeMap<VmId, BTreeMap<ProfileName, u32>>,
}

impl Holdings {
    /// What is held before anything is planned.
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let caps = Caps::of(&snapshot.site.limits);
        let mut holdings = Self { caps, held: BTreeMap::new(), started: BTreeMap::new() };
        let limited = caps.any();
        for vm in snapshot.vms.iter().filter(|_| limited) {
            holdings.change(&Amounts::of(&vm.image), &portions(vm), Amounts::plus);
        }
        holdings
    }

    /// What a profile holds.
    pub(crate) fn of(&self, profile: &ProfileName) -> Amounts {
        self.held.get(profile).copied().unwrap_or_default()
    }

    /// Everybody who holds anything.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&ProfileName, &Amounts)> {
        self.held.iter()
    }

    /// How much a profile has for its weight: its dominant share over it.
    pub(crate) fn level(&self, profile: &ProfileName, weight: Weight) -> u128 {
        self.of(profile).dominant(&self.caps).0 / u128::from(weight.get())
    }

    /// Takes note of a step of the plan. Says whose holdings it changes.
    pub(crate) fn took(&mut self, snapshot: &Snapshot, action: &Action) -> Vec<ProfileName> {
        match action {
            Action::Launch { image } => {
                let Some(image) = snapshot.image(image) else { return Vec::new() };
                let hosts = hosted(image);
                self.change(&Amounts::of(image), &hosts, Amounts::plus);
                hosts.iter().map(|(profile, _)| (*profile).clone()).collect()
            }
            Action::StartWorker { vm, profile } => {
                let Some(vm) = snapshot.vm(vm) else { return Vec::new() };
                let others = vm.image.hosts.keys().chain(vm.workers.iter().map(|w| &w.profile));
                if others.into_iter().all(|other| other == profile) {
                    return Vec::new();
                }
                let (amounts, before) = (Amounts::of(&vm.image), self.portions(vm));
                self.change(&amounts, &before, Amounts::minus);
                let on_it = self.started.entry(vm.id.clone()).or_default();
                *on_it.entry(profile.clone()).or_default() += 1;
                let after = self.portions(vm);
                self.change(&amounts, &after, Amounts::plus);
                after.iter().map(|(profile, _)| (*profile).clone()).collect()
            }
            // It is held by whom it hosts already.
            Action::Resume { .. }
            // Until it is gone it counts, and is held.
            | Action::Suspend { .. }
            | Action::Terminate { .. }
            | Action::StopWorker { .. } => Vec::new(),
        }
    }

    /// As [`portions`], with the workers that the plan starts.
    fn portions<'a>(&self, vm: &'a Vm) -> Vec<(&'a ProfileName, u32)> {
        let Some(started) = self.started.get(&vm.id) else { return portions(vm) };
        let more = |profile: &ProfileName| started.get(profile).copied().unwrap_or(0);
        let all = on(vm).into_iter().map(|(profile, n)| (profile, n + more(profile)));
        all.filter(|(_, n)| *n > 0).collect()
    }

    fn change(
        &mut self,
        amounts: &Amounts,
        portions: &[(&ProfileName, u32)],
        change: impl Fn(&Amounts, &Amounts) -> Amounts,
    ) {
        let all = portions.iter().map(|(_, n)| n).sum();
        for (profile, n) in portions {
            let part = amounts.part(*n, all);
            match self.held.get_mut(*profile) {
                Some(held) => *held = change(held, &part),
                None => {
                    self.held.insert((*profile).clone(), change(&Amounts::default(), &part));
                }
            }
        }
    }
}

/// Who holds a machine, and in what proportion.
pub(crate) fn portions(vm: &Vm) -> Vec<(&ProfileName, u32)> {
    let mut portions = on(vm);
    portions.retain(|(_, n)| *n > 0);
    if portions.is_empty() { hosted(&vm.image) } else { portions }
}

/// Workers that serve or will, of whom the machine hosts and of anybody else.
fn on(vm: &Vm) -> Vec<(&ProfileName, u32)> {
    let mut on: Vec<(&ProfileName, u32)> =
        vm.image.hosts.keys().map(|profile| (profile, vm.capacity_of(profile))).collect();
    for worker in vm.workers.iter().filter(|worker| worker.counts()) {
        if on.iter().all(|(profile, _)| **profile != worker.profile) {
            on.push((&worker.profile, vm.capacity_of(&worker.profile)));
        }
    }
    on
}

/// Whom a boot of the image starts, in what proportion.
fn hosted(image: &ImageSpec) -> Vec<(&ProfileName, u32)> {
    let boots = image.hosts.iter().filter(|(_, n)| **n > 0);
    let boots: Vec<_> = boots.map(|(profile, n)| (profile, *n)).collect();
    match boots.is_empty() {
        true => image.hosts.keys().map(|profile| (profile, 1)).collect(),
        false => boots,
    }
}
