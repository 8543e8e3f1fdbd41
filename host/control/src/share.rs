//! Who gets how much of what the site's limits allow: weighted max-min over
//! machines, vCPUs, memory and cost. Of what a profile holds of each limited
//! resource the largest part of the limit counts, over its weight; whoever has
//! the smallest goes next (dominant resource fairness: Ghodsi et al., NSDI 2011).
//! Nothing is left unused that somebody could use, but room that is kept for
//! the head of the line: whoever has been held up too long. Chooses no action.
//!
//! All numbers are whole, so that nothing hangs on how sums are rounded.

mod amounts;
mod fair;
mod holdings;
mod least;
mod line;
mod turns;

pub(crate) use amounts::{Amounts, Caps, Resource, WHOLE};
pub(crate) use fair::{Claim, fill};
pub(crate) use holdings::{Holdings, portions};
pub(crate) use least::Least;
pub use line::{Line, PATIENCE};
pub(crate) use turns::{Turn, Turns};
