//! Policies in C: clang and the C library of `zig cc`, which comes from PyPI.
//! Nothing of the system's compilers or headers is used.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmparser::{Parser, Payload};

use crate::tools::{isolated, run};
use crate::{BuildError, Pin, Project, Step, Tools, bindings};

/// The C compiler, linker and library for WebAssembly.
const ZIG: Pin = Pin { package: "ziglang", version: "0.17.1" };

/// What the generated files are called, whatever the author's world is called:
/// `bindings.h`, and `bindings_string_t` in it.
const BINDINGS: &str = "bindings";

/// Bytes before the first section of a module.
const HEADER: usize = 8;

/// The folder of the author's sources.
const SOURCES: &str = "src";

/// Assertions stay: a policy that is wrong is to say so. 64 KiB of stack, lowest
/// in memory, for the reason given in `rust.rs`.
const FLAGS: [&str; 10] = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-std=c23",
    "-O2",
    "-g0",
    "-UNDEBUG",
    "-Wall",
    "-Wextra",
    "-Werror=implicit-function-declaration",
    "-Wl,-z,stack-size=65536",
];

/// Variables that would add to what is compiled or linked.
const LEAKS: [&str; 5] =
    ["CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "CCC_OVERRIDE_OPTIONS", "SOURCE_DATE_EPOCH"];

/// Builds a project in C.
pub(crate) fn build(
    project: &Project,
    tools: &Tools,
    progress: &dyn Fn(Step),
) -> Result<Vec<u8>, BuildError> {
    let python = tools.python_env(&[ZIG], progress)?;
    let folder = project.build_folder().join("c");
    let generator =
        wit_bindgen_c::Opts { rename_world: Some(BINDINGS.to_owned()), ..Default::default() };
    for (name, contents) in bindings::generate(project, generator.build())? {
        bindings::write(&folder.join(name), contents)?;
    }
    let policy = project.name().to_string();
    progress(Step::Compile { tool: ZIG.to_string(), policy });
    let mut command = compiler(&python);
    command.args(FLAGS).args(sources(project)?).args(generated()).current_dir(project.directory());
    run(&mut command).map_err(|output| BuildError::Sources {
        tool: format!("zig cc ({ZIG})"),
        project: project.directory().to_owned(),
        output,
    })?;
    let module = folder.join("policy.wasm");
    let module = fs::read(&module).map_err(BuildError::unreadable(&module))?;
    let module = without_debug(&module).unwrap_or(module);
    crate::encode(&module).map_err(|error| explained(project, error))
}

/// A module without the debug information of the C library, which is most of
/// it. The linker would take the names too, which the frames of a trap want.
/// None if it is no module, which the encoder says better.
fn without_debug(module: &[u8]) -> Option<Vec<u8>> {
    let mut kept = module.get(..HEADER)?.to_vec();
    let mut begin = HEADER;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.ok()?;
        let Some((_, contents)) = payload.as_section() else { continue };
        let end = contents.end;
        let debug = matches!(
            &payload,
            Payload::CustomSection(section) if section.name().starts_with(".debug_")
        );
        if !debug {
            kept.extend_from_slice(module.get(begin..end)?);
        }
        begin = end;
    }
    Some(kept)
}

/// An import of WASI, which no component of ours may have, told as the fault of
/// the sources that it is.
fn explained(project: &Project, error: BuildError) -> BuildError {
    let BuildError::Encode { reason } = &error else { return error };
    if !reason.contains("wasi_snapshot_preview1") {
        return error;
    }
    BuildError::Sources {
        tool: "hooke".to_owned(),
        project: project.directory().to_owned(),
        output: format!(
            "The sources call a function of C that needs a file, a clock or a random number, such \
             as printf or time. A policy has none: it writes by hooke_policy_log_write, and has \
             the time from hooke_policy_metrics_now_ms\n\nAll that was found:\n{reason}"
        ),
    }
}

/// `zig cc`, with its cache beside it: what it compiles of the C library, the
/// first time, is there for every project.
fn compiler(python: &Path) -> Command {
    let mut command = isolated(python);
    command.args(["-m", "ziglang", "cc"]);
    if let Some(environment) = python.parent().and_then(Path::parent) {
        for name in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"] {
            command.env(name, environment.join("cache"));
        }
    }
    for name in LEAKS {
        command.env_remove(name);
    }
    command
}

/// The author's sources, in order of name and relative to the project, so that
/// no path of this machine comes to stand in an assertion.
fn sources(project: &Project) -> Result<Vec<PathBuf>, BuildError> {
    let folder = project.directory().join(SOURCES);
    let mut sources = Vec::new();
    for entry in fs::read_dir(&folder).map_err(BuildError::unreadable(&folder))? {
        let name = entry.map_err(BuildError::unreadable(&folder))?.file_name();
        if Path::new(&name).extension() == Some(OsStr::new("c")) {
            sources.push(Path::new(SOURCES).join(name));
        }
    }
    sources.sort();
    Ok(sources)
}

/// The bindings and the module, relative to the project too. The object holds
/// the world, for the encoder.
fn generated() -> [&'static str; 5] {
    [
        "-Ibuild/c",
        "build/c/bindings.c",
        "build/c/bindings_component_type.o",
        "-o",
        "build/c/policy.wasm",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_information_goes_and_names_stay() {
        let text = r#"(module
            (@custom ".debug_info" (before first) "here")
            (func $named (export "f"))
            (@custom ".debug_line" (after last) "there")
            (@custom "kept" (after last) "it"))"#;
        let module = wat::parse_str(text).expect("it is well written");
        let kept = without_debug(&module).expect("it is a module");
        let names = |module: &[u8]| -> Vec<String> {
            let sections = Parser::new(0).parse_all(module).map(|payload| payload.expect("valid"));
            let named = |payload| {
                let Payload::CustomSection(section) = payload else { return None };
                Some(section.name().to_owned())
            };
            sections.filter_map(named).collect()
        };
        assert_eq!(names(&module), [".debug_info", ".debug_line", "kept", "name"]);
        assert_eq!(names(&kept), ["kept", "name"]);
        assert_eq!(without_debug(b"no module"), None);
    }
}
