//! What `/metrics` says of policies. Labels are names from the site file and
//! fixed words only, so that no guest and no file can add series.

use hooke_control::answer::Verdict;
use hooke_control::explain::Chain;
use hooke_control::snapshot::Snapshot;
use hooke_shelf::Outcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::{Real, SiteLabels};
use crate::config::SiteConfig;
use crate::desk::Said;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    site: String,
    policy: String,
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    site: String,
    policy: String,
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SeatLabels {
    site: String,
    profile: String,
    policy: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// Every metric of policies.
pub(crate) struct PolicyMetrics {
    failures: Family<FailureLabels, Counter>,
    seconds: Family<SiteLabels, Histogram>,
    uses: Family<LimitLabels, Real>,
    quarantined: Family<SeatLabels, Gauge>,
    differences: Family<SeatLabels, Counter>,
    reloads: Family<OutcomeLabels, Counter>,
}

impl PolicyMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            failures: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_005, 2.0, 20))
            }),
            uses: Family::default(),
            quarantined: Family::default(),
            differences: Family::default(),
            reloads: Family::default(),
        };
        let (r, m) = (registry, &metrics);
        r.register("policy_failures", "Evaluations that failed", m.failures.clone());
        r.register_with_unit(
            "policy_duration",
            "One evaluation in its sandbox",
            Unit::Seconds,
            m.seconds.clone(),
        );
        r.register(
            "policy_limit_use",
            "The largest share of a limit that an evaluation of the last tick used; above 1 it was \
             cut, refused or stopped",
            m.uses.clone(),
        );
        r.register(
            "policy_quarantined",
            "1 while a policy is not asked because it kept failing",
            m.quarantined.clone(),
        );
        r.register(
            "policy_shadow_differences",
            "Ticks in which a shadow would have come to another number of workers",
            m.differences.clone(),
        );
        r.register("policy_reloads", "Policy files by what became of them", m.reloads.clone());
        for outcome in Outcome::ALL {
            drop(m.reloads.get_or_create(&OutcomeLabels { outcome: outcome.as_str() }));
        }
        metrics
    }

    /// Takes what became of a policy file.
    pub(crate) fn happened(&self, outcome: Outcome) {
        self.reloads.get_or_create(&OutcomeLabels { outcome: outcome.as_str() }).inc();
    }

    /// Takes a tick's answers and what they took.
    pub(crate) fn evaluated(&self, snapshot: &Snapshot, said: &Said) {
        let site = snapshot.site.name.to_string();
        let answers = &said.answers;
        for answer in answers.live.values().chain(answers.shadows.values()).flatten() {
            if let Verdict::Failed(failure) = &answer.verdict {
                let (policy, kind) = (answer.policy.to_string(), failure.kind().to_owned());
                let labels = FailureLabels { site: site.clone(), policy, kind };
                self.failures.get_or_create(&labels).inc();
            }
        }
        for seat in &said.seats {
            let labels = SeatLabels {
                site: site.clone(),
                profile: seat.profile.to_string(),
                policy: seat.policy.to_string(),
            };
            let quarantined = i64::from(seat.quarantined.is_some());
            self.quarantined.get_or_create(&labels).set(quarantined);
        }
        self.spent(&site, said);
    }

    /// Takes that a site is not run any more as it was. Nobody of it is in
    /// quarantine then; those who are asked later are counted anew.
    pub(crate) fn stopped(&self, site: &SiteConfig) {
        for binding in &site.bindings {
            let labels = SeatLabels {
                site: site.spec.name.to_string(),
                profile: binding.profile.to_string(),
                policy: binding.policy.to_string(),
            };
            self.quarantined.remove(&labels);
        }
    }

    fn spent(&self, site: &str, said: &Said) {
        let seconds = self.seconds.get_or_create(&SiteLabels { site: site.to_owned() });
        let mut shares = std::collections::BTreeMap::new();
        for spent in &said.spent {
            seconds.observe(spent.spent.wall.as_secs_f64());
            for used in spent.spent.uses(&spent.limits) {
                // Shares of limits need no more digits than an f64 has.
                let share = used.used as f64 / (used.cap as f64).max(1.0);
                let most = shares.entry((&spent.policy, used.limit.name())).or_insert(0.0_f64);
                *most = most.max(share);
            }
        }
        for ((policy, limit), share) in shares {
            let labels = LimitLabels { site: site.to_owned(), policy: policy.to_string(), limit };
            self.uses.get_or_create(&labels).set(share);
        }
    }

    /// Takes a tick's decisions.
    pub(crate) fn decided(&self, site: &str, chains: &[Chain]) {
        for chain in chains {
            for shadow in &chain.shadows {
                let labels = SeatLabels {
                    site: site.to_owned(),
                    profile: chain.profile.to_string(),
                    policy: shadow.answer.policy.to_string(),
                };
                let differences = self.differences.get_or_create(&labels);
                if shadow.desired != chain.desired {
                    differences.inc();
                }
            }
        }
    }
}
