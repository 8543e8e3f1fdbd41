//! The tools of the languages that have no compiler on the machine: installed
//! from the public registries into a directory of their own, once for all
//! projects, in the versions named here. Touches nothing outside it, and needs
//! no network once a tool is there.

mod node;
mod program;
mod python;
mod room;

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub(crate) use program::run;
pub(crate) use python::isolated;

/// A package of a registry in one version, so that what was built once is
/// built the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Its name in the registry.
    pub package: &'static str,
    /// Its version, exactly.
    pub version: &'static str,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.version)
    }
}

/// Where tools are installed, and where the programs of the system are found.
///
/// Several builds may use one directory at once: a tool is installed by one of
/// them while the others wait, and one that was left half installed is
/// installed anew.
#[derive(Debug, Clone)]
pub struct Tools {
    directory: PathBuf,
    search: OsString,
}

impl Tools {
    /// Tools in this directory, which is made when it is needed. Programs of
    /// the system are looked for in `PATH`.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        // Virtual environments must be told their whole path.
        let directory = std::path::absolute(&directory).unwrap_or(directory);
        Self { directory, search: env::var_os("PATH").unwrap_or_default() }
    }

    /// Tools in the user's cache: `$XDG_CACHE_HOME/hooke/tools`, or
    /// `.cache/hooke/tools` in the user's home. None without a home.
    pub fn of_user() -> Option<Self> {
        let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        // A relative path there is to be ignored, as the XDG specification has it.
        let cache = given.filter(|path| path.is_absolute());
        let cache = cache.or_else(|| Some(env::home_dir()?.join(".cache")))?;
        Some(Self::at(cache.join("hooke").join("tools")))
    }

    /// Looks for programs of the system here instead, in the form of `PATH`.
    #[must_use]
    pub fn searching(mut self, path: impl Into<OsString>) -> Self {
        self.search = path.into();
        self
    }

    /// The folder of a set of packages: the same set, the same folder.
    fn folder(&self, registry: &str, pins: &[Pin]) -> PathBuf {
        let names: Vec<String> = pins
            .iter()
            .map(|pin| format!("{}-{}", pin.package.replace('/', "-"), pin.version))
            .collect();
        self.directory.join(registry).join(names.join("+"))
    }
}

/// The packages, as a reader is told of them.
fn told(pins: &[Pin]) -> String {
    pins.iter().map(Pin::to_string).collect::<Vec<_>>().join(", ")
}
