//! Policies of the simulation: each profile has a number of workers that it
//! wants, which changes now and then; at times the policy breaks.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::answer::{Answer, PolicyFailure, Verdict, Wish};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_control::snapshot::{ProfileView, Snapshot};
use hooke_control::staging::{self, Request, Staged};

use crate::world::Chance;

/// What every profile wants.
pub(crate) struct Policies {
    chance: Chance,
    pub(crate) targets: BTreeMap<ProfileName, i64>,
}

/// Whether policies break and change their minds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Fickle,
    Steady,
}

impl Policies {
    pub(crate) fn new(seed: u64) -> Self {
        Self { chance: Chance(seed.wrapping_mul(991)), targets: BTreeMap::new() }
    }

    pub(crate) fn answers(
        &mut self,
        snapshot: &Snapshot,
        mood: Mood,
    ) -> BTreeMap<ProfileName, Vec<Answer>> {
        let mut answers = BTreeMap::new();
        for (name, view) in &snapshot.profiles {
            let changes = mood == Mood::Fickle && self.chance.happens(10);
            if changes || !self.targets.contains_key(name) {
                let target = self.chance.below(8) as i64;
                self.targets.insert(name.clone(), target);
            }
            let verdict = if mood == Mood::Fickle && self.chance.happens(5) {
                Verdict::Failed(PolicyFailure::Trap { why: "broke".into() })
            } else {
                Verdict::Wish(self.wish(snapshot, name, view))
            };
            let answer = Answer::new(PolicyName::from("p"), verdict);
            answers.insert(name.clone(), vec![answer]);
        }
        answers
    }

    /// A number, and now and then an idle machine by name.
    fn wish(&mut self, snapshot: &Snapshot, name: &ProfileName, view: &ProfileView) -> Wish {
        let delta = (self.targets[name] - i64::from(view.counts.capacity())) as i32;
        let mut wish = Wish { delta, reason: "target".into(), staged: Vec::new() };
        if delta < 0 && self.chance.happens(30) {
            let idle = snapshot.idle_vms(view, Duration::from_secs(30));
            let what = idle.first().map(|vm| Staged::Suspend(vm.id.clone()));
            if let Some(what) = what.filter(|w| staging::check(snapshot, name, &[], w).is_ok()) {
                let change = what.change(name, snapshot) as i32;
                wish.delta = (delta - change).min(0);
                wish.staged.push(Request { what, why: "idle".into() });
            }
        }
        wish
    }
}
