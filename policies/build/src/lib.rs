//! Builds a policy crate into a WebAssembly component: `cargo rustc` for
//! `wasm32-unknown-unknown`, then wit-component around the core module.
//!
//! Serves the bundled policies' build script, the guests of the tests and the
//! command line. It never writes outside the target directory it is given,
//! and lets nothing of an outer cargo's environment change what is built.

mod cargo;

use std::path::PathBuf;

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

/// Why there is no component, by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started: install it, or set `CARGO`.
    #[error("cannot start {cargo}")]
    NoCargo {
        /// The program that was tried.
        cargo: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The Rust toolchain lacks the target: install it.
    #[error(
        "the target wasm32-unknown-unknown is not installed; run: rustup target add wasm32-unknown-unknown"
    )]
    NoTarget,
    /// The crate does not build: mend it.
    #[error("cargo could not build {}:\n{stderr}", manifest.display())]
    Cargo {
        /// The crate's manifest.
        manifest: PathBuf,
        /// What cargo wrote.
        stderr: String,
    },
    /// Cargo succeeded but named no module.
    #[error("cargo built no WebAssembly module of {}", manifest.display())]
    NoModule {
        /// The crate's manifest.
        manifest: PathBuf,
    },
    /// The module is there but cannot be read.
    #[error("cannot read {}", module.display())]
    Unreadable {
        /// The module.
        module: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The module is not what a component can be made of.
    #[error("the module cannot be encoded as a component: {reason}")]
    Encode {
        /// What wit-component said, with its causes.
        reason: String,
    },
}

/// Builds a policy crate; the component's bytes, validated.
pub fn build(request: &BuildRequest) -> Result<Vec<u8>, BuildError> {
    let module = cargo::build_module(request)?;
    let bytes = std::fs::read(&module)
        .map_err(|source| BuildError::Unreadable { module: module.clone(), source })?;
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
