//! Policies in Python: componentize-py, which brings its own interpreter and
//! snapshots it after the imports. The author's Python is never run.

use std::fs;

use crate::tools::{isolated, run};
use crate::{BuildError, Pin, Project, Step, Tools};

const COMPONENTIZE: Pin = Pin { package: "componentize-py", version: "0.25.1" };

/// The author's module that exports the policy.
const MODULE: &str = "app";

/// Runs the tool as a module would be, as its script names a Python by a path.
const SCRIPT: &str = "from componentize_py import script; script()";

/// Builds a project in Python.
pub(crate) fn build(
    project: &Project,
    tools: &Tools,
    progress: &dyn Fn(Step),
) -> Result<Vec<u8>, BuildError> {
    let python = tools.python_env(&[COMPONENTIZE], progress)?;
    let folder = project.build_folder().join("python");
    fs::create_dir_all(&folder).map_err(BuildError::unwritable(&folder))?;
    let wasm = folder.join("app.wasm");
    let policy = project.name().to_string();
    progress(Step::Compile { tool: COMPONENTIZE.to_string(), policy });
    let mut command = isolated(&python);
    command
        .args(["-c", SCRIPT, "--quiet", "--wit-path"])
        .arg(project.wit())
        .args(["--world", project.world().as_str(), "componentize", MODULE])
        // The sandbox has no WASI: what Python would want of it traps.
        .arg("--stub-wasi")
        .arg("--python-path")
        .arg(project.directory())
        .arg("--output")
        .arg(&wasm);
    run(&mut command).map_err(|output| BuildError::Sources {
        tool: COMPONENTIZE.to_string(),
        project: project.directory().to_owned(),
        output,
    })?;
    fs::read(&wasm).map_err(BuildError::unreadable(&wasm))
}
