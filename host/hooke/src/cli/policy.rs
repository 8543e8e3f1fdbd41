//! `hooke policy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde::Serialize;

use super::{Ended, Format, Print};
use crate::clock;
use crate::config::{self, PoliciesConfig};
use crate::shelf::{self, CacheUse, Shelf};
use hooke_shelf::{Entry, Origin};

/// Lists and inspects policies.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Every policy at hand: bundled, and in the policies directory.
    List(List),
    /// One policy, by name or file: what it says of itself, its settings, what it imports.
    Inspect(Inspect),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// A policy's name, or a `.wasm` file.
    #[arg(value_name = "NAME|FILE")]
    policy: String,
    #[command(flatten)]
    place: Place,
}

/// Where to look for policies.
#[derive(Debug, Args)]
struct Place {
    /// The site file that names the policies directory; bundled policies are
    /// listed without one.
    #[arg(long, short, env = "HOOKE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The policies directory, if not the site file's.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    print: Print,
}

#[derive(Debug, Serialize)]
struct View {
    name: String,
    origin: String,
    usable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Debug, Serialize)]
struct Details {
    version: String,
    summary: String,
    digest: String,
    size: usize,
    contract: String,
    grants_needed: Vec<String>,
    settings_schema: Option<serde_json::Value>,
}

impl Policy {
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::List(list) => list.place.print.format,
            Self::Inspect(inspect) => inspect.place.print.format,
        }
    }

    pub(super) fn run(self) -> anyhow::Result<Ended> {
        match self {
            Self::List(list) => list.run(),
            Self::Inspect(inspect) => inspect.run(),
        }
    }
}

impl Place {
    fn shelf(&self) -> anyhow::Result<Shelf> {
        let mut policies = match &self.config {
            Some(file) => config::read(file)?.finish()?.policies,
            None => PoliciesConfig::bundled(shelf::users_cache()),
        };
        policies.directory = self.directory.clone().or(policies.directory);
        Ok(shelf::open(&policies, CacheUse::IfThere, None)?)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Ended> {
        let shelf = self.place.shelf()?;
        let views: Vec<View> = shelf.entries().iter().map(|entry| view(entry)).collect();
        if self.place.print.format == Format::Json {
            super::print_json(&views);
            return Ok(Ended::Done);
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header([
            "policy",
            "version",
            "from",
            "grants",
            "what it does",
        ]);
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
        super::print(&format!("{table}\n"));
        Ok(Ended::Done)
    }
}

impl Inspect {
    fn run(self) -> anyhow::Result<Ended> {
        let shelf = self.place.shelf()?;
        let path = Path::new(&self.policy);
        let entry = match shelf.get(&self.policy) {
            Some(entry) => entry,
            None if path.is_file() => Arc::new(shelf.inspect(path, clock::wall())),
            None => {
                let known: Vec<String> =
                    shelf.entries().iter().map(|entry| entry.name.to_string()).collect();
                bail!(
                    "there is no policy and no file {:?}; the policies are {}",
                    self.policy,
                    known.join(", ")
                );
            }
        };
        let view = view(&entry);
        let usable = view.usable;
        if self.place.print.format == Format::Json {
            super::print_json(&view);
        } else {
            super::print(&text(&view));
        }
        Ok(if usable { Ended::Done } else { Ended::Failed })
    }
}

fn view(entry: &Entry) -> View {
    let origin = match &entry.origin {
        Origin::Bundled => "bundled".to_owned(),
        Origin::File(path) => path.display().to_string(),
    };
    let details = entry.policy().ok().map(|policy| Details {
        version: policy.describe().version.clone(),
        summary: policy.describe().summary.clone(),
        digest: format!("sha256:{}", policy.digest()),
        size: policy.size(),
        contract: format!("hooke:policy@{}", hooke_runtime::CONTRACT_VERSION),
        grants_needed: policy.imports().iter().map(|grant| grant.to_string()).collect(),
        settings_schema: schema_of(policy),
    });
    View {
        name: entry.name.to_string(),
        origin,
        usable: details.is_some(),
        refused: entry.policy().err().map(str::to_owned),
        details,
    }
}

fn schema_of(policy: &hooke_runtime::Policy) -> Option<serde_json::Value> {
    Some(policy.describe().settings_schema.as_ref()?.as_json().clone())
}

fn text(view: &View) -> String {
    let mut out = format!("{}\n  from      {}\n", view.name, view.origin);
    let Some(details) = &view.details else {
        out.push_str(&format!("  refused   {}\n", view.refused.as_deref().unwrap_or_default()));
        return out;
    };
    let grants = if details.grants_needed.is_empty() {
        "none".to_owned()
    } else {
        details.grants_needed.join(", ")
    };
    out.push_str(&format!(
        "  version   {}\n  does      {}\n  contract  {}\n",
        details.version, details.summary, details.contract
    ));
    out.push_str(&format!(
        "  grants    {grants}\n  size      {} bytes\n  digest    {}\n",
        details.size, details.digest
    ));
    match details.settings_schema.as_ref().and_then(|schema| schema.get("properties")?.as_object())
    {
        None => out.push_str("  settings  none\n"),
        Some(properties) => {
            out.push_str("  settings\n");
            for (key, property) in properties {
                let said = |field: &str| property.get(field);
                let default = said("default").map_or(String::new(), |d| format!(" (default {d})"));
                let about =
                    said("description").and_then(serde_json::Value::as_str).unwrap_or_default();
                out.push_str(&format!("    {key}{default}\n      {about}\n"));
            }
        }
    }
    out
}
