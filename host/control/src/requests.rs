//! What policies asked for by name, until it is done or refused. Nothing asked
//! for gets lost: what is left over is told.

use std::collections::{BTreeMap, VecDeque};

use crate::answer::Answer;
use crate::ids::ProfileName;
use crate::staging::Staged;

/// The requests of one profile's policies, in the order of asking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Those that take workers away.
    pub(crate) removals: VecDeque<Staged>,
    /// Those that bring some.
    pub(crate) additions: VecDeque<Staged>,
}

/// The requests of all profiles that have any.
pub(crate) fn by_profile(
    answers: &BTreeMap<ProfileName, Vec<Answer>>,
) -> BTreeMap<ProfileName, Asked> {
    let mut all: BTreeMap<ProfileName, Asked> = BTreeMap::new();
    for (profile, answers) in answers {
        for answer in answers {
            let Some(wish) = answer.verdict.wish() else { continue };
            for request in &wish.staged {
                let asked = all.entry(profile.clone()).or_default();
                let what = request.what.clone();
                match &what {
                    Staged::Launch(_) | Staged::Resume(_) | Staged::StartWorker(_) => {
                        asked.additions.push_back(what);
                    }
                    Staged::Suspend(_) | Staged::Terminate(_) | Staged::StopWorker(_) => {
                        asked.removals.push_back(what);
                    }
                }
            }
        }
    }
    all
}
