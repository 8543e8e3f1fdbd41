//! The program itself, given wrong site files: what it says, with which exit
//! code, and that it started nothing.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use tempfile::TempDir;

/// A site file with every kind of problem, which the unit tests have too.
const EVERYTHING: &str = include_str!("../src/config/tests/everything.toml");

/// A site in which nothing is wrong.
const GOOD: &str = include_str!("../src/config/tests/good.toml");

/// The documented example.
const EXAMPLE: &str = include_str!("../site.example.toml");

/// A directory with a site file and the broker's credentials, and nothing else.
fn directory(site: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("site.toml"), site).unwrap();
    fs::write(directory.path().join("rabbit.auth"), "guest:guest\n").unwrap();
    directory
}

fn hooke(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hooke"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("HOOKE_CONFIG")
        .env_remove("HOOKE_LOG")
        .env("RABBIT_AUTH", "guest:guest")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Everything that is in a directory. Both the store and every machine's record
/// are written before anything is started.
fn contents(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the program in a directory with one site file; exit code, both streams.
fn check(site: &str, arguments: &[&str], expect: Expect) {
    let directory = directory(site);
    let before = contents(directory.path());
    let output = hooke(directory.path(), arguments);
    assert_eq!(contents(directory.path()), before, "something was started");
    let (code, out, err) =
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr));
    expect.assert_eq(&format!("exit code {code}\n--- stdout\n{out}--- stderr\n{err}"));
}

/// Every problem in one run, each with file, line and what to write instead.
#[test]
fn run_tells_everything() {
    let directory = directory(EVERYTHING);
    let output = hooke(directory.path(), &["run", "--config", "site.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let err = text(&output.stderr);
    let told = |line: &&str| ["error:", "help:", " "].iter().any(|start| line.starts_with(start));
    let problems: Vec<&str> = err
        .lines()
        .filter(told)
        .map(str::trim)
        .filter(|line| !line.starts_with(['|', '^']))
        .collect();
    expect![[r#"
        error: site: unknown key `evry`
        --> site.toml:3:1
        help: did you mean `every`?
        error: site.drain_deadline: "-1h" is negative
        --> site.toml:4:18
        help: write a duration above zero, such as "500ms", "90s" or "1h 30m"
        error: policy `threshold` refuses its setting `threshold`
        --> site.toml:8:1
        help: found "a hundred": write a whole number, 0 or more
        error: site.image: the image hosts no profile
        --> site.toml:18:1
        help: write hosts = { PROFILE = 1 }: which profiles run on it, and how many workers of each start at boot
        error: site.profile.workers: min 9 is above max 3
        --> site.toml:28:19
        help: write min = 3 or less, or max = 9 or more
        error: no image hosts profile `faces`
        --> site.toml:31:1
        help: write hosts = { faces = 1 } in an image, such as `small`
        error: there is no policy `thresold`
        --> site.toml:36:11
        help: did you mean `threshold`? (or put thresold.wasm into the directory of [policies])
        error: policy `min-instance` refuses its setting `at_least`
        --> site.toml:40:1
        help: unknown setting: write one of minimum, at_least_one_per_queue"#]].assert_eq(&problems.join("\n"));
    assert!(err.ends_with("\nhooke: site.toml has 8 problems; nothing was started\n"), "{err}");
    assert!(!err.contains('\u{1b}'), "colours are for terminals");
}

/// The page's address is taken, and still the file's problems are what is told:
/// nothing was bound, opened or started before the file was found right.
#[test]
fn nothing_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("[http]\nlisten = \"{}\"\n", taken.local_addr().unwrap());
    for command in ["run", "check", "plan"] {
        let directory = directory(&format!("{listen}{EVERYTHING}"));
        let before = contents(directory.path());
        let output = hooke(directory.path(), &[command, "-c", "site.toml"]);
        assert_eq!(output.status.code(), Some(2), "{command}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{command}");
        assert_eq!(contents(directory.path()), before, "{command}");
    }
    // The file mended, the address matters.
    let directory = directory(&format!("{listen}{GOOD}"));
    let output = hooke(directory.path(), &["run", "-c", "site.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot listen on 127.0.0.1:"),
        "{}",
        text(&output.stderr)
    );
    // What was compiled is kept: the file was right.
    assert_eq!(contents(directory.path()), ["policy-cache", "rabbit.auth", "site.toml"]);
}

#[test]
fn as_data() {
    let site =
        GOOD.replace("every = \"30s\"", "every = \"-30s\"\nevry = 1").replace("min = 1", "min = 9");
    check(
        &site,
        &["check", "--config", "site.toml", "--format", "json"],
        expect![[r#"
            exit code 2
            --- stdout
            {
              "error": "site.toml has 3 problems; nothing was started",
              "problems": [
                {
                  "column": 9,
                  "file": "site.toml",
                  "instead": "write a duration above zero, such as \"500ms\", \"90s\" or \"1h 30m\"",
                  "line": 5,
                  "problem": "site.every: \"-30s\" is negative"
                },
                {
                  "column": 1,
                  "file": "site.toml",
                  "instead": "remove it; the keys known here are cloud, combine, cpu_buffer_room, drain_deadline, every, grants, guards, image, limits, missing_after, name, policy, profile, record, registration_timeout, settings, source",
                  "line": 6,
                  "problem": "site: unknown key `evry`"
                },
                {
                  "column": 19,
                  "file": "site.toml",
                  "instead": "write min = 4 or less, or max = 9 or more",
                  "line": 26,
                  "problem": "site.profile.workers: min 9 is above max 4"
                }
              ]
            }
            --- stderr
        "#]],
    );
}

#[test]
fn as_text() {
    check(
        &GOOD.replace("every = \"30s\"", "every = \"-30s\""),
        &["check", "-c", "site.toml"],
        expect![[r#"
            exit code 2
            --- stdout
            --- stderr
            error: site.every: "-30s" is negative
             --> site.toml:5:9
              |
            5 | every = "-30s"
              |         ^^^^^^
              |
            help: write a duration above zero, such as "500ms", "90s" or "1h 30m"

            hooke: site.toml has 1 problem; nothing was started
        "#]],
    );
}

#[test]
fn no_such_file() {
    check(
        GOOD,
        &["check", "--config", "other.toml"],
        expect![[r#"
        exit code 2
        --- stdout
        --- stderr
        hooke: cannot read the site file other.toml (--config FILE names another): No such file or directory (os error 2)
    "#]],
    );
    check(
        GOOD,
        &["run", "--config", "other.toml"],
        expect![[r#"
        exit code 2
        --- stdout
        --- stderr
        hooke: cannot read the site file other.toml (--config FILE names another): No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn wrong_usage() {
    check(
        GOOD,
        &["check", "--confg", "site.toml"],
        expect![[r#"
        exit code 2
        --- stdout
        --- stderr
        error: unexpected argument '--confg' found

          tip: a similar argument exists: '--config'

        Usage: hooke check --config <FILE>

        For more information, try '--help'.
    "#]],
    );
}

/// Secrets do not come out, whichever way they were written into the file.
#[test]
fn secrets() {
    let site = GOOD.replace("{ file = \"rabbit.auth\" }", "\"guest:hunter2\"");
    check(
        &site,
        &["run", "-c", "site.toml"],
        expect![[r#"
        exit code 2
        --- stdout
        --- stderr
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
}

#[test]
fn right_files() {
    check(
        &GOOD.replace("\"worker\"", "\"/bin/sh\""),
        &["check", "--offline", "-c", "site.toml"],
        expect![[r#"
            exit code 0
            --- stdout
            ok      east  policy min-instance: Keeps a minimum of workers, whatever the queue says; if asked, at least one for each queue.
            ok      east  policy threshold: Asks for workers when the backlog is above a threshold or workers are below the minimum, and gives up idle ones and idle machines (Brown Dog).
            ok      east  profile ocr: combine = max of threshold, min-instance
            ok      east  command of faces: /bin/sh
            ok      east  command of ocr: /bin/sh
            ok      east  history: 34 series for 3h, at most some 39.8 KiB of memory
            site.toml: 1 site(s); all is well
            --- stderr
        "#]],
    );
    let example = directory(&EXAMPLE.replace("\"python3\"", "\"/bin/sh\""));
    fs::create_dir(example.path().join("policies")).unwrap();
    fs::write(example.path().join("rabbit-ca.pem"), AUTHORITY).unwrap();
    let output = hooke(example.path(), &["check", "--offline", "-c", "site.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).ends_with("site.toml: 2 site(s); all is well\n"),
        "{}",
        text(&output.stdout)
    );
}

/// A certificate of nobody; its key was thrown away.
const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUULvyL7V6msYQ6spQyhQyfCL+1fMwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMTE5NDAwMVoYDzIxMjYxMDI4MTk0
MDAxWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQzrUNCo9tG7jMBee4siBhVIf3rmgysDuSsS5uOdg5uAZMk72rdFwCMCkyH2wyQ
2mr3cdiC4pD/ww76Hs/SzV9ho1MwUTAdBgNVHQ4EFgQUe+vqBmqlV8gJMYrBD2pG
K5OdDy8wHwYDVR0jBBgwFoAUe+vqBmqlV8gJMYrBD2pGK5OdDy8wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAyjs+1lZDoGwxiYuvZl5S9qODBrL3
mff81cglRFlyYhECIE1YlQNJWeouUUWug8r4YM/JiPEWblUk+5vHvnVRJTEF
-----END CERTIFICATE-----
";

/// Its machines would run and serve nothing.
#[test]
fn a_worker_whose_program_is_not_there() {
    check(
        &GOOD.replace("\"worker\"", "\"/no/such/worker\""),
        &["check", "--offline", "-c", "site.toml"],
        expect![[r#"
            exit code 1
            --- stdout
            ok      east  policy min-instance: Keeps a minimum of workers, whatever the queue says; if asked, at least one for each queue.
            ok      east  policy threshold: Asks for workers when the backlog is above a threshold or workers are below the minimum, and gives up idle ones and idle machines (Brown Dog).
            ok      east  profile ocr: combine = max of threshold, min-instance
            FAILED  east  command of faces: there is no program "/no/such/worker"; write its whole path, or install it
            FAILED  east  command of ocr: there is no program "/no/such/worker"; write its whole path, or install it
            ok      east  history: 34 series for 3h, at most some 39.8 KiB of memory
            site.toml: 1 site(s); the site file is right, but not everything it names can be used
            --- stderr
        "#]],
    );
}

/// A policy that looks back further than is kept, or more closely than is read,
/// would hold for ever while machines idle: that is told before anything runs.
#[test]
fn a_site_that_reads_too_seldom_for_its_policy() {
    let seldom = SIMULATED.replace("every = \"10s\"", "every = \"5m\"");
    let seldom = format!("[history]\nkeep = \"2m\"\n{seldom}");
    check(
        &seldom,
        &["check", "--offline", "-c", "site.toml"],
        expect![[r#"
            exit code 1
            --- stdout
            ok      virtual  policy target-tracking: Asks for the workers that bring a metric to its target: out after a few periods above it, in after many below it (EC2 target tracking).
            ok      virtual  history: 12 series for 2m, at most some 1.4 KiB of memory
            FAILED  virtual  policy target-tracking of ocr: it asks 15m back and readings are kept for 2m, so the rest is a gap for ever: write keep = "15m" in [history]
            FAILED  virtual  policy target-tracking of ocr: it asks in periods of 1m and the site reads every 5m, so most of them are gaps for ever: write periods of 5m or more, or a shorter `every`
            FAILED  virtual  policy target-tracking of ocr: so it holds, for ever, where it would scale in or scale out
            site.toml: 1 site(s); the site file is right, but not everything it names can be used
            --- stderr
        "#]],
    );
    check(
        SIMULATED,
        &["check", "--offline", "-c", "site.toml"],
        expect![[r#"
        exit code 0
        --- stdout
        ok      virtual  policy target-tracking: Asks for the workers that bring a metric to its target: out after a few periods above it, in after many below it (EC2 target tracking).
        ok      virtual  history: 12 series for 3h, at most some 39.4 KiB of memory
        site.toml: 1 site(s); all is well
        --- stderr
    "#]],
    );
}

/// The same is told of the question in the decision itself.
#[test]
fn a_plan_tells_what_can_never_be_answered() {
    let little = format!("[history]\nkeep = \"2m\"\n{SIMULATED}");
    let directory = directory(&little);
    let output = hooke(directory.path(), &["plan", "-c", "site.toml"]);
    let told = text(&output.stdout);
    let notes: Vec<&str> = told.lines().filter(|line| line.contains("note: ")).collect();
    expect![[r#"                           note: it asks 15m back and readings are kept for 2m, so the rest is a gap for ever: write keep = "15m" in [history]"#]].assert_eq(&notes.join("\n"));
}

/// A simulated site whose policy looks back for a quarter of an hour.
const SIMULATED: &str = r#"
[[site]]
name = "virtual"
every = "10s"
policy = "target-tracking"
cloud = { driver = "sim" }
source = [{ kind = "sim", queue = [{ name = "ocr", service_time = "40s", per_hour = 90 }] }]
image = [{ name = "any", hosts = { ocr = 1 } }]
profile = [{ name = "ocr", queue = "ocr", workers = { min = 1, max = 9 } }]
"#;
