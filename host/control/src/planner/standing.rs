//! Tells those that limits hold up how they stand: what they hold, what is
//! theirs by right, and who holds the rest. Changes no plan.

use std::cmp::Reverse;

use super::Plan;
use super::sharing::{Sharing, part_of};
use super::waiting::Waits;
use crate::explain::Stage;
use crate::ids::ProfileName;
use crate::ledger::Ledger;
use crate::share::{Resource, WHOLE};
use crate::units::Timestamp;

/// Others that are told of by name; of the rest only what they hold together.
const TOLD: usize = 3;

/// Who holds most of each resource, and who holds more than is its by right.
struct Others {
    holders: Vec<(Resource, Vec<(u128, ProfileName)>)>,
    borrowers: Vec<ProfileName>,
}

impl Plan {
    /// Says to every profile that limits hold up how it stands, where there are
    /// others to share with.
    pub(super) fn tell_standing(&mut self, sharing: &mut Sharing, ledger: &Ledger, now: Timestamp) {
        if self.cramped.is_empty() {
            return;
        }
        let others = self.others(sharing);
        for at in 0..self.cramped.len() {
            let Some(profile) = self.cramped.get(at).cloned() else { continue };
            let held = sharing.holdings.of(&profile);
            let with = match self.waits_for(sharing, ledger, &profile, now) {
                Waits::For(image) | Waits::InVain(image) => held.plus(&part_of(&profile, &image)),
                Waits::ForNothing => held,
            };
            let Some(resource) = with.dominant(&sharing.holdings.caps).1 else { continue };
            let own = usize::from(held.pieces(resource) > 0);
            let Some(rest) = rest(&others, resource, &profile, own) else { continue };
            let standing = self.standing(sharing, &profile, resource);
            let lent = self.lent(sharing, &others, &profile, resource);
            let text = format!("{standing}{lent}; {rest}");
            self.note(&profile, Stage::Share, text);
        }
    }

    /// How a profile stands that holds something.
    pub(super) fn standing_of(&self, sharing: &mut Sharing, profile: &ProfileName) -> String {
        let dominant = sharing.holdings.of(profile).dominant(&sharing.holdings.caps).1;
        dominant.map_or(String::new(), |resource| self.standing(sharing, profile, resource))
    }

    fn standing(&self, sharing: &mut Sharing, profile: &ProfileName, resource: Resource) -> String {
        let (fair, weights) = {
            let fair = self.fair(sharing);
            (fair.of(profile), fair.weights)
        };
        let cap = sharing.holdings.caps.pieces(resource).unwrap_or(0);
        let held = resource.show(sharing.holdings.of(profile).pieces(resource));
        let (name, all) = (resource.as_str(), resource.show(cap));
        let share = resource.show(of_cap(fair, cap));
        let weight = self.weight(profile).get();
        format!("holds {held} of {all} {name}, fair share {share} (weight {weight} of {weights})")
    }

    /// What of a profile's share others have, or it has of theirs.
    fn lent(
        &self,
        sharing: &mut Sharing,
        others: &Others,
        profile: &ProfileName,
        resource: Resource,
    ) -> String {
        let fair = self.fair(sharing).of(profile);
        let cap = sharing.holdings.caps.pieces(resource).unwrap_or(0);
        let level = sharing.holdings.of(profile).dominant(&sharing.holdings.caps).0;
        if level > fair {
            return format!(", {} borrowed", resource.show(of_cap(level - fair, cap)));
        }
        let borrowers: Vec<&str> = others.borrowers.iter().map(ProfileName::as_str).collect();
        if level == fair || borrowers.is_empty() {
            return String::new();
        }
        format!(", {} lent to {}", resource.show(of_cap(fair - level, cap)), borrowers.join(", "))
    }

    fn others(&self, sharing: &mut Sharing) -> Others {
        self.fair(sharing);
        let fair = sharing.fair_shares();
        let holdings = &sharing.holdings;
        let mut over: Vec<(Reverse<u128>, &ProfileName)> = Vec::new();
        for (profile, held) in holdings.all() {
            let level = held.dominant(&holdings.caps).0;
            let right = fair.get(profile).copied().unwrap_or(0);
            if level > right {
                over.push((Reverse(level - right), profile));
            }
        }
        over.sort();
        let borrowers = over.into_iter().take(TOLD).map(|(_, profile)| profile.clone()).collect();
        let holders = Resource::ALL.into_iter().map(|resource| {
            let held =
                holdings.all().map(|(profile, held)| (held.pieces(resource), profile.clone()));
            let mut held: Vec<_> = held.filter(|(pieces, _)| *pieces > 0).collect();
            held.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            (resource, held)
        });
        Others { holders: holders.collect(), borrowers }
    }
}

/// A level as pieces of a limit, rounded to the nearest.
fn of_cap(level: u128, cap: u128) -> u128 {
    (level.saturating_mul(cap) + WHOLE / 2) / WHOLE
}

/// Who else holds of a resource, those that hold most by name; `None` if nobody.
/// `own` is how often the profile itself is among them.
fn rest(others: &Others, resource: Resource, profile: &ProfileName, own: usize) -> Option<String> {
    let (_, all) = others.holders.iter().find(|(held, _)| *held == resource)?;
    let first: Vec<_> = all.iter().filter(|(_, name)| name != profile).take(TOLD).collect();
    if first.is_empty() {
        return None;
    }
    let mut told: Vec<String> = first
        .iter()
        .map(|(pieces, name)| format!("{name} holds {}", resource.show(*pieces)))
        .collect();
    let more = all.len() - own - first.len();
    if more > 0 {
        told.push(format!("{more} more hold some"));
    }
    Some(told.join(", "))
}
