//! `hooke policy test`: tables of situations and the needs expected of them,
//! asked in the real host.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::bail;
use clap::Args;
use hooke_policy_build::{MANIFEST, Project};
use hooke_trial::table::{Table, TableReport};

use super::super::{Ended, Format, print, print_json};
use super::Place;

/// What stands in a project and goes into no component.
const NO_SOURCES: [&str; 7] =
    ["build", "target", "tests", "node_modules", "README.md", "Cargo.lock", "__pycache__"];

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// A policy's project, a folder of tables, or one table (`*.toml`).
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    tables: PathBuf,
    /// The policy that is asked, by name or file, if not what the project built.
    #[arg(long, value_name = "NAME|FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    pub(super) place: Place,
}

impl Test {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let policy = match &self.policy {
            Some(policy) => policy.clone(),
            None => built(&self.tables)?,
        };
        let bound = self.place.bound(&policy)?;
        let mut reports = Vec::new();
        for file in Table::files(&self.tables)? {
            reports.push(Table::read(&file)?.run(&bound));
        }
        if self.place.print.format == Format::Json {
            print_json(&reports);
        } else {
            reports.iter().for_each(|report| print(&report.render()));
        }
        let failed: usize = reports.iter().map(TableReport::failed).sum();
        Ok(if failed == 0 { Ended::Done } else { Ended::Failed })
    }
}

/// What the project around these tables has built.
fn built(tables: &Path) -> anyhow::Result<PathBuf> {
    let around = if tables.is_file() { tables.parent().unwrap_or(tables) } else { tables };
    let found = [around, around.parent().unwrap_or(around)]
        .into_iter()
        .find(|folder| folder.join(MANIFEST).is_file());
    let Some(folder) = found else {
        bail!("{} belongs to no project: name the policy with --policy", tables.display())
    };
    let component = Project::open(folder)?.component();
    if !component.is_file() {
        let folder = folder.display();
        bail!("{} is not built yet: run hooke policy build {folder}", component.display());
    }
    let built = fs::metadata(&component)?.modified()?;
    if let Some(newer) = newer_than(built, folder)? {
        let (newer, folder) = (newer.display(), folder.display());
        bail!("{newer} is newer than what was built: run hooke policy build {folder}");
    }
    Ok(component)
}

/// A source of the project that changed after this moment. Tables, texts for
/// people and what tools write are no sources.
fn newer_than(built: SystemTime, folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let (entry, path) = {
            let entry = entry?;
            (entry.metadata()?, entry.path())
        };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_source = !NO_SOURCES.contains(&name) && !name.starts_with('.');
        let found = match (is_source, entry.is_dir()) {
            (false, _) => None,
            (true, true) => newer_than(built, &path)?,
            (true, false) => (entry.modified()? > built).then_some(path),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
