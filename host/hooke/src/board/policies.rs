//! What `/status` says of policies. May only grow.

use hooke_shelf::{DirectoryState, Newest, Origin, PolicyStatus, Status};
use serde::{Deserialize, Serialize};

use crate::desk::SeatState;

/// Every policy at hand.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PoliciesView {
    /// What is wrong with the policies directory or the compile cache.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trouble: Vec<String>,
    /// The policies, by name.
    pub(crate) at_hand: Vec<PolicyView>,
}

/// One policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PolicyView {
    pub(crate) name: String,
    /// `bundled`, or the file.
    pub(crate) origin: String,
    /// What is live, as sha256; absent if nothing is.
    pub(crate) digest: Option<String>,
    /// Since when it is live, in ms since the Unix epoch.
    pub(crate) since_ms: Option<u64>,
    /// `live`, `compiling`, `orphaned`, `none`, or why a newer file is not used.
    pub(crate) state: String,
    /// Why nothing is live, or why a newer file is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    /// The newer file's sha256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) newest_digest: Option<String>,
    /// Since when the newer file is compiled, or is refused, in ms since the
    /// Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) newest_since_ms: Option<u64>,
}

/// How one policy of one profile fares.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SeatView {
    pub(crate) profile: String,
    pub(crate) policy: String,
    /// `live` or `shadow`.
    pub(crate) mode: String,
    /// Why it is not asked, while it is in quarantine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quarantined: Option<String>,
    /// Who answers in its place meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<String>,
}

impl PoliciesView {
    pub(crate) fn of(status: &Status) -> Self {
        let directory = match &status.directory {
            DirectoryState::None | DirectoryState::Readable(_) => None,
            unreadable @ DirectoryState::Unreadable { .. } => Some(unreadable.to_string()),
        };
        let cache = status.cache_refused.as_ref().map(|why| format!("no compile cache: {why}"));
        Self {
            trouble: directory.into_iter().chain(cache).collect(),
            at_hand: status.policies.iter().map(PolicyView::of).collect(),
        }
    }
}

impl PolicyView {
    fn of(policy: &PolicyStatus) -> Self {
        let origin = match &policy.origin {
            Origin::Bundled => "bundled".to_owned(),
            Origin::File(path) => path.display().to_string(),
        };
        let newest_since = policy.newest.as_ref().map(|newest| match newest {
            Newest::Compiling { since, .. } | Newest::Refused { since, .. } => since.as_millis(),
        });
        let (state, why, newest) = match (&policy.newest, &policy.live) {
            (Some(Newest::Compiling { digest, .. }), _) => ("compiling", None, Some(*digest)),
            (Some(Newest::Refused { digest, outcome, why, .. }), _) => {
                (outcome.as_str(), Some(why.clone()), *digest)
            }
            (None, Err(why)) => ("none", Some(why.clone()), None),
            (None, Ok(_)) if policy.orphaned.is_some() => {
                let why = "its file is gone; it stays while a site names it".to_owned();
                ("orphaned", Some(why), None)
            }
            (None, Ok(_)) => ("live", None, None),
        };
        let live = policy.live.as_ref().ok();
        Self {
            name: policy.name.to_string(),
            origin,
            digest: live.map(|(digest, _)| format!("sha256:{digest}")),
            since_ms: live.map(|(_, since)| since.as_millis()),
            state: state.to_owned(),
            why,
            newest_since_ms: newest_since,
            newest_digest: newest.map(|digest| format!("sha256:{digest}")),
        }
    }
}

impl SeatView {
    pub(crate) fn of(seat: &SeatState) -> Self {
        Self {
            profile: seat.profile.to_string(),
            policy: seat.policy.to_string(),
            mode: seat.mode.as_str().to_owned(),
            quarantined: seat.quarantined.clone(),
            fallback: seat.fallback.as_ref().map(ToString::to_string),
        }
    }
}
