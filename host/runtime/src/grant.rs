//! What a binding lets its policy reach. A grant is one linked interface:
//! nothing is checked at run time, because what is not granted is not there.

use std::collections::BTreeSet;
use std::fmt;

/// One grantable interface of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// `metrics`: the facts of the tick.
    Metrics,
    /// `cloud`: actions, requested.
    Cloud,
    /// `memory`: bytes that survive ticks.
    Memory,
}

impl Grant {
    /// Every grant there is.
    pub const ALL: [Self; 3] = [Self::Metrics, Self::Cloud, Self::Memory];

    /// Its name in the site file, and that of the interface it links.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Cloud => "cloud",
            Self::Memory => "memory",
        }
    }

    /// The grant of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of grants. `settings` and `log` are always linked and not in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Grants(BTreeSet<Grant>);

impl Grants {
    /// No grant: settings and log only.
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Everything this host offers.
    pub fn all() -> Self {
        Grant::ALL.into_iter().collect()
    }

    /// Whether it holds this grant.
    pub fn contains(&self, grant: Grant) -> bool {
        self.0.contains(&grant)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The grants, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Grant> + '_ {
        self.0.iter().copied()
    }

    /// What is in this set and not in `other`.
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).copied().collect())
    }

    /// What is in either set.
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}

/// As the site file writes it: `["metrics", "cloud"]`.
impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.iter().map(|grant| format!("\"{grant}\"")).collect();
        write!(f, "[{}]", names.join(", "))
    }
}
