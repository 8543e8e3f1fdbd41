//! What a guest is told of the past, and of questions that have no answer.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_history::{History, Metric, Past, Samples, Source, View};

use super::{Fleet, NOW, said, snapshot};
use crate::contract::metrics::{Host as _, Statistic, StatisticsQuery, Subject};
use crate::evaluation::{Evaluation, Level};
use crate::limits::Limits;
use crate::state::State;

/// The queue `ocr` of the profile `ocr` held 10, 20, nothing known, 40, a
/// minute after the other.
fn state(limits: Limits) -> State {
    let snapshot = snapshot(Fleet { ready: 7, idle: 1, busy: 0 });
    let ago = |minutes: u64| NOW.minus(Duration::from_secs(60 * minutes));
    let ready = Samples {
        source: Source::Queue("ocr".into()),
        vcpus: 1,
        metric: Metric::Ready,
        readings: vec![(ago(4), 10.0), (ago(3), 20.0), (ago(1), 40.0)],
    };
    let past = Past { keep_ms: 600_000, series: vec![ready], ..Past::default() };
    let evaluation = Evaluation {
        history: View::of(History::from(&past), &snapshot),
        snapshot,
        profile: "ocr".into(),
        settings: "{}".into(),
        memory: None,
    };
    State::of(&evaluation, &std::sync::Arc::new(limits), Level::Info)
}

fn query() -> StatisticsQuery {
    StatisticsQuery {
        subject: Subject::Profile("ocr".to_owned()),
        metric: "ready".to_owned(),
        statistic: Statistic::Sum,
        period_ms: 60_000,
        end_ms: NOW.as_millis(),
        count: 4,
    }
}

#[track_caller]
fn check(query: StatisticsQuery, want: Expect) {
    want.assert_eq(&said(state(Limits::default()).statistics(query)));
}

#[test]
fn one_data_point_a_period() {
    check(
        query(),
        expect![
            "Ok([Datapoint { value: Some(10.0), samples: 1 }, Datapoint { value: Some(20.0), samples: 1 }, Datapoint { value: None, samples: 0 }, Datapoint { value: Some(40.0), samples: 1 }])"
        ],
    );
    check(
        StatisticsQuery { statistic: Statistic::SampleCount, ..query() },
        expect![
            "Ok([Datapoint { value: Some(1.0), samples: 1 }, Datapoint { value: Some(1.0), samples: 1 }, Datapoint { value: Some(0.0), samples: 0 }, Datapoint { value: Some(1.0), samples: 1 }])"
        ],
    );
    check(
        StatisticsQuery {
            statistic: Statistic::Percentile(50.0),
            period_ms: 240_000,
            count: 1,
            ..query()
        },
        expect!["Ok([Datapoint { value: Some(20.0), samples: 3 }])"],
    );
    check(
        StatisticsQuery {
            statistic: Statistic::TrimmedMean((40.0, 100.0)),
            period_ms: 240_000,
            count: 1,
            ..query()
        },
        expect!["Ok([Datapoint { value: Some(30.0), samples: 3 }])"],
    );
    check(
        StatisticsQuery { subject: Subject::Queue("gone".to_owned()), count: 1, ..query() },
        expect!["Ok([Datapoint { value: None, samples: 0 }])"],
    );
    expect!["600000"].assert_eq(&said(state(Limits::default()).history_ms()));
}

#[test]
fn questions_without_an_answer() {
    check(
        StatisticsQuery { subject: Subject::Profile("nobody".to_owned()), ..query() },
        expect![[r#"Err(MetricsError::UnknownProfile("nobody"))"#]],
    );
    check(
        StatisticsQuery { subject: Subject::VmsOf("ocr".to_owned()), ..query() },
        expect![[r#"Err(MetricsError::Other("a machine has no metric ready"))"#]],
    );
    check(
        StatisticsQuery { subject: Subject::Other("moon".to_owned()), ..query() },
        expect![[r#"Err(MetricsError::Other("this host knows no subject moon"))"#]],
    );
    check(
        StatisticsQuery { metric: "depth".to_owned(), ..query() },
        expect![[
            r#"Err(MetricsError::Other("no metric depth: ask for one of ready, unacked, consumers, arrival-rate, service-rate, capacity, serving, booting, draining, idle, busy, unknown, load, utilization"))"#
        ]],
    );
    check(
        StatisticsQuery { statistic: Statistic::Percentile(0.0), ..query() },
        expect![[
            r#"Err(MetricsError::Other("no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from one of 0 to 100 to a higher one"))"#
        ]],
    );
    check(
        StatisticsQuery { statistic: Statistic::TrimmedMean((90.0, 10.0)), ..query() },
        expect![[
            r#"Err(MetricsError::Other("no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from one of 0 to 100 to a higher one"))"#
        ]],
    );
    check(
        StatisticsQuery { statistic: Statistic::Other("mode".to_owned()), ..query() },
        expect![[
            r#"Err(MetricsError::Other("no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from one of 0 to 100 to a higher one"))"#
        ]],
    );
    check(
        StatisticsQuery { period_ms: 0, ..query() },
        expect![[r#"Err(MetricsError::Other("a period is at least 1 ms long"))"#]],
    );
    check(
        StatisticsQuery { count: 1441, ..query() },
        expect![[r#"Err(MetricsError::Other("1441 periods were asked for: ask for 1 to 1440"))"#]],
    );
}

#[test]
fn a_question_counts_as_a_call_and_its_names_as_bytes() {
    let mut state = state(Limits { host_calls: 2, ..Limits::default() });
    let long = StatisticsQuery { metric: "x".repeat(5000), ..query() };
    drop(state.statistics(long).unwrap());
    assert_eq!(state.budget.wanted.value_bytes, 5003, "the metric, and `ocr`");
    drop(state.statistics(query()).unwrap());
    assert!(state.statistics(query()).is_err());
}
