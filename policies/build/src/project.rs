//! A policy project: a folder with a manifest, its contract and its sources.
//! Writes nothing in it but `build`, and what the language's own tools leave.

use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::{self, EXAMPLE};
use crate::{BuildError, Identifier, Language, MANIFEST, Problem, Step, Tools};
use crate::{c, contract, go, js, python, rust};

/// A policy project, its manifest read.
#[derive(Debug, Clone)]
pub struct Project {
    directory: PathBuf,
    name: Identifier,
    language: Language,
    world: Identifier,
}

/// Why a folder is no project, by what the author does next.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// Not a project: make one, or name another folder.
    #[error(
        "{} has no {MANIFEST}; name the folder of a policy, make one with `hooke policy new`, or write \
         the file:\n{EXAMPLE}",
        directory.display()
    )]
    NoManifest {
        /// The folder.
        directory: PathBuf,
    },
    /// The manifest is there but cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The manifest.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The manifest is wrong: mend it.
    #[error("{}: {}", file.display(), told(problems))]
    Wrong {
        /// The manifest.
        file: PathBuf,
        /// Everything wrong with it, in order of line.
        problems: Vec<Problem>,
    },
}

/// The only problem, or all of them, one on a line.
fn told(problems: &[Problem]) -> String {
    match problems {
        [only] => only.to_string(),
        all => all.iter().map(|problem| format!("\n  {problem}")).collect(),
    }
}

impl Project {
    /// Reads a project's manifest.
    pub fn open(directory: &Path) -> Result<Self, ProjectError> {
        let file = directory.join(MANIFEST);
        let text = fs::read_to_string(&file).map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                ProjectError::NoManifest { directory: directory.to_owned() }
            } else {
                ProjectError::Unreadable { file: file.clone(), source }
            }
        })?;
        let read = manifest::read(&text);
        let read = read.map_err(|problems| ProjectError::Wrong { file, problems })?;
        Ok(Self {
            directory: directory.to_owned(),
            name: read.name,
            language: read.language,
            world: read.world,
        })
    }

    /// The project's folder.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The policy's name.
    pub fn name(&self) -> &Identifier {
        &self.name
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Its world in `wit/world.wit`: what it asks for.
    pub fn world(&self) -> &Identifier {
        &self.world
    }

    /// The folder of its contract.
    pub fn wit(&self) -> PathBuf {
        self.directory.join("wit")
    }

    /// The file that [`Project::build`] writes.
    pub fn component(&self) -> PathBuf {
        self.build_folder().join(format!("{}.wasm", self.name))
    }

    /// Builds the project and writes [`Project::component`]; also its bytes.
    /// The file is there in full or not at all. Installs the language's tools
    /// first if they are not there, which takes a network and some seconds;
    /// with them there it takes none.
    pub fn build(&self, tools: &Tools, progress: &dyn Fn(Step)) -> Result<Vec<u8>, BuildError> {
        contract::check(&self.wit(), &self.world)?;
        let wasm = match self.language {
            Language::Rust => rust::build_project(self, progress),
            Language::Python => python::build(self, tools, progress),
            Language::Js => js::build(self, tools, progress),
            Language::C => c::build(self, tools, progress),
            Language::Go => go::build(self, tools, progress),
        }?;
        self.write(&wasm)?;
        Ok(wasm)
    }

    /// Where built things go. A language's module may keep its own in a folder
    /// of its name in here.
    pub(crate) fn build_folder(&self) -> PathBuf {
        self.directory.join("build")
    }

    /// Writes the component aside and renames it, so that whoever copies or
    /// watches it never sees half of it.
    fn write(&self, wasm: &[u8]) -> Result<(), BuildError> {
        let folder = self.build_folder();
        fs::create_dir_all(&folder).map_err(BuildError::unwritable(&folder))?;
        let aside = folder.join(format!(".{}.wasm.{}", self.name, std::process::id()));
        fs::write(&aside, wasm).map_err(BuildError::unwritable(&aside))?;
        let file = self.component();
        fs::rename(&aside, &file).map_err(BuildError::unwritable(&file))
    }
}
