//! What a plan tells of itself beside its steps: why fewer leave than might,
//! what comes with others, which requests came to nothing. Changes no plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Plan;
use crate::action::Action;
use crate::explain::{Direction, Stage};
use crate::ids::ProfileName;
use crate::requests::Asked;
use crate::staging::Staged;
use crate::units::Span;

impl Plan {
    /// Says why fewer workers leave than are not wanted.
    pub(super) fn tell_left(&mut self, profile: &ProfileName, left: u32, granted: u32) {
        if left > 0 {
            let text = format!(
                "{left} more may leave, but no other is proven idle on a machine that can spare it"
            );
            self.note(profile, Stage::Victim, text);
        }
        let Some(chain) = self.chains.get_mut(profile) else { return };
        if granted < chain.capacity - chain.desired {
            let counts = self.draft.snapshot.profiles.get(profile).map(|view| view.counts);
            let (all, booting) = (chain.capacity, counts.unwrap_or_default().booting);
            let may = if granted == 0 { "none".to_owned() } else { format!("only {granted}") };
            let text =
                format!("of {all} workers {booting} are still starting: {may} may leave now");
            chain.step(Stage::Victim, text);
        }
    }

    /// Says how many workers a profile gets from machines that were launched or
    /// resumed for other profiles: that is why it is not scaled itself.
    pub(super) fn tell_shared(&mut self, profile: &ProfileName) {
        let own = self.brought.get(profile).copied().unwrap_or(0);
        let shared = self.draft.added(profile).saturating_sub(own);
        if shared > 0 {
            let text = format!("+{shared} from machines launched or resumed for other profiles");
            self.note(profile, Stage::Shared, text);
        }
    }

    /// Says which machines take room that should have gone by now.
    pub(super) fn tell_late(&mut self, profile: &ProfileName) {
        let snapshot = Arc::clone(&self.draft.snapshot);
        let Some((vm, since)) = snapshot.late.iter().max_by_key(|(_, since)| **since) else {
            return;
        };
        let state = snapshot.vm(vm).map_or("gone", |vm| vm.state.as_str());
        let (since, deadline) = (Span(*since), Span(snapshot.site.drain_deadline));
        let others = match snapshot.late.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more are late"),
        };
        let text = format!(
            "{vm} has been {state} for {since}, longer than drain_deadline ({deadline}){others}: nobody counts on that room, look at the machine"
        );
        self.note(profile, Stage::Reclaim, text);
    }

    /// Says to the other profiles of a machine that leaves that they lose workers.
    pub(super) fn tell_leaving(&mut self, profile: &ProfileName, action: &Action) {
        let (Action::Suspend { vm } | Action::Terminate { vm }) = action else { return };
        let snapshot = Arc::clone(&self.draft.snapshot);
        let Some(vm) = snapshot.vm(vm) else { return };
        let others = vm.image.hosts.keys().filter(|other| *other != profile);
        for other in others.filter(|other| vm.capacity_of(other) > 0) {
            let (workers, id) = (vm.capacity_of(other), &vm.id);
            let text = format!("-{workers} with {id}, which {profile} does not need either");
            self.note(other, Stage::Shared, text);
        }
    }

    /// Tells of every request that was not looked at why not.
    pub(super) fn refuse(&mut self, asked: BTreeMap<ProfileName, Asked>) {
        for (profile, asked) in asked {
            let Some(chain) = self.chains.get_mut(&profile) else { continue };
            let way = match chain.direction() {
                Direction::Hold => format!("the decision is to hold at {}", chain.capacity),
                Direction::Out => format!("the decision is to scale out to {}", chain.desired),
                Direction::In => format!("the decision is to scale in to {}", chain.desired),
            };
            for (request, policy) in &asked.unheard {
                let why = format!("{policy} is not the first that answers");
                chain.step(Stage::Request, not_done(request, &why));
            }
            for request in asked.removals.iter().chain(&asked.additions) {
                let why = match (chain.direction(), request.is_removal()) {
                    (Direction::Out, false) => "others meet the need already",
                    (Direction::Out | Direction::Hold | Direction::In, _) => &way,
                };
                chain.step(Stage::Request, not_done(request, why));
            }
        }
    }
}

/// That a request came to nothing, and why.
pub(super) fn not_done(asked: &Staged, why: &str) -> String {
    format!("asked to {asked}, not done: {why}")
}
