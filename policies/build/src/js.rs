//! Policies in JavaScript: componentize-qjs, which snapshots QuickJS after the
//! author's module has run. Node.js only carries the tool.

use std::fs;
use std::process::Command;

use crate::tools::run;
use crate::{BuildError, Pin, Project, Step, Tools};

/// The part of jco that makes components of QuickJS, without the rest of jco,
/// which is ten times its size.
const COMPONENTIZE: Pin = Pin { package: "componentize-qjs", version: "0.4.5" };

/// The author's module that exports the policy.
const MODULE: &str = "app.js";

/// Builds a project in JavaScript.
pub(crate) fn build(
    project: &Project,
    tools: &Tools,
    progress: &dyn Fn(Step),
) -> Result<Vec<u8>, BuildError> {
    let node = tools.node(progress)?;
    let modules = tools.node_modules(&[COMPONENTIZE], progress)?;
    let folder = project.build_folder().join("js");
    fs::create_dir_all(&folder).map_err(BuildError::unwritable(&folder))?;
    let wasm = folder.join("app.wasm");
    let policy = project.name().to_string();
    progress(Step::Compile { tool: COMPONENTIZE.to_string(), policy });
    let mut command = Command::new(node);
    command
        .arg(modules.join(COMPONENTIZE.package).join("cli.mjs"))
        .arg("--wit")
        .arg(project.wit())
        .args(["--world", project.world().as_str()])
        .arg("--js")
        .arg(project.directory().join(MODULE))
        .arg("--module-root")
        .arg(project.directory())
        // The sandbox has no WASI: what QuickJS would want of it traps. The
        // host calls a policy and waits, so that there is nothing to await.
        .args(["--stub-wasi", "--sync"])
        .arg("--output")
        .arg(&wasm);
    run(&mut command).map_err(|output| BuildError::Sources {
        tool: COMPONENTIZE.to_string(),
        project: project.directory().to_owned(),
        output,
    })?;
    fs::read(&wasm).map_err(BuildError::unreadable(&wasm))
}
