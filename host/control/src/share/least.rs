//! The least that stays of what profiles hold, however much each gives back:
//! what their minimum needs, on the machines where they are, or on new ones as
//! far as it is not met yet. Looks at one moment; promises nothing of the next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::amounts::{Amounts, Resource};
use crate::draft::Draft;
use crate::ids::ProfileName;
use crate::snapshot::ProfileView;
use crate::spec::ImageSpec;

/// What stays of each profile that has a minimum, and of all together.
#[derive(Debug, Default)]
pub(crate) struct Least {
    of: BTreeMap<ProfileName, Amounts>,
    all: Amounts,
}

/// A machine of a profile: so many of all workers on it are its own.
struct Place {
    amounts: Amounts,
    own: u32,
    all: u32,
}

impl Least {
    /// What stays of everybody.
    pub(crate) fn new(draft: &Draft) -> Self {
        let mut least = Self::default();
        for (name, view) in &draft.snapshot.profiles {
            if view.spec.workers.min() > 0 {
                let stays = of_one(draft, view);
                least.all = least.all.plus(&stays);
                least.of.insert(name.clone(), stays);
            }
        }
        least
    }

    /// What stays of all but one.
    pub(crate) fn beside(&self, profile: &ProfileName) -> Amounts {
        self.of.get(profile).map_or(self.all, |own| self.all.minus(own))
    }

    /// Who else keeps some of a resource, whoever keeps most first.
    pub(crate) fn keepers(&self, resource: Resource, but: &ProfileName) -> Vec<&ProfileName> {
        let keeps = self.of.iter().map(|(name, stays)| (Reverse(stays.pieces(resource)), name));
        let mut keepers: Vec<_> = keeps.filter(|(n, name)| n.0 > 0 && *name != but).collect();
        keepers.sort();
        keepers.into_iter().map(|(_, name)| name).collect()
    }
}

fn of_one(draft: &Draft, view: &ProfileView) -> Amounts {
    let name = &view.spec.name;
    let place = |vm: &crate::snapshot::Vm| {
        let (own, all) = (vm.capacity_of(name), vm.capacity_all());
        (own > 0).then(|| Place { amounts: Amounts::of(&vm.image), own, all })
    };
    let mut places: Vec<Place> = draft.snapshot.vms_of(view).filter_map(place).collect();
    Amounts::each(|resource| {
        let (placed, left) = placed(&mut places, resource, view.spec.workers.min());
        let images = draft.images_of(name).iter();
        let fresh =
            images.filter_map(|image| booted(image, name, left)).map(|a| a.pieces(resource));
        placed.saturating_add(fresh.min().unwrap_or(0))
    })
}

/// What so many workers keep of the machines where they are, those that take
/// least for a worker first; and how many workers are still to come.
fn placed(places: &mut [Place], resource: Resource, workers: u32) -> (u128, u32) {
    let whole = |place: &Place| place.amounts.pieces(resource);
    places.sort_by_key(|place| whole(place) / u128::from(place.all.max(1)));
    let (mut kept, mut left) = (0_u128, workers);
    for (at, place) in places.iter().enumerate() {
        if left == 0 {
            break;
        }
        if place.own <= left {
            left -= place.own;
            kept = kept.saturating_add(place.amounts.part(place.own, place.all).pieces(resource));
            continue;
        }
        // The last of them keep a machine whole that nobody else is on: of
        // those that have enough of them the smallest.
        let ends = places.iter().skip(at).filter(|place| place.own >= left);
        let ends = ends.map(|place| match place.own == place.all {
            true => whole(place),
            false => place.amounts.part(left, place.all).pieces(resource),
        });
        kept = kept.saturating_add(ends.min().unwrap_or(0));
        left = 0;
    }
    (kept, left)
}

/// What so many workers take of new machines of an image; `None` if it boots none.
fn booted(image: &ImageSpec, profile: &ProfileName, workers: u32) -> Option<Amounts> {
    let own = image.hosts.get(profile).copied().filter(|own| *own > 0)?;
    let all = image.hosts.values().sum();
    let one = Amounts::of(image);
    // Whoever is alone on its machines has whole ones.
    Some(if own == all { one.part(workers.div_ceil(own), 1) } else { one.part(workers, all) })
}
