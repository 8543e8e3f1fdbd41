//! An hour of recorded load in, the rule's answer of each minute out. It does
//! not look at the load: a floor opens, is held ahead, and a ceiling follows.

use expect_test::expect_file;
use hooke_timetable::Moment;
use policy_schedule::decide::decide;
use policy_schedule::settings::Settings;

#[path = "../../trajectory/hour.rs"]
mod hour;

const SETTINGS: &str = r#"{
    "zone": "Europe/Paris",
    "ahead": "5m",
    "window": [
        {"name": "morning", "start": "40 8 * * *", "duration": "20m", "minimum": 12},
        {"name": "after", "start": "0 9 * * *", "end": "15 9 * * *", "maximum": 4}
    ]
}"#;

/// 26 May 1998 at 08:20 in Paris, whose offset in 1998 the table of zones takes
/// from its rim; the same clock of 2026 is asked.
const BEGIN_MS: u64 = 1_779_776_400_000;

#[test]
fn an_hour_of_recorded_load() {
    let settings = Settings::parse(SETTINGS).expect("settings");
    let said = hour::play(|past| {
        let now = past.last().expect("this minute");
        let done = decide(&settings, Moment::from_ms(BEGIN_MS + now.now_ms), now.capacity());
        (done.delta, done.reason)
    });
    expect_file!["trajectory.txt"].assert_eq(&said);
}
