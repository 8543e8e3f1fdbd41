//! What is no reading is counted by its cause, and nothing acts on it.

use expect_test::{Expect, expect};
use hooke_control::snapshot::{Refused, Snapshot};

use super::scene::{KEEP, Tick, ask, at, queue};
use crate::{Dropped, History, Keep, Metric, Statistic, Subject, View};

fn counts(dropped: Dropped) -> String {
    let some = dropped.counts().filter(|(_, n)| *n > 0);
    some.map(|(cause, n)| format!("{n} {}", cause.as_str())).collect::<Vec<_>>().join(", ")
}

/// What these ticks leave of a past, and what was dropped of them.
fn check(keep: Keep, ticks: &[(u64, Tick)], expected: Expect) {
    let mut history = History::new(keep);
    ticks.iter().for_each(|(seconds, tick)| drop(history.observe(&tick.snapshot(at(*seconds)))));
    let dropped = counts(history.dropped());
    let (seconds, last) = ticks.last().unwrap();
    let view = View::of(history, &last.snapshot(at(*seconds)));
    let ready = (Subject::Queue(queue(0)), Metric::Ready);
    let left = ask(&view, ready, Statistic::Maximum, (15, seconds + 15, 4));
    expected.assert_eq(&format!("{left}; dropped: {dropped}"));
}

fn rate(rate: f64) -> Tick {
    Tick { rate: Some(rate), ..Tick::ready(&[1]) }
}

#[test]
fn what_is_no_number() {
    check(KEEP, &[(0, rate(f64::NAN))], expect!["-, -, -, 1 of 1; dropped: 1 not-finite"]);
    check(KEEP, &[(0, rate(f64::INFINITY))], expect!["-, -, -, 1 of 1; dropped: 1 not-finite"]);
    check(KEEP, &[(0, rate(-0.5))], expect!["-, -, -, 1 of 1; dropped: 1 negative"]);
    check(KEEP, &[(0, rate(-0.0))], expect!["-, -, -, 1 of 1; dropped: "]);
}

#[test]
fn what_was_refused_before_it_came_here() {
    let mut history = History::new(KEEP);
    let snapshot = Tick::ready(&[1]).snapshot(at(0));
    let refused = Refused { not_finite: 2, negative: 3 };
    history.observe(&Snapshot { refused, ..(*snapshot).clone() });
    expect!["2 not-finite, 3 negative"].assert_eq(&counts(history.dropped()));
}

#[test]
fn a_clock_that_steps_back_a_little_leaves_a_hole() {
    let steps = [0, 15, 30, 20, 35].map(|seconds| (seconds, Tick::ready(&[seconds])));
    check(KEEP, &steps, expect!["0 of 1, 15 of 1, 30 of 1, 35 of 1; dropped: 9 out-of-order"]);
    check(
        KEEP,
        &[(0, rate(1.0)), (0, rate(1.0))],
        expect!["-, -, -, 1 of 1; dropped: 10 out-of-order"],
    );
}

#[test]
fn a_clock_that_is_set_back_far_takes_the_future_with_it() {
    let steps = [0, 15, 600, 615, 30, 45].map(|seconds| (seconds, Tick::ready(&[seconds])));
    check(KEEP, &steps, expect!["0 of 1, 15 of 1, 30 of 1, 45 of 1; dropped: 18 from-the-future"]);
}

#[test]
fn series_over_the_limit() {
    let keep = Keep { series: 7 + 5, ..KEEP };
    let two = Tick { ready: vec![Some(1), Some(2)], ..Tick::default() };
    check(
        keep,
        &[(0, two.clone()), (15, two)],
        expect!["-, -, 1 of 1, 1 of 1; dropped: 14 over-the-limit"],
    );
}
