//! What is not TOML, or TOML of another shape.

use std::fs;

use expect_test::{Expect, expect};

use super::{GOOD, check, check_short, slip};
use crate::config;

#[test]
fn not_toml() {
    check(
        "[[site]\nname = = 3\n[broken\nx = \"open\n",
        expect![[r#"
        error: not TOML: unclosed array table, expected `]`
         --> site.toml:1:8
          |
        1 | [[site]
          |        ^
          |
        help: mend the syntax here; the rest of the file is checked after that

        error: not TOML: extra `=`, expected nothing
         --> site.toml:2:8
          |
        2 | name = = 3
          |        ^
          |
        help: mend the syntax here; the rest of the file is checked after that

        error: not TOML: unclosed table, expected `]`
         --> site.toml:3:8
          |
        3 | [broken
          |        ^
          |
        help: mend the syntax here; the rest of the file is checked after that

        hooke: site.toml has 3 problems; nothing was started
    "#]],
    );
    // What follows from a fault of the syntax is not told.
    slip(
        "name = \"east\"",
        "name = east side",
        expect![[r#"
        4:8 not TOML: string values must be quoted, expected literal string | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
    slip(
        "[site.cloud]",
        "[site.cloud",
        expect![[r#"
        10:12 not TOML: unclosed table, expected `]` | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
}

#[test]
fn nothing_there() {
    check(
        "",
        expect![[r#"
        error: the file has no site
         --> site.toml:1:1
          |
        1 |
          | ^
          |
        help: write at least one [[site]]

        hooke: site.toml has 1 problem; nothing was started
    "#]],
    );
    check_short(
        "# only a comment\n\n[store]\n",
        expect![[r#"
        1:1 the file has no site | write at least one [[site]]
    "#]],
    );
    check_short(
        "site = []",
        expect![[r#"
        1:8 the file has no site | write at least one [[site]]
    "#]],
    );
    check_short(
        "site = [{}]",
        expect![[r#"
        1:9 site: `name` is missing | write name = "a-name"
        1:9 site has no image to launch machines from | write at least one [[site.image]]
        1:9 site has no source to read backlogs from | write at least one [[site.source]]
        1:9 site has no profile, so there is nothing to scale | write at least one [[site.profile]]
        1:9 site: it has no cloud to run machines on | write [site.cloud] with driver = "process"
    "#]],
    );
}

#[test]
fn keys_twice() {
    slip(
        "every = \"30s\"",
        "every = \"30s\"\nevery = \"-1s\"",
        expect![[r#"
        6:1 this key is in its table already | write it once
    "#]],
    );
    slip(
        "vms = 5",
        "vms = 5, vms = 6",
        expect![[r#"
        7:21 this key is in its table already | write it once
    "#]],
    );
    check_short(
        &format!("{GOOD}[store]\n"),
        expect![[r#"
        35:2 this section is there already | write it once; one that may be there several times has two brackets, such as [[site]], and stands before all that belongs to it
    "#]],
    );
}

#[test]
fn single_brackets() {
    slip(
        "[[site]]",
        "[site]",
        expect![[r#"
        3:1 site: a list of tables is expected | write [[site]], with two brackets, before all that belongs to it
    "#]],
    );
    slip(
        "[[site.image]]",
        "[site.image]",
        expect![[r#"
        17:1 site.image: a list of tables is expected | write [[site.image]], with two brackets, before all that belongs to it
    "#]],
    );
    slip(
        "[[site.source]]",
        "[site.source]",
        expect![[r#"
        12:1 site.source: a list of tables is expected | write [[site.source]], with two brackets, before all that belongs to it
    "#]],
    );
    check_short(
        &format!("[[site.image]]\nname = \"x\"\n{GOOD}"),
        expect![[r#"
        5:3 this section is there already | write it once; one that may be there several times has two brackets, such as [[site]], and stands before all that belongs to it
    "#]],
    );
}

#[test]
fn other_shapes() {
    check_short(
        "site = 3\nstore = []\nhttp = \"x\"\npolicies = false\n",
        expect![[r#"
        1:8 site: a list of tables is expected | write [[site]], with two brackets, before all that belongs to it
        2:9 store: a table is expected, not a list | write it as a section, [store]
        3:8 http: a table is expected, not a string | write it as a section, [http]
        4:12 policies: a table is expected, not true or false | write it as a section, [policies]
    "#]],
    );
    check_short(
        "site = [1, \"x\"]\n",
        expect![[r#"
        1:9 site: a list of tables is expected | write [[site]], with two brackets, before all that belongs to it
        1:12 site: a list of tables is expected | write [[site]], with two brackets, before all that belongs to it
    "#]],
    );
    check_short(
        "[[store]]\npath = \"x\"\n[[site]]\n",
        expect![[r#"
        1:1 store: a table is expected, not a list | write it as a section, [store]
        3:1 site: `name` is missing | write name = "a-name"
        3:1 site has no image to launch machines from | write at least one [[site.image]]
        3:1 site has no source to read backlogs from | write at least one [[site.source]]
        3:1 site has no profile, so there is nothing to scale | write at least one [[site.profile]]
        3:1 site: it has no cloud to run machines on | write [site.cloud] with driver = "process"
    "#]],
    );
    // The same site, written otherwise.
    slip(
        "[site.cloud]\ndriver = \"process\"",
        "[site]\ncloud.driver = \"process\"",
        expect![[r#"
        10:2 this section is there already | write it once; one that may be there several times has two brackets, such as [[site]], and stands before all that belongs to it
    "#]],
    );
    slip(
        "limits = { vms = 5, cost_per_hour = 1.5 }",
        "limits.vms = 5\nlimits.cost_per_hour = 2\ncloud.driver = \"process\"\n",
        expect![[r#"
        13:7 this section is there already | write it once; one that may be there several times has two brackets, such as [[site]], and stands before all that belongs to it
        14:1 this key is in its table already | write it once
    "#]],
    );
}

#[test]
fn odd_letters() {
    check(
        "\"\\u001b[31m\" = 1\n'' = 2\n\"é\" = 3\n",
        expect![[r#"
            error: the file has no site
             --> site.toml:1:1
              |
            1 | "\u001b[31m" = 1
              | ^
              |
            help: write at least one [[site]]

            error: the file: unknown key `\u{1b}[31m`
             --> site.toml:1:1
              |
            1 | "\u001b[31m" = 1
              | ^^^^^^^^^^^^
              |
            help: remove it; the keys known here are history, http, policies, policy, record, site, store

            error: the file: unknown key ``
             --> site.toml:2:1
              |
            2 | '' = 2
              | ^^
              |
            help: remove it; the keys known here are history, http, policies, policy, record, site, store

            error: the file: unknown key `é`
             --> site.toml:3:1
              |
            3 | "é" = 3
              | ^^^
              |
            help: remove it; the keys known here are history, http, policies, policy, record, site, store

            hooke: site.toml has 4 problems; nothing was started
        "#]],
    );
}

#[test]
fn very_deep() {
    check_short(
        &format!("a = {}", "[".repeat(5_000)),
        expect![[r#"
        1:85 not TOML: cannot recurse further; max recursion depth met | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
    check_short(
        &format!("{}a = 1", "a.".repeat(5_000)),
        expect![[r#"
        1:1 not TOML: recursion limit | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
    check_short(
        &format!("[{}a]", "a.".repeat(5_000)),
        expect![[r#"
        1:1 not TOML: recursion limit | mend the syntax here; the rest of the file is checked after that
    "#]],
    );
}

/// Whatever is cut off or left out: problems, and no panic.
#[test]
fn any_part_missing() {
    for text in [GOOD, include_str!("sim.toml")] {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            super::read_text(&text[..end]).problems.render(&annotate_snippets::Renderer::plain());
        }
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let rest: Vec<&str> = lines
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != left_out)
                .map(|(_, line)| *line)
                .collect();
            super::read_text(&rest.join("\n"))
                .problems
                .render(&annotate_snippets::Renderer::plain());
        }
    }
}

fn check_file(bytes: &[u8], expect: Expect) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("site.toml");
    fs::write(&file, bytes).unwrap();
    let shown = match config::read(&file) {
        Ok(read) => read.problems.render(&annotate_snippets::Renderer::plain()),
        Err(error) => crate::shelf::chain(&error),
    };
    expect.assert_eq(&shown.replace(directory.path().to_str().unwrap(), "DIRECTORY"));
}

#[test]
fn not_text() {
    check_file(
        b"[store]\npath = \"\xff\"\n",
        expect![[r#"
        error: the file is not UTF-8
         --> DIRECTORY/site.toml:2:9
          |
        2 | path = "�"
          |         ^
          |
        help: save it as UTF-8"#]],
    );
    check_file(
        b"[store]\npath = \"\0\"\n",
        expect![[r#"
        error: not TOML: invalid basic string, expected non-double-quote visible characters, `\`
         --> DIRECTORY/site.toml:2:9
          |
        2 | path = "␀"
          |         ^
          |
        help: mend the syntax here; the rest of the file is checked after that"#]],
    );
}

#[test]
fn not_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let shown = crate::shelf::chain(&config::read(directory.path()).err().unwrap());
    expect!["cannot read the site file DIRECTORY (--config FILE names another): Is a directory (os error 21)"].assert_eq(&shown.replace(directory.path().to_str().unwrap(), "DIRECTORY"));
}
