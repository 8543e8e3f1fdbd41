//! What `/metrics` says, in Prometheus' text form. Labels are names from the
//! site file only, so that no guest or broker can add series.

mod history;
mod policies;
mod series;

use std::fmt;
use std::sync::atomic::AtomicU64;

use hooke_control::explain::{Chain, Direction};
use hooke_control::snapshot::{Quality, Snapshot};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use history::HistoryMetrics;
use policies::PolicyMetrics;
use series::{Having, Labels, Series};

use crate::config::SiteConfig;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SiteLabels {
    site: String,
}

impl Labels for SiteLabels {
    fn site(&self) -> &str {
        &self.site
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProfileLabels {
    site: String,
    profile: String,
}

impl Labels for ProfileLabels {
    fn site(&self) -> &str {
        &self.site
    }

    fn profile(&self) -> Option<&str> {
        Some(&self.profile)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    site: String,
    profile: String,
    state: &'static str,
}

impl Labels for StateLabels {
    fn site(&self) -> &str {
        &self.site
    }

    fn profile(&self) -> Option<&str> {
        Some(&self.profile)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VmLabels {
    site: String,
    state: &'static str,
}

impl Labels for VmLabels {
    fn site(&self) -> &str {
        &self.site
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    site: String,
    kind: &'static str,
    outcome: &'static str,
}

impl Labels for KindLabels {
    fn site(&self) -> &str {
        &self.site
    }
}

type Real = Gauge<f64, AtomicU64>;

/// Every metric of the host.
pub(crate) struct Metrics {
    registry: Registry,
    ticks: Series<SiteLabels, Counter>,
    tick_seconds: Series<SiteLabels, Histogram>,
    ready: Series<ProfileLabels, Gauge>,
    quality: Series<ProfileLabels, Gauge>,
    workers: Series<StateLabels, Gauge>,
    desired: Series<ProfileLabels, Gauge>,
    vms: Series<VmLabels, Gauge>,
    cost: Series<SiteLabels, Real>,
    decisions: Series<KindLabels, Counter>,
    actions: Series<KindLabels, Counter>,
    pub(crate) policies: PolicyMetrics,
    pub(crate) history: HistoryMetrics,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Every metric, at nothing.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("hooke");
        let policies = PolicyMetrics::new(&mut registry);
        let history = HistoryMetrics::new(&mut registry);
        let mut metrics = Self {
            registry,
            ticks: Series::default(),
            tick_seconds: Series::new(Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.001, 2.0, 16))
            })),
            ready: Series::default(),
            quality: Series::default(),
            workers: Series::default(),
            desired: Series::default(),
            vms: Series::default(),
            cost: Series::default(),
            decisions: Series::default(),
            actions: Series::default(),
            policies,
            history,
        };
        let m = &mut metrics;
        let r = &mut m.registry;
        r.register("ticks", "Passes over a site", m.ticks.family());
        r.register_with_unit(
            "tick_duration",
            "From waking to the plan on disk",
            Unit::Seconds,
            m.tick_seconds.family(),
        );
        r.register(
            "backlog_ready",
            "Messages ready and not taken; absent when missing",
            m.ready.family(),
        );
        r.register("backlog_quality", "0 fresh, 1 stale, 2 missing", m.quality.family());
        r.register("workers", "Workers by state", m.workers.family());
        r.register("workers_desired", "Workers wanted after every guard", m.desired.family());
        r.register("vms", "Machines by state", m.vms.family());
        r.register(
            "cost_per_hour",
            "What the machines cost an hour, by the site file",
            m.cost.family(),
        );
        r.register("decisions", "Decisions by direction", m.decisions.family());
        r.register("actions", "Calls to the cloud by kind and outcome", m.actions.family());
        metrics
    }

    /// The text that a scraper reads.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Takes a tick's facts.
    pub(crate) fn observed(&self, snapshot: &Snapshot) {
        let site = snapshot.site.name.to_string();
        self.ticks.at(&SiteLabels { site: site.clone() }).inc();
        for (name, view) in &snapshot.profiles {
            let labels = ProfileLabels { site: site.clone(), profile: name.to_string() };
            match view.backlog.ready.and_then(|ready| i64::try_from(ready).ok()) {
                Some(ready) => drop(self.ready.at(&labels).set(ready)),
                None => self.ready.remove(&labels),
            }
            let quality = match view.backlog.quality {
                Quality::Fresh => 0,
                Quality::Stale => 1,
                Quality::Missing => 2,
            };
            self.quality.at(&labels).set(quality);
            let c = view.counts;
            let states = [
                ("serving", c.serving),
                ("booting", c.booting),
                ("draining", c.draining),
                ("idle", c.idle),
                ("busy", c.busy),
                ("unknown", c.unknown),
            ];
            for (state, workers) in states {
                let labels = StateLabels { site: site.clone(), profile: name.to_string(), state };
                self.workers.at(&labels).set(i64::from(workers));
            }
        }
        self.machines(snapshot, &site);
    }

    /// Takes which sites run from now on. What is of no site, profile or policy
    /// of theirs is on the page no more: a value that nobody sets is not a fact.
    pub(crate) fn keep<'a>(&self, sites: impl Iterator<Item = &'a SiteConfig>) {
        let having = Having::of(sites);
        self.ticks.keep(&having);
        self.tick_seconds.keep(&having);
        self.ready.keep(&having);
        self.quality.keep(&having);
        self.workers.keep(&having);
        self.desired.keep(&having);
        self.vms.keep(&having);
        self.cost.keep(&having);
        self.decisions.keep(&having);
        self.actions.keep(&having);
        self.policies.keep(&having);
        self.history.keep(&having);
    }

    fn machines(&self, snapshot: &Snapshot, site: &str) {
        use hooke_control::fleet::VmState as S;
        let all = [
            S::Pending,
            S::Booting,
            S::Running,
            S::Draining,
            S::Suspending,
            S::Suspended,
            S::Stopped,
            S::Terminating,
            S::Failed,
        ];
        for state in all {
            let found = snapshot.vms.iter().filter(|vm| vm.state == state).count();
            let labels = VmLabels { site: site.to_owned(), state: state.as_str() };
            self.vms.at(&labels).set(i64::try_from(found).unwrap_or(i64::MAX));
        }
        let cost = snapshot.vms.iter().map(|vm| vm.image.cost_per_hour).sum();
        self.cost.at(&SiteLabels { site: site.to_owned() }).set(cost);
    }

    /// Takes a tick's decisions.
    pub(crate) fn decided(&self, site: &str, chains: &[Chain], seconds: f64) {
        self.tick_seconds.at(&SiteLabels { site: site.to_owned() }).observe(seconds);
        self.policies.decided(site, chains);
        for chain in chains {
            let labels =
                ProfileLabels { site: site.to_owned(), profile: chain.profile.to_string() };
            self.desired.at(&labels).set(i64::from(chain.desired));
            let kind = match chain.direction() {
                Direction::In => "scale-in",
                Direction::Hold => "hold",
                Direction::Out => "scale-out",
            };
            let labels = KindLabels { site: site.to_owned(), kind, outcome: "decided" };
            self.decisions.at(&labels).inc();
        }
    }

    /// Takes the outcome of one call to the cloud.
    pub(crate) fn acted(&self, site: &str, kind: &'static str, outcome: &'static str) {
        let labels = KindLabels { site: site.to_owned(), kind, outcome };
        self.actions.at(&labels).inc();
    }
}
