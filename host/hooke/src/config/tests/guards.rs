//! Guards: for a site, for a profile, laid over each other; and every slip.

use std::time::Duration;

use expect_test::expect;
use hooke_control::spec::{Guards, LONGEST_COOLDOWN, LONGEST_WINDOW, Select};

use super::{GOOD, check_short, read_text};

/// The good file with guards for its site and for the profile `faces`.
fn with(site: &str, faces: &str) -> String {
    let text =
        GOOD.replace("[site.settings.threshold]", &format!("{site}\n[site.settings.threshold]"));
    text.replace("[site.profile.settings]", &format!("{faces}\n[site.profile.settings]"))
}

/// The guards of `ocr`, which says nothing, and of `faces`.
fn read(site: &str, faces: &str) -> (Guards, Guards) {
    let config = read_text(&with(site, faces)).finish().unwrap();
    let profiles = &config.sites[0].spec.profiles;
    (profiles["ocr"].guards.clone(), profiles["faces"].guards.clone())
}

#[test]
fn nothing_said_is_the_default() {
    let (ocr, faces) = read("", "");
    assert_eq!((ocr, faces), (Guards::default(), Guards::default()));
}

#[test]
fn a_profile_is_laid_over_its_site_key_by_key() {
    let site = r#"
[site.guards]
tolerance_percent = 10
stale = "hold"
projection = { metric = "busy-share", below = 0.8 }
unready = { percent = 30 }
scale_out = { cooldown = "2m", rates = [{ number = 2, window = "1m" }] }
[site.guards.scale_in]
stabilisation = "5m"
rates = [{ percent = 10, window = "1m" }]
"#;
    let faces = r#"
[site.profile.guards]
stale = "scale-out"
projection = "none"
unready = { number = 9 }
[site.profile.guards.scale_in]
stabilisation = "0s"
select = "disabled"
[site.profile.guards.scale_out]
rates = []
"#;
    let (ocr, over) = read(site, faces);
    expect![[r#"
        Guards {
            tolerance: Percent(
                10,
            ),
            projection: Some(
                Projection {
                    metric: BusyShare,
                    below: 0.8,
                },
            ),
            unready: Unready {
                percent: Percent(
                    30,
                ),
                number: 3,
            },
            stale: Hold,
            scale_out: Pace {
                stabilisation: 0ns,
                cooldown: 120s,
                rates: [
                    Rate {
                        amount: Number(
                            2,
                        ),
                        window: 60s,
                    },
                ],
                select: Max,
            },
            scale_in: Pace {
                stabilisation: 300s,
                cooldown: 0ns,
                rates: [
                    Rate {
                        amount: Percent(
                            10,
                        ),
                        window: 60s,
                    },
                ],
                select: Max,
            },
        }
    "#]]
    .assert_debug_eq(&ocr);
    let mut expected = ocr.clone();
    expected.stale = Guards::default().stale;
    expected.projection = None;
    expected.unready.number = 9;
    expected.scale_in.stabilisation = Duration::ZERO;
    expected.scale_in.select = Select::Disabled;
    expected.scale_out.rates.clear();
    assert_eq!(over, expected);
}

#[test]
fn every_slip_is_told_at_once() {
    let site = r#"
[site.guards]
tolerance_percent = 101
tolerance = 10
stale = "in"
projection = { metric = "backlog", below = 0 }
unready = { percent = -1, numbr = 3 }
scale_out = 3
[site.guards.scale_in]
stabilisation = "2h"
cooldown = "2d"
select = "most"
rates = [{ number = 0, window = "1m" }, { window = "0s" }, { number = 1, percent = 1001, window = "2h" }, 4]
"#;
    let faces = r#"
[site.profile.guards]
projection = "backlog-per-worker"
[site.profile.guards.scale_out]
rate = []
rates = [{ percent = 10 }]
"#;
    check_short(
        &with(site, faces),
        expect![[r#"
            10:21 site.guards.tolerance_percent: 101 is above the hard cap | write 100 or less
            11:1 site.guards: unknown key `tolerance` | remove it; the keys known here are projection, scale_in, scale_out, stale, tolerance_percent, unready
            12:9 site.guards.stale: there is no stale "in" | write one of scale-out, hold
            13:25 site.guards.projection.metric: there is no metric "backlog" | write one of backlog-per-worker, messages-per-worker, arrivals-per-worker, busy-share
            13:44 site.guards.projection.below: nothing measured is below 0 | write a number above 0
            14:23 site.guards.unready.percent: -1 is negative | write 0 or more
            14:27 site.guards.unready: unknown key `numbr` | did you mean `number`?
            15:13 site.guards.scale_out: a table is expected, not a whole number | write it as a section, [site.guards.scale_out]
            17:17 site.guards.scale_in.stabilisation: 2h is above the hard cap | write 1h or less
            18:12 site.guards.scale_in.cooldown: 2days is above the hard cap | write 1day or less
            19:10 site.guards.scale_in.select: there is no select "most" | write one of max, min, disabled
            20:21 site.guards.scale_in.rates.number: 0 would allow nothing | write 1 or more, or select = "disabled" beside `rates`
            20:41 site.guards.scale_in.rates: no amount is given | write { number = 4, window = "1m" } or { percent = 10, window = "1m" }
            20:52 site.guards.scale_in.rates.window: the duration is zero | write a duration above zero, such as "500ms", "90s" or "1h 30m"
            20:60 site.guards.scale_in.rates: both `number` and `percent` are given | write { number = 4, window = "1m" } or { percent = 10, window = "1m" }
            20:84 site.guards.scale_in.rates.percent: 1001 is above the hard cap | write 1000 or less
            20:99 site.guards.scale_in.rates.window: 2h is above the hard cap | write 1h or less
            20:107 site.guards.scale_in.rates: a list of tables is expected | write [[site.guards.scale_in.rates]], with two brackets, before all that belongs to it
            49:14 site.profile.guards.projection: neither a table nor "none" | write { metric = "backlog-per-worker", below = 100 } or "none"
            51:1 site.profile.guards.scale_out: unknown key `rate` | remove it; the keys known here are cooldown, rates, select, stabilisation
            52:10 site.profile.guards.scale_out.rates: `window` is missing | write window = "30s"
        "#]],
    );
}

#[test]
fn as_many_limits_and_as_long_times_as_are_allowed() {
    let rate = "{ number = 1, window = \"1h\" }";
    let rates = |number: usize| format!("rates = [{}]", vec![rate; number].join(", "));
    let longest = "stabilisation = \"1h\"\ncooldown = \"1d\"\n";
    let (ocr, _) = read(&format!("[site.guards.scale_in]\n{longest}{}", rates(10)), "");
    assert_eq!(ocr.scale_in.rates.len(), 10);
    assert_eq!(ocr.scale_in.stabilisation, LONGEST_WINDOW);
    assert_eq!(ocr.scale_in.cooldown, LONGEST_COOLDOWN);
    let text = with(&format!("[site.guards.scale_in]\n{}", rates(11)), "");
    check_short(
        &text,
        expect![[r#"
        9:9 site.guards.scale_in.rates: 11 limits are too many | write 10 or fewer
    "#]],
    );
}
