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

use super::series::{Having, Labels, Series};
use super::{Real, SiteLabels};
use crate::desk::Said;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    site: String,
    policy: String,
    kind: String,
}

impl Labels for FailureLabels {
    fn site(&self) -> &str {
        &self.site
    }

    fn policy(&self) -> Option<&str> {
        Some(&self.policy)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    site: String,
    policy: String,
    limit: &'static str,
}

impl Labels for LimitLabels {
    fn site(&self) -> &str {
        &self.site
    }

    fn policy(&self) -> Option<&str> {
        Some(&self.policy)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SeatLabels {
    site: String,
    profile: String,
    policy: String,
}

impl Labels for SeatLabels {
    fn site(&self) -> &str {
        &self.site
    }

    fn profile(&self) -> Option<&str> {
        Some(&self.profile)
    }

    fn policy(&self) -> Option<&str> {
        Some(&self.policy)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// Every metric of policies.
pub(crate) struct PolicyMetrics {
    failures: Series<FailureLabels, Counter>,
    seconds: Series<SiteLabels, Histogram>,
    uses: Series<LimitLabels, Real>,
    quarantined: Series<SeatLabels, Gauge>,
    differences: Series<SeatLabels, Counter>,
    reloads: Family<OutcomeLabels, Counter>,
}

impl PolicyMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            failures: Series::default(),
            seconds: Series::new(Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_005, 2.0, 20))
            })),
            uses: Series::default(),
            quarantined: Series::default(),
            differences: Series::default(),
            reloads: Family::default(),
        };
        let (r, m) = (registry, &metrics);
        r.register("policy_failures", "Evaluations that failed", m.failures.family());
        r.register_with_unit(
            "policy_duration",
            "One evaluation in its sandbox",
            Unit::Seconds,
            m.seconds.family(),
        );
        r.register(
            "policy_limit_use",
            "The largest share of a limit that an evaluation of the last tick used; above 1 it was \
             cut, refused or stopped",
            m.uses.family(),
        );
        r.register(
            "policy_quarantined",
            "1 while a policy is not asked because it kept failing",
            m.quarantined.family(),
        );
        r.register(
            "policy_shadow_differences",
            "Ticks in which a shadow would have come to another number of workers",
            m.differences.family(),
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
                self.failures.at(&labels).inc();
            }
        }
        for seat in &said.seats {
            let labels = SeatLabels {
                site: site.clone(),
                profile: seat.profile.to_string(),
                policy: seat.policy.to_string(),
            };
            let quarantined = i64::from(seat.quarantined.is_some());
            self.quarantined.at(&labels).set(quarantined);
        }
        self.spent(&site, said);
    }

    /// Takes what the sites that run have.
    pub(super) fn keep(&self, having: &Having<'_>) {
        self.failures.keep(having);
        self.seconds.keep(having);
        self.uses.keep(having);
        self.quarantined.keep(having);
        self.differences.keep(having);
    }

    fn spent(&self, site: &str, said: &Said) {
        let seconds = self.seconds.at(&SiteLabels { site: site.to_owned() });
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
        // Who was not asked in this tick used nothing that could be told.
        let asked = |labels: &LimitLabels| shares.keys().any(|(p, _)| p.as_str() == labels.policy);
        self.uses.retain(|labels| labels.site != site || asked(labels));
        for ((policy, limit), share) in shares {
            let labels = LimitLabels { site: site.to_owned(), policy: policy.to_string(), limit };
            self.uses.at(&labels).set(share);
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
                let differences = self.differences.at(&labels);
                if shadow.desired != chain.desired {
                    differences.inc();
                }
            }
        }
    }
}
