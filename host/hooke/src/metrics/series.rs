//! Series that end: a metric whose labels are remembered, so that what a site
//! file no longer has can be taken off the page. Counts nothing itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use prometheus_client::metrics::family::Family;

use crate::config::{BindingConfig, SiteConfig};

/// Labels that say of what a series is.
pub(super) trait Labels {
    /// The site.
    fn site(&self) -> &str;
    /// The profile, where it is of one.
    fn profile(&self) -> Option<&str> {
        None
    }
    /// The policy, where it is of one.
    fn policy(&self) -> Option<&str> {
        None
    }
}

/// What the sites that run have: profiles, and the policies that each asks.
pub(super) struct Having<'a>(BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>);

impl<'a> Having<'a> {
    pub(super) fn of(sites: impl Iterator<Item = &'a SiteConfig>) -> Self {
        let site = |site: &'a SiteConfig| {
            let profiles = site.spec.profiles.keys().map(|name| (name.as_str(), BTreeSet::new()));
            let mut profiles: BTreeMap<&str, BTreeSet<&str>> = profiles.collect();
            for binding in &site.bindings {
                let asked = BindingConfig::asked(binding).map(|asked| asked.policy.as_str());
                profiles.entry(binding.profile.as_str()).or_default().extend(asked);
            }
            (site.spec.name.as_str(), profiles)
        };
        Self(sites.map(site).collect())
    }

    fn has(&self, labels: &impl Labels) -> bool {
        let Some(profiles) = self.0.get(labels.site()) else { return false };
        let mut among = profiles
            .iter()
            .filter(|(name, _)| labels.profile().is_none_or(|profile| profile == **name));
        let of_profile = labels.profile().is_some();
        match labels.policy() {
            Some(policy) => among.any(|(_, asked)| asked.contains(policy)),
            None => !of_profile || among.next().is_some(),
        }
    }
}

/// A metric by its labels.
pub(super) struct Series<L, M> {
    family: Family<L, M>,
    known: Mutex<HashSet<L>>,
}

impl<L: Labels + Clone + Eq + Hash, M: Clone> Series<L, M> {
    pub(super) fn new(family: Family<L, M>) -> Self {
        Self { family, known: Mutex::default() }
    }

    /// What a registry takes: it shows what this holds.
    pub(super) fn family(&self) -> Family<L, M> {
        self.family.clone()
    }

    /// The metric with these labels.
    pub(super) fn at(&self, labels: &L) -> M {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(labels) {
            known.insert(labels.clone());
        }
        // No guard is handed out: it would lock what `retain` needs.
        self.family.get_or_create(labels).clone()
    }

    /// Takes one off the page.
    pub(super) fn remove(&self, labels: &L) {
        self.retain(|known| known != labels);
    }

    /// Takes off the page what is of nothing that is there.
    pub(super) fn keep(&self, having: &Having<'_>) {
        self.retain(|labels| having.has(labels));
    }

    /// Takes off the page what is not wanted.
    pub(super) fn retain(&self, wanted: impl Fn(&L) -> bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|labels| {
            let stays = wanted(labels);
            if !stays {
                self.family.remove(labels);
            }
            stays
        });
    }
}

impl<L: Labels + Clone + Eq + Hash, M: Clone + Default> Default for Series<L, M> {
    fn default() -> Self {
        Self::new(Family::default())
    }
}

impl<L, M> fmt::Debug for Series<L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use expect_test::expect;

    use super::{Having, Labels};

    /// Site, profile and policy; empty is none.
    struct Of([&'static str; 3]);

    impl Labels for Of {
        fn site(&self) -> &str {
            self.0[0]
        }

        fn profile(&self) -> Option<&str> {
            Some(self.0[1]).filter(|name| !name.is_empty())
        }

        fn policy(&self) -> Option<&str> {
            Some(self.0[2]).filter(|name| !name.is_empty())
        }
    }

    #[test]
    fn only_what_is_of_a_running_site_stays() {
        let profiles = [("ocr", BTreeSet::from(["mine"])), ("mail", BTreeSet::from(["yours"]))];
        let empty = [("idle", BTreeSet::new())];
        let having = Having(BTreeMap::from([("a", profiles.into()), ("b", empty.into())]));
        let all = [
            ["a", "", ""],
            ["a", "ocr", ""],
            ["a", "", "mine"],
            ["a", "ocr", "mine"],
            ["a", "ocr", "yours"],
            ["a", "gone", ""],
            ["a", "", "gone"],
            ["b", "", ""],
            ["b", "idle", ""],
            ["b", "", "mine"],
            ["gone", "", ""],
        ];
        let stays = |of: [&'static str; 3]| if having.has(&Of(of)) { "stays" } else { "goes" };
        let told: String = all.map(|of| format!("{}: {}\n", of.join("/"), stays(of))).concat();
        expect![[r#"
            a//: stays
            a/ocr/: stays
            a//mine: stays
            a/ocr/mine: stays
            a/ocr/yours: goes
            a/gone/: goes
            a//gone: goes
            b//: stays
            b/idle/: stays
            b//mine: goes
            gone//: goes
        "#]]
        .assert_eq(&told);
    }
}
