//! Fair shares: one vessel, filled from below until nothing is left. Who asks
//! for less than its part leaves the rest to the others.

use std::collections::BTreeMap;

use super::amounts::WHOLE;
use crate::ids::ProfileName;
use crate::spec::Weight;

/// What one profile asks for.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) profile: ProfileName,
    pub(crate) weight: Weight,
    /// The dominant share of all that it wants.
    pub(crate) level: u128,
}

/// The part of [`WHOLE`] that is each profile's by right. Of several resources
/// this is the least that dominant resource fairness gives: together the
/// dominant shares are never more than the whole of any limit.
pub(crate) fn fill(mut claims: Vec<Claim>) -> BTreeMap<ProfileName, u128> {
    let weight = |claim: &Claim| u128::from(claim.weight.get());
    claims.retain(|claim| claim.level > 0);
    // The one that is satisfied at the lowest level first.
    claims.sort_by(|a, b| {
        let at = |x: &Claim, y: &Claim| x.level.saturating_mul(weight(y));
        at(a, b).cmp(&at(b, a)).then_with(|| a.profile.cmp(&b.profile))
    });
    let (mut left, mut weights) = (WHOLE, claims.iter().map(weight).sum::<u128>());
    let mut shares = BTreeMap::new();
    let mut dry = false;
    for claim in claims {
        let part = left * weight(&claim) / weights.max(1);
        dry = dry || claim.level > part;
        if dry {
            shares.insert(claim.profile, part);
        } else {
            left -= claim.level;
            weights -= weight(&claim);
            shares.insert(claim.profile, claim.level);
        }
    }
    shares
}
