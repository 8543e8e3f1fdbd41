//! Questions about the past, and their answers: what a guest has to ask, what
//! it is told at the extremes, and what the true host says to the same.

use expect_test::expect;
use hooke_control::ids::QueueName;
use hooke_control::units::Timestamp;
use hooke_history::{History, Metric, Past, Samples, Source, View};

use crate::contract::{
    Datapoint, MetricsError, PolicyError, Statistic, StatisticsQuery, Subject, Text as _,
};
use crate::extremes;
use crate::guest::{Guest, same};
use crate::snapshots::scenes;
use crate::stage::Stage;
use crate::told::{TEXT, Told, many};
use crate::true_host;

/// The questions of the README's table.
fn queries(profile: &str) -> Vec<StatisticsQuery> {
    let query = |subject, metric: &str, statistic, period_ms, end_ms, count| StatisticsQuery {
        subject,
        metric: metric.to_owned(),
        statistic,
        period_ms,
        end_ms,
        count,
    };
    let asked = || Subject::Profile(profile.to_owned());
    let (text, odd, late) = (|| TEXT.to_owned(), (1 << 53) + 1, 1_700_000_000_000);
    let most = u64::MAX;
    vec![
        query(asked(), "ready", Statistic::SampleCount, 0, 0, 0),
        query(Subject::Queue(text()), "arrival-rate", Statistic::Sum, most, most, u32::MAX),
        query(Subject::Vm(String::new()), "", Statistic::Average, 60_000, late, 60),
        query(Subject::VmsOf(profile.to_owned()), "utilization", Statistic::Minimum, 1, odd, 1),
        query(Subject::Other(text()), TEXT, Statistic::Maximum, odd, 1, 1 << 31),
        query(asked(), "ready", Statistic::Percentile(99.9), 60_000, late, 3),
        query(asked(), "ready", Statistic::TrimmedMean((0.1, 5e-324)), 60_000, late, 3),
        query(asked(), "ready", Statistic::Other(text()), 60_000, late, 3),
    ]
}

/// Every number that a data point may hold, no data point, and errors.
fn answers() -> Vec<Result<Vec<Datapoint>, MetricsError>> {
    let samples = [0, 1, i32::MAX as u32, 1 << 31, u32::MAX];
    let values = extremes::FLOATS.map(Some).into_iter().chain([None]);
    let points: Vec<Datapoint> = values
        .zip(samples.into_iter().cycle())
        .map(|(value, samples)| Datapoint { value, samples })
        .collect();
    let nothing = vec![Datapoint { value: None, samples: 0 }; 1440];
    let texts = extremes::texts().into_iter();
    let mut all = vec![Ok(points), Ok(Vec::new()), Ok(nothing)];
    all.extend(texts.take(4).map(|text| Err(MetricsError::Other(text))));
    all.push(Err(MetricsError::UnknownProfile(TEXT.to_owned())));
    all
}

/// That every question and every answer crosses.
pub(crate) fn crosses(guest: &Guest) {
    for mut told in extremes::all() {
        told.settings = r#"{"mode":"past"}"#.to_owned();
        let Told { asked, now_ms, .. } = told.clone();
        let mut stage = Stage::new(told);
        stage.past = answers();
        let (answer, stage) = guest.actor().evaluate(stage).unwrap();
        let needs = answer.map(|needs| needs.reason);
        assert_eq!(format!("{needs:?}"), format!("{:?}", Ok::<_, PolicyError>("past")));
        assert_eq!(format!("{:?}", stage.queries), format!("{:?}", queries(&asked)));
        let lines: String = answers().iter().map(|answer| many("statistics", answer)).collect();
        let history = format!("history-ms {}\n", now_ms.text());
        same(&stage.stored_text(), &(history + &lines), "past");
    }
}

/// What the true host answers to the same questions.
pub(crate) fn of_the_host(guest: &Guest) {
    let scene = scenes().into_iter().find(|scene| scene.name == "every case").unwrap();
    let now = scene.snapshot.now;
    let before = |seconds: u64| Timestamp::from_millis(now.as_millis() - seconds * 1000);
    let readings = vec![(before(150), 7.0), (before(140), 9.0), (before(20), 0.5)];
    let of = |queue| Samples {
        source: Source::Queue(QueueName::from(queue)),
        vcpus: 1,
        metric: Metric::Ready,
        readings: readings.clone(),
    };
    let past = Past {
        keep_ms: 3_600_000,
        ticks: readings.iter().map(|(at, _)| *at).collect(),
        series: ["a", "b", "c"].map(of).to_vec(),
        cut: false,
    };
    let mut history = History::from(&past);
    history.observe(&scene.snapshot);
    let view = View::of(history, &scene.snapshot);
    let evaluated = true_host::ask_past(&guest.bound(), &scene, view);
    expect![[r#"
        history-ms 3600000
        statistics err other("a period is at least 1 ms long")
        statistics err other("4294967295 periods were asked for: ask for 1 to 1440")
        statistics err other("no metric : ask for one of ready, unacked, consumers, arrival-rate, service-rate, capacity, serving, booting, draining, idle, busy, unknown, load, utilization")
        statistics ok 1
        - value=none samples=0
        statistics err other("this host knows no subject é漢🦀")
        statistics ok 3
        - value=some(403b000000000000) samples=2
        - value=none samples=0
        - value=some(3ff8000000000000) samples=1
        statistics err other("no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from one of 0 to 100 to a higher one")
        statistics err other("no such statistic: a percentile lies above 0 and at most at 100, a trimmed mean from one of 0 to 100 to a higher one")
    "#]].assert_eq(&true_host::stored(&evaluated, "past"));
}
