//! What `/metrics` says of readings that are kept.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::SiteLabels;
use super::series::{Having, Labels, Series};
use crate::desk::Kept;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    site: String,
    cause: &'static str,
}

impl Labels for CauseLabels {
    fn site(&self) -> &str {
        &self.site
    }
}

/// Every metric of the readings that are kept.
#[derive(Debug)]
pub(crate) struct HistoryMetrics {
    series: Series<SiteLabels, Gauge>,
    bytes: Series<SiteLabels, Gauge>,
    dropped: Series<CauseLabels, Counter>,
}

impl HistoryMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            series: Series::default(),
            bytes: Series::default(),
            dropped: Series::default(),
        };
        let (r, m) = (registry, &metrics);
        r.register("history_series", "Series of readings that are kept", m.series.family());
        r.register("history_bytes", "Memory of the readings that are kept", m.bytes.family());
        r.register(
            "history_dropped",
            "Readings that were dropped and not acted upon, by cause",
            m.dropped.family(),
        );
        metrics
    }

    /// Takes off the page what is of no site that runs.
    pub(super) fn keep(&self, having: &Having<'_>) {
        self.series.keep(having);
        self.bytes.keep(having);
        self.dropped.keep(having);
    }

    /// Takes how a site's readings are kept.
    pub(crate) fn kept(&self, site: &str, kept: &Kept) {
        let labels = SiteLabels { site: site.to_owned() };
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.series.at(&labels).set(number(kept.size.series));
        self.bytes.at(&labels).set(number(kept.size.bytes));
        for (cause, count) in kept.dropped.counts() {
            let labels = CauseLabels { site: site.to_owned(), cause: cause.as_str() };
            let counter = self.dropped.at(&labels);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
    }
}
