//! The guests of `policies/conformance`, and the templates, as the projects
//! that authors have: copied beside the contract and, in Rust, the SDK.
//! Nothing is written where it was not different, so that tools build again
//! only what has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hooke_policy_build::{BuildRequest, Language, Project, Tools};

/// A folder of this test, in the target directory of the outer build.
fn workshop() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages")
}

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lays a project out: a folder's files and, below `wit/deps`, the contract.
fn lay_out(from: &Path, name: &str) -> Result<PathBuf> {
    let project = workshop().join(name);
    copy_folder(from, &project)?;
    copy_file(&root().join("wit/policy.wit"), &project.join("wit/deps/hooke-policy/policy.wit"))?;
    Ok(project)
}

/// A guest in Rust.
pub(crate) fn rust(guest: &str) -> Result<Vec<u8>> {
    let project = lay_out(&root().join("policies/conformance").join(guest), guest)?;
    add_sdk(&project)?;
    build_rust(project)
}

fn add_sdk(project: &Path) -> Result<()> {
    let sdk = root().join("policies/sdk");
    copy_folder(&sdk.join("src"), &project.join("sdk/src"))?;
    for file in ["Cargo.toml", "wit/policy.wit"] {
        copy_file(&sdk.join(file), &project.join("sdk").join(file))?;
    }
    copy_file(&root().join("Cargo.lock"), &project.join("Cargo.lock"))
}

/// Builds with the target directory and the lock file of the bundled policies,
/// so that what all need is built once.
fn build_rust(manifest_dir: PathBuf) -> Result<Vec<u8>> {
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../policies");
    Ok(hooke_policy_build::build(&BuildRequest { manifest_dir, target_dir })?)
}

/// A guest in any language, built as its author would.
pub(crate) fn any(guest: &str) -> Result<Vec<u8>> {
    build(&lay_out(&root().join("policies/conformance").join(guest), guest)?)
}

/// A new project of an author, named `new-` and the language.
pub(crate) fn new_project(language: Language) -> Result<PathBuf> {
    let project = workshop().join(format!("new-{language}"));
    if project.exists() {
        fs::remove_dir_all(&project).with_context(|| format!("removing {}", project.display()))?;
    }
    Ok(hooke_policy_build::new(language, &project)?.directory)
}

/// Builds a project by what its manifest says, with tools that stay in the
/// target directory for the next time.
pub(crate) fn build(project: &Path) -> Result<Vec<u8>> {
    let tools = Tools::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools"));
    let said = |step| eprintln!("{}: {step}", project.display());
    Ok(Project::open(project)?.build(&tools, &said)?)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let entries = fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            copy_file(&from, &to)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(to, bytes).with_context(|| format!("writing {}", to.display()))
}
