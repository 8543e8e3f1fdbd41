//! Every question about the past that a policy may ask, with its answer as text.

use hooke_policy_sdk::metrics::{self, Statistic, StatisticsQuery, Subject};

use crate::TEXT;
use crate::facts;

pub(crate) fn text(profile: &str) -> String {
    let mut out = format!("history-ms {}\n", metrics::history_ms());
    for query in queries(profile) {
        facts::many(&mut out, "statistics", metrics::statistics(&query), facts::datapoint);
    }
    out
}

/// The questions of the README's table.
fn queries(profile: &str) -> [StatisticsQuery; 8] {
    let asked = || Subject::Profile(profile.to_owned());
    let late = |statistic| query(asked(), "ready", statistic, (60_000, 1_700_000_000_000, 3));
    let text = || TEXT.to_owned();
    let odd = (1 << 53) + 1;
    [
        query(asked(), "ready", Statistic::SampleCount, (0, 0, 0)),
        query(Subject::Queue(text()), "arrival-rate", Statistic::Sum, (u64::MAX, u64::MAX, u32::MAX)),
        query(Subject::Vm(String::new()), "", Statistic::Average, (60_000, 1_700_000_000_000, 60)),
        query(Subject::VmsOf(profile.to_owned()), "utilization", Statistic::Minimum, (1, odd, 1)),
        query(Subject::Other(text()), TEXT, Statistic::Maximum, (odd, 1, 1 << 31)),
        late(Statistic::Percentile(99.9)),
        late(Statistic::TrimmedMean((0.1, 5e-324))),
        late(Statistic::Other(text())),
    ]
}

fn query(
    subject: Subject,
    metric: &str,
    statistic: Statistic,
    (period_ms, end_ms, count): (u64, u64, u32),
) -> StatisticsQuery {
    StatisticsQuery { subject, metric: metric.to_owned(), statistic, period_ms, end_ms, count }
}
