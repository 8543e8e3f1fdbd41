//! An hour of recorded load in, the rule's answer of each minute out.

use expect_test::expect_file;
use hooke_policy_sdk::Quality;
use policy_nomad_threshold::decide::{Completeness, Reading, Situation, decide};
use policy_nomad_threshold::settings::Settings;
use policy_nomad_threshold::strategy::Workers;

#[path = "../../trajectory/hour.rs"]
mod hour;

/// Out by six above a backlog of 100, in by a tenth once a third is idle.
const SETTINGS: &str = r#"{
    "cooldown": "2m",
    "cooldown_on_scale_up": "4m",
    "check": [
        {"name": "backlog", "group": "load", "query": "ready",
         "strategy": {"threshold": {"lower_bound": 100, "delta": 6, "within_bounds_trigger": 2}}},
        {"name": "idle", "group": "load", "query": "busy-share",
         "strategy": {"threshold": {"upper_bound": 67, "percentage": -10, "within_bounds_trigger": 2}}}
    ]
}"#;

#[test]
fn an_hour_of_recorded_load() {
    let settings = Settings::parse(SETTINGS).expect("settings");
    let mut kept = None;
    let said = hour::play(|past| {
        let now = past.last().expect("this minute");
        let newest = past.iter().rev().take(5).rev();
        let ready = newest.clone().map(|minute| minute.ready as f64).collect();
        let share = |minute: &hour::Minute| {
            f64::from(minute.serving - minute.idle) * 100.0 / f64::from(minute.serving)
        };
        let busy = newest.map(share).collect();
        let read = |points| Ok(Reading { points, completeness: Completeness::Complete });
        let situation = Situation {
            now_ms: now.now_ms,
            workers: Workers { capacity: now.capacity(), serving: now.serving },
            quality: Quality::Fresh,
            kept,
        };
        let done = decide(&settings, &situation, &[read(ready), read(busy)]).expect("all is read");
        kept = done.keep.or(kept);
        (done.delta, done.reason)
    });
    expect_file!["trajectory.txt"].assert_eq(&said);
}
