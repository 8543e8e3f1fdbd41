//! One slip each: one problem, at its line, with what to write instead.

use expect_test::expect;

use super::{GOOD, check_short, slip};

#[test]
fn good() {
    check_short(GOOD, expect![[""]]);
    check_short(&GOOD.replace('\n', "\r\n"), expect![[""]]);
    check_short(&format!("\u{feff}{GOOD}"), expect![[""]]);
}

#[test]
fn unknown_keys() {
    slip(
        "every =",
        "evry =",
        expect![[r#"
        5:1 site: unknown key `evry` | did you mean `every`?
    "#]],
    );
    slip(
        "[store]",
        "[stroe]",
        expect![[r#"
        1:2 the file: unknown key `stroe` | did you mean `store`?
    "#]],
    );
    slip(
        "vms = 5",
        "machines = 5",
        expect![[r#"
        7:12 site.limits: unknown key `machines` | remove it; the keys known here are cost_per_hour, memory_mib, vcpus, vms
    "#]],
    );
    slip(
        "driver = \"process\"",
        "driver = \"process\"\nspeed = 2",
        expect![[r#"
        12:1 site.cloud: unknown key `speed` | remove it; the keys known here are driver, state
    "#]],
    );
    slip(
        "path = \"good.db\"",
        "päth = \"good.db\"",
        expect![[r#"
        2:2 not TOML: invalid unquoted key, expected letters, numbers, `-`, `_` | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
}

#[test]
fn bounds() {
    slip(
        "min = 1, max = 4",
        "min = 5, max = 4",
        expect![[r#"
        25:19 site.profile.workers: min 5 is above max 4 | write min = 4 or less, or max = 5 or more
    "#]],
    );
    slip(
        "{ min = 1, max = 4 }",
        "{ min = 1 }",
        expect![[r#"
        25:11 site.profile.workers: `max` is missing | write max = 10
    "#]],
    );
    slip(
        "{ min = 1, max = 4 }",
        "4",
        expect![[r#"
        25:11 site.profile.workers: a table is expected, not a whole number | write it as a section, [site.profile.workers]
    "#]],
    );
    slip(
        "min = 1, max = 4",
        "min = -1, max = 4",
        expect![[r#"
        25:19 site.profile.workers.min: -1 is negative | write 0 or more
    "#]],
    );
    slip(
        "min = 1, max = 4",
        "min = 1, max = 4294967296",
        expect![[r#"
        25:28 site.profile.workers.max: 4294967296 is too large | write at most 4294967295
    "#]],
    );
    slip(
        "min = 1, max = 4",
        "min = 1, max = 4.0",
        expect![[r#"
        25:28 site.profile.workers.max: a whole number is expected, not a number with a fraction | write for example 10
    "#]],
    );
    slip(
        "min = 1, max = 4",
        "min = 1, max = 99999999999999999999999999999999999999999",
        expect![[r#"
        25:28 site.profile.workers.max: 99999999999999999999999999999999999999999 is too large | write a smaller number
    "#]],
    );
    slip(
        "workers = { min = 1, max = 4 }",
        "workers.min = 5\nworkers.max = 4",
        expect![[r#"
        25:15 site.profile.workers: min 5 is above max 4 | write min = 4 or less, or max = 5 or more
    "#]],
    );
}

#[test]
fn images_and_profiles() {
    slip(
        "hosts = { ocr = 1, faces = 1 }",
        "",
        expect![[r#"
        17:1 site.image: the image hosts no profile | write hosts = { PROFILE = 1 }: which profiles run on it, and how many workers of each start at boot
        21:1 no image hosts profile `ocr` | write hosts = { ocr = 1 } in an image, such as `small`
        27:1 no image hosts profile `faces` | write hosts = { faces = 1 } in an image, such as `small`
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{}",
        expect![[r#"
        20:9 site.image: the image hosts no profile | write hosts = { PROFILE = 1 }: which profiles run on it, and how many workers of each start at boot
        21:1 no image hosts profile `ocr` | write hosts = { ocr = 1 } in an image, such as `small`
        27:1 no image hosts profile `faces` | write hosts = { faces = 1 } in an image, such as `small`
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{ ocr = 1 }",
        expect![[r#"
        27:1 no image hosts profile `faces` | write hosts = { faces = 1 } in an image, such as `small`
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "[\"ocr\", \"faces\"]",
        expect![[r#"
        20:9 site.image.hosts: a table is expected, not a list | write it as a section, [site.image.hosts]
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{ ocr = 0, faces = 1 }",
        expect![[r#"
        20:17 site.image.hosts.ocr: a machine that starts no worker of a profile cannot host it | write at least 1, or remove it
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{ ocr = 1, faces = 1, orc = 1 }",
        expect![[r#"
        20:31 site.image.hosts: no profile is named `orc` | did you mean `ocr`?
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{ ocr = 9, faces = 1 }",
        expect![[r#"
        21:1 profile `ocr` may have 4 workers, and every machine that hosts it starts 9 or more | raise workers.max to 9, or lower hosts.ocr of an image
    "#]],
    );
    slip(
        "{ ocr = 1, faces = 1 }",
        "{ ocr = 1, faces = 300 }",
        expect![[r#"
        20:9 a machine of this image starts 301 workers, and the process driver allows 256 | lower the numbers in hosts
        27:1 profile `faces` may have 3 workers, and every machine that hosts it starts 300 or more | raise workers.max to 300, or lower hosts.faces of an image
    "#]],
    );
    slip(
        "vcpus = 2",
        "vcpus = 0",
        expect![[r#"
        19:9 site.image.vcpus: a machine has at least one virtual CPU | write vcpus = 1
    "#]],
    );
    slip("vcpus = 2", "vcpus = 0x2", expect![[""]]);
}

#[test]
fn names() {
    slip(
        "name = \"ocr\"",
        "name = \"o/cr\"",
        expect![[r#"
        22:8 site.profile.name: "o/cr" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
    "#]],
    );
    slip(
        "name = \"ocr\"",
        "name = \"\"",
        expect![[r#"
        22:8 site.profile.name: "" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
    "#]],
    );
    slip(
        "name = \"ocr\"",
        "name = \"òcr\"",
        expect![[r#"
        22:8 site.profile.name: "òcr" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
    "#]],
    );
    slip(
        "name = \"ocr\"",
        "name = 3",
        expect![[r#"
        22:8 site.profile.name: a string is expected, not a whole number | write for example "a-name"
    "#]],
    );
    slip(
        "name = \"ocr\"",
        "name = \"faces\"",
        expect![[r#"
        20:11 site.image.hosts: no profile is named `ocr` | write faces
        28:8 there are two profiles named `faces`, the first in line 22 | give one of them another name
    "#]],
    );
    slip(
        "name = \"small\"",
        "name = \"../small\"",
        expect![[r#"
        18:8 site.image.name: "../small" cannot be a name | use 1 to 63 letters (a to z), digits, `-`, `_` or `.`, not beginning with a dot
    "#]],
    );
    slip(
        "name = \"east\"",
        "",
        expect![[r#"
        3:1 site: `name` is missing | write name = "a-name"
    "#]],
    );
}

#[test]
fn several_of_one_name() {
    let (_, site) = GOOD.split_once("[[site]]").unwrap();
    check_short(
        &format!("{GOOD}[[site]]{site}"),
        expect![[r#"
        36:8 there are two sites named `east`, the first in line 4 | give one of them another name
    "#]],
    );
    let image = "[[site.image]]\nname = \"small\"\nhosts = { ocr = 1 }\n";
    check_short(
        &GOOD.replace(
            "[[site.profile]]\nname = \"ocr\"",
            &format!("{image}[[site.profile]]\nname = \"ocr\""),
        ),
        expect![[r#"
        22:8 there are two images named `small`, the first in line 18 | give one of them another name
    "#]],
    );
    let source = "[[site.source]]\nname = \"broker\"\nkind = \"rabbitmq\"\nurl = \"http://b\"\ncredentials.file = \"rabbit.auth\"\n";
    check_short(
        &GOOD.replace("[[site.image]]", &format!("{source}[[site.image]]")),
        expect![[r#"
        18:8 there are two sources named `broker`, the first in line 13 | give one of them another name
    "#]],
    );
}

#[test]
fn two_sites_may_share_one_state_directory() {
    let (_, site) = GOOD.split_once("[[site]]").unwrap();
    let site = site.replace("name = \"east\"", "name = \"west\"");
    check_short(&format!("{GOOD}[[site]]{site}"), expect![[""]]);
}
