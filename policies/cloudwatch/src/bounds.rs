//! Between which capacities the policies may choose: the site's bounds, those
//! of scheduled actions, and what is foretold. The host's own hold in any case.

use hooke_forecast::{Breach, maximum};

use crate::decide::Situation;
use crate::schedule::InForce;

/// The fewest and the most workers, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The fewest workers; never more than the most.
    pub(crate) minimum: u32,
    /// Who says so.
    pub(crate) minimum_why: String,
    /// The most workers.
    pub(crate) maximum: u32,
    /// The action that lowered it.
    pub(crate) maximum_why: Option<String>,
}

/// What a forecast asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foretold {
    /// The workers.
    pub(crate) workers: u32,
    /// What becomes of the maximum.
    pub(crate) breach: Breach,
    /// The policy.
    pub(crate) policy: String,
}

impl Bounds {
    pub(crate) fn new(
        situation: &Situation,
        scheduled: &InForce<'_>,
        foretold: Option<&Foretold>,
    ) -> Self {
        let mut bounds = Self {
            minimum: situation.minimum,
            minimum_why: "the minimum of the site".to_owned(),
            maximum: situation.maximum,
            maximum_why: None,
        };
        if let Some((most, action)) = scheduled.maximum
            && most < bounds.maximum
        {
            bounds.maximum = most;
            bounds.maximum_why = Some(format!("MaxSize of scheduled action {action}"));
        }
        if let Some((least, action)) = scheduled.minimum
            && least > bounds.minimum
        {
            bounds.minimum = least;
            bounds.minimum_why = format!("MinSize of scheduled action {action}");
        }
        bounds.minimum = bounds.minimum.min(bounds.maximum);
        if let Some(foretold) = foretold {
            bounds.maximum = maximum(foretold.workers, bounds.maximum, foretold.breach);
            let workers = foretold.workers.min(bounds.maximum);
            if workers > bounds.minimum {
                bounds.minimum = workers;
                bounds.minimum_why = format!("forecast of policy {}", foretold.policy);
            }
        }
        bounds
    }
}
