//! Finds in a list of machines what the intents under way were to bring about.
//! Changes nothing but what it found.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Action;
use crate::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use crate::ids::{IntentKey, VmId, WorkerId};
use crate::ledger::Entry;

/// Marks the intents whose effect a complete list of machines shows.
pub(crate) fn look_for(open: &mut BTreeMap<IntentKey, Entry>, seen: &[SeenVm]) {
    let by_id: BTreeMap<&VmId, &SeenVm> = seen.iter().map(|vm| (&vm.id, vm)).collect();
    let by_key: BTreeMap<&IntentKey, &SeenVm> = seen.iter().map(|vm| (&vm.key, vm)).collect();
    for (key, entry) in open.iter_mut().filter(|(_, entry)| entry.shown.is_none()) {
        entry.shown = match &entry.intent.action {
            Action::Launch { .. } => by_key.get(key).map(|vm| vm.id.clone()),
            Action::StartWorker { .. } => None,
            Action::Resume { vm }
            | Action::Suspend { vm }
            | Action::Terminate { vm }
            | Action::StopWorker { vm, .. } => {
                let shows = shows(&entry.intent.action, by_id.get(vm).copied());
                shows.then(|| vm.clone())
            }
        };
    }
    started(open, &by_id);
}

/// Whether a machine, or its absence, is what `action` was to bring about.
fn shows(action: &Action, vm: Option<&SeenVm>) -> bool {
    match action {
        Action::Launch { .. } | Action::StartWorker { .. } => false,
        Action::Resume { .. } => {
            vm.is_some_and(|vm| !matches!(vm.state, VmState::Suspending | VmState::Suspended))
        }
        Action::Suspend { .. } => vm.is_some_and(|vm| {
            !matches!(vm.state, VmState::Pending | VmState::Booting | VmState::Running)
        }),
        Action::Terminate { .. } => vm.is_none_or(|vm| vm.state == VmState::Terminating),
        Action::StopWorker { worker, .. } => vm.is_none_or(|vm| {
            let stays = |w: &SeenWorker| w.id == *worker && w.phase == WorkerPhase::Running;
            vm.workers.as_ref().is_some_and(|workers| !workers.iter().any(stays))
        }),
    }
}

/// Gives each worker that was not there before to the oldest intent to start
/// one of its profile on its machine. No worker is given twice.
fn started(open: &mut BTreeMap<IntentKey, Entry>, by_id: &BTreeMap<&VmId, &SeenVm>) {
    let mut waiting: Vec<(&IntentKey, &mut Entry)> = open
        .iter_mut()
        .filter(|(_, entry)| matches!(entry.intent.action, Action::StartWorker { .. }))
        .collect();
    waiting.sort_by(|a, b| a.1.intent.at.cmp(&b.1.intent.at).then_with(|| a.0.cmp(b.0)));
    let mut taken: BTreeSet<WorkerId> = BTreeSet::new();
    for (_, entry) in &mut waiting {
        let Action::StartWorker { vm, profile } = &entry.intent.action else { continue };
        let Some(seen) = by_id.get(vm) else { continue };
        let Some(before) = entry.before.as_ref().filter(|_| entry.shown.is_none()) else {
            continue;
        };
        let fresh = |w: &&SeenWorker| {
            w.profile == *profile && !before.contains(&w.id) && !taken.contains(&w.id)
        };
        if let Some(worker) = seen.workers.iter().flatten().find(fresh) {
            taken.insert(worker.id.clone());
            entry.shown = Some(vm.clone());
        }
    }
    for (_, entry) in waiting {
        if let Some(before) = &mut entry.before {
            before.extend(taken.iter().cloned());
        }
    }
}
