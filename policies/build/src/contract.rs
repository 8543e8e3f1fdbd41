//! The `wit` folder of a project: whether the world that the manifest names is
//! there, said before any tool runs. Never changes the folder.

use std::path::Path;

use wit_parser::Resolve;

use crate::{BuildError, Identifier};

/// Makes sure that a project's `wit` folder parses and holds the world.
pub(crate) fn check(wit: &Path, world: &Identifier) -> Result<(), BuildError> {
    let wrong = |problem: String| BuildError::Contract { file: wit.to_owned(), problem };
    if !wit.is_dir() {
        return Err(wrong(
            "there is no such folder; it holds world.wit, with the world of the policy, and \
             deps/hooke-policy/policy.wit, a copy of Hooke's contract"
                .to_owned(),
        ));
    }
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(|error| wrong(format!("{error:#}")))?;
    let worlds: Vec<&str> = resolve.packages[package].worlds.keys().map(String::as_str).collect();
    if worlds.contains(&world.as_str()) {
        return Ok(());
    }
    Err(wrong(format!(
        "there is no world `{world}`; the folder has: {}. Name one of them as `world` in {}",
        if worlds.is_empty() { "none".to_owned() } else { worlds.join(", ") },
        crate::MANIFEST
    )))
}
