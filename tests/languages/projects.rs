//! The guests of `policies/conformance` as the projects that authors have:
//! copied beside the contract and, in Rust, the SDK. Nothing is written where
//! it was not different, so that tools build again only what has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hooke_policy_build::{Project, Tools};

/// A folder of this test, in the target directory of the outer build.
fn workshop() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages")
}

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lays a project out: the guest's folder and, below `wit/deps`, the contract.
fn lay_out(guest: &str) -> Result<PathBuf> {
    let project = workshop().join(guest);
    copy_folder(&root().join("policies/conformance").join(guest), &project)?;
    copy_file(&root().join("wit/policy.wit"), &project.join("wit/deps/hooke-policy/policy.wit"))?;
    Ok(project)
}

/// A guest in Rust. Built with the target directory of the bundled policies,
/// and their lock file, so that what both need is built once.
pub(crate) fn rust(guest: &str) -> Result<Vec<u8>> {
    let manifest_dir = lay_out(guest)?;
    let sdk = root().join("policies/sdk");
    copy_folder(&sdk.join("src"), &manifest_dir.join("sdk/src"))?;
    for file in ["Cargo.toml", "wit/policy.wit"] {
        copy_file(&sdk.join(file), &manifest_dir.join("sdk").join(file))?;
    }
    copy_file(&root().join("Cargo.lock"), &manifest_dir.join("Cargo.lock"))?;
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../policies");
    let request = hooke_policy_build::BuildRequest { manifest_dir, target_dir };
    Ok(hooke_policy_build::build(&request)?)
}

/// A guest as its author would build it: in any language, by what its manifest
/// says, with tools that stay in the target directory for the next time.
pub(crate) fn any(guest: &str) -> Result<Vec<u8>> {
    let tools = Tools::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools"));
    let project = Project::open(&lay_out(guest)?)?;
    Ok(project.build(&tools, &|step| eprintln!("{guest}: {step}"))?)
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
