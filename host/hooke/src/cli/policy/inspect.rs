//! `hooke policy inspect`.

use std::path::PathBuf;

use clap::Args;

use super::super::{Ended, Format, print, print_json};
use super::view::{text, view};
use super::{Place, entry};

#[derive(Debug, Args)]
pub(in crate::cli) struct Inspect {
    /// A policy's name, or a `.wasm` file.
    #[arg(value_name = "NAME|FILE")]
    policy: PathBuf,
    #[command(flatten)]
    pub(super) place: Place,
}

impl Inspect {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let shelf = self.place.shelf()?;
        let view = view(&*entry(&shelf, &self.policy)?);
        let usable = view.usable;
        if self.place.print.format == Format::Json {
            print_json(&view);
        } else {
            print(&text(&view));
        }
        Ok(if usable { Ended::Done } else { Ended::Failed })
    }
}
