//! What a site never has is told, whatever the answer was.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::ids::QueueName;

use super::scene::{at, profile, queue};
use crate::{Asked, Metric, Query, Statistic, Subject};

/// Periods of so many seconds, and how many of them.
type Periods = (u64, u32);

/// Questions to a site that reads every 15 seconds and keeps for `keep`.
fn check(keep: u64, questions: &[(Subject, Periods)], expected: Expect) {
    let mut asked = Asked::default();
    for (subject, (seconds, count)) in questions {
        asked.note(&Query {
            subject: subject.clone(),
            metric: Metric::Ready,
            statistic: Statistic::Average,
            period: Duration::from_secs(*seconds),
            end: at(60_000),
            count: *count,
        });
    }
    let (every, keep) = (Duration::from_secs(15), Duration::from_secs(keep));
    let unmet = asked.unmet(every, keep, |name| *name == queue(0));
    expected.assert_eq(&unmet.iter().map(|one| format!("{one}\n")).collect::<String>());
}

fn work() -> Subject {
    Subject::Profile(profile())
}

#[test]
fn what_can_be_answered_is_no_matter() {
    check(900, &[], expect![""]);
    check(
        900,
        &[(work(), (60, 15)), (work(), (15, 1)), (Subject::Queue(queue(0)), (60, 1))],
        expect![""],
    );
}

#[test]
fn further_back_than_is_kept() {
    check(
        120,
        &[(work(), (60, 3)), (work(), (61, 15))],
        expect![[r#"
        it asks 15m15s back and readings are kept for 2m, so the rest is a gap for ever: write keep = "16m" in [history]
    "#]],
    );
    check(
        86_400,
        &[(work(), (3600, 25))],
        expect![[r#"
        it asks 1d01h back and readings are kept for 1d00h, so the rest is a gap for ever: let it ask 1d00h back at the most
    "#]],
    );
}

#[test]
fn finer_than_it_is_read() {
    check(
        900,
        &[(work(), (60, 3)), (work(), (10, 3))],
        expect![[r#"
        it asks in periods of 10s and the site reads every 15s, so most of them are gaps for ever: write periods of 15s or more, or a shorter `every`
    "#]],
    );
}

#[test]
fn queues_of_nobody() {
    let strange = |name: &str| (Subject::Queue(QueueName::from(name)), (60, 3));
    check(
        900,
        &[strange("ocr-eats"), (work(), (60, 3))],
        expect![[r#"
        it asks about the queue "ocr-eats", which no profile of the site has
    "#]],
    );
    check(
        900,
        &[strange("o\u{1b}[2J"), strange("z"), strange("z")],
        expect![[r#"
        it asks about the queue "o\u{1b}[2J", which no profile of the site has, and 1 more such
    "#]],
    );
}

#[test]
fn several_evaluations_together() {
    let query = |period, count| Query {
        subject: work(),
        metric: Metric::Ready,
        statistic: Statistic::Average,
        period: Duration::from_secs(period),
        end: at(60_000),
        count,
    };
    let (mut one, mut other) = (Asked::default(), Asked::default());
    one.note(&query(60, 15));
    other.note(&query(5, 1));
    one.join(&other);
    let (every, keep) = (Duration::from_secs(15), Duration::from_secs(60));
    assert_eq!(one.unmet(every, keep, |_| true).len(), 2, "too far, and too fine");
}
