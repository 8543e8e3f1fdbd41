//! The program itself, asked wrongly: what it says, and that the exit code is 2.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use tempfile::TempDir;

/// A site in which nothing is wrong.
const GOOD: &str = include_str!("../src/config/tests/good.toml");

const TABLE: &str = "[[case]]\nname = \"quiet\"\nexpect = { delta = 0 }\n";

/// A folder with a site file, a table of cases and what looks like records.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("site.toml", GOOD);
    write("rabbit.auth", "guest:guest\n");
    write("table.toml", TABLE);
    fs::create_dir(folder.path().join("records")).unwrap();
    write("records/east.jsonl", "");
    folder
}

/// Exit code and both streams of a run in a folder.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hooke"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("HOOKE_CONFIG")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Every one of these is asked wrongly.
fn check(arguments: &[&str], expected: Expect) {
    let (code, out, err) = run(folder().path(), arguments);
    assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
    expected.assert_eq(&err);
}

#[test]
fn of_new_policies() {
    check(
        &["policy", "new", "--lang", "rust", "My_Policy"],
        expect![[r#"
        hooke: My_Policy cannot give a policy its name: the name "My_Policy" contains 'M'; write lower-case letters, digits and '-', such as "my-policy"
    "#]],
    );
    check(
        &["policy", "new", "--lang", "javascript", "mine"],
        expect![[r#"
        error: invalid value 'javascript' for '--lang <LANGUAGE>': "javascript" is no language of policies; write js

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn of_policies() {
    check(
        &["policy", "install", "threshold.wasm"],
        expect![[r#"
        hooke: no policies directory is known: name one with --directory DIR, or a site file that has [policies] directory with --config FILE
    "#]],
    );
    check(
        &["policy", "install", "x.wasm", "--directory", "nowhere"],
        expect![[r#"
        hooke: there is no directory nowhere: create it first
    "#]],
    );
    check(
        &["policy", "inspect", "thresold"],
        expect![[r#"
            hooke: there is no policy and no file "thresold"; the policies are cloudwatch, keda-queue, latency-goal, min-instance, nomad-threshold, rubber, schedule, target-tracking, threshold
        "#]],
    );
    check(
        &["policy", "bench", "threshold", "--case", "quiet"],
        expect![[r#"
        hooke: --case "quiet" names no case: write --case TABLE:NAME, such as tests/table.toml:"nothing to do"
    "#]],
    );
    check(
        &["policy", "bench", "threshold", "--case", "table.toml:loud"],
        expect![[r#"
        hooke: the table has no case "loud"; its cases are quiet
    "#]],
    );
}

#[test]
fn of_sites_and_times() {
    check(
        &["plan", "-c", "site.toml", "--site", "eest"],
        expect![[r#"
        hooke: site.toml has no site "eest": did you mean `east`?
    "#]],
    );
    check(
        &["why", "ocr", "-c", "site.toml", "--at", "nonsense"],
        expect![[r#"
        hooke: --at "nonsense" is no time: write 2026-01-31T12:00:00Z, or 10m for ten minutes ago
    "#]],
    );
    let folder = folder();
    let now = hooke_control::units::Timestamp::from_millis(1);
    drop(hooke_store::Store::open(&folder.path().join("good.db"), now).unwrap());
    let (code, out, err) = run(folder.path(), &["why", "ocr", "-c", "site.toml", "--site", "nope"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    expect![[r#"
        hooke: the store knows no site "nope": there is none to name
    "#]]
    .assert_eq(&err);
}

#[test]
fn of_recordings() {
    check(
        &["replay", "records"],
        expect![[r#"
        hooke: records is a folder: give a recording in it, such as records/east.jsonl
    "#]],
    );
    check(
        &["replay", "site.toml"],
        expect![[r#"
        hooke: site.toml is a TOML file, no recording: give records/SITE.jsonl, which a site with record = true writes
    "#]],
    );
    check(
        &["replay", "records/west.jsonl"],
        expect![[r#"
        hooke: there is no recording records/west.jsonl: set record = true at a site
    "#]],
    );
}
