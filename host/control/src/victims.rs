//! Who leaves. Only workers proven idle, named one by one, in a total order;
//! a machine leaves only with the consent of every profile it serves.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::draft::Draft;
use crate::fleet::VmState;
use crate::ids::{ProfileName, VmId};
use crate::snapshot::{Inside, Occupancy, Snapshot, Stage, Vm, Worker};
use crate::spec::WhenIdle;
use crate::staging::Staged;
use crate::units::{Span, Timestamp};

/// How many workers each profile may lose in this tick.
#[derive(Debug, Clone, Default)]
pub struct Budgets(BTreeMap<ProfileName, u32>);

impl Budgets {
    /// Lets `profile` lose `workers`.
    pub fn grant(&mut self, profile: ProfileName, workers: u32) {
        self.0.insert(profile, workers);
    }

    /// What is left for a profile.
    pub fn left(&self, profile: &ProfileName) -> u32 {
        self.0.get(profile).copied().unwrap_or(0)
    }

    fn spend(&mut self, profile: &ProfileName, workers: u32) {
        if let Some(left) = self.0.get_mut(profile) {
            *left = left.saturating_sub(workers);
        }
    }
}

/// One that leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Victim {
    /// What is done to it.
    pub action: Action,
    /// Why this one.
    pub text: String,
}

/// Grants what a policy asked for by name, or says why not.
pub fn honour(
    draft: &mut Draft,
    budgets: &mut Budgets,
    profile: &ProfileName,
    asked: &Staged,
    now: Timestamp,
) -> Result<Victim, String> {
    let snapshot = draft.snapshot.clone();
    let known = |id: &VmId| snapshot.vm(id).ok_or_else(|| format!("there is no machine {id}"));
    match asked {
        Staged::Suspend(id) => leave(draft, budgets, known(id)?, WhenIdle::Suspend, now),
        Staged::Terminate(id) => leave(draft, budgets, known(id)?, WhenIdle::Terminate, now),
        Staged::StopWorker(id) => {
            let vm = known(id)?;
            if let Some(why) = draft.obstacle_to_stop(id) {
                return Err(why);
            }
            if budgets.left(profile) == 0 {
                return Err(format!("no more workers of {profile} may leave now"));
            }
            let worker = idle_of(draft, vm, profile).next();
            let worker =
                worker.ok_or_else(|| format!("no worker of {profile} on {id} is proven idle"))?;
            Ok(stop(draft, budgets, vm, worker, "and the policy asked for it", now))
        }
        Staged::Launch(_) | Staged::Resume(_) | Staged::StartWorker(_) => {
            Err("fewer workers are wanted, not more".to_owned())
        }
    }
}

/// Names the victims of a profile's scale in, as far as its budget goes:
/// workers beyond the first on a machine, then whole idle machines, then the
/// last worker on a machine that other profiles keep.
pub fn choose(
    draft: &mut Draft,
    budgets: &mut Budgets,
    profile: &ProfileName,
    now: Timestamp,
) -> Vec<Victim> {
    let snapshot = draft.snapshot.clone();
    let mut victims = Vec::new();
    beyond_first(draft, budgets, profile, &snapshot, &mut victims, now);
    whole_machines(draft, budgets, profile, &snapshot, &mut victims, now);
    last_of_shared(draft, budgets, profile, &snapshot, &mut victims, now);
    victims
}

fn candidates<'a>(draft: &Draft, snapshot: &'a Snapshot, profile: &ProfileName) -> Vec<&'a Vm> {
    let Some(view) = snapshot.profiles.get(profile) else { return Vec::new() };
    snapshot
        .vms_of(view)
        .filter(|vm| vm.state == VmState::Running && draft.is_free(&vm.id))
        .collect()
}

fn beyond_first(
    draft: &mut Draft,
    budgets: &mut Budgets,
    profile: &ProfileName,
    snapshot: &Snapshot,
    victims: &mut Vec<Victim>,
    now: Timestamp,
) {
    if budgets.left(profile) == 0 {
        return;
    }
    let mut spare: Vec<(Timestamp, &Vm, &Worker)> = Vec::new();
    for vm in candidates(draft, snapshot, profile) {
        let mut idle: Vec<&Worker> = idle_of(draft, vm, profile).collect();
        let keep = usize::from(vm.capacity_of(profile) as usize == idle.len());
        idle.sort_by(|a, b| idle_since(a).cmp(&idle_since(b)).then_with(|| a.id.cmp(&b.id)));
        let leave = idle.len() - keep.min(idle.len());
        spare.extend(idle.into_iter().take(leave).map(|w| (idle_since(w), vm, w)));
    }
    spare.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.2.id.cmp(&b.2.id)));
    for (_, vm, worker) in spare {
        if budgets.left(profile) == 0 {
            return;
        }
        victims.push(stop(draft, budgets, vm, worker, "and is not the first on its machine", now));
    }
}

fn whole_machines(
    draft: &mut Draft,
    budgets: &mut Budgets,
    profile: &ProfileName,
    snapshot: &Snapshot,
    victims: &mut Vec<Victim>,
    now: Timestamp,
) {
    if budgets.left(profile) == 0 {
        return;
    }
    let mut idle: Vec<(Timestamp, &Vm)> = candidates(draft, snapshot, profile)
        .into_iter()
        .filter(|vm| vm.capacity_of(profile) > 0)
        .filter_map(|vm| Some((all_idle_since(vm)?, vm)))
        .collect();
    idle.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    for (_, vm) in idle {
        if budgets.left(profile) == 0 {
            return;
        }
        if let Ok(victim) = leave(draft, budgets, vm, vm.image.when_idle, now) {
            victims.push(victim);
        }
    }
}

fn last_of_shared(
    draft: &mut Draft,
    budgets: &mut Budgets,
    profile: &ProfileName,
    snapshot: &Snapshot,
    victims: &mut Vec<Victim>,
    now: Timestamp,
) {
    if budgets.left(profile) == 0 {
        return;
    }
    let mut last: Vec<(Timestamp, &Vm, &Worker)> = candidates(draft, snapshot, profile)
        .into_iter()
        .filter(|vm| vm.capacity_all() > vm.capacity_of(profile))
        .filter_map(|vm| idle_of(draft, vm, profile).next().map(|w| (idle_since(w), vm, w)))
        .collect();
    last.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.2.id.cmp(&b.2.id)));
    for (_, vm, worker) in last {
        if budgets.left(profile) == 0 {
            return;
        }
        let why = "while its machine stays for other profiles";
        victims.push(stop(draft, budgets, vm, worker, why, now));
    }
}

/// Lets a whole machine go, if every worker on it is idle and every profile it
/// serves may lose them.
fn leave(
    draft: &mut Draft,
    budgets: &mut Budgets,
    vm: &Vm,
    how: WhenIdle,
    now: Timestamp,
) -> Result<Victim, String> {
    if let Some(why) = draft.obstacle_to_move(&vm.id) {
        return Err(why);
    }
    if !may(how, vm.state) {
        return Err(format!("{} is {}", vm.id, vm.state.as_str()));
    }
    let Some(since) = all_idle_since(vm) else {
        return Err(format!("not every worker on {} is proven idle", vm.id));
    };
    let loses = loses(vm);
    for (profile, workers) in &loses {
        let left = budgets.left(profile);
        if left < *workers {
            let id = &vm.id;
            return Err(format!("{id} runs {workers} of {profile}, which may lose {left} now"));
        }
    }
    for (profile, workers) in &loses {
        budgets.spend(profile, *workers);
    }
    let id: VmId = vm.id.clone();
    let action = match how {
        WhenIdle::Suspend => Action::Suspend { vm: id },
        WhenIdle::Terminate => Action::Terminate { vm: id },
    };
    draft.take(&action);
    let text = match vm.state {
        VmState::Running => format!("{} has been idle for {}", vm.id, Span(now.since(since))),
        VmState::Pending
        | VmState::Booting
        | VmState::Draining
        | VmState::Suspending
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Terminating
        | VmState::Failed => format!("{} is {} and has no worker", vm.id, vm.state.as_str()),
    };
    Ok(Victim { action, text })
}

const fn may(how: WhenIdle, state: VmState) -> bool {
    match how {
        WhenIdle::Suspend => matches!(state, VmState::Running),
        WhenIdle::Terminate => matches!(
            state,
            VmState::Running | VmState::Suspended | VmState::Stopped | VmState::Failed
        ),
    }
}

fn loses(vm: &Vm) -> BTreeMap<ProfileName, u32> {
    let mut loses: BTreeMap<ProfileName, u32> = BTreeMap::new();
    for worker in vm.workers.iter().filter(|worker| worker.counts()) {
        *loses.entry(worker.profile.clone()).or_default() += 1;
    }
    loses
}

fn stop(
    draft: &mut Draft,
    budgets: &mut Budgets,
    vm: &Vm,
    worker: &Worker,
    why: &str,
    now: Timestamp,
) -> Victim {
    budgets.spend(&worker.profile, 1);
    let action = Action::StopWorker { vm: vm.id.clone(), worker: worker.id.clone() };
    // Takes the machine too: it must not be chosen as a whole in this tick.
    draft.take(&action);
    let idle = Span(now.since(idle_since(worker)));
    Victim { action, text: format!("{} has been idle for {idle}, {why}", worker.id) }
}

/// The workers of a profile that may be stopped one by one.
fn idle_of<'a, 'd>(
    draft: &'d Draft,
    vm: &'a Vm,
    profile: &'d ProfileName,
) -> impl Iterator<Item = &'a Worker> + use<'a, 'd> {
    let stoppable = vm.inside == Inside::Visible && vm.state == VmState::Running;
    vm.workers.iter().filter(move |worker| {
        stoppable
            && worker.profile == *profile
            && worker.stage == Stage::Serving
            && matches!(worker.occupancy, Occupancy::Idle { .. })
            && !draft.stops(&worker.id)
    })
}

fn idle_since(worker: &Worker) -> Timestamp {
    match worker.occupancy {
        Occupancy::Idle { since } => since,
        Occupancy::Busy | Occupancy::Unknown => Timestamp::from_millis(u64::MAX),
    }
}

/// Since when every worker on a machine has been idle; `None` if any is not
/// proven so. Workers that are leaving already must be gone first.
fn all_idle_since(vm: &Vm) -> Option<Timestamp> {
    let mut latest = vm.launched_at;
    for worker in &vm.workers {
        match (worker.stage, worker.occupancy) {
            (Stage::Serving, Occupancy::Idle { since }) => latest = latest.max(since),
            (Stage::Booting | Stage::Draining | Stage::Serving, _) => return None,
        }
    }
    Some(latest)
}
