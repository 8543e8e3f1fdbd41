//! The hooke program, as a process: the host, and the commands that ask it.
//! Knows it from outside only: arguments, exit codes, signals, pages, the log.

use std::env;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};
use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::home::Home;
use crate::poll::{self, WITHIN};
use crate::site_file::SiteFile;

/// Names another hooke program than the one beside the test, such as an
/// installed one.
const ELSEWHERE: &str = "HOOKE_TEST_PROGRAM";

/// Only a program with crash points knows this variable.
const CRASH_AT: &str = "HOOKE_CRASH_AT";

const BUILD: &str = "cargo build -p hooke --features crash-points";

/// A program built into the same directory as the one that asks.
pub fn beside(name: &str) -> PathBuf {
    let me = env::current_exe().expect("the system knows our path");
    // Tests are one directory further down than programs.
    let found =
        me.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no {name} beside {}: build it", me.display()))
}

/// The hooke program.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub text: String,
    /// What it complained about.
    pub complaint: String,
}

impl Answer {
    /// What it printed, as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.text)
            .with_context(|| format!("no JSON: {}\n{}", self.text, self.complaint))
    }
}

impl Program {
    /// Finds it.
    ///
    /// # Panics
    /// If it was not built.
    pub fn find() -> Self {
        if let Some(path) = env::var_os(ELSEWHERE) {
            return Self { path: path.into() };
        }
        let mut dirs = env::current_exe().expect("the system knows our path");
        dirs.pop();
        let found =
            dirs.ancestors().take(2).map(|dir| dir.join("hooke")).find(|path| path.is_file());
        Self { path: found.unwrap_or_else(|| panic!("the hooke program was not built: {BUILD}")) }
    }

    /// Finds one that can be told to die.
    ///
    /// # Panics
    /// If it was not built, or without that.
    pub fn with_crash_points() -> Self {
        let program = Self::find();
        let bytes = fs::read(&program.path).expect("the program was just there");
        let knows = bytes.windows(CRASH_AT.len()).any(|window| window == CRASH_AT.as_bytes());
        let path = program.path.display();
        assert!(knows, "{path} was built without the feature crash-points: {BUILD}");
        program
    }

    /// Runs a command of it to its end, in the home.
    pub async fn ask(&self, home: &Home, args: &[&str]) -> Result<Answer> {
        let (name, value) = home.tag();
        let asked = Command::new(&self.path)
            .args(args)
            .current_dir(home.path())
            .env(name, value)
            .env_remove(CRASH_AT)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(WITHIN, asked).await.with_context(|| format!("{args:?} hangs"))??;
        Ok(Answer {
            code: output.status.code().context("the command was killed")?,
            text: String::from_utf8(output.stdout)?,
            complaint: String::from_utf8(output.stderr)?,
        })
    }

    /// Starts the host on the home's site file. It dies at `crash_at`, such as
    /// `recorded:launch`, if that is given.
    pub fn run(&self, home: &Home, file: &SiteFile, crash_at: Option<&str>) -> Result<Host> {
        let log = home.join("host.log");
        let (name, value) = home.tag();
        let child = Command::new(&self.path)
            .args(["run", "--log", "info"])
            .current_dir(home.path())
            .env(name, value)
            .env(CRASH_AT, crash_at.unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::options().create(true).append(true).open(&log)?)
            .kill_on_drop(true)
            .spawn()
            .context("starting hooke run")?;
        Ok(Host { child, log, file: file.clone() })
    }
}

/// A running host. It is killed when it goes out of scope; its fleet is not.
#[derive(Debug)]
pub struct Host {
    child: Child,
    log: PathBuf,
    file: SiteFile,
}

impl Host {
    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().context("the host has ended")?;
        let pid = Pid::from_raw(id.try_into()?).context("a process id is not zero")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Its process.
    pub fn id(&self) -> Result<u32> {
        self.child.id().context("the host has ended")
    }

    fn lives(&self) -> bool {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        let stat = pid.and_then(|pid| Process::new(pid).ok()?.stat().ok());
        stat.is_some_and(|stat| stat.state != 'Z')
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = timeout(WITHIN, self.child.wait()).await;
        ended.with_context(|| format!("the host does not end: {}", self.log()))?.map_err(Into::into)
    }

    /// Waits until it has been killed, by itself or by somebody else.
    pub async fn died(&mut self) -> Result<()> {
        let status = self.ended().await?;
        let log = self.log();
        ensure!(status.signal() == Some(Signal::KILL.as_raw()), "it ended with {status}: {log}");
        Ok(())
    }

    /// Kills it as a power cut would.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.died().await
    }

    /// What it logged, together with every host before it in this home.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_else(|error| format!("no log to show: {error}"))
    }

    /// Its `/status`.
    ///
    /// # Panics
    /// If it has ended, as nobody need wait for it then.
    pub async fn status(&self) -> Result<Value> {
        let answer = self.file.get("/status").await;
        assert!(answer.is_ok() || self.lives(), "the host has ended: {}", self.log());
        let (code, text) = answer?;
        ensure!(code == 200, "/status answered {code}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Its `/status` of one site, once that is as `want` says.
    pub async fn shows(&self, site: &str, what: &str, want: impl Fn(&Value) -> bool) -> Value {
        let log = || {
            let log = self.log();
            let from = log.char_indices().rev().nth(3000).map_or(0, |(at, _)| at);
            log[from..].to_owned()
        };
        poll::until(what, async || {
            let status = self.status().await.map_err(|error| format!("{error:#}\n{}", log()))?;
            let found = &status["sites"][site];
            if want(found) { Ok(found.clone()) } else { Err(format!("{found:#}\n{}", log())) }
        })
        .await
    }

    /// Lets this many more ticks of a site go by; `look` is given every status
    /// that is seen meanwhile.
    pub async fn ticks(&self, site: &str, more: u64, mut look: impl FnMut(&Value)) -> Result<()> {
        let tick = |status: &Value| status["sites"][site]["tick"].as_u64().unwrap_or(0);
        let last = tick(&self.status().await?) + more;
        let mut seen = 0;
        while seen < last {
            let status = poll::until("the site ticks on", async || {
                let status = self.status().await.map_err(|error| format!("{error:#}"))?;
                if tick(&status) > seen { Ok(status) } else { Err(format!("{status:#}")) }
            })
            .await;
            seen = tick(&status);
            look(&status);
        }
        Ok(())
    }
}
