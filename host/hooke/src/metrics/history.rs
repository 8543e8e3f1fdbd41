//! What `/metrics` says of readings that are kept.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::SiteLabels;
use crate::desk::Kept;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    site: String,
    cause: &'static str,
}

/// Every metric of the readings that are kept.
#[derive(Debug)]
pub(crate) struct HistoryMetrics {
    series: Family<SiteLabels, Gauge>,
    bytes: Family<SiteLabels, Gauge>,
    dropped: Family<CauseLabels, Counter>,
}

impl HistoryMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            series: Family::default(),
            bytes: Family::default(),
            dropped: Family::default(),
        };
        let (r, m) = (registry, &metrics);
        r.register("history_series", "Series of readings that are kept", m.series.clone());
        r.register("history_bytes", "Memory of the readings that are kept", m.bytes.clone());
        r.register(
            "history_dropped",
            "Readings that were dropped and not acted upon, by cause",
            m.dropped.clone(),
        );
        metrics
    }

    /// A site's loop has ended.
    pub(crate) fn stopped(&self, site: &str) {
        let labels = SiteLabels { site: site.to_owned() };
        self.series.remove(&labels);
        self.bytes.remove(&labels);
    }

    /// Takes how a site's readings are kept.
    pub(crate) fn kept(&self, site: &str, kept: &Kept) {
        let labels = SiteLabels { site: site.to_owned() };
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.series.get_or_create(&labels).set(number(kept.size.series));
        self.bytes.get_or_create(&labels).set(number(kept.size.bytes));
        for (cause, count) in kept.dropped.counts() {
            let labels = CauseLabels { site: site.to_owned(), cause: cause.as_str() };
            let counter = self.dropped.get_or_create(&labels);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
    }
}
