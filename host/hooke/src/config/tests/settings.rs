//! What a policy says of its settings stands at the key that it means.

use expect_test::expect;

use toml::de::DeTable;

use super::{check, instead_of, slip};
use crate::config::settings::SettingsPlace;

#[test]
fn at_the_key() {
    // In a profile.
    check(
        &instead_of("add = \"ratio\"", "add = \"double\"\nmessages_per_worker = 0"),
        expect![[r#"
        error: policy `threshold` refuses its setting `add`
          --> site.toml:34:1
           |
        34 | add = "double"
           | ^^^^^^^^^^^^^^
           |
        help: found "double": write one of "one", "ratio"

        error: policy `threshold` refuses its setting `messages_per_worker`
          --> site.toml:35:1
           |
        35 | messages_per_worker = 0
           | ^^^^^^^^^^^^^^^^^^^^^^^
           |
        help: found 0: write a whole number, 1 or more

        hooke: site.toml has 2 problems; nothing was started
    "#]],
    );
    // For the whole site, and once, however many profiles it is for.
    slip(
        "threshold = 20",
        "threshold = \"many\"\nqueue_idle = \"-5m\"",
        expect![[r#"
        9:1 policy `threshold` refuses its setting `threshold` | found "many": write a whole number, 0 or more
        10:1 policy `threshold` refuses its setting `queue_idle` | found "-5m": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
    "#]],
    );
    // Written within the profile.
    slip(
        "[site.profile.settings]\nadd = \"ratio\"",
        "settings.threshold.x = 1\nsettings.threshold.add = 3\n",
        expect![[r#"
        33:20 policy `threshold` refuses its setting `x` | unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
        34:20 policy `threshold` refuses its setting `add` | found 3: write one of "one", "ratio"
    "#]],
    );
    slip(
        "[site.profile.settings]\nadd = \"ratio\"",
        "settings = { add = 3,\n  thresholds = 3 }\n",
        expect![[r#"
        33:14 policy `threshold` refuses its setting `add` | found 3: write one of "one", "ratio"
        34:3 policy `threshold` refuses its setting `thresholds` | unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
    "#]],
    );
}

#[test]
fn unknown() {
    slip(
        "add = \"ratio\"",
        "ad = \"ratio\"",
        expect![[r#"
        34:1 policy `threshold` refuses its setting `ad` | unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
    "#]],
    );
    slip(
        "add = \"ratio\"",
        "[site.profile.settings.nested]\nadd = 1",
        expect![[r#"
        34:24 policy `threshold` refuses its setting `nested` | unknown setting: write one of threshold, minimum, add, messages_per_worker, queue_idle, vm_idle
    "#]],
    );
}

#[test]
fn the_profile_lies_over_the_site() {
    // The profile says it right, and the other profile still has the site's.
    slip(
        "threshold = 20",
        "threshold = -1",
        expect![[r#"
        9:1 policy `threshold` refuses its setting `threshold` | found -1: write a whole number, 0 or more
    "#]],
    );
    slip(
        "add = \"ratio\"",
        "threshold = -1",
        expect![[r#"
        34:1 policy `threshold` refuses its setting `threshold` | found -1: write a whole number, 0 or more
    "#]],
    );
}

#[test]
fn large_and_odd_numbers() {
    slip("threshold = 20", "threshold = 18446744073709551615", expect![[""]]);
    slip("threshold = 20", "threshold = 0x20", expect![[""]]);
    slip(
        "threshold = 20",
        "threshold = nan",
        expect![[r#"
        9:1 policy `threshold` refuses its setting `threshold` | found "nan": write a whole number, 0 or more
    "#]],
    );
    slip(
        "threshold = 20",
        "threshold = 2e1",
        expect![[r#"
        9:1 policy `threshold` refuses its setting `threshold` | found a number that is not whole: write a whole number, 0 or more
    "#]],
    );
    slip(
        "threshold = 20",
        "queue_idle = 07:32:00",
        expect![[r#"
        9:1 policy `threshold` refuses its setting `queue_idle` | found "07:32:00": write a duration such as "90s" or "1h 30m" (units ms, s, m, h, d, w)
    "#]],
    );
}

#[test]
fn no_table() {
    slip(
        "[site.profile.settings]\nadd = \"ratio\"",
        "settings = 3",
        expect![[r#"
        33:12 site.profile.settings: a table is expected, not a whole number | write it as a section, [site.profile.settings]
    "#]],
    );
    slip(
        "[site.settings.threshold]\nthreshold = 20",
        "settings = []",
        expect![[r#"
        8:12 site.settings: a table is expected, not a list | write it as a section, [site.settings]
    "#]],
    );
    slip(
        "[site.settings.threshold]\nthreshold = 20",
        "[site.settings]\nthreshold = 20",
        expect![[r#"
        9:13 site.settings.threshold: a table is expected, not a whole number | write the settings of policy `threshold` as a section, [site.settings.threshold]
    "#]],
    );
}

#[test]
fn for_nobody() {
    slip(
        "[site.settings.threshold]",
        "[site.settings.treshold]",
        expect![[r#"
        8:16 site.settings: `treshold` is no policy that a profile here asks | did you mean `threshold`?
    "#]],
    );
    slip(
        "[site.settings.threshold]",
        "[site.settings]",
        expect![[r#"
        9:13 site.settings.threshold: a table is expected, not a whole number | write the settings of policy `threshold` as a section, [site.settings.threshold]
    "#]],
    );
    // Several policies: each has its table.
    let own = "command = [\"worker\", \"--ocr\"]";
    slip(
        own,
        &format!("{own}\nsettings = {{ threshold = {{ add = \"one\" }}, min-instance = {{}} }}"),
        expect![[""]],
    );
    slip(
        own,
        &format!("{own}\nsettings = {{ add = \"one\", min_instance = {{}} }}"),
        expect![[r#"
            27:14 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.min-instance] or [site.profile.settings.threshold]
            27:27 site.profile.settings: `min_instance` is none of the profile's policies | did you mean `min-instance`?
        "#]],
    );
    // One policy, told in its table and beside it.
    slip(
        "add = \"ratio\"",
        "add = \"ratio\"\n[site.profile.settings.threshold]\nthreshold = 3",
        expect![[r#"
            34:1 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.threshold]
        "#]],
    );
}

/// The part of `text` where a complaint about `path` points to, when the table
/// `profile` lies over the table `site`.
fn points_to(path: &str, expect: &str) {
    let text = "policy = 'p'\n[site]\ntarget = { metric = 'm', value = 3 }\nlist = [\n1]\n[profile]\ntarget = { value = 4 }\n[profile.deep.er]\nx = 1\n";
    let table = DeTable::parse(text).unwrap();
    let mut place = SettingsPlace::none(table.get_ref()["policy"].span());
    if path == "nothing" {
        assert_eq!(&text[place.place(path)], expect);
        return;
    }
    for part in ["site", "profile"] {
        let part = &table.get_ref()[part];
        place.lay(part.span(), part.get_ref().as_table().unwrap());
    }
    assert_eq!(&text[place.place(path)], expect, "{path}");
}

#[test]
fn places() {
    points_to("target.value", "value = 4");
    points_to("list", "list = [\n1]");
    points_to("list.0", "1");
    points_to("list.0.x", "1");
    points_to("list.1", "list = [\n1]");
    points_to("deep.er.x", "x = 1");
    // What is missing is missing in the nearest table that is there. The site's
    // table has a metric, but the profile's took its place.
    points_to("target.metric", "target = { value = 4 }");
    points_to("deep.er.y", "er");
    points_to("absent", "[profile]");
    points_to("", "[profile]");
    points_to("nothing", "'p'");
}
