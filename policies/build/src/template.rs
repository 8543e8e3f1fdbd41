//! A new project, out of a template that the crate embeds. Writes into an
//! empty folder only, and runs nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{BadIdentifier, Identifier, Language, MANIFEST};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The template that every language's is laid over: the contract, the table of
/// tests, the settings' schema.
const EVERY: &str = "every";

/// The contract, and where a project keeps its copy.
const CONTRACT: (&str, &[u8]) =
    ("wit/deps/hooke-policy/policy.wit", include_bytes!("../../../wit/policy.wit"));

/// What has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The project's folder.
    pub directory: PathBuf,
    /// The policy's name: the folder's.
    pub name: Identifier,
    /// What it is written in.
    pub language: Language,
    /// Every file, relative to the folder, in order of name.
    pub files: Vec<PathBuf>,
}

/// Why there is no new project, by what the author does next.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// The folder's name cannot be a policy's: name another folder.
    #[error("{} cannot give a policy its name", directory.display())]
    Name {
        /// The folder.
        directory: PathBuf,
        /// What is wrong with its name.
        #[source]
        source: BadIdentifier,
    },
    /// There is something already: name another folder, or empty this one.
    #[error(
        "{} is not empty; a new policy wants a folder of its own, so name one that is not there yet",
        directory.display()
    )]
    NotEmpty {
        /// The folder.
        directory: PathBuf,
    },
    /// This build of Hooke has no template for the language: use another.
    #[error("there is no template for {language}; there are: {}", available())]
    NoTemplate {
        /// The language.
        language: Language,
    },
    /// A file or folder cannot be written or looked at.
    #[error("cannot write {}", file.display())]
    Unwritable {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Writes a new project into `directory`, which is made if it is not there and
/// must be empty. The policy is named as the folder is.
pub fn new(language: Language, directory: &Path) -> Result<Created, NewError> {
    let unwritable = |source| NewError::Unwritable { file: directory.to_owned(), source };
    let name = name_of(directory)?;
    let files = files(language, &name).ok_or(NewError::NoTemplate { language })?;
    fs::create_dir_all(directory).map_err(unwritable)?;
    if fs::read_dir(directory).map_err(unwritable)?.next().is_some() {
        return Err(NewError::NotEmpty { directory: directory.to_owned() });
    }
    for (path, contents) in &files {
        let file = directory.join(path);
        let folder = file.parent().unwrap_or(directory);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, contents))
            .map_err(|source| NewError::Unwritable { file: file.clone(), source })?;
    }
    let files = files.into_keys().collect();
    Ok(Created { directory: directory.to_owned(), name, language, files })
}

/// The policy's name: the last part of the path, which `.` has not.
fn name_of(directory: &Path) -> Result<Identifier, NewError> {
    let whole = match directory.file_name() {
        Some(_) => directory.to_owned(),
        None => directory.canonicalize().unwrap_or_else(|_| directory.to_owned()),
    };
    let last = whole.file_name().unwrap_or_default().to_string_lossy();
    last.parse().map_err(|source| NewError::Name { directory: directory.to_owned(), source })
}

/// What is to be written: the language's files over those of every language.
fn files(language: Language, name: &Identifier) -> Option<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let manifest = format!(
        "[policy]\nname = \"{name}\"\nlanguage = \"{language}\"\n\
         # The world in wit/world.wit: what the policy asks for.\nworld = \"{name}\"\n"
    );
    files.insert(PathBuf::from(MANIFEST), manifest.into_bytes());
    for (path, contents) in
        template(EVERY).into_iter().chain([template(language.name())?]).flatten()
    {
        files.insert(PathBuf::from(named(path, name)), fill(contents, name));
    }
    // As they are: neither is the author's, and neither knows the policy.
    files.insert(PathBuf::from(CONTRACT.0), CONTRACT.1.to_owned());
    if language == Language::Rust {
        // Its own tests reach into this repository.
        for (path, contents) in SDK.iter().filter(|(path, _)| !path.starts_with("tests/")) {
            files.insert(Path::new("sdk").join(path), contents.to_vec());
        }
    }
    Some(files)
}

fn template(folder: &str) -> Option<Files> {
    TEMPLATES.iter().find(|(name, _)| *name == folder).map(|(_, files)| *files)
}

/// A file's contents with the policy's name in it; as it is if it is no text.
fn fill(contents: &[u8], name: &Identifier) -> Vec<u8> {
    match std::str::from_utf8(contents) {
        Ok(text) => named(text, name).into_bytes(),
        Err(_) => contents.to_owned(),
    }
}

/// The templates' name, in each of its spellings, replaced.
fn named(text: &str, name: &Identifier) -> String {
    text.replace("my-policy", name.as_str())
        .replace("my_policy", &name.snake())
        .replace("MyPolicy", &name.pascal())
}

fn available() -> String {
    let there = Language::ALL.into_iter().filter(|language| template(language.name()).is_some());
    there.map(Language::name).collect::<Vec<_>>().join(", ")
}
