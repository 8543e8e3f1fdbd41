//! Room that is kept for the profile that has been held up longest: without it
//! small machines, which always fit, would starve one that needs a large one.

use std::sync::Arc;

use super::Draft;
use crate::ids::ProfileName;
use crate::share::{Amounts, Caps};
use crate::spec::ImageSpec;

/// For whom room is kept, and how much.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The profile.
    pub(crate) profile: ProfileName,
    /// For how many ticks in a row it has been held up before this one.
    pub(crate) ticks: u32,
    /// The machine that it waits for.
    pub(crate) image: Arc<ImageSpec>,
}

impl Draft {
    /// Keeps room from now on, for whatever is planned after this.
    pub(crate) fn keep(&mut self, kept: Kept) {
        self.kept = Some(kept);
    }

    /// For whom room is kept.
    pub(crate) const fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// Why no machine of the image is to be had though the limits allow it: it
    /// would take some of what is kept, and serve somebody else.
    pub(crate) fn kept_from(&self, image: &ImageSpec) -> Option<String> {
        let Kept { profile, ticks, image: waited_for } = self.kept.as_ref()?;
        if image.hosts.contains_key(profile) {
            return None;
        }
        let caps = Caps::of(&self.snapshot.site.limits);
        let one = Amounts::of(image);
        let all = self.usage.amounts().plus(&one).plus(&Amounts::of(waited_for));
        let name = &waited_for.name;
        caps.bites(&all, &one).then(|| {
            format!(
                "room for {name} is kept for {profile}, which limits have held up for {ticks} ticks"
            )
        })
    }
}
