//! Policy files that a person names on the command line: what is none is
//! refused at once, and a file is held against the limits of its own name.

use std::fs;

use anyhow::Result;
use hooke_tests::home::Home;
use hooke_tests::program::{Answer, Program};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::wishes::wants;

/// A pipe into which nobody writes, and a device without an end.
const NO_FILES: [&str; 2] = ["pipe.wasm", "/dev/zero"];

/// Every command that takes a policy file.
const COMMANDS: [&[&str]; 6] = [
    &["policy", "inspect", "FILE"],
    &["policy", "check", "FILE"],
    &["policy", "bench", "FILE"],
    &["policy", "test", "tables", "--policy", "FILE"],
    &["policy", "install", "FILE", "--directory", "policies", "--name", "mine"],
    &["replay", "recording.jsonl", "--against", "FILE"],
];

fn said(answer: &Answer) -> String {
    format!("{}{}", answer.text, answer.complaint)
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused_at_once() -> Result<()> {
    let (home, program) = (Home::new()?, Program::find());
    mknodat(CWD, home.join("pipe.wasm"), FileType::Fifo, Mode::RWXU, 0)?;
    for folder in ["policies", "tables"] {
        fs::create_dir(home.join(folder))?;
    }
    fs::write(home.join("recording.jsonl"), "")?;
    for command in COMMANDS {
        for file in NO_FILES {
            let args: Vec<&str> =
                command.iter().map(|arg| if *arg == "FILE" { file } else { arg }).collect();
            let answer = program.ask(&home, &args).await?;
            let said = said(&answer);
            assert_ne!(answer.code, 0, "{args:?}: {said}");
            let why = format!("{file} is no regular file. Name the .wasm file itself");
            assert!(said.contains(&why), "{args:?}: {said}");
        }
    }
    assert_eq!(fs::read_dir(home.join("policies"))?.count(), 0, "nothing was installed");
    Ok(())
}

/// Under its own name the file may use less than a policy needs, and under the
/// other one more.
#[tokio::test]
async fn a_file_is_installed_within_the_limits_of_the_name_it_gets() -> Result<()> {
    let (home, program) = (Home::new()?, Program::find());
    fs::create_dir(home.join("policies"))?;
    fs::write(home.join("given.wasm"), wants(1, "one more"))?;
    let site = r#"
        [policies]
        directory = "policies"
        [policy.named.limits]
        memories = 0
        [[site]]
        name = "east"
        policy = "named"
        [site.cloud]
        driver = "sim"
        [[site.source]]
        kind = "sim"
        [[site.source.queue]]
        name = "ocr"
        [[site.image]]
        name = "small"
        hosts = { ocr = 1 }
        [[site.profile]]
        name = "ocr"
        queue = "ocr"
        workers = { max = 3 }
    "#;
    let install = ["policy", "install", "given.wasm", "--config", "hooke.toml"];
    fs::write(home.join("hooke.toml"), site)?;
    let answer = program.ask(&home, &[&install[..], &["--name", "named"]].concat()).await?;
    let told = said(&answer);
    assert_ne!(answer.code, 0, "{told}");
    let key = "the key is policy.named.limits.memories";
    assert!(told.contains("over the limit memories") && told.contains(key), "{told}");
    fs::write(home.join("hooke.toml"), site.replace("named", "given"))?;
    let answer = program.ask(&home, &[&install[..], &["--name", "named"]].concat()).await?;
    assert_eq!(answer.code, 0, "{}", said(&answer));
    assert!(home.join("policies/named.wasm").is_file());
    Ok(())
}
