//! From bounded wishes to named actions for the whole site. Scale in and out
//! of one tick are planned together, so that no limit is counted twice.

mod reclaim;
mod sharing;
mod standing;
mod telling;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::{Action, Intent};
use crate::answer::Answer;
use crate::clearing;
use crate::combine;
use crate::draft::Draft;
use crate::explain::{Chain, Direction, Stage};
use crate::guard::{self, Guarded};
use crate::ids::{IntentKey, ProfileName};
use crate::ladder::{self, Rung};
use crate::ledger::Ledger;
use crate::requests::{self, Asked};
use crate::share::Line;
use crate::snapshot::{Quality, Snapshot};
use crate::staging::Staged;
use crate::units::Timestamp;
use crate::victims::{self, Budgets, Victim};
use telling::not_done;

/// What the policies said, by profile.
pub type Answers = BTreeMap<ProfileName, Vec<Answer>>;

/// What everybody who was asked said in one tick.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What is decided by.
    pub live: Answers,
    /// What is written down beside it and never acted upon.
    pub shadows: Answers,
}

impl From<Answers> for Said {
    /// Without shadows.
    fn from(live: Answers) -> Self {
        Self { live, shadows: Answers::new() }
    }
}

/// The agreed whole of one tick.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is to be done, in order.
    pub intents: Vec<Intent>,
    /// How it came about, for every profile.
    pub chains: BTreeMap<ProfileName, Chain>,
    /// Workers that were wished, as the guards remember it.
    pub(crate) wishes: BTreeMap<ProfileName, u32>,
    /// What is left of the site afterwards; needed if a step fails.
    pub draft: Draft,
    naming: Naming,
    /// Workers that the steps taken for a profile bring to it.
    brought: BTreeMap<ProfileName, u32>,
    /// Profiles that a limit of the site holds up.
    cramped: Vec<ProfileName>,
    /// Of those, the ones that may have more, and for how long they have waited.
    pub line: Line,
}

/// Makes the names of intents: site, store and tick make them unique for ever.
#[derive(Debug, Clone)]
pub struct Naming {
    prefix: String,
    used: u32,
}

impl Naming {
    /// Names for one tick. `generation` is the store's: keys are not used
    /// again when a store is deleted and ticks count from one again.
    pub fn new(site: &str, generation: &str, tick: u64) -> Self {
        Self { prefix: format!("{site}-{generation}-{tick}"), used: 0 }
    }

    /// Names for what is done about machines that do not leave, apart from the plan's.
    pub(crate) fn for_drains(mut self) -> Self {
        self.prefix.push_str("-drain");
        self
    }

    pub(crate) fn next(&mut self) -> IntentKey {
        self.used += 1;
        IntentKey::from(format!("{}-{}", self.prefix, self.used))
    }
}

/// Plans one tick.
pub fn plan(
    snapshot: Arc<Snapshot>,
    ledger: &Ledger,
    said: &Said,
    naming: Naming,
    now: Timestamp,
) -> Plan {
    let answers = &said.live;
    let (mut chains, mut wishes) = (BTreeMap::new(), BTreeMap::new());
    for (name, view) in &snapshot.profiles {
        let live = answers.get(name).map_or(&[][..], Vec::as_slice);
        let memory = ledger.guards.of(name);
        let Guarded { mut chain, wish } = guard::weakened(&snapshot, view, memory, live);
        let shadows = said.shadows.get(name).into_iter().flatten();
        chain.shadows = shadows.map(|a| guard::shadowed(&snapshot, view, memory, a)).collect();
        chains.insert(name.clone(), chain);
        wishes.insert(name.clone(), wish);
    }
    let listed = snapshot.cloud.quality() == Quality::Fresh;
    let draft = Draft::new(snapshot, ledger, now);
    let mut asked = requests::by_profile(&draft.snapshot, answers);
    let brought = BTreeMap::new();
    let cramped = Vec::new();
    // A tick that can plan nothing moves nobody in the line.
    let line = if listed { Line::default() } else { ledger.line().clone() };
    let intents = Vec::new();
    let mut plan = Plan { intents, chains, wishes, draft, naming, brought, cramped, line };
    if listed {
        plan.scale_in(answers, &mut asked, now);
        plan.scale_out(ledger, answers, &mut asked, now);
        plan.clear(now);
    }
    plan.refuse(asked);
    plan
}

impl Plan {
    /// Finds another rung for the need that `failed` was to meet. Empty if it
    /// met none, or nothing else is to be had.
    pub fn replace(
        &mut self,
        ledger: &Ledger,
        failed: &Intent,
        why: &str,
        now: Timestamp,
    ) -> Vec<Intent> {
        let Some(profile) = &failed.profile else { return Vec::new() };
        let Some(chain) = self.chains.get_mut(profile) else { return Vec::new() };
        if failed.action.removes() || !chain.intents.contains(&failed.key) {
            return Vec::new();
        }
        let wanted = chain.desired;
        chain.step(Stage::Outcome, format!("{} failed: {why}", failed.action));
        self.draft.failed(&failed.action);
        let before = self.intents.len();
        while self.draft.capacity(profile) < wanted && self.climb(ledger, profile, now).is_some() {}
        let planned = self.draft.capacity(profile);
        if let Some(chain) = self.chains.get_mut(profile) {
            chain.planned = planned;
        }
        self.intents.split_off(before)
    }

    fn scale_in(
        &mut self,
        answers: &Answers,
        asked: &mut BTreeMap<ProfileName, Asked>,
        now: Timestamp,
    ) {
        let mut budgets = self.budgets();
        let granted = budgets.clone();
        for (profile, asked) in asked.iter_mut() {
            let answers = answers.get(profile).map_or(&[][..], Vec::as_slice);
            for request in self.removals_to_try(profile, answers, asked) {
                let victim = match self.wanted_by_others(profile, &request) {
                    Some(why) => Err(why),
                    None => victims::honour(&mut self.draft, &mut budgets, profile, &request, now),
                };
                match victim {
                    Ok(victim) => self.dismiss(profile, victim, now),
                    Err(why) => self.note(profile, Stage::Request, not_done(&request, &why)),
                }
            }
        }
        for profile in &self.directed(Direction::In) {
            for victim in victims::choose(&mut self.draft, &mut budgets, profile, now) {
                self.dismiss(profile, victim, now);
            }
            self.tell_left(profile, budgets.left(profile), granted.left(profile));
        }
        for (profile, chain) in &mut self.chains {
            chain.planned -= granted.left(profile) - budgets.left(profile);
        }
    }

    /// How many workers each profile may lose. Workers that are still starting
    /// may never come: only those that serve are counted on to stay.
    fn budgets(&self) -> Budgets {
        let mut budgets = Budgets::default();
        for (name, chain) in &self.chains {
            if let Some(view) = self.draft.snapshot.profiles.get(name) {
                let surplus = chain.capacity.saturating_sub(chain.desired);
                let spare = view.counts.serving.saturating_sub(chain.desired);
                budgets.grant(name.clone(), surplus.min(spare));
            }
        }
        budgets
    }

    /// The removals a profile asked for by name that are worth a look: all if
    /// it is to lose workers; if it holds and nothing is in doubt, machines
    /// without workers. The others stay where they are.
    fn removals_to_try(
        &self,
        profile: &ProfileName,
        answers: &[Answer],
        asked: &mut Asked,
    ) -> Vec<Staged> {
        let snapshot = &self.draft.snapshot;
        let (Some(chain), Some(view)) = (self.chains.get(profile), snapshot.profiles.get(profile))
        else {
            return Vec::new();
        };
        let empty = |request: &Staged| {
            request.vm().and_then(|vm| snapshot.vm(vm)).is_some_and(|vm| vm.capacity_all() == 0)
        };
        let sure =
            !combine::is_broken(&view.spec, answers) && guard::doubt(snapshot, view).is_none();
        let (now, not): (Vec<Staged>, Vec<Staged>) = match chain.direction() {
            Direction::In => (asked.removals.drain(..).collect(), Vec::new()),
            Direction::Hold if sure => asked.removals.drain(..).partition(empty),
            Direction::Hold | Direction::Out => return Vec::new(),
        };
        asked.removals = not.into();
        now
    }

    /// Why a machine is kept that its profile could do without.
    fn wanted_by_others(&self, profile: &ProfileName, request: &Staged) -> Option<String> {
        let (Staged::Suspend(vm) | Staged::Terminate(vm)) = request else { return None };
        let vm = self.draft.snapshot.vm(vm)?;
        let grows = |other: &&ProfileName| {
            *other != profile
                && self.chains.get(*other).is_some_and(|chain| chain.direction() == Direction::Out)
        };
        let needy = vm.image.hosts.keys().find(grows)?;
        Some(format!("{needy} needs more workers, and {} can host it", vm.id))
    }

    /// Ends machines that are of no use: failed ones, and for each profile that
    /// the limits hold up one suspended machine that cannot serve it.
    fn clear(&mut self, now: Timestamp) {
        for vm in clearing::failed(&self.draft) {
            self.draft.remove(&vm);
            let reason =
                format!("{vm} has failed: it serves nothing and counts against the limits");
            let (key, action) = (self.naming.next(), Action::Terminate { vm });
            self.intents.push(Intent { key, action, profile: None, reason, at: now });
        }
        let cramped = std::mem::take(&mut self.cramped);
        for profile in &cramped {
            // Once there is none there is none for the others either.
            let Some(vm) = clearing::in_the_way(&self.draft, &cramped) else { break };
            self.draft.remove(&vm);
            let why = format!("{vm} is suspended, cannot serve {profile}, and makes room");
            self.act(profile, Stage::Limits, Action::Terminate { vm }, why, now);
        }
    }

    fn honour(
        &mut self,
        ledger: &Ledger,
        profile: &ProfileName,
        asked: &Staged,
        now: Timestamp,
    ) -> Option<Action> {
        let before = self.draft.added(profile);
        match ladder::honour(&mut self.draft, ledger, profile, asked, now) {
            Ok(rung) => Some(self.mount(profile, rung, before, now)),
            Err(why) => {
                self.note(profile, Stage::Request, not_done(asked, &why));
                None
            }
        }
    }

    fn climb(&mut self, ledger: &Ledger, profile: &ProfileName, now: Timestamp) -> Option<Action> {
        let before = self.draft.added(profile);
        match ladder::climb(&mut self.draft, ledger, profile, now) {
            Ok(rung) => Some(self.mount(profile, rung, before, now)),
            Err(why_not) => {
                if why_not.iter().any(|(stage, _)| *stage == Stage::Limits) {
                    self.cramped.push(profile.clone());
                }
                for (stage, why) in why_not {
                    self.note(profile, stage, why);
                }
                None
            }
        }
    }

    fn mount(&mut self, profile: &ProfileName, rung: Rung, before: u32, now: Timestamp) -> Action {
        let brought = self.draft.added(profile).saturating_sub(before);
        *self.brought.entry(profile.clone()).or_default() += brought;
        self.act(profile, rung.stage, rung.action.clone(), rung.text, now);
        rung.action
    }

    fn dismiss(&mut self, profile: &ProfileName, victim: Victim, now: Timestamp) {
        self.tell_leaving(profile, &victim.action);
        self.act(profile, Stage::Victim, victim.action, victim.text, now);
    }

    fn act(
        &mut self,
        profile: &ProfileName,
        stage: Stage,
        action: Action,
        why: String,
        now: Timestamp,
    ) {
        let key = self.naming.next();
        if let Some(chain) = self.chains.get_mut(profile) {
            chain.step(stage, format!("{why}: {action}"));
            chain.intents.push(key.clone());
        }
        self.intents.push(Intent {
            key,
            action,
            profile: Some(profile.clone()),
            reason: why,
            at: now,
        });
    }

    fn note(&mut self, profile: &ProfileName, stage: Stage, text: String) {
        if let Some(chain) = self.chains.get_mut(profile) {
            chain.step(stage, text);
        }
    }

    fn directed(&self, direction: Direction) -> Vec<ProfileName> {
        let these = self.chains.iter().filter(|(_, chain)| chain.direction() == direction);
        these.map(|(name, _)| name.clone()).collect()
    }
}
