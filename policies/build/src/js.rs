//! Policies in JavaScript: componentize-js, which snapshots StarlingMonkey
//! after the author's module has run. Node.js only carries the tool.
//!
//! Not QuickJS (componentize-qjs 0.4.5), a tenth of the size and quicker to
//! compile: its bindings round a `u64` above 2^53, tell those near 2^64 as
//! negative, and cut a `u32` argument at 2^31, all without a word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::run;
use crate::{BuildError, Pin, Project, Step, Tools};

const COMPONENTIZE: Pin = Pin { package: "@bytecodealliance/componentize-js", version: "0.23.0" };

/// componentize-js takes three functions of jco. Of those that do, this one
/// brings the fewest packages that are never used.
const JCO: Pin = Pin { package: "@bytecodealliance/jco", version: "1.15.1" };

/// The author's module that exports the policy.
const MODULE: &str = "app.js";

/// The tool has no command line; this calls it.
const SCRIPT: &str = include_str!("js/componentize.mjs");

/// The line above what the engine says of the author's sources.
const ABOVE: &str = "Exception while evaluating top-level script\n";

/// Builds a project in JavaScript.
pub(crate) fn build(
    project: &Project,
    tools: &Tools,
    progress: &dyn Fn(Step),
) -> Result<Vec<u8>, BuildError> {
    let node = tools.node(progress)?;
    let modules = tools.node_modules(&[COMPONENTIZE, JCO], progress)?;
    let folder = project.build_folder().join("js");
    fs::create_dir_all(&folder).map_err(BuildError::unwritable(&folder))?;
    let wasm = folder.join("app.wasm");
    let policy = project.name().to_string();
    progress(Step::Compile { tool: COMPONENTIZE.to_string(), policy });
    let mut command = Command::new(node);
    command
        .args(["--input-type=module", "--eval", SCRIPT, "--"])
        .arg(whole(&project.directory().join(MODULE)))
        .arg(whole(&project.wit()))
        .arg(project.world().as_str())
        .arg(whole(&wasm))
        // The script has no file of its own: what it imports is looked for here.
        .current_dir(modules.parent().unwrap_or(&modules));
    run(&mut command).map_err(|output| BuildError::Sources {
        tool: COMPONENTIZE.to_string(),
        project: project.directory().to_owned(),
        output: told_first(&output),
    })?;
    fs::read(&wasm).map_err(BuildError::unreadable(&wasm))
}

/// What the engine says of the author's sources, before all that the tool
/// around it wrote.
fn told_first(output: &str) -> String {
    let said = output.split_once(ABOVE).map(|(_, said)| said);
    let lines = said.unwrap_or_default().lines().take_while(|line| !line.starts_with("    at "));
    let lines: Vec<&str> = lines.collect();
    if lines.iter().all(|line| line.trim().is_empty()) {
        return output.to_owned();
    }
    format!("{}\n\nAll that the tool wrote:\n{output}", lines.join("\n").trim())
}

/// The path as it is seen from another folder.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::told_first;

    #[test]
    fn the_fault_of_the_sources_stands_before_the_tools_own() {
        let output = "componentize.js:365\n    throw new Error(err);\n\n\
            Error: Failed to initialize component (wizer):\n\
            Exception while evaluating top-level script\n\
            rule.js:81:18 SyntaxError: expected expression, got ';':\n\
            rule.js:81:18 export const x = ;\n\
            rule.js:81:18 .................^\n    \
            at componentize (componentize.js:365:11)\n\nNode.js v20.20.2";
        expect![[r#"
            rule.js:81:18 SyntaxError: expected expression, got ';':
            rule.js:81:18 export const x = ;
            rule.js:81:18 .................^

            All that the tool wrote:
            componentize.js:365
                throw new Error(err);

            Error: Failed to initialize component (wizer):
            Exception while evaluating top-level script
            rule.js:81:18 SyntaxError: expected expression, got ';':
            rule.js:81:18 export const x = ;
            rule.js:81:18 .................^
                at componentize (componentize.js:365:11)

            Node.js v20.20.2"#]]
        .assert_eq(&told_first(output));
        assert_eq!(told_first("killed"), "killed");
    }
}
