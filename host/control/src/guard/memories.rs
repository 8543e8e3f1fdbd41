//! The guards' memory of all profiles of a site, and which of it is not on
//! disk yet. Notes what was decided; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::memory::{Change, Memory};
use crate::action::{Action, Intent};
use crate::ids::{IntentKey, ProfileName};
use crate::snapshot::{Quality, Snapshot, Vm};
use crate::spec::{Guards, SiteSpec};
use crate::units::Timestamp;

/// The memories of a site's profiles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memories {
    of: BTreeMap<ProfileName, Memory>,
    unwritten: BTreeSet<ProfileName>,
}

impl Memories {
    /// What an earlier host left. Wishes are dropped if nobody looked for so
    /// long that there is no telling what would have been wished meanwhile.
    pub(crate) fn recovered(
        mut of: BTreeMap<ProfileName, Memory>,
        site: &SiteSpec,
        now: Timestamp,
    ) -> Self {
        for (name, memory) in &mut of {
            let guards = site.profiles.get(name).map(|profile| &profile.guards);
            if let Some(guards) = guards {
                memory.forget_before_a_gap(guards, site.every, now);
            }
        }
        Self { of, unwritten: BTreeSet::new() }
    }

    /// What is remembered of a profile.
    pub(crate) fn of(&self, profile: &ProfileName) -> &Memory {
        const EMPTY: &Memory = &Memory::EMPTY;
        self.of.get(profile).unwrap_or(EMPTY)
    }

    /// Takes note of one tick: what was wished for each profile, and what is
    /// going to be done. Without a list of machines nobody knew what there is.
    pub(crate) fn note(
        &mut self,
        snapshot: &Snapshot,
        wishes: &BTreeMap<ProfileName, u32>,
        intents: &[Intent],
    ) {
        if snapshot.cloud.quality() != Quality::Fresh {
            return;
        }
        let now = snapshot.now;
        for (name, view) in &snapshot.profiles {
            let window = longest(&view.spec.guards);
            let known = self.of.get(name);
            if window.is_zero() && known.is_none_or(|memory| *memory == Memory::EMPTY) {
                continue;
            }
            let capacity = view.counts.capacity();
            self.revise(name, |memory| {
                memory.settle(now);
                memory.forget_before_a_gap(&view.spec.guards, snapshot.site.every, now);
                match wishes.get(name) {
                    Some(wish) if !window.is_zero() => memory.wished(*wish, capacity, now),
                    Some(_) | None => memory.forget_wishes(),
                }
            });
        }
        self.changed(snapshot, intents);
    }

    /// Takes note of what is going to be done, for every profile that it
    /// brings workers to or takes some from.
    pub(crate) fn changed(&mut self, snapshot: &Snapshot, intents: &[Intent]) {
        for intent in intents {
            for (profile, by) in effect(&intent.action, snapshot) {
                let change = Change { at: intent.at, by, key: Some(intent.key.clone()) };
                self.revise(&profile, |memory| memory.changed_by(change));
            }
        }
    }

    /// Takes back what an intent was to change: it came to nothing.
    pub(crate) fn undo(&mut self, key: &IntentKey) {
        for (name, memory) in &mut self.of {
            let before = memory.changes.len();
            memory.undo(key);
            if memory.changes.len() < before {
                self.unwritten.insert(name.clone());
            }
        }
    }

    /// What has to be written down, which counts as done.
    pub(crate) fn take_unwritten(&mut self) -> Vec<(ProfileName, Memory)> {
        let names = std::mem::take(&mut self.unwritten);
        let known = |name: ProfileName| Some((name.clone(), self.of.get(&name)?.clone()));
        names.into_iter().filter_map(known).collect()
    }

    /// What was taken could not be written: all is to be written again.
    pub(crate) fn not_written(&mut self) {
        self.unwritten = self.of.keys().cloned().collect();
    }

    fn revise(&mut self, name: &ProfileName, how: impl FnOnce(&mut Memory)) {
        let memory = self.of.entry(name.clone()).or_default();
        let before = memory.clone();
        how(memory);
        if *memory != before {
            self.unwritten.insert(name.clone());
        }
    }
}

fn longest(guards: &Guards) -> std::time::Duration {
    guards.scale_out.stabilisation.max(guards.scale_in.stabilisation)
}

/// By how many workers an action changes each profile.
fn effect(action: &Action, snapshot: &Snapshot) -> Vec<(ProfileName, i64)> {
    let boots = |hosts: &BTreeMap<ProfileName, u32>| {
        let hosts = hosts.iter().filter(|(_, boots)| **boots > 0);
        hosts.map(|(profile, boots)| (profile.clone(), i64::from(*boots))).collect()
    };
    let vm = |id| snapshot.vm(id);
    let found: Option<Vec<(ProfileName, i64)>> = match action {
        Action::Launch { image } => snapshot.image(image).map(|image| boots(&image.hosts)),
        Action::Resume { vm: id } => vm(id).map(|vm| boots(&vm.image.hosts)),
        Action::StartWorker { profile, .. } => Some(vec![(profile.clone(), 1)]),
        Action::Suspend { vm: id } | Action::Terminate { vm: id } => vm(id).map(lost_with),
        Action::StopWorker { vm: id, worker } => vm(id).map(|vm| {
            let stopped = vm.workers.iter().filter(|known| known.id == *worker);
            stopped.map(|worker| (worker.profile.clone(), -1)).collect()
        }),
    };
    found.unwrap_or_default()
}

fn lost_with(vm: &Vm) -> Vec<(ProfileName, i64)> {
    let workers = vm.workers.iter().map(|worker| &worker.profile);
    let profiles: BTreeSet<&ProfileName> = vm.image.hosts.keys().chain(workers).collect();
    let lost = |name: &ProfileName| (name.clone(), -i64::from(vm.capacity_of(name)));
    profiles.into_iter().map(lost).filter(|(_, by)| *by != 0).collect()
}
