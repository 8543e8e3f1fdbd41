//! The directory of one test or demo, and the end of everything that was
//! started in it: hosts, keepers and workers outlive each other by design, so
//! a child's handle is not enough. All of them inherit a `TMPDIR` inside this
//! directory, which nobody else has; by that they are found, and only they are
//! ever killed. It happens also when the owner panics or is killed.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use procfs::process::{Process, all_processes};
use tempfile::TempDir;

/// The variable that every process of a home has from whoever started it.
const TAG: &str = "TMPDIR";

/// Told the home by the first line of a pipe, so that it does not find itself.
/// When the pipe closes it kills until nobody is left, and takes the home away.
const SCRIPT: &str = r#"
read -r home || exit 0
while read -r _; do :; done
mine() { printf 'TMPDIR=%s/tmp' "$home" | grep -laxzsF -f - /proc/[0-9]*/environ | cut -d / -f 3; }
for round in 1 2 3 4 5 6 7 8 9 10; do
    pids=$(mine)
    [ -n "$pids" ] || break
    kill -s KILL $pids 2>/dev/null
    sleep 0.1
done
rm -rf -- "$home"
"#;

/// A directory, and everything that runs in it.
#[derive(Debug)]
pub struct Home {
    dir: TempDir,
    reaper: Child,
}

/// One process of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub pid: i32,
    /// Its program and arguments.
    pub command: Vec<String>,
    /// The machine that it is a worker of, as site and machine.
    pub works_on: Option<(String, String)>,
    /// Whether it is stopped, as those of a suspended machine are.
    pub is_stopped: bool,
}

impl Home {
    /// An empty one.
    pub fn new() -> Result<Self> {
        let dir = TempDir::with_prefix("hooke-home-")?;
        fs::create_dir(dir.path().join("tmp"))?;
        let mut reaper = Command::new("sh")
            .args(["-c", SCRIPT, "hooke-test-reaper"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the terminal's group: Ctrl-C must not end it first.
            .process_group(0)
            .spawn()
            .context("starting the reaper of a home")?;
        let pipe = reaper.stdin.as_mut().context("the reaper has a pipe")?;
        writeln!(pipe, "{}", dir.path().display())?;
        Ok(Self { dir, reaper })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A place in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The variable that makes a process one of this home.
    pub fn tag(&self) -> (&'static str, PathBuf) {
        (TAG, self.join("tmp"))
    }

    /// Every living process of this home, as the kernel shows them now.
    pub fn members(&self) -> Result<Vec<Member>> {
        let tag = self.join("tmp");
        let processes = all_processes()?.filter_map(|process| member(&process.ok()?, &tag));
        Ok(processes.collect())
    }
}

/// A process that ends while it is looked at is none.
fn member(process: &Process, tag: &Path) -> Option<Member> {
    let environment = process.environ().ok()?;
    let get = |name: &str| Some(environment.get(std::ffi::OsStr::new(name))?.to_str()?.to_owned());
    if get(TAG)? != tag.to_str()? {
        return None;
    }
    let state = process.stat().ok()?.state;
    if matches!(state, 'Z' | 'X' | 'x') {
        return None;
    }
    Some(Member {
        pid: process.pid,
        command: process.cmdline().ok()?,
        works_on: get("HOOKE_SITE").zip(get("HOOKE_VM")),
        is_stopped: state == 'T',
    })
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.reaper.stdin.take());
        // Its work is done when it ends; nothing can be done about a failure.
        let _ended = self.reaper.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_home_takes_its_own_along_and_nobody_else() -> Result<()> {
        let (home, other) = (Home::new()?, Home::new()?);
        let sleeper = |home: &Home| {
            let (name, value) = home.tag();
            Command::new("sleep").arg("600").env(name, value).process_group(0).spawn()
        };
        let (mut mine, mut theirs) = (sleeper(&home)?, sleeper(&other)?);
        let seen: Vec<i32> = home.members()?.iter().map(|member| member.pid).collect();
        assert_eq!(seen, [i32::try_from(mine.id())?]);
        let path = home.path().to_owned();
        drop(home);
        assert_eq!(mine.wait()?.signal(), Some(9));
        assert!(!path.exists());
        assert!(theirs.try_wait()?.is_none(), "another home's process is left alone");
        drop(other);
        assert_eq!(theirs.wait()?.signal(), Some(9));
        Ok(())
    }
}
