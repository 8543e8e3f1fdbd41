//! Whose turn it is: the one with the least for its weight. Of equals the one
//! with the fewest workers for its weight, then the first by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::ProfileName;
use crate::spec::Weight;

/// How much a profile has; less goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    level: u128,
    /// Workers over the weight, in millionths: what counts where nothing is limited.
    workers: u64,
}

impl Turn {
    /// The turn of a profile at this level, with so many workers.
    pub(crate) fn new(level: u128, workers: u32, weight: Weight) -> Self {
        Self { level, workers: u64::from(workers) * 1_000_000 / u64::from(weight.get()) }
    }
}

/// Everybody who waits for a turn.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    order: BTreeSet<(Turn, ProfileName)>,
    turns: BTreeMap<ProfileName, Turn>,
}

impl Turns {
    /// Lets a profile wait for its turn.
    pub(crate) fn put(&mut self, profile: ProfileName, turn: Turn) {
        self.turns.insert(profile.clone(), turn);
        self.order.insert((turn, profile));
    }

    /// Whose turn it is; it waits no more.
    pub(crate) fn next(&mut self) -> Option<ProfileName> {
        let (_, profile) = self.order.pop_first()?;
        self.turns.remove(&profile);
        Some(profile)
    }

    /// Moves a profile to another place, if it waits.
    pub(crate) fn moved(&mut self, profile: &ProfileName, turn: Turn) {
        let Some(before) = self.turns.get_mut(profile) else { return };
        if *before == turn {
            return;
        }
        let before = std::mem::replace(before, turn);
        self.order.remove(&(before, profile.clone()));
        self.order.insert((turn, profile.clone()));
    }
}
