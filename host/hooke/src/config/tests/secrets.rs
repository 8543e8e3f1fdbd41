//! Secrets come from the environment or a file. Whoever writes one into the
//! site file does not find it on the terminal or in the log.

use std::path::Path;

use annotate_snippets::Renderer;
use expect_test::expect;

use super::{check, instead_of, read_text, slip};

#[test]
fn in_the_file() {
    check(
        &instead_of("{ file = \"rabbit.auth\" }", "\"guest:hunter2\""),
        expect![[r#"
        error: site.source.credentials: a secret does not belong into this file
          --> site.toml:16:15
           |
        16 | credentials = ***************
           |               ^^^^^^^^^^^^^^^
           |
        help: write credentials = { env = "RABBIT_AUTH" } or { file = "rabbit.auth" }, which holds user:password

        hooke: site.toml has 1 problem; nothing was started
    "#]],
    );
    check(
        &instead_of("http://rabbit:15672", "http://guest:hunter2@rabbit:15672"),
        expect![[r#"
        error: site.source.url: holds a user or password; move them to the source's credentials
          --> site.toml:15:7
           |
        15 | url = "http://*************@rabbit:15672"
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
        help: write url = "http://HOST:15672" and credentials = { env = "VARIABLE" } beside it

        hooke: site.toml has 1 problem; nothing was started
    "#]],
    );
}

#[test]
fn never_shown() {
    let credentials = "credentials = { file = \"rabbit.auth\" }";
    for wrong in [
        "credentials = \"hunter2\"",
        "credentials = [\"guest\", \"hunter2\"]",
        "credentials = { user = \"guest\", password = \"hunter2\" }",
        "credentials = { file = \"rabbit.auth\", extra = \"hunter2\" }",
        "credentials = { file = 3, pass = \"hunter2\" }",
        "credentials.password = \"hunter2\"",
        "password = \"hunter2\"",
        "auth_token = '''\nhunter2'''",
        "url2 = \"https://guest:hunter2@rabbit/\"",
        "url2 = \"https://guest:hunter2@rabbit/ and no end",
    ] {
        let read = read_text(&instead_of(credentials, wrong));
        assert!(!read.problems.is_empty(), "{wrong}");
        let shown = read.problems.render(&Renderer::plain());
        let data = serde_json::to_string(&read.problems.views()).unwrap();
        let debug = format!("{:?} {:?}", read.problems, read.config);
        for place in [shown, data, debug] {
            assert!(!place.contains("hunter2"), "{wrong}: {place}");
        }
    }
}

#[test]
fn references() {
    let right = "{ file = \"rabbit.auth\" }";
    slip(
        right,
        "{ env = \"HOOKE_TEST_VARIABLE_THAT_NOBODY_SETS\" }",
        expect![[r#"
        16:23 site.source.credentials: the environment variable HOOKE_TEST_VARIABLE_THAT_NOBODY_SETS is not set | set HOOKE_TEST_VARIABLE_THAT_NOBODY_SETS to user:password before hooke starts
    "#]],
    );
    slip(
        right,
        "{ file = \"not-there.auth\" }",
        expect![[r#"
        16:24 site.source.credentials: cannot read BASE/not-there.auth: No such file or directory (os error 2) | write one line into it, user:password
    "#]],
    );
    slip(
        right,
        "{ file = \"good.toml\" }",
        expect![[r#"
        16:24 site.source.credentials: BASE/good.toml does not hold user:password | write one line into it, user:password
    "#]],
    );
    slip(
        right,
        "{ file = \"rabbit.auth\", env = \"X\" }",
        expect![[r#"
        16:24 site.source.credentials: both `env` and `file` are given | keep one of them
    "#]],
    );
    slip(
        right,
        "{}",
        expect![[r#"
        16:15 site.source.credentials: it names no place to read from | write credentials = { env = "RABBIT_AUTH" } or { file = "rabbit.auth" }, which holds user:password
    "#]],
    );
    slip(
        right,
        "{ env = 3 }",
        expect![[r#"
        16:23 site.source.credentials.env: a string is expected, not a whole number | write for example "text"
    "#]],
    );
    slip(
        right,
        "{ user = \"guest\", password = \"guest\" }",
        expect![[r#"
        16:15 site.source.credentials: only `env` or `file` can stand here, and no secret | write credentials = { env = "RABBIT_AUTH" } or { file = "rabbit.auth" }, which holds user:password
    "#]],
    );
    slip(
        "credentials = { file = \"rabbit.auth\" }",
        "",
        expect![[r#"
        12:1 site.source: `credentials` is missing | write credentials = { env = "RABBIT_AUTH" } or { file = "rabbit.auth" }, which holds user:password
    "#]],
    );
}

#[test]
fn debug_shows_no_password() {
    let read = super::parse(Path::new("site.toml"), Path::new(super::BASE), super::GOOD);
    let shown = format!("{:?}", read.finish().unwrap());
    assert!(shown.contains("\"guest\"") && shown.contains("(hidden)"), "{shown}");
    assert_eq!(shown.matches("guest").count(), 1, "the user only: {shown}");
}
