//! Programs: finding those of the system, running any. Never shows what a
//! program writes unless it fails.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Tools;

impl Tools {
    /// A program of the system, as a shell would find it.
    pub(crate) fn system(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.search)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
    }
}

/// Runs a program to its end without input; what it wrote to its output. Else
/// everything it wrote, or why it could not be started.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let program = PathBuf::from(command.get_program());
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let stdout = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let said: Vec<String> = [stderr, stdout].into_iter().filter(|text| !text.is_empty()).collect();
    if said.is_empty() {
        Err(format!("{} ended with {} and wrote nothing", program.display(), output.status))
    } else {
        Err(said.join("\n"))
    }
}
