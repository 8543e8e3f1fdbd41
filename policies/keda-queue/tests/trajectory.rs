//! An hour of recorded load in, the rule's answer of each minute out.

use expect_test::expect_file;
use policy_keda_queue::decide::{Situation, decide};
use policy_keda_queue::metric::{Backlog, Quality};
use policy_keda_queue::settings::Settings;

#[path = "../../trajectory/hour.rs"]
mod hour;

#[test]
fn an_hour_of_recorded_load() {
    let settings = Settings::parse(r#"{"value": 40}"#).expect("settings");
    let mut kept = None;
    let said = hour::play(|past| {
        let now = past.last().expect("this minute");
        let situation = Situation {
            now_ms: now.now_ms,
            capacity: now.capacity(),
            serving: now.serving,
            busy: now.serving - now.idle,
            unknown: 0,
            backlog: Backlog {
                quality: Quality::Fresh,
                ready: Some(now.ready),
                unacked: Some(now.unacked),
                arrival_rate: None,
                service_rate: None,
            },
            kept,
        };
        let done = decide(&settings, &situation).expect("nothing is missing");
        kept = Some(done.kept);
        (done.delta, done.reason)
    });
    expect_file!["trajectory.txt"].assert_eq(&said);
}
