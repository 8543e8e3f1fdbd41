//! From bounded wishes to named actions for the whole site. Scale in and out
//! of one tick are planned together, so that no limit is counted twice.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use crate::action::{Action, Intent};
use crate::answer::Answer;
use crate::draft::Draft;
use crate::explain::{Chain, Direction, Stage};
use crate::guard;
use crate::ids::{IntentKey, ProfileName};
use crate::ladder::{self, Rung};
use crate::ledger::Ledger;
use crate::requests::{self, Asked};
use crate::snapshot::{Quality, Snapshot};
use crate::staging::Staged;
use crate::units::Timestamp;
use crate::victims::{self, Budgets, Victim};

/// What the policies said, by profile.
pub type Answers = BTreeMap<ProfileName, Vec<Answer>>;

/// The agreed whole of one tick.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is to be done, in order.
    pub intents: Vec<Intent>,
    /// How it came about, for every profile.
    pub chains: BTreeMap<ProfileName, Chain>,
    /// What is left of the site afterwards; needed if a step fails.
    pub draft: Draft,
    naming: Naming,
    /// Workers that the steps taken for a profile bring to it.
    brought: BTreeMap<ProfileName, u32>,
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
    answers: &Answers,
    naming: Naming,
    now: Timestamp,
) -> Plan {
    let chains = snapshot
        .profiles
        .iter()
        .map(|(name, view)| {
            let answers = answers.get(name).map_or(&[][..], Vec::as_slice);
            (name.clone(), guard::bounded(&snapshot, view, answers))
        })
        .collect();
    let listed = snapshot.cloud.quality() == Quality::Fresh;
    let draft = Draft::new(snapshot, ledger, now);
    let brought = BTreeMap::new();
    let mut plan = Plan { intents: Vec::new(), chains, draft, naming, brought };
    let mut asked = requests::by_profile(answers);
    if listed {
        plan.scale_in(answers, &mut asked, now);
        plan.scale_out(ledger, &mut asked, now);
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
        while self.draft.capacity(profile) < wanted && self.climb(ledger, profile, now) {}
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

    /// Says why fewer workers leave than are not wanted.
    fn tell_left(&mut self, profile: &ProfileName, left: u32, granted: u32) {
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
        let sure = !guard::has_failed(answers) && guard::doubt(snapshot, view).is_none();
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

    /// Divides what the limits leave: the profile with the fewest workers takes
    /// the next one (max-min fair with equal weights, work-conserving).
    fn scale_out(
        &mut self,
        ledger: &Ledger,
        asked: &mut BTreeMap<ProfileName, Asked>,
        now: Timestamp,
    ) {
        let mut queue: BinaryHeap<Reverse<(u32, ProfileName)>> = self
            .directed(Direction::Out)
            .into_iter()
            .map(|profile| Reverse((self.draft.capacity(&profile), profile)))
            .collect();
        while let Some(Reverse((_, profile))) = queue.pop() {
            let wanted = self.chains.get(&profile).map_or(0, |chain| chain.desired);
            if self.draft.capacity(&profile) >= wanted {
                self.tell_shared(&profile);
                continue;
            }
            let by_name = asked.get_mut(&profile).and_then(|asked| asked.additions.pop_front());
            let moved = match by_name {
                Some(request) => {
                    self.honour(ledger, &profile, &request, now);
                    true
                }
                None => self.climb(ledger, &profile, now),
            };
            if moved {
                queue.push(Reverse((self.draft.capacity(&profile), profile)));
            } else {
                self.tell_shared(&profile);
            }
        }
        for (profile, chain) in &mut self.chains {
            chain.planned += self.draft.added(profile);
        }
    }

    /// Says how many workers a profile gets from machines that were launched or
    /// resumed for other profiles: that is why it is not scaled itself.
    fn tell_shared(&mut self, profile: &ProfileName) {
        let own = self.brought.get(profile).copied().unwrap_or(0);
        let shared = self.draft.added(profile).saturating_sub(own);
        if shared > 0 {
            let text = format!("+{shared} from machines launched or resumed for other profiles");
            self.note(profile, Stage::Shared, text);
        }
    }

    fn honour(&mut self, ledger: &Ledger, profile: &ProfileName, asked: &Staged, now: Timestamp) {
        let before = self.draft.added(profile);
        match ladder::honour(&mut self.draft, ledger, profile, asked, now) {
            Ok(rung) => self.mount(profile, rung, before, now),
            Err(why) => self.note(profile, Stage::Request, not_done(asked, &why)),
        }
    }

    fn climb(&mut self, ledger: &Ledger, profile: &ProfileName, now: Timestamp) -> bool {
        let before = self.draft.added(profile);
        match ladder::climb(&mut self.draft, ledger, profile, now) {
            Ok(rung) => {
                self.mount(profile, rung, before, now);
                true
            }
            Err(why_not) => {
                for (stage, why) in why_not {
                    self.note(profile, stage, why);
                }
                false
            }
        }
    }

    fn mount(&mut self, profile: &ProfileName, rung: Rung, before: u32, now: Timestamp) {
        let brought = self.draft.added(profile).saturating_sub(before);
        *self.brought.entry(profile.clone()).or_default() += brought;
        self.act(profile, rung.stage, rung.action, rung.text, now);
    }

    fn dismiss(&mut self, profile: &ProfileName, victim: Victim, now: Timestamp) {
        self.tell_leaving(profile, &victim.action);
        self.act(profile, Stage::Victim, victim.action, victim.text, now);
    }

    /// Says to the other profiles of a machine that leaves that they lose workers.
    fn tell_leaving(&mut self, profile: &ProfileName, action: &Action) {
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
    fn refuse(&mut self, asked: BTreeMap<ProfileName, Asked>) {
        for (profile, asked) in asked {
            let Some(chain) = self.chains.get_mut(&profile) else { continue };
            let way = match chain.direction() {
                Direction::Hold => format!("the decision is to hold at {}", chain.capacity),
                Direction::Out => format!("the decision is to scale out to {}", chain.desired),
                Direction::In => format!("the decision is to scale in to {}", chain.desired),
            };
            for request in asked.removals.iter().chain(&asked.additions) {
                let why = match (chain.direction(), request.is_removal()) {
                    (Direction::Out, false) => "others meet the need already",
                    (Direction::Out | Direction::Hold | Direction::In, _) => &way,
                };
                chain.step(Stage::Request, not_done(request, why));
            }
        }
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

fn not_done(asked: &Staged, why: &str) -> String {
    format!("asked to {asked}, not done: {why}")
}
