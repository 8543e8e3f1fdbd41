//! `hooke policy list`.

use clap::Args;

use super::super::{Ended, Format, print, print_json, table};
use super::Place;
use super::view::{View, view};

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    pub(super) place: Place,
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let shelf = self.place.shelf()?;
        let views: Vec<View> = shelf.entries().iter().map(|entry| view(entry)).collect();
        if self.place.print.format == Format::Json {
            print_json(&views);
            return Ok(Ended::Done);
        }
        let mut table = table(&["policy", "version", "from", "grants", "what it does"]);
        for view in views {
            let row = match (view.details, view.refused) {
                (Some(d), _) => {
                    [view.name, d.version, view.origin, d.grants_needed.join(" "), d.summary]
                }
                (None, why) => [
                    view.name,
                    "-".into(),
                    view.origin,
                    "-".into(),
                    format!("refused: {}", why.unwrap_or_default()),
                ],
            };
            table.add_row(row);
        }
        print(&format!("{table}\n"));
        Ok(Ended::Done)
    }
}
