//! All at once, as an operator sees it.

use expect_test::expect;

use super::{GOOD, check, check_short};

/// Every kind of problem that a site file can have, in one file and one run.
#[test]
fn everything_at_once() {
    check(
        include_str!("everything.toml"),
        expect![[r#"
        error: site: unknown key `evry`
         --> site.toml:3:1
          |
        3 | evry = "30s"                      # an unknown key
          | ^^^^
          |
        help: did you mean `every`?

        error: site.drain_deadline: "-1h" is negative
         --> site.toml:4:18
          |
        4 | drain_deadline = "-1h"            # a negative duration
          |                  ^^^^^
          |
        help: write a duration above zero, such as "500ms", "90s" or "1h 30m"

        error: policy `threshold` refuses its setting `threshold`
         --> site.toml:8:1
          |
        8 | threshold = "a hundred"           # a setting that the policy refuses
          | ^^^^^^^^^^^^^^^^^^^^^^^
          |
        help: found "a hundred": write a whole number, 0 or more

        error: site.image: the image hosts no profile
          --> site.toml:18:1
           |
        18 | [[site.image]]
           | ^^^^^^^^^^^^^^
           |
        help: write hosts = { PROFILE = 1 }: which profiles run on it, and how many workers of each start at boot

        error: site.profile.workers: min 9 is above max 3
          --> site.toml:28:19
           |
        28 | workers = { min = 9, max = 3 }    # min above max
           |                   ^
           |
        help: write min = 3 or less, or max = 9 or more

        error: no image hosts profile `faces`
          --> site.toml:31:1
           |
        31 | [[site.profile]]
           | ^^^^^^^^^^^^^^^^
           |
        help: write hosts = { faces = 1 } in an image, such as `small`

        error: there is no policy `thresold`
          --> site.toml:36:11
           |
        36 | policy = ["thresold", "min-instance"] # a policy that does not exist
           |           ^^^^^^^^^^
           |
        help: did you mean `threshold`? (or put thresold.wasm into the directory of [policies])

        error: policy `min-instance` refuses its setting `at_least`
          --> site.toml:40:1
           |
        40 | at_least = true                   # a setting that the policy does not know
           | ^^^^^^^^^^^^^^^
           |
        help: unknown setting: write one of minimum, at_least_one_per_queue

        hooke: site.toml has 8 problems; nothing was started
    "#]],
    );
}

/// What cannot be read hides nothing: a site without a name or a cloud, a
/// profile without bounds, still have their policies and settings checked.
#[test]
fn one_mistake_hides_no_other() {
    let text = GOOD
        .replace("name = \"east\"", "name = 3\nmissing_aftr = \"1m\"")
        .replace("driver = \"process\"", "driver = \"openstack\"")
        .replace("kind = \"rabbitmq\"", "kind = \"celery\"")
        .replace("name = \"ocr\"", "name = \"o cr\"")
        .replace("workers = { max = 3 }", "workers = 3")
        .replace("add = \"ratio\"", "add = 7")
        .replace("threshold = 20", "threshold = -20");
    check_short(
        &text,
        expect![[r#"
        4:8 site.name: a string is expected, not a whole number | write for example "a-name"
        5:1 site: unknown key `missing_aftr` | did you mean `missing_after`?
        10:1 policy `threshold` refuses its setting `threshold` | found -20: write a whole number, 0 or more
        12:10 site.cloud.driver: there is no driver "openstack" | write one of process, sim
        15:8 site.source.kind: there is no kind "celery" | write one of rabbitmq, sim
        23:8 site.profile.name: "o cr" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
        31:11 site.profile.workers: a table is expected, not a whole number | write it as a section, [site.profile.workers]
        35:1 policy `threshold` refuses its setting `add` | found 7: write one of "one", "ratio"
    "#]],
    );
    let text = format!("[policies]\ndirectory = \"not-there\"\n{text}");
    check_short(
        &text.replace("min-instance", "dropped-in"),
        expect![[r#"
            2:13 cannot read the policies directory BASE/not-there: No such file or directory (os error 2) | create it, or remove the key to use the bundled policies only
            6:8 site.name: a string is expected, not a whole number | write for example "a-name"
            7:1 site: unknown key `missing_aftr` | did you mean `missing_after`?
            12:1 policy `threshold` refuses its setting `threshold` | found -20: write a whole number, 0 or more
            14:10 site.cloud.driver: there is no driver "openstack" | write one of process, sim
            17:8 site.source.kind: there is no kind "celery" | write one of rabbitmq, sim
            25:8 site.profile.name: "o cr" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
            33:11 site.profile.workers: a table is expected, not a whole number | write it as a section, [site.profile.workers]
            37:1 policy `threshold` refuses its setting `add` | found 7: write one of "one", "ratio"
        "#]],
    );
}
