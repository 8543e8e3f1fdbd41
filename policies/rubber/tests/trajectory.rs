//! An hour of recorded load in, the rule's answer of each minute out.

use expect_test::expect_file;
use policy_rubber::decide::{Quality, Situation, decide};
use policy_rubber::settings::Settings;

#[path = "../../trajectory/hour.rs"]
mod hour;

#[test]
fn an_hour_of_recorded_load() {
    let settings = Settings::parse("{}").expect("defaults");
    let mut last_ms = None;
    let said = hour::play(|past| {
        let now = past.last().expect("this minute");
        let situation = Situation {
            now_ms: now.now_ms,
            last_ms,
            quality: Quality::Fresh,
            age_ms: 0,
            ready: Some(now.ready),
            idle: now.idle,
            booting: now.booting,
        };
        let done = decide(&settings, &situation, || 0).expect("nothing is missing");
        if done.applied {
            last_ms = Some(now.now_ms);
        }
        (done.delta, done.reason)
    });
    expect_file!["trajectory.txt"].assert_eq(&said);
}
