//! Builds every bundled policy into `OUT_DIR` and writes the list of them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use hooke_policy_build::{BuildRequest, build};

/// The bundled policies, by their folders, in order of name.
const POLICIES: [&str; 9] = [
    "cloudwatch",
    "keda-queue",
    "latency-goal",
    "min-instance",
    "nomad-threshold",
    "rubber",
    "schedule",
    "target-tracking",
    "threshold",
];

/// What every one of them is built with.
const INPUTS: [&str; 7] = [
    "../../wit",
    "../../Cargo.toml",
    "../../Cargo.lock",
    "../sdk",
    "../timetable",
    "../forecast",
    "build.rs",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let policies = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let target_dir = target_dir(&out).ok_or("OUT_DIR is not inside a target directory")?;
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut list = String::from(
        "/// Every bundled policy, in order of name.\npub const BUNDLED: &[Bundled] = &[\n",
    );
    for name in POLICIES {
        for input in ["src", "Cargo.toml", "settings.schema.json"] {
            println!("cargo::rerun-if-changed=../{name}/{input}");
        }
        let manifest_dir = policies.join(name);
        let component = build(&BuildRequest { manifest_dir, target_dir: target_dir.clone() })
            .map_err(|error| format!("policy {name}: {error}"))?;
        fs::write(out.join(format!("{name}.wasm")), component)?;
        list += &format!(
            "    Bundled {{ name: {name:?}, wasm: \
             include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.wasm\")) }},\n"
        );
    }
    list += "];\n";
    fs::write(out.join("bundled.rs"), list)?;
    Ok(())
}

/// The policies' own target directory, inside the outer one and shared by its
/// profiles. Its own, because the outer cargo holds the lock of the outer one
/// while it waits for this script.
fn target_dir(out: &Path) -> Option<PathBuf> {
    let build = out.ancestors().find(|folder| folder.file_name().is_some_and(|n| n == "build"))?;
    Some(build.parent()?.parent()?.join("policies"))
}
