//! A computer of its own for one test: a state directory, and drivers over it.
//! On drop it ends whatever was started in it, by pid and start.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hooke_clouds::conformance::{Sight, Stage, Subject};
use hooke_clouds::process::{Config, Image, ProcessCloud};
use hooke_control::ids::{ProfileName, SiteName};
use procfs::process::{Process, all_processes};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The keeper and worker program of the tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_hooke-machine");

/// By this variable a rig knows its workers.
const MARK: &str = "RIG";

/// A computer.
pub(crate) struct Rig {
    home: TempDir,
    hosts: BTreeMap<ProfileName, u32>,
    commands: BTreeMap<ProfileName, Vec<String>>,
}

impl Rig {
    /// One whose image boots one idle worker of `ocr` and two of `faces`.
    pub(crate) fn new() -> Self {
        Self::hosting(&[("ocr", 1, &["idle"]), ("faces", 2, &["idle"])])
    }

    /// One whose image hosts these profiles: workers at boot, and role.
    pub(crate) fn hosting(profiles: &[(&str, u32, &[&str])]) -> Self {
        let mut rig = Self {
            home: TempDir::with_prefix("hooke-clouds-").unwrap(),
            hosts: BTreeMap::new(),
            commands: BTreeMap::new(),
        };
        for (profile, count, role) in profiles {
            rig.host(profile, *count, role);
        }
        rig
    }

    /// One more profile. A role's `@name` is a file of this computer.
    pub(crate) fn host(&mut self, profile: &str, count: u32, role: &[&str]) {
        let mut command = vec![PROGRAM.to_owned()];
        command.extend(role.iter().map(|word| match word.strip_prefix('@') {
            Some(name) => self.file(name).to_str().unwrap().to_owned(),
            None => (*word).to_owned(),
        }));
        self.hosts.insert(profile.into(), count);
        self.commands.insert(profile.into(), command);
    }

    /// A file that the test and its workers share.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Where machines are written down.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// What a driver of `site` is told.
    pub(crate) fn config(&self, site: &str) -> Config {
        let home = self.home.path().to_str().unwrap();
        let environment = [("COLOUR", "blue"), (MARK, home)];
        let environment =
            environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let image = Image { hosts: self.hosts.clone(), environment };
        Config {
            site: site.into(),
            state: self.state(),
            keeper: vec![OsString::from(PROGRAM), OsString::from("machine")],
            images: BTreeMap::from([("small".into(), image)]),
            commands: self.commands.clone(),
            queues: BTreeMap::from([("ocr".into(), vec!["ocr".into(), "ocr-urgent".into()])]),
        }
    }

    #[allow(dead_code, reason = "the suite opens its own")]
    /// A driver of the site `first`.
    pub(crate) fn cloud(&self) -> ProcessCloud {
        ProcessCloud::open(self.config("first")).unwrap()
    }

    /// Every process that was started in here.
    fn processes(&self) -> Vec<i32> {
        let home = self.home.path().to_str().unwrap();
        let is_mine = |process: &Process| belongs(process, home).unwrap_or(false);
        all_processes().unwrap().flatten().filter(is_mine).map(|process| process.pid).collect()
    }
}

/// Whether a process leads a machine of this home, or is a worker of one.
fn belongs(process: &Process, home: &str) -> Option<bool> {
    let words = process.cmdline().ok()?;
    if words.first().is_none_or(|program| program != PROGRAM) {
        return Some(false);
    }
    let works = process.environ().ok()?.get(OsStr::new(MARK)).is_some_and(|mark| mark == home);
    Some(works || words.iter().any(|word| word.starts_with(home)))
}

impl Drop for Rig {
    fn drop(&mut self) {
        // Workers before keepers: these would start them again.
        let started = self.processes();
        for pid in started.into_iter().rev() {
            let _ended = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
        }
    }
}

impl Subject for Rig {
    type Cloud = ProcessCloud;

    /// 40 seconds of settling: a crowded computer starts processes slowly.
    const SETTLES_MAX: u32 = 2000;

    async fn open(&self, site: &SiteName) -> ProcessCloud {
        ProcessCloud::open(self.config(site.as_str())).unwrap()
    }

    fn stage(&self) -> Stage {
        Stage { image: "small".into(), hosts: self.hosts.clone(), sight: Sight::Workers }
    }

    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What stands in a JSON file.
#[allow(dead_code, reason = "not every test binary looks into files")]
pub(crate) fn json(path: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
