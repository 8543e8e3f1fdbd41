//! Lists the templates, the Rust SDK and the contract, so that the crate
//! embeds them: a project can be written without the sources of Hooke.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What an author's tools leave in a folder, and is not part of a template.
const LEFT_BEHIND: [&str; 5] = ["target", "build", "node_modules", "__pycache__", "Cargo.lock"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_PROJECTS").is_none() {
        return Ok(());
    }
    let policies = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let templates = policies.join("templates");
    let mut list = String::new();
    list += "/// Files by their paths in a folder, in order of name.\n";
    list += "type Files = &'static [(&'static str, &'static [u8])];\n\n";
    list += "/// What a template brings: its folder and its files.\n";
    list += "const TEMPLATES: &[(&str, Files)] = &[\n";
    for folder in folders(&templates)? {
        let name =
            folder.file_name().and_then(|name| name.to_str()).ok_or("a name not in UTF-8")?;
        writeln!(list, "    ({name:?}, {}),", files(&folder)?)?;
    }
    list += "];\n\n/// The Rust SDK.\n";
    writeln!(list, "const SDK: Files = {};", files(&policies.join("sdk"))?)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"), list)?;
    for read in [&templates, &policies.join("sdk")] {
        println!("cargo::rerun-if-changed={}", read.display());
    }
    Ok(())
}

/// The folders in a folder, in order of name; none when it is not there.
fn folders(parent: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    Ok(entries(parent)?.into_iter().filter(|entry| entry.is_dir()).collect())
}

/// A Rust expression for every file below a folder.
fn files(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    let mut list = String::from("&[\n");
    for file in found {
        let name = file.strip_prefix(folder)?.to_str().ok_or("a name not in UTF-8")?;
        let path = file.to_str().ok_or("a path not in UTF-8")?;
        writeln!(list, "        ({name:?}, include_bytes!({path:?})),")?;
    }
    list += "    ]";
    Ok(list)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            collect(&entry, found)?;
        } else {
            found.push(entry);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !LEFT_BEHIND.iter().any(|name| entry.file_name() == *name) {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}
