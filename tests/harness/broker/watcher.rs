//! Ends a node when its owner ends, however that happens: a static is never
//! dropped, and a test process may be killed. A tiny shell holds the read end
//! of a pipe; when the owner is gone the pipe closes, and the shell kills what
//! it was told of and removes the data. Kills nothing else.

use std::fmt::Arguments;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

const SCRIPT: &str = r#"
data=$1 epmd= node=
while read -r what id; do
    case $what in epmd) epmd=$id ;; node) node=$id ;; esac
done
[ -z "$node" ] || kill -s KILL -- "-$node"
[ -z "$epmd" ] || kill -s KILL "$epmd"
[ -z "$data" ] || rm -rf -- "$data"
"#;

/// The shell at the other end of the pipe.
#[derive(Debug)]
pub(super) struct Watcher(Child);

impl Watcher {
    /// Begins to watch; `data` is removed at the end, if given.
    pub(super) fn start(data: Option<&Path>) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "hooke-test-watcher"])
            .arg(data.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the terminal's group: Ctrl-C must not end it first.
            .process_group(0)
            .spawn()
            .context("starting the watcher of the private broker")?;
        Ok(Self(child))
    }

    /// From now on epmd is the process `id`.
    pub(super) fn epmd_is(&mut self, id: u32) -> Result<()> {
        self.tell(format_args!("epmd {id}"))
    }

    /// From now on the node is the process group `id`; `None` if none runs.
    pub(super) fn node_is(&mut self, id: Option<u32>) -> Result<()> {
        match id {
            Some(id) => self.tell(format_args!("node {id}")),
            None => self.tell(format_args!("node")),
        }
    }

    /// Ends what runs, and waits until that is done. Nothing of it may have
    /// been reaped before: its numbers could belong to others by now.
    pub(super) fn finish(&mut self) {
        drop(self.0.stdin.take());
        // Its work is done when it ends; nothing can be done about a failure.
        let _ended = self.0.wait();
    }

    fn tell(&mut self, line: Arguments<'_>) -> Result<()> {
        let pipe = self.0.stdin.as_mut().context("the watcher was told to finish")?;
        writeln!(pipe, "{line}").context("telling the watcher")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
    use std::process::{Child, Command};

    use anyhow::Result;

    use super::Watcher;

    fn sleeper() -> Result<Child> {
        Ok(Command::new("sleep").arg("600").process_group(0).spawn()?)
    }

    /// What a killed owner leaves behind: a pipe that closes, and nothing else.
    #[test]
    fn a_closed_pipe_ends_everything_that_was_told() -> Result<()> {
        let data = tempfile::tempdir()?;
        fs::write(data.path().join("file"), "x")?;
        let (mut epmd, mut node, mut other) = (sleeper()?, sleeper()?, sleeper()?);
        let mut watcher = Watcher::start(Some(data.path()))?;
        watcher.epmd_is(epmd.id())?;
        watcher.node_is(Some(other.id()))?;
        watcher.node_is(None)?;
        watcher.node_is(Some(node.id()))?;
        watcher.finish();
        assert_eq!(epmd.wait()?.signal(), Some(9));
        assert_eq!(node.wait()?.signal(), Some(9));
        assert!(!data.path().exists());
        assert!(other.try_wait()?.is_none(), "what is no node any more is left alone");
        other.kill()?;
        other.wait()?;
        Ok(())
    }
}
