//! The answers of one evaluation: several alarms look at one metric, and it is
//! asked for once, for as many periods as the longest of them looks at. An
//! answer is what it would be alone: periods that end there do not change
//! within an evaluation.

use crate::metric::Subject;
use crate::settings::{Kind, Settings};
use crate::statistic::Statistic;
use crate::watch::{PERIODS_ASKED, Point, Query, Watch};

/// The answers so far.
#[derive(Debug)]
pub(crate) struct Answers<'a, A> {
    settings: &'a Settings,
    ask: A,
    known: Vec<Known>,
}

/// One metric's points up to one moment, the oldest first.
#[derive(Debug)]
struct Known {
    subject: Subject,
    metric: &'static str,
    statistic: Statistic,
    period_ms: u64,
    end_ms: u64,
    points: Vec<Point>,
}

impl Known {
    /// Whether it holds the answer to a question.
    fn holds(&self, query: &Query<'_>) -> bool {
        self.end_ms == query.end_ms
            && self.period_ms == query.period_ms
            && self.metric == query.metric
            && self.points.len() >= query.count as usize
            && self.subject == *query.subject
            && self.statistic == *query.statistic
    }
}

impl<'a, A> Answers<'a, A> {
    pub(crate) const fn new(settings: &'a Settings, ask: A) -> Self {
        Self { settings, ask, known: Vec::new() }
    }

    /// The answer to a question; the host is asked if none before holds it.
    pub(crate) fn ask<E>(&mut self, query: &Query<'_>) -> Result<Vec<Point>, E>
    where
        A: FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    {
        if let Some(known) = self.known.iter().find(|known| known.holds(query)) {
            return Ok(known.points[known.points.len() - query.count as usize..].to_vec());
        }
        let looks = watches(self.settings).filter_map(|watch| watch.asks(query));
        let others = looks.filter(|count| *count > query.count && *count <= PERIODS_ASKED);
        let count = others.max().unwrap_or(query.count);
        let points = (self.ask)(&Query { count, ..query.clone() })?;
        let asked_for = points[points.len().saturating_sub(query.count as usize)..].to_vec();
        self.known.push(Known {
            subject: query.subject.clone(),
            metric: query.metric,
            statistic: query.statistic.clone(),
            period_ms: query.period_ms,
            end_ms: query.end_ms,
            points,
        });
        Ok(asked_for)
    }
}

/// Every alarm there is, those of tracking policies too.
fn watches(settings: &Settings) -> impl Iterator<Item = &Watch> {
    let tracked = settings.policies.iter().filter_map(|policy| match &policy.kind {
        Kind::Track(track) if policy.enabled => Some([&track.high, &track.low]),
        Kind::Track(_) | Kind::Simple(_) | Kind::Step(_) | Kind::Predict(_) | Kind::Refused => None,
    });
    settings.alarms.iter().map(|alarm| &alarm.watch).chain(tracked.flatten())
}
