//! What policies asked for by name, until it is done or refused. Nothing asked
//! for gets lost: what is left over is told.

use std::collections::{BTreeMap, VecDeque};

use crate::answer::Answer;
use crate::combine;
use crate::ids::{PolicyName, ProfileName};
use crate::snapshot::Snapshot;
use crate::staging::Staged;

/// The requests of one profile's policies, in the order of asking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Those that take workers away.
    pub(crate) removals: VecDeque<Staged>,
    /// Those that bring some.
    pub(crate) additions: VecDeque<Staged>,
    /// Those of policies that are not heard, and whose they are.
    pub(crate) unheard: Vec<(Staged, PolicyName)>,
}

/// The requests of all profiles that have any.
pub(crate) fn by_profile(
    snapshot: &Snapshot,
    answers: &BTreeMap<ProfileName, Vec<Answer>>,
) -> BTreeMap<ProfileName, Asked> {
    let mut all: BTreeMap<ProfileName, Asked> = BTreeMap::new();
    for (profile, answers) in answers {
        let staged =
            |answer: &Answer| answer.verdict.wish().is_some_and(|wish| !wish.staged.is_empty());
        if !answers.iter().any(staged) {
            continue;
        }
        let Some(view) = snapshot.profiles.get(profile) else { continue };
        let asked = all.entry(profile.clone()).or_default();
        for (answer, heard) in combine::heard(&view.spec, answers) {
            let staged = answer.verdict.wish().map_or(&[][..], |wish| wish.staged.as_slice());
            for request in staged {
                let what = request.what.clone();
                if !heard {
                    asked.unheard.push((what, answer.named().clone()));
                } else if what.is_removal() {
                    asked.removals.push_back(what);
                } else {
                    asked.additions.push_back(what);
                }
            }
        }
    }
    all
}
