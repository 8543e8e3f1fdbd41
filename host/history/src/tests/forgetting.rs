//! What is too old goes, with the series of what is no more; and what a past
//! takes does not depend on how long it runs.

use std::time::Duration;

use expect_test::expect;

use super::scene::{KEEP, Tick, at};
use crate::{History, Keep};

#[test]
fn series_of_what_is_no_more_go_when_their_last_reading_does() {
    let mut history = History::new(Keep { time: Duration::from_secs(600), ..KEEP });
    let mut sizes = Vec::new();
    for n in 0..120 {
        let loads = if n < 20 { vec![Some(1.0); 50] } else { vec![Some(1.0)] };
        let tick = Tick { loads, ..Tick::ready(&[n]) };
        history.observe(&tick.snapshot(at(n * 15)));
        sizes.push(history.size().series);
    }
    sizes.dedup();
    expect![[r#"
        [
            62,
            13,
        ]
    "#]]
    .assert_debug_eq(&sizes);
}

#[test]
fn a_fleet_that_changes_all_the_time_takes_no_more_room_in_the_end() {
    let keep = Keep { time: Duration::from_secs(600), ..KEEP };
    let mut history = History::new(keep);
    let mut most = [0, 0];
    for n in 0..2000 {
        // Another machine every tick, and readings that never repeat.
        let mut loads = vec![None; n % 40];
        loads.push(Some(n as f64 / 7.0));
        let tick = Tick { loads, rate: Some(n as f64 / 3.0), ..Tick::ready(&[n as u64]) };
        history.observe(&tick.snapshot(at(n as u64 * 15)));
        let half = usize::from(n >= 1000);
        most[half] = most[half].max(history.size().bytes);
    }
    assert!(most[1] <= most[0] * 5 / 4, "it grows: {most:?}");
}
