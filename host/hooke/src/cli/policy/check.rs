//! `hooke policy check`: everything there is to know of a file before a site
//! uses it.

use std::path::PathBuf;

use clap::Args;
use hooke_shelf::read_policy;
use hooke_trial::check::{CheckConfig, check};
use hooke_trial::grid::GridConfig;

use super::super::{Ended, Format, print, print_json};
use super::{Place, name_of};
use crate::shelf::{self, CacheUse};

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    /// The policy's file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The settings that it is checked with, one JSON object; if not given, none,
    /// or what its schema gives as examples and defaults.
    #[arg(long, value_name = "JSON", value_parser = super::settings)]
    settings: Option<String>,
    /// Leaves the grid of made-up situations out.
    #[arg(long)]
    no_grid: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let mut config = self.place.config()?;
        // Nothing of the directory is asked, so nothing of it need be compiled.
        config.directory = None;
        let shelf = shelf::open(&config, CacheUse::IfThere, None)?;
        let name = name_of(&self.file);
        let limits = config.named.get(&name).map_or(&config.limits, |named| &named.limits);
        let wasm = read_policy(&self.file, limits)?;
        let checked = CheckConfig {
            limits: limits.clone(),
            settings: self.settings.clone(),
            grid: (!self.no_grid).then(GridConfig::default),
        };
        let waiting = super::spinner(&format!("compiling and checking {name}"));
        let report = check(shelf.host(), &name, &wasm, &checked);
        waiting.finish_and_clear();
        if self.place.print.format == Format::Json {
            print_json(&report);
        } else {
            print(&report.render());
        }
        Ok(if report.is_good() { Ended::Done } else { Ended::Failed })
    }
}
