//! Packages of PyPI, each set of them in a virtual environment of its own.
//! Never installs into the system's Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::room::Room;
use super::{Pin, Tools, run, told};
use crate::{BuildError, Step};

const GET_PYTHON: &str =
    "install Python 3 with its venv module (Debian, Ubuntu: apt-get install python3 python3-venv)";

impl Tools {
    /// A virtual environment that holds exactly these packages of PyPI and
    /// what they need; its Python. Made by the first call.
    pub fn python_env(
        &self,
        requirements: &[Pin],
        progress: &dyn Fn(Step),
    ) -> Result<PathBuf, BuildError> {
        self.env_for(&told(requirements), GET_PYTHON, requirements, progress)
    }

    /// The same, for something that says itself what it is wanted for, and what
    /// to install where there is no Python.
    pub(super) fn env_for(
        &self,
        wanted_by: &str,
        advice: &'static str,
        requirements: &[Pin],
        progress: &dyn Fn(Step),
    ) -> Result<PathBuf, BuildError> {
        let what = told(requirements);
        let folder = self.folder("python", requirements);
        let python = folder.join("bin").join("python");
        Room {
            folder: &folder,
            what: &what,
            // The system's Python, which it links to, may be gone.
            usable: &|| python.exists(),
            fill: &|| {
                let system = self.system("python3").ok_or_else(|| BuildError::NoProgram {
                    program: "python3",
                    wanted_by: wanted_by.to_owned(),
                    advice,
                })?;
                make_env(&system, &folder, &python, requirements)
            },
        }
        .ready(progress)?;
        Ok(python)
    }
}

fn make_env(system: &Path, folder: &Path, python: &Path, pins: &[Pin]) -> Result<(), BuildError> {
    let what = told(pins);
    run(isolated(system).args(["-m", "venv"]).arg(folder)).map_err(|output| {
        BuildError::Install { what: what.clone(), advice: GET_PYTHON.to_owned(), output }
    })?;
    let mut pip = isolated(python);
    pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"])
        // A package that is compiled here would want a compiler.
        .arg("--only-binary=:all:")
        .args(pins.iter().map(|pin| format!("{}=={}", pin.package, pin.version)));
    run(&mut pip).map(drop).map_err(|output| BuildError::Install {
        what,
        advice: "see what pip says of PyPI, and try again".to_owned(),
        output,
    })
}

/// A Python that sees nothing of the author's own packages.
pub(crate) fn isolated(python: &Path) -> Command {
    let mut command = Command::new(python);
    for name in ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV"] {
        command.env_remove(name);
    }
    command
}
