//! An hour of recorded load in, the rule's answer of each minute out.

use expect_test::expect_file;
use policy_target_tracking::decide::{Point, Quality, Situation, decide};
use policy_target_tracking::settings::Settings;

#[path = "../../trajectory/hour.rs"]
mod hour;

#[test]
fn an_hour_of_recorded_load() {
    // 40 messages are two minutes of a worker.
    let settings = Settings::parse(r#"{"target": 40, "low_periods": 5}"#).expect("settings");
    let said = hour::play(|past| {
        let now = past.last().expect("this minute");
        let newest = past.iter().rev().take(5).rev();
        let points = newest.map(|minute| Point {
            metric: Some(minute.ready as f64),
            serving: Some(f64::from(minute.serving)),
        });
        let situation = Situation {
            capacity: now.capacity(),
            booting: now.booting,
            idle: now.idle,
            quality: Quality::Fresh,
            ready: Some(now.ready),
            history_ms: 10_800_000,
            points: points.collect(),
        };
        let done = decide(&settings, &situation).expect("nothing is missing");
        (done.delta, done.reason)
    });
    expect_file!["trajectory.txt"].assert_eq(&said);
}
