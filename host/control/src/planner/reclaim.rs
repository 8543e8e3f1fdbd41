//! Takes back what others have borrowed, for the profile for which room is
//! kept. Only whole machines go, proven idle, by the ways of any scale in; and
//! only as far as the lender still has more for its weight than the one that
//! waits has now. So nothing is ever taken back and forth: each exchange lifts
//! the least of the two. Nobody loses its last worker, one of its minimum, or
//! more than the pace of its guards allows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::sharing::Sharing;
use super::{Answers, Plan};
use crate::action::Action;
use crate::clearing;
use crate::combine;
use crate::draft::Kept;
use crate::explain::{Direction, Stage};
use crate::fleet::VmState;
use crate::guard;
use crate::ids::ProfileName;
use crate::ledger::Ledger;
use crate::queue::Activity;
use crate::share::{Amounts, Caps, portions};
use crate::snapshot::{ProfileView, Snapshot, Vm};
use crate::spec::{ImageSpec, Weight, WhenIdle};
use crate::staging::Staged;
use crate::units::Timestamp;
use crate::victims::{self, Budgets, Victim};

/// Who waits, and for what.
struct Owner {
    profile: ProfileName,
    ticks: u32,
    image: Arc<ImageSpec>,
    /// What it has for its weight.
    level: u128,
}

/// One that holds more, with the machines that only it is on.
#[derive(Clone)]
struct Lender<'a> {
    profile: &'a ProfileName,
    weight: Weight,
    held: Amounts,
    /// Workers that it may lose.
    spare: u32,
    machines: VecDeque<&'a Vm>,
}

impl Lender<'_> {
    fn level(&self, caps: &Caps) -> u128 {
        self.held.dominant(caps).0 / u128::from(self.weight.get())
    }
}

impl Plan {
    /// Reclaims room for whom it is kept, if others hold it.
    pub(super) fn reclaim(
        &mut self,
        sharing: &mut Sharing,
        ledger: &Ledger,
        answers: &Answers,
        now: Timestamp,
    ) {
        let Some(Kept { profile, ticks, image }) = self.draft.kept().cloned() else { return };
        let level = sharing.holdings.level(&profile, self.weight(&profile));
        let owner = Owner { profile, ticks, image, level };
        let snapshot = Arc::clone(&self.draft.snapshot);
        let caps = sharing.holdings.caps;
        let wanted = self.used_soon().plus(&Amounts::of(&owner.image));
        if caps.short(&wanted).next().is_none() {
            let text = format!("room for {} is on its way: machines leave", owner.image.name);
            return self.note(&owner.profile, Stage::Reclaim, text);
        }
        self.tell_late(&owner.profile);
        if let Some(vm) = clearing::in_the_way(&self.draft, &self.directed(Direction::Out)) {
            let text = format!("{vm} is suspended and serves nobody who wants more: it goes first");
            return self.note(&owner.profile, Stage::Reclaim, text);
        }
        let lenders = self.lenders(sharing, &snapshot, ledger, answers, &owner);
        if !suffices(lenders.clone(), &caps, &owner, wanted) {
            let name = &owner.image.name;
            let text =
                format!("nobody can give back enough for {name}: what leaves is kept for it");
            return self.note(&owner.profile, Stage::Reclaim, text);
        }
        let victims = self.take_back(lenders, &caps, &owner, wanted, now);
        self.tell_owner(&owner, &victims);
        for (lender, victims) in victims {
            self.cut(sharing, &owner, lender, victims, now);
        }
    }

    /// What the site uses once the machines are gone that are leaving; those
    /// that should have left by now are not counted on to go.
    fn used_soon(&self) -> Amounts {
        let goes = |vm: &Vm| match vm.state {
            VmState::Terminating => true,
            // What is suspended counts against the limits as before.
            VmState::Draining => vm.image.when_idle == WhenIdle::Terminate,
            VmState::Suspending
            | VmState::Pending
            | VmState::Booting
            | VmState::Running
            | VmState::Suspended
            | VmState::Stopped
            | VmState::Failed => false,
        };
        let snapshot = &self.draft.snapshot;
        let late = |vm: &&Vm| snapshot.late.contains_key(&vm.id);
        let leaving = snapshot.vms.iter().filter(|vm| goes(vm));
        let failed = clearing::failed(&self.draft);
        let failed = failed.iter().filter_map(|vm| snapshot.vm(vm));
        let planned = self.intents.iter().filter_map(|intent| match &intent.action {
            Action::Terminate { vm } => snapshot.vm(vm),
            Action::Suspend { .. }
            | Action::Launch { .. }
            | Action::Resume { .. }
            | Action::StartWorker { .. }
            | Action::StopWorker { .. } => None,
        });
        let used = self.draft.usage.amounts();
        let leaving = leaving.chain(failed).filter(|vm| !late(vm));
        leaving.chain(planned).fold(used, |used, vm| used.minus(&Amounts::of(&vm.image)))
    }

    /// Everybody who has more for its weight than the owner, and of whom all is
    /// known that scale in asks for.
    fn lenders<'a>(
        &self,
        sharing: &Sharing,
        snapshot: &'a Snapshot,
        ledger: &Ledger,
        answers: &Answers,
        owner: &Owner,
    ) -> Vec<Lender<'a>> {
        let may = |name: &ProfileName, view: &ProfileView| {
            let said = answers.get(name).map_or(&[][..], Vec::as_slice);
            let goes = self.chains.get(name).is_some_and(|c| c.direction() == Direction::In);
            !goes && !combine::is_broken(&view.spec, said) && guard::doubt(snapshot, view).is_none()
        };
        let others = snapshot.profiles.iter().filter(|(name, _)| **name != owner.profile);
        let lenders = others.filter_map(|(name, view)| {
            let weight = view.spec.weight;
            if sharing.holdings.level(name, weight) <= owner.level || !may(name, view) {
                return None;
            }
            let floor = view.spec.workers.min().max(1);
            let machines = snapshot.vms_of(view);
            let machines = machines.filter(|vm| self.can_be_lent(name, vm, owner)).collect();
            let allowed = guard::may_lose(snapshot, view, ledger.guards.of(name));
            let spare = view.counts.serving.saturating_sub(floor).min(allowed);
            let held = sharing.holdings.of(name);
            Some(Lender { profile: name, weight, held, spare, machines })
        });
        lenders.collect()
    }

    /// Whether a machine is one profile's alone, and of no use to the owner.
    fn can_be_lent(&self, lender: &ProfileName, vm: &Vm, owner: &Owner) -> bool {
        matches!(vm.state, VmState::Running | VmState::Suspended)
            && !vm.hosts(&owner.profile)
            && matches!(portions(vm)[..], [(only, _)] if only == lender)
            && self.draft.obstacle_to_move(&vm.id).is_none()
    }

    /// Takes back what is proven idle, from the one that has most, until there
    /// is room.
    fn take_back<'a>(
        &mut self,
        mut lenders: Vec<Lender<'a>>,
        caps: &Caps,
        owner: &Owner,
        mut wanted: Amounts,
        now: Timestamp,
    ) -> BTreeMap<&'a ProfileName, Vec<Victim>> {
        let mut budgets = Budgets::default();
        for lender in &mut lenders {
            budgets.grant(lender.profile.clone(), lender.spare);
            lender.machines.retain(|vm| matches!(vm.activity(), Activity::IdleSince(_)));
            let since = |vm: &&Vm| match vm.activity() {
                Activity::IdleSince(since) => Some(since),
                Activity::Active | Activity::Unknown => None,
            };
            let running = |vm: &&Vm| vm.state == VmState::Running;
            let machines = lender.machines.make_contiguous();
            machines.sort_by_key(|vm| (running(vm), since(vm), vm.id.clone()));
        }
        let mut victims: BTreeMap<&ProfileName, Vec<Victim>> = BTreeMap::new();
        while let Some((at, vm)) = next(&mut lenders, caps, owner, &wanted) {
            let Some(lender) = lenders.get_mut(at) else { continue };
            let request = Staged::Terminate(vm.id.clone());
            let victim =
                victims::honour(&mut self.draft, &mut budgets, lender.profile, &request, now);
            if let Ok(victim) = victim {
                wanted = wanted.minus(&Amounts::of(&vm.image));
                lender.held = lender.held.minus(&Amounts::of(&vm.image));
                lender.spare = budgets.left(lender.profile);
                victims.entry(lender.profile).or_default().push(victim);
            }
        }
        victims
    }

    /// Cuts a lender's wish by the workers that leave it.
    fn cut(
        &mut self,
        sharing: &mut Sharing,
        owner: &Owner,
        lender: &ProfileName,
        victims: Vec<Victim>,
        now: Timestamp,
    ) {
        let snapshot = Arc::clone(&self.draft.snapshot);
        let machines = victims.iter().filter_map(|victim| snapshot.vm(victim.action.vm()?));
        let workers: u32 = machines.map(|vm| vm.capacity_of(lender)).sum();
        let standing = self.standing_of(sharing, lender);
        if let Some(chain) = self.chains.get_mut(lender) {
            let (wish, left) = (chain.desired, chain.capacity.saturating_sub(workers));
            let cut = match workers {
                0 => "what it has suspended goes".to_owned(),
                _ => format!("{wish} wanted, {left} allowed"),
            };
            if workers > 0 {
                chain.desired = wish.min(left);
                chain.planned = chain.planned.saturating_sub(workers);
            }
            let Owner { profile, ticks, .. } = owner;
            let text = format!(
                "{cut}: reclaimed for {profile}, which limits have held up for {ticks} ticks; {lender} {standing}"
            );
            chain.step(Stage::Reclaim, text);
        }
        for victim in victims {
            self.dismiss(lender, victim, now);
        }
    }

    fn tell_owner(&mut self, owner: &Owner, victims: &BTreeMap<&ProfileName, Vec<Victim>>) {
        let Owner { profile, ticks, image, .. } = owner;
        let room = &image.name;
        let held_up = format!("held up for {ticks} ticks, room for {room} is kept");
        let from = |(lender, victims): (&&ProfileName, &Vec<Victim>)| {
            let vms: Vec<String> =
                victims.iter().filter_map(|v| v.action.vm()).map(ToString::to_string).collect();
            format!("{} from {lender}", vms.join(", "))
        };
        let taken: Vec<String> = victims.iter().map(from).collect();
        let text = match taken.is_empty() {
            true => format!("{held_up}: nothing that others borrow is proven idle"),
            false => format!("{held_up}: reclaimed {}", taken.join("; ")),
        };
        self.note(profile, Stage::Reclaim, text);
    }
}

/// Whether there would be room if all that may be reclaimed were idle: nothing
/// is taken from anybody for a machine that cannot be had in this way.
fn suffices(mut lenders: Vec<Lender<'_>>, caps: &Caps, owner: &Owner, wanted: Amounts) -> bool {
    let mut wanted = wanted;
    while let Some((at, vm)) = next(&mut lenders, caps, owner, &wanted) {
        let Some(lender) = lenders.get_mut(at) else { continue };
        wanted = wanted.minus(&Amounts::of(&vm.image));
        lender.held = lender.held.minus(&Amounts::of(&vm.image));
        lender.spare = lender.spare.saturating_sub(vm.capacity_of(lender.profile));
    }
    caps.short(&wanted).next().is_none()
}

/// The next machine of whoever has most for its weight, if that leaves it more
/// than the owner has; it is not looked at again. `None` once there is room.
fn next<'a>(
    lenders: &mut [Lender<'a>],
    caps: &Caps,
    owner: &Owner,
    wanted: &Amounts,
) -> Option<(usize, &'a Vm)> {
    caps.short(wanted).next()?;
    loop {
        let able = lenders.iter().enumerate().filter(|(_, lender)| !lender.machines.is_empty());
        // Of equals the first, by name.
        let (at, _) = able.rev().max_by_key(|(_, lender)| lender.level(caps))?;
        let lender = lenders.get_mut(at)?;
        let vm = lender.machines.pop_front()?;
        let amounts = Amounts::of(&vm.image);
        let after = Lender { held: lender.held.minus(&amounts), ..lender.clone() };
        let fits = vm.capacity_of(lender.profile) <= lender.spare;
        if fits && caps.bites(wanted, &amounts) && after.level(caps) > owner.level {
            return Some((at, vm));
        }
    }
}
