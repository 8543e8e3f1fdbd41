//! `metrics.statistics`: a question of a guest about the past, made into one of
//! the host's own. Answers from memory; never fills a gap.

use std::time::Duration;

use hooke_control::ids::{ProfileName, QueueName, VmId};
use hooke_control::snapshot::Snapshot;
use hooke_control::units::Timestamp;
use hooke_history::{self as history, Metric, Query};

use crate::contract::metrics::{Datapoint, MetricsError, Statistic, StatisticsQuery, Subject};
use crate::state::Facts;

/// The bytes that came with a question.
pub(super) fn bytes(query: &StatisticsQuery) -> usize {
    let subject = match &query.subject {
        Subject::Profile(name)
        | Subject::Queue(name)
        | Subject::Vm(name)
        | Subject::VmsOf(name)
        | Subject::Other(name) => name.len(),
    };
    let statistic = match &query.statistic {
        Statistic::Other(name) => name.len(),
        Statistic::SampleCount
        | Statistic::Sum
        | Statistic::Average
        | Statistic::Minimum
        | Statistic::Maximum
        | Statistic::Percentile(_)
        | Statistic::TrimmedMean(_) => 0,
    };
    subject.saturating_add(query.metric.len()).saturating_add(statistic)
}

/// How many readings may be looked at in one call before it counts as two: as
/// many as take the time of some plain calls. With the limit on calls this
/// bounds what an evaluation may look at, whatever its time allows.
pub(super) const READINGS_A_CALL: u64 = 1000;

/// What the periods come to, and how many readings were looked at.
pub(super) fn statistics(
    facts: &mut Facts,
    query: StatisticsQuery,
) -> Result<(Vec<Datapoint>, u64), MetricsError> {
    let query = Query {
        subject: subject(&facts.snapshot, query.subject)?,
        metric: metric(&query.metric)?,
        statistic: statistic(query.statistic)?,
        period: Duration::from_millis(query.period_ms),
        end: Timestamp::from_millis(query.end_ms),
        count: query.count,
    };
    facts.asked.note(&query);
    let answer =
        facts.history.statistics(&query).map_err(|why| MetricsError::Other(why.to_string()))?;
    let point = |history::Datapoint { value, samples }| Datapoint { value, samples };
    Ok((answer.points.into_iter().map(point).collect(), answer.work))
}

fn subject(snapshot: &Snapshot, asked: Subject) -> Result<history::Subject, MetricsError> {
    let known = |name: String| {
        let name = ProfileName::from(name);
        let unknown = || MetricsError::UnknownProfile(name.as_str().to_owned());
        snapshot.profiles.get_key_value(&name).map(|(name, _)| name.clone()).ok_or_else(unknown)
    };
    Ok(match asked {
        Subject::Profile(name) => history::Subject::Profile(known(name)?),
        Subject::VmsOf(name) => history::Subject::VmsOf(known(name)?),
        Subject::Queue(name) => history::Subject::Queue(QueueName::from(name)),
        Subject::Vm(name) => history::Subject::Vm(VmId::from(name)),
        Subject::Other(name) => {
            return Err(MetricsError::Other(format!("this host knows no subject {name}")));
        }
    })
}

fn metric(name: &str) -> Result<Metric, MetricsError> {
    Metric::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Metric::ALL.into_iter().map(Metric::as_str).collect();
        MetricsError::Other(format!("no metric {name}: ask for one of {}", known.join(", ")))
    })
}

fn statistic(asked: Statistic) -> Result<history::Statistic, MetricsError> {
    let known = match asked {
        Statistic::SampleCount => Some(history::Statistic::SampleCount),
        Statistic::Sum => Some(history::Statistic::Sum),
        Statistic::Average => Some(history::Statistic::Average),
        Statistic::Minimum => Some(history::Statistic::Minimum),
        Statistic::Maximum => Some(history::Statistic::Maximum),
        Statistic::Percentile(percent) => history::Statistic::percentile(percent),
        Statistic::TrimmedMean((from, to)) => history::Statistic::trimmed_mean(from, to),
        Statistic::Other(_) => None,
    };
    known.ok_or_else(|| {
        MetricsError::Other(
            "no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from \
             one of 0 to 100 to a higher one"
                .to_owned(),
        )
    })
}
