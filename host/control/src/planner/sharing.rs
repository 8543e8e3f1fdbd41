//! Divides what the limits leave among those that want more. First comes the
//! line of those that were held up too long, then whoever has least for its
//! weight, one step at a time. Works on until nobody can be given anything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::waiting::Waits;
use super::{Answers, Plan};
use crate::action::Action;
use crate::draft::Kept;
use crate::explain::Direction;
use crate::ids::ProfileName;
use crate::ledger::Ledger;
use crate::requests::Asked;
use crate::share::{Amounts, Claim, Holdings, Least, PATIENCE, Turn, Turns, fill};
use crate::spec::{ImageSpec, Weight};
use crate::units::Timestamp;

/// What a plan knows of shares.
pub(super) struct Sharing {
    pub(super) holdings: Holdings,
    /// What nobody ever gives back.
    pub(super) least: Least,
    fair: Option<Fair>,
}

/// What is everybody's by right.
pub(super) struct Fair {
    pub(super) shares: BTreeMap<ProfileName, u128>,
    /// The weights of all that ask for anything, added up.
    pub(super) weights: u128,
}

impl Sharing {
    /// The fair shares, as far as they are worked out.
    pub(super) fn fair_shares(&self) -> BTreeMap<ProfileName, u128> {
        self.fair.as_ref().map(|fair| fair.shares.clone()).unwrap_or_default()
    }
}

impl Fair {
    pub(super) fn of(&self, profile: &ProfileName) -> u128 {
        self.shares.get(profile).copied().unwrap_or(0)
    }
}

/// What came of a turn.
enum Given {
    /// A step of the plan.
    Step(Action),
    /// What was asked for by name is not to be had; there may be something else.
    Refused,
    /// Nothing is left for it.
    Nothing,
}

impl Plan {
    /// Plans the steps of all that want more workers.
    pub(super) fn scale_out(
        &mut self,
        ledger: &Ledger,
        answers: &Answers,
        asked: &mut BTreeMap<ProfileName, Asked>,
        now: Timestamp,
    ) {
        if self.directed(Direction::Out).is_empty() {
            return;
        }
        let (holdings, least) = (Holdings::new(&self.draft.snapshot), Least::new(&self.draft));
        let mut sharing = Sharing { holdings, least, fair: None };
        let stuck = self.serve_line(&mut sharing, ledger, asked, now);
        self.reclaim(&mut sharing, ledger, answers, now);
        self.take_turns(&mut sharing, ledger, asked, &stuck, now);
        stuck.iter().for_each(|profile| self.tell_shared(profile));
        self.note_line(&mut sharing, ledger, now);
        self.tell_standing(&mut sharing, ledger, now);
        for (profile, chain) in &mut self.chains {
            chain.planned += self.draft.added(profile);
        }
    }

    /// Serves those that were held up too long, the longest first, each once.
    /// For the first that limits still hold up room is kept. Says for whom
    /// nothing is left.
    fn serve_line(
        &mut self,
        sharing: &mut Sharing,
        ledger: &Ledger,
        asked: &mut BTreeMap<ProfileName, Asked>,
        now: Timestamp,
    ) -> BTreeSet<ProfileName> {
        let mut stuck = BTreeSet::new();
        for (ticks, profile) in self.line(sharing, ledger, now) {
            if self.serve_once(sharing, ledger, asked, &profile, now) {
                continue;
            }
            let waits = self.waits_for(sharing, ledger, &profile, now);
            stuck.insert(profile.clone());
            if let Waits::For(image) = waits {
                self.draft.keep(Kept { profile, ticks, image });
                break;
            }
        }
        stuck
    }

    /// Those that were held up too long and still want and may have more.
    fn line(
        &self,
        sharing: &mut Sharing,
        ledger: &Ledger,
        now: Timestamp,
    ) -> Vec<(u32, ProfileName)> {
        let long = |(profile, ticks): &(&ProfileName, u32)| {
            *ticks >= PATIENCE
                && self.chains.get(*profile).is_some_and(|c| c.direction() == Direction::Out)
        };
        let mut line = Vec::new();
        for (profile, ticks) in ledger.line().iter().filter(long) {
            let due = match self.waits_for(sharing, ledger, profile, now) {
                // Room has come up for it.
                Waits::ForNothing => true,
                Waits::For(image) => self.is_entitled(sharing, profile, &image),
                Waits::InVain(_) => false,
            };
            if due {
                line.push((Reverse(ticks), self.turn(sharing, profile), profile.clone()));
            }
        }
        line.sort();
        line.into_iter().map(|(ticks, _, profile)| (ticks.0, profile)).collect()
    }

    fn serve_once(
        &mut self,
        sharing: &mut Sharing,
        ledger: &Ledger,
        asked: &mut BTreeMap<ProfileName, Asked>,
        profile: &ProfileName,
        now: Timestamp,
    ) -> bool {
        loop {
            match self.give(ledger, asked, profile, now) {
                Given::Step(action) => {
                    sharing.holdings.took(&self.draft.snapshot, &action);
                    return true;
                }
                Given::Refused => {}
                Given::Nothing => return false,
            }
        }
    }

    /// Lets everybody take turns but those for whom nothing is left.
    fn take_turns(
        &mut self,
        sharing: &mut Sharing,
        ledger: &Ledger,
        asked: &mut BTreeMap<ProfileName, Asked>,
        stuck: &BTreeSet<ProfileName>,
        now: Timestamp,
    ) {
        let mut turns = Turns::default();
        for profile in self.directed(Direction::Out) {
            if !stuck.contains(&profile) {
                let turn = self.turn(sharing, &profile);
                turns.put(profile, turn);
            }
        }
        while let Some(profile) = turns.next() {
            let wanted = self.chains.get(&profile).map_or(0, |chain| chain.desired);
            if self.draft.capacity(&profile) >= wanted {
                self.tell_shared(&profile);
                continue;
            }
            match self.give(ledger, asked, &profile, now) {
                Given::Step(action) => {
                    for other in sharing.holdings.took(&self.draft.snapshot, &action) {
                        turns.moved(&other, self.turn(sharing, &other));
                    }
                }
                Given::Refused => {}
                Given::Nothing => {
                    self.tell_shared(&profile);
                    continue;
                }
            }
            let turn = self.turn(sharing, &profile);
            turns.put(profile, turn);
        }
    }

    /// One step for a profile: what its policies ask for by name goes first.
    fn give(
        &mut self,
        ledger: &Ledger,
        asked: &mut BTreeMap<ProfileName, Asked>,
        profile: &ProfileName,
        now: Timestamp,
    ) -> Given {
        match asked.get_mut(profile).and_then(|asked| asked.additions.pop_front()) {
            Some(request) => {
                let step = self.honour(ledger, profile, &request, now);
                step.map_or(Given::Refused, Given::Step)
            }
            None => self.climb(ledger, profile, now).map_or(Given::Nothing, Given::Step),
        }
    }

    fn turn(&self, sharing: &Sharing, profile: &ProfileName) -> Turn {
        let weight = self.weight(profile);
        let level = sharing.holdings.level(profile, weight);
        Turn::new(level, self.draft.capacity(profile), weight)
    }

    pub(super) fn weight(&self, profile: &ProfileName) -> Weight {
        let view = self.draft.snapshot.profiles.get(profile);
        view.map_or(Weight::ONE, |view| view.spec.weight)
    }

    /// Writes down who is held up by limits alone, and may have more; whoever
    /// can never have it is told.
    fn note_line(&mut self, sharing: &mut Sharing, ledger: &Ledger, now: Timestamp) {
        for at in 0..self.cramped.len() {
            let Some(profile) = self.cramped.get(at).cloned() else { continue };
            let waits = self.waits_for(sharing, ledger, &profile, now);
            let (Waits::For(image) | Waits::InVain(image)) = &waits else { continue };
            if self.draft.added(&profile) > 0 || !self.is_entitled(sharing, &profile, image) {
                continue;
            }
            if let Waits::InVain(image) = &waits {
                self.tell_in_vain(sharing, &profile, image);
                continue;
            }
            let ticks = ledger.line().ticks(&profile).saturating_add(1);
            self.line.note(profile, ticks);
        }
    }

    /// Whether a profile may have one more machine, whatever others hold: it
    /// stays within its fair share, or it has no worker at all.
    fn is_entitled(&self, sharing: &mut Sharing, profile: &ProfileName, more: &ImageSpec) -> bool {
        let with = sharing.holdings.of(profile).plus(&part_of(profile, more));
        let level = with.dominant(&sharing.holdings.caps).0;
        self.draft.capacity(profile) == 0 || level <= self.fair(sharing).of(profile)
    }

    /// The fair shares, worked out when they are first asked for.
    pub(super) fn fair<'a>(&self, sharing: &'a mut Sharing) -> &'a Fair {
        let Sharing { holdings, fair, .. } = sharing;
        fair.get_or_insert_with(|| {
            let claims = self.chains.keys().map(|profile| self.claim(holdings, profile));
            let claims: Vec<Claim> = claims.filter(|claim| claim.level > 0).collect();
            let weights = claims.iter().map(|claim| u128::from(claim.weight.get())).sum();
            Fair { shares: fill(claims), weights }
        })
    }

    /// What a profile would hold with all the workers that it wants.
    fn claim(&self, holdings: &Holdings, profile: &ProfileName) -> Claim {
        let (desired, direction) = match self.chains.get(profile) {
            Some(chain) => (chain.desired, chain.direction()),
            None => (0, Direction::Hold),
        };
        let (capacity, held) = (self.draft.capacity(profile), holdings.of(profile));
        let all = match direction {
            Direction::Hold => held,
            Direction::In => held.part(desired, capacity),
            Direction::Out => {
                let missing = desired.saturating_sub(capacity);
                let image = self.draft.images_of(profile).first();
                image.map_or(held, |image| {
                    let boots: u32 = image.hosts.values().sum();
                    held.plus(&Amounts::of(image).part(missing, boots))
                })
            }
        };
        let level = all.dominant(&holdings.caps).0;
        Claim { profile: profile.clone(), weight: self.weight(profile), level }
    }
}

/// What one machine of an image adds to what a profile holds.
pub(super) fn part_of(profile: &ProfileName, image: &ImageSpec) -> Amounts {
    let own = image.hosts.get(profile).copied().unwrap_or(0);
    Amounts::of(image).part(own, image.hosts.values().sum())
}
