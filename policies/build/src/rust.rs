//! The inner cargo: its command line, its environment, what it answers.
//! Never looks at a crate's sources.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{BuildError, BuildRequest};

const TARGET: &str = "wasm32-unknown-unknown";

/// The profile, on the command line because a profile in a member's manifest
/// is ignored and a policy's author should need none in the workspace's. It
/// inherits from release, so that the author's own choices there hold.
///
/// Abort: nobody can unwind through a component. Strip debug information, and
/// only that: the names stay, for the frames of a trap.
const PROFILE: [&str; 5] = [
    "profile.policy.inherits='release'",
    "profile.policy.lto=true",
    "profile.policy.codegen-units=1",
    "profile.policy.panic='abort'",
    "profile.policy.strip='debuginfo'",
];

/// 64 KiB of stack instead of 1 MiB. The stack lies lowest in a component's
/// memory; with a small one the data and the first of the heap lie close above
/// it, where a host that keeps the lowest pages of an instance resident spares
/// the page faults, which are most of what a fresh evaluation costs.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Variables of an outer cargo, clippy or rustc that would change the build.
/// The jobserver's stay, so that all of it keeps to one number of jobs.
const LEAKS: [&str; 8] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "RUSTC_WORKSPACE_WRAPPER",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "TARGET",
    "OUT_DIR",
];

/// The same, by how they begin.
const LEAK_PREFIXES: [&str; 7] = [
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_RUST",
    "CARGO_BUILD_TARGET",
    "CARGO_CFG_",
    "CARGO_FEATURE_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
];

/// Builds a project's crate, with a target directory of its own in it.
#[cfg(feature = "projects")]
pub(crate) fn build_project(
    project: &crate::Project,
    progress: &dyn Fn(crate::Step),
) -> Result<Vec<u8>, BuildError> {
    let policy = project.name().to_string();
    progress(crate::Step::Compile { tool: "cargo".to_owned(), policy });
    let manifest_dir = project.directory().to_owned();
    let target_dir = manifest_dir.join("target");
    crate::build(&BuildRequest { manifest_dir, target_dir })
}

/// Builds the core module and says where it is.
pub(crate) fn build_module(request: &BuildRequest) -> Result<PathBuf, BuildError> {
    let manifest = request.manifest_dir.join("Cargo.toml");
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let output = command(&cargo, &manifest, &request.target_dir)
        .output()
        .map_err(|source| BuildError::NoCargo { cargo, source })?;
    if output.status.success() {
        module(&String::from_utf8_lossy(&output.stdout), &manifest)
            .ok_or(BuildError::NoModule { manifest })
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(failure(manifest, stderr))
    }
}

fn command(cargo: &Path, manifest: &Path, target_dir: &Path) -> Command {
    let mut command = Command::new(cargo);
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET])
        .args(["--profile", "policy", "--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(target_dir);
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    let flags: Vec<Value> = [Some(STACK.to_owned()), remap_registry()]
        .into_iter()
        .flatten()
        .map(Value::String)
        .collect();
    // A JSON list of strings reads the same as TOML.
    command.arg("--config").arg(format!("target.{TARGET}.rustflags={}", Value::Array(flags)));
    for (name, _) in env::vars_os() {
        let leaks = name.to_str().is_some_and(|name| {
            LEAKS.contains(&name) || LEAK_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        });
        if leaks {
            command.env_remove(name);
        }
    }
    command
}

/// A rustc flag that keeps the builder's home out of the
/// panic messages in the component: the same sources give the same bytes.
fn remap_registry() -> Option<String> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()?.join(".cargo"),
    };
    Some(format!("--remap-path-prefix={}=cargo", home.to_str()?))
}

/// The module's path, out of cargo's messages (one JSON object a line).
fn module(messages: &str, manifest: &Path) -> Option<PathBuf> {
    let manifest = manifest.canonicalize().ok()?;
    let of_this_crate = |message: &Value| {
        message["reason"] == "compiler-artifact"
            && message["manifest_path"]
                .as_str()
                .and_then(|path| Path::new(path).canonicalize().ok())
                .is_some_and(|path| path == manifest)
    };
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(of_this_crate)
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

/// Tells a missing target from a crate that does not build.
fn failure(manifest: PathBuf, stderr: String) -> BuildError {
    let missing = format!("the `{TARGET}` target may not be installed");
    if stderr.contains(&missing) {
        BuildError::NoTarget
    } else {
        BuildError::Cargo { manifest, stderr }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_target_is_told_apart() {
        // As rustc 1.95 says it.
        let stderr = "error[E0463]: can't find crate for `std`\n  |\n  = note: the \
                      `wasm32-unknown-unknown` target may not be installed\n  = help: consider \
                      downloading the target with `rustup target add wasm32-unknown-unknown`\n";
        let failure_of = |stderr: &str| failure(PathBuf::from("Cargo.toml"), stderr.to_owned());
        assert!(matches!(failure_of(stderr), BuildError::NoTarget));
        assert!(matches!(failure_of("error[E0308]: mismatched"), BuildError::Cargo { .. }));
    }
}
