//! Policy projects: written from templates, and built into WebAssembly
//! components, in Rust, Python, JavaScript, C and Go.
//!
//! Serves the bundled policies' build script, the guests of the tests and the
//! command line. It never writes outside the project, the target directory and
//! the tools' directory it is given, and lets nothing of an outer cargo's
//! environment change what is built.

mod error;
mod rust;

#[cfg(feature = "projects")]
mod bindings;
#[cfg(feature = "projects")]
mod c;
#[cfg(feature = "projects")]
mod contract;
#[cfg(feature = "projects")]
mod go;
#[cfg(feature = "projects")]
mod identifier;
#[cfg(feature = "projects")]
mod js;
#[cfg(feature = "projects")]
mod language;
#[cfg(feature = "projects")]
mod manifest;
#[cfg(feature = "projects")]
mod project;
#[cfg(feature = "projects")]
mod python;
#[cfg(feature = "projects")]
mod step;
#[cfg(feature = "projects")]
mod template;
#[cfg(feature = "projects")]
mod tools;

use std::path::PathBuf;

pub use error::BuildError;
#[cfg(feature = "projects")]
pub use {
    identifier::{BadIdentifier, Identifier},
    language::{Language, UnknownLanguage},
    manifest::{MANIFEST, Problem},
    project::{Project, ProjectError},
    step::Step,
    template::{Created, NewError, new},
    tools::{Pin, Tools},
};

/// What to build, and where.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The folder of the crate's `Cargo.toml`. Its library is built as a
    /// `cdylib`, whatever crate types it names.
    pub manifest_dir: PathBuf,
    /// Cargo's target directory for this build. Must not be the one of a cargo
    /// that waits for this call: the two would wait for one another.
    pub target_dir: PathBuf,
}

/// Builds a policy crate; the component's bytes, validated.
pub fn build(request: &BuildRequest) -> Result<Vec<u8>, BuildError> {
    let module = rust::build_module(request)?;
    let bytes = std::fs::read(&module)
        .map_err(|source| BuildError::Unreadable { file: module.clone(), source })?;
    encode(&bytes)
}

/// Wraps a core module, with the world that wit-bindgen left in it, as a
/// component, and validates it. The name section stays: backtraces need it.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.encode());
    component.map_err(|error| BuildError::Encode { reason: format!("{error:#}") })
}
