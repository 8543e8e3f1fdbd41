//! Who uses the policies, and has a say before one is replaced.

use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Grants, LoadError, Policy};

use crate::outcome::Outcome;

/// Why the users of a policy do not take a new version of it. The text is for
/// the operator and says which site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It cannot be bound with what a site grants.
    Grants(String),
    /// It refuses a site's settings.
    Settings(String),
    /// It broke on a site's last snapshot.
    Trial(String),
}

impl Objection {
    pub(crate) const fn outcome(&self) -> Outcome {
        match self {
            Self::Grants(_) => Outcome::RefusedGrants,
            Self::Settings(_) => Outcome::RefusedSettings,
            Self::Trial(_) => Outcome::RefusedTrial,
        }
    }

    pub(crate) fn why(self) -> String {
        match self {
            Self::Grants(why) | Self::Settings(why) | Self::Trial(why) => why,
        }
    }
}

/// Links the candidate with these grants, under the limits of its name.
pub type Bind<'a> = dyn Fn(&Grants) -> Result<BoundPolicy, LoadError> + 'a;

/// The sites, as the shelf needs to know them. Called on the thread that looks,
/// never on one that evaluates for a tick.
pub trait Users: Send + Sync {
    /// Whether any site names this policy.
    fn uses(&self, policy: &PolicyName) -> bool;

    /// Tries a candidate for every site that uses its name: settings first, then
    /// an evaluation on the last snapshots. A trap is an objection; another
    /// answer is only told, as one line each.
    fn accept(&self, candidate: &Policy, bind: &Bind<'_>) -> Result<Vec<String>, Objection>;
}

/// No site at all: everything is taken, and nothing that loses its file stays.
impl Users for () {
    fn uses(&self, _policy: &PolicyName) -> bool {
        false
    }

    fn accept(&self, _candidate: &Policy, _bind: &Bind<'_>) -> Result<Vec<String>, Objection> {
        Ok(Vec::new())
    }
}
