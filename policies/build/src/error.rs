//! Why there is no component. Groups failures by what the caller does next;
//! never cuts what a tool said.

use std::path::PathBuf;

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
    /// A file is there but cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
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
    /// The project's `wit` folder does not say what the policy is: mend it.
    #[error("{}: {problem}", file.display())]
    Contract {
        /// The folder or file.
        file: PathBuf,
        /// What is wrong, and what to write.
        problem: String,
    },
    /// A program of the system is missing: install it.
    #[error("{program} is missing, and {wanted_by} needs it; {advice}")]
    NoProgram {
        /// The program, as it is called.
        program: &'static str,
        /// What wants it.
        wanted_by: String,
        /// How to get it.
        advice: &'static str,
    },
    /// A tool could not be installed: look at what the installer said, which
    /// is mostly about the network.
    #[error("cannot install {what}: {advice}\n{output}")]
    Install {
        /// The tool and its version.
        what: String,
        /// What the author can do.
        advice: String,
        /// What the installer wrote.
        output: String,
    },
    /// The sources do not build: mend them.
    #[error("{tool} could not build {}:\n{output}", project.display())]
    Sources {
        /// The compiler.
        tool: String,
        /// The project's folder.
        project: PathBuf,
        /// What the compiler wrote.
        output: String,
    },
    /// A file cannot be written: free the place, or change its permissions.
    #[error("cannot write {}", file.display())]
    Unwritable {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

#[cfg(feature = "projects")]
impl BuildError {
    /// What went wrong while writing a file.
    pub(crate) fn unwritable(file: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |source| Self::Unwritable { file, source }
    }

    /// What went wrong while reading a file.
    pub(crate) fn unreadable(file: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |source| Self::Unreadable { file, source }
    }
}
