//! With which settings the sites ask each policy, for whoever tries a policy
//! before it is used. Judges none of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use hooke_control::ids::PolicyName;

use super::site::{BindingConfig, SiteConfig};

type ByPolicy = BTreeMap<PolicyName, BTreeSet<String>>;

/// The settings of every policy that a site names. Copies show the same: a
/// reload changes what the shelf, which goes on, tries policies with.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsedSettings(Arc<RwLock<ByPolicy>>);

impl UsedSettings {
    /// Those of these sites.
    pub(super) fn of(sites: &[SiteConfig]) -> Self {
        let mut all = ByPolicy::new();
        let bindings = sites.iter().flat_map(|site| &site.bindings);
        for asked in bindings.flat_map(BindingConfig::asked) {
            all.entry(asked.policy.clone()).or_default().insert(asked.settings.json());
        }
        Self(Arc::new(RwLock::new(all)))
    }

    /// The different settings of a policy, as JSON, in order; none if no site
    /// names it.
    pub(crate) fn of_policy(&self, policy: &PolicyName) -> Vec<String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(policy).into_iter().flatten().cloned().collect()
    }

    /// Shows what `other` shows now, in every copy.
    pub(crate) fn become_as(&self, other: &Self) {
        let new = other.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
    }
}
