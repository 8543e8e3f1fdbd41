//! Which machine a profile waits for that limits hold up, and whether it ever
//! comes: one that does not fit beside what others need for their minimum is
//! waited for in vain, and nobody else is kept waiting for it.

use std::sync::Arc;

use super::Plan;
use super::sharing::Sharing;
use crate::explain::Stage;
use crate::ids::ProfileName;
use crate::ladder;
use crate::ledger::Ledger;
use crate::share::{Amounts, Resource};
use crate::spec::ImageSpec;
use crate::units::Timestamp;

/// Others that are told of by name.
const TOLD: usize = 3;

/// What a profile waits for.
pub(super) enum Waits {
    /// No machine is kept from it by limits alone.
    ForNothing,
    /// The one that needs the least room, of those that may fit one day.
    For(Arc<ImageSpec>),
    /// None ever fits; the one that needs the least room.
    InVain(Arc<ImageSpec>),
}

impl Plan {
    /// What a profile waits for.
    pub(super) fn waits_for(
        &self,
        sharing: &Sharing,
        ledger: &Ledger,
        profile: &ProfileName,
        now: Timestamp,
    ) -> Waits {
        let images = ladder::held_up(&self.draft, ledger, profile, now);
        let caps = &sharing.holdings.caps;
        let stays = self.serving(profile).plus(&sharing.least.beside(profile));
        let fits =
            |image: &&Arc<ImageSpec>| caps.short(&stays.plus(&Amounts::of(image))).next().is_none();
        match (images.iter().find(fits), images.first()) {
            (Some(image), _) => Waits::For(Arc::clone(image)),
            (None, Some(image)) => Waits::InVain(Arc::clone(image)),
            (None, None) => Waits::ForNothing,
        }
    }

    /// What a profile holds where its workers are or will be. Its suspended and
    /// failed machines are resumed or ended before anything is waited for.
    fn serving(&self, profile: &ProfileName) -> Amounts {
        let snapshot = &self.draft.snapshot;
        let Some(view) = snapshot.profiles.get(profile) else { return Amounts::default() };
        snapshot.vms_of(view).fold(Amounts::default(), |sum, vm| match vm.capacity_of(profile) {
            0 => sum,
            own => sum.plus(&Amounts::of(&vm.image).part(own, vm.capacity_all())),
        })
    }

    /// Says why a machine can never be had, and what to change.
    pub(super) fn tell_in_vain(
        &mut self,
        sharing: &Sharing,
        profile: &ProfileName,
        image: &ImageSpec,
    ) {
        let caps = sharing.holdings.caps;
        let own = self.serving(profile);
        let all = own.plus(&sharing.least.beside(profile)).plus(&Amounts::of(image));
        let (mut reasons, mut limits, mut keepers) = (Vec::new(), Vec::new(), Vec::new());
        for resource in caps.short(&all) {
            reasons.push(why_short(sharing, profile, (image, &own), resource));
            let (name, enough) = (resource.as_str(), resource.show_enough(all.pieces(resource)));
            limits.push(format!("limits.{name} to {enough}"));
            keepers.extend(sharing.least.keepers(resource, profile));
        }
        keepers.sort();
        keepers.dedup();
        let or = match named(&keepers) {
            Some(names) => format!(", or lower workers.min of {names}"),
            None => String::new(),
        };
        let (reasons, limits) = (reasons.join("; "), limits.join(" and "));
        let text = format!("image {} cannot fit: {reasons}: raise {limits}{or}", image.name);
        self.note(profile, Stage::Limits, text);
    }
}

fn why_short(
    sharing: &Sharing,
    profile: &ProfileName,
    (image, own): (&ImageSpec, &Amounts),
    resource: Resource,
) -> String {
    let cap = sharing.holdings.caps.pieces(resource).unwrap_or(0);
    let needs = Amounts::of(image).pieces(resource);
    let (name, needs, cap) = (resource.as_str(), resource.show(needs), resource.show(cap));
    let mut text = format!("it needs {needs} {name}, limits.{name} is {cap}");
    let own = own.pieces(resource);
    if own > 0 {
        text.push_str(&format!(", {profile} holds {}", resource.show(own)));
    }
    let stays = sharing.least.beside(profile).pieces(resource);
    if let Some(names) = named(&sharing.least.keepers(resource, profile)) {
        let stays = resource.show(stays);
        text.push_str(&format!(" and workers.min of {names} needs {stays}"));
    }
    text
}

/// The first few of them; `None` of none.
fn named(profiles: &[&ProfileName]) -> Option<String> {
    let first: Vec<&str> = profiles.iter().take(TOLD).map(|name| name.as_str()).collect();
    let more = profiles.len() - first.len();
    match (first.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(first.join(", ")),
        (false, more) => Some(format!("{} and {more} more", first.join(", "))),
    }
}
