//! What is restored equals what was kept; and damage costs itself.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::scene::{KEEP, Tick, ask, at, queue};
use crate::{Frame, History, Metric, Restored, Restoring, Statistic, Subject, View};

fn restored<'a>(frames: impl IntoIterator<Item = Option<&'a Frame>>, now: u64) -> Restored {
    let mut restoring = Restoring::new(KEEP, at(now));
    let frames = frames.into_iter();
    frames.for_each(|frame| restoring.take(frame.map(|frame| (frame.at, &*frame.bytes))));
    restoring.finish()
}

/// Everything in a past, whatever the order of its series.
fn all(history: &History) -> Vec<String> {
    let mut all = Vec::new();
    for entity in history.entities.iter().flatten() {
        for (metric, column) in entity.source.kept().iter().zip(entity.columns()) {
            let slots = history.times.first()..history.times.end();
            for run in column.runs(slots) {
                for slot in run.start..run.end() {
                    let when = history.times.at(slot).unwrap().as_millis();
                    let name = entity.source.name();
                    all.push(format!("{name} {} {metric} {when} {:?}", entity.vcpus, run.value));
                }
            }
        }
    }
    all.sort();
    all
}

fn tick() -> impl Strategy<Value = Tick> {
    let ready = prop::collection::vec(prop::option::of(0_u64..3), 0..4);
    let rate = prop::option::of(prop_oneof![Just(1.5), 0.0..10.0]);
    let loads = prop::collection::vec(prop::option::of(0.0..4.0), 0..4);
    (ready, rate, loads, 0_u32..2).prop_map(|(ready, rate, loads, serving)| Tick {
        ready,
        rate,
        loads,
        serving,
        blind: false,
    })
}

proptest! {
    #[test]
    fn what_is_restored_is_what_was_kept(
        ticks in prop::collection::vec((-400_i64..900, tick()), 1..60),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let mut history = History::new(KEEP);
        let (mut frames, mut now) = (Vec::new(), 100_000_i64);
        for (nth, (step, tick)) in ticks.iter().enumerate() {
            // Now and then the clock is set back.
            now += if *step < -350 { *step } else { step.abs() / 20 + 1 };
            let frame = history.observe(&tick.snapshot(at(now as u64)));
            if lost.iter().any(|index| index.index(ticks.len()) == nth) {
                // The store did not take it: the next frame starts anew.
                history.begin_chain();
            } else {
                frames.extend(frame);
            }
        }
        let Restored { history: again, lost: damaged, .. } =
            restored(frames.iter().map(Some), now as u64);
        prop_assert_eq!(damaged, 0);
        let (again, kept) = (all(&again), all(&history));
        let set_back = ticks.iter().any(|(step, _)| *step < -350);
        match (lost.is_empty(), set_back) {
            (true, false) => prop_assert_eq!(again, kept),
            (false, false) => prop_assert!(again.iter().all(|reading| kept.contains(reading))),
            // What was too old before the clock was set back is young again.
            (true, true) => prop_assert!(kept.iter().all(|reading| again.contains(reading))),
            (false, true) => {}
        }
    }

    #[test]
    fn no_bytes_break_it(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at_byte in any::<prop::sample::Index>(),
    ) {
        let mut history = History::new(KEEP);
        let mut frame = history.observe(&Tick::ready(&[1, 2]).snapshot(at(0))).unwrap();
        let strange = Frame { at: at(0), whole: true, bytes };
        prop_assert_eq!(restored([Some(&strange)], 10).frames, 0);
        let place = at_byte.index(frame.bytes.len());
        frame.bytes[place] ^= 0x10;
        let restored = restored([Some(&frame)], 10);
        prop_assert_eq!((restored.frames, restored.lost), (0, 1));
    }
}

/// Eight ticks of which the fifth is whole again; what is left of them.
fn check(damage: impl Fn(usize, Frame) -> Option<Frame>, now: u64, expected: Expect) {
    let mut history = History::new(KEEP);
    let frames: Vec<Option<Frame>> = (0..8)
        .map(|n| {
            if n == 4 {
                history.begin_chain();
            }
            let frame = history.observe(&Tick::ready(&[n as u64]).snapshot(at(n as u64 * 15)));
            damage(n, frame.unwrap())
        })
        .collect();
    let Restored { history, frames, lost } = restored(frames.iter().map(Option::as_ref), now);
    let last = Tick::ready(&[0]).snapshot(at(now));
    let view = View::of(history, &last);
    let ready = (Subject::Queue(queue(0)), Metric::Ready);
    let left = ask(&view, ready, Statistic::Maximum, (15, 120, 8));
    expected.assert_eq(&format!("{left}; {frames} frames, {lost} lost"));
}

#[test]
fn damage_costs_the_readings_up_to_the_next_whole_frame() {
    check(
        |_, frame| Some(frame),
        110,
        expect!["0 of 1, 1 of 1, 2 of 1, 3 of 1, 4 of 1, 5 of 1, 6 of 1, 7 of 1; 8 frames, 0 lost"],
    );
    check(
        |n, frame| (n != 1).then_some(frame),
        110,
        expect!["0 of 1, -, -, -, 4 of 1, 5 of 1, 6 of 1, 7 of 1; 5 frames, 3 lost"],
    );
    check(
        |n, frame| (n != 0).then_some(frame),
        110,
        expect!["-, -, -, -, 4 of 1, 5 of 1, 6 of 1, 7 of 1; 4 frames, 4 lost"],
    );
    check(
        |n, frame| (n != 4).then_some(frame),
        110,
        expect!["0 of 1, 1 of 1, 2 of 1, 3 of 1, -, -, -, -; 4 frames, 4 lost"],
    );
}

#[test]
fn what_lies_in_the_future_is_left_out() {
    check(
        |_, frame| Some(frame),
        50,
        expect!["0 of 1, 1 of 1, 2 of 1, 3 of 1, -, -, -, -; 4 frames, 0 lost"],
    );
}

#[test]
fn a_quiet_fleet_takes_hardly_any_room() {
    let mut history = History::new(KEEP);
    let tick = Tick { loads: vec![Some(1.0); 500], ..Tick::ready(&[7; 500]) };
    let sizes: Vec<usize> =
        (0..10).map(|n| history.observe(&tick.snapshot(at(n * 15))).unwrap().bytes.len()).collect();
    let whole = sizes[0];
    assert!(sizes[1..].iter().all(|size| size * 100 < whole), "{sizes:?}");
}
