//! The bindings of a project's world, made by wit-bindgen's generators inside
//! this process. Reads the `wit` folder; writes only where it is told.

use std::fs;
use std::path::Path;

use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator};

use crate::{BuildError, Project};

/// What a generator makes of the project's world: names with `/`, and contents.
pub(crate) fn generate(
    project: &Project,
    mut generator: Box<dyn WorldGenerator>,
) -> Result<Vec<(String, Vec<u8>)>, BuildError> {
    let wit = project.wit();
    let mut files = Files::default();
    let mut run = || {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(&wit)?;
        let world = resolve.select_world(&[package], Some(project.world().as_str()))?;
        generator.generate(&mut resolve, world, &mut files)
    };
    match run() {
        Ok(()) => Ok(files.iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()),
        Err(error) => {
            Err(BuildError::Contract { file: wit.clone(), problem: format!("{error:#}") })
        }
    }
}

/// Writes a file and the folders above it.
pub(crate) fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result<(), BuildError> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).map_err(BuildError::unwritable(folder))?;
    fs::write(file, contents).map_err(BuildError::unwritable(file))
}
