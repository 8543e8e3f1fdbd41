//! `hooke policy new`: a project that builds and passes its tests.

use std::path::PathBuf;

use clap::Args;
use hooke_policy_build::{Language, NewError, new};
use serde::Serialize;

use super::super::{Ended, Format, Print, print, print_json, wrong_usage};

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// What it is written in: rust, python, js, c or go.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Language,
    /// The project's folder, which must be empty or not there; its name becomes
    /// the policy's.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Debug, Serialize)]
struct Created {
    policy: String,
    language: &'static str,
    directory: PathBuf,
    files: Vec<PathBuf>,
}

impl New {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let created = new(self.lang, &self.directory).map_err(|error| match error {
            NewError::Name { .. } | NewError::NoTemplate { .. } => {
                wrong_usage(crate::shelf::chain(&error))
            }
            NewError::NotEmpty { .. } | NewError::Unwritable { .. } => error.into(),
        })?;
        if self.print.format == Format::Json {
            print_json(&Created {
                policy: created.name.to_string(),
                language: created.language.name(),
                directory: created.directory,
                files: created.files,
            });
            return Ok(Ended::Done);
        }
        let (name, folder) = (&created.name, self.directory.display());
        print(&format!("wrote {folder}, a policy {name} in {}:\n", created.language.name()));
        for file in created.files.iter().filter(|file| is_for_the_author(file)) {
            print(&format!("  {}\n", file.display()));
        }
        print(&format!(
            "\nNext:\n  hooke policy build {folder}\n  hooke policy test {folder}\n  \
             hooke policy install {folder}/build/{name}.wasm --directory POLICIES\n"
        ));
        Ok(Ended::Done)
    }
}

/// What came with the project and is not the author's to change is not listed.
fn is_for_the_author(file: &std::path::Path) -> bool {
    !["sdk", "wit/deps"].iter().any(|theirs| file.starts_with(theirs))
}
